from django.urls import path

from plan.imports import views

urlpatterns = [
    path("imports/new/<slug:kind>/", views.new, name="import_new"),
    path("imports/template/<slug:kind>/", views.template, name="import_template"),
    path("imports/<int:pk>/", views.detail, name="import_detail"),
    path("imports/<int:pk>/apply/", views.apply, name="import_apply"),
    path("imports/<int:pk>/cancel/", views.cancel, name="import_cancel"),
    path("questions/export/", views.export, {"kind": "questions"}, name="question_export"),
    path("programmes/export/", views.export, {"kind": "programmes"}, name="programme_export"),
]
