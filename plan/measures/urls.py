from django.urls import path

from plan.measures import indicator_views, views

urlpatterns = [
    path("measures/", views.measure_list, name="measure_list"),
    path("measures/new/", views.propose, name="measure_propose"),
    path("measures/<int:number>/", views.detail, name="measure_detail"),
    path("measures/<int:number>/edit/", views.edit, name="measure_edit"),
    path("measures/<int:number>/start/", views.start, name="measure_start"),
    path("measures/<int:number>/finish/", views.finish, name="measure_finish"),
    path("measures/<int:number>/indicators/new/", indicator_views.add, name="indicator_add"),
    path("measures/<int:number>/indicators/<int:indicator>/", indicator_views.edit, name="indicator_edit"),
    path("measures/<int:number>/indicators/<int:indicator>/remove/", indicator_views.remove, name="indicator_remove"),
]
