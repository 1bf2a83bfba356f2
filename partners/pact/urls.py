from django.urls import path

from partners.pact import views

urlpatterns = [
    path("", views.pact_detail, name="pact_detail"),
    path("sections/add/", views.section_add, name="section_add"),
    path("sections/<int:pk>/edit/", views.section_edit, name="section_edit"),
    path("freeze/", views.freeze, name="pact_freeze"),
    path("versions/<int:number>/", views.version_detail, name="pact_version"),
    path("versions/<int:number>/rendition/", views.version_rendition, name="pact_version_rendition"),
    path("versions/<int:number>/pdf/", views.version_pdf, name="pact_version_pdf"),
]
