from django.urls import path

from evaluations.series import views

urlpatterns = [
    path("", views.series_list, name="series_list"),
    path("new/", views.series_new, name="series_new"),
]
