from django.urls import path

from plan.measures import views

urlpatterns = [
    path("measures/", views.measure_list, name="measure_list"),
    path("measures/new/", views.propose, name="measure_propose"),
    path("measures/<int:number>/", views.detail, name="measure_detail"),
    path("measures/<int:number>/decide/", views.decide, name="measure_decide"),
]
