from django.urls import path

from plan.programmes import coverage_views, overlap_views, views

urlpatterns = [
    path("programmes/", views.programme_list, name="programme_list"),
    path("programmes/new/", views.new, name="programme_new"),
    path("programmes/<int:number>/", views.detail, name="programme_detail"),
    path("programmes/<int:number>/edit/", views.edit, name="programme_edit"),
    path("questions/<int:question>/fit/", views.judge, name="fit_judge"),
    path("programmes/overlap/", overlap_views.overlap, name="overlap"),
    path("programmes/overlap/<str:first>/<str:second>/", overlap_views.mark, name="overlap_mark"),
    path("coverage/", coverage_views.coverage, name="coverage"),
]
