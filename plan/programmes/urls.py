from django.urls import path

from plan.programmes import coverage_views, example_views, overlap_views, own_views, views

urlpatterns = [
    path("programmes/", views.programme_list, name="programme_list"),
    path("programmes/new/", views.new, name="programme_new"),
    path("programmes/own/", own_views.own, name="programme_own"),
    path("programmes/own/confirm/", own_views.confirm_all, name="programme_confirm_all"),
    path("programmes/check/<str:token>/", own_views.check, name="programme_check"),
    path("programmes/examples/", example_views.examples, name="programme_examples"),
    path("programmes/<int:number>/", views.detail, name="programme_detail"),
    path("programmes/<int:number>/edit/", views.edit, name="programme_edit"),
    path("programmes/<int:number>/confirm/", own_views.confirm, name="programme_confirm"),
    path("programmes/<int:number>/testimonies/new/", example_views.testimony_new, name="programme_testimony_new"),
    path(
        "programmes/<int:number>/testimonies/<int:pk>/withdraw/",
        example_views.testimony_withdraw,
        name="programme_testimony_withdraw",
    ),
    path("questions/<int:question>/fit/", views.judge, name="fit_judge"),
    path("programmes/overlap/", overlap_views.overlap, name="overlap"),
    path("programmes/overlap/<str:first>/<str:second>/", overlap_views.mark, name="overlap_mark"),
    path("coverage/", coverage_views.coverage, name="coverage"),
]
