from django.urls import path

from plan.questions import analysis_views, views

urlpatterns = [
    path("questions/", views.question_list, name="question_list"),
    path("questions/analysis/", analysis_views.analysis, name="question_analysis"),
    path("questions/new/", views.new, name="question_new"),
    path("questions/<int:number>/", views.detail, name="question_detail"),
    path("questions/<int:number>/edit/", views.edit, name="question_edit"),
    path("questions/<int:number>/submit/", views.submit, name="question_submit"),
    path("questions/<int:number>/accept/", views.accept, name="question_accept"),
    path("questions/<int:number>/send-back/", views.send_back, name="question_send_back"),
]
