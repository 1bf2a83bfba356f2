"""Addresses of the start pages."""

from django.urls import path

from pact_portal.front.dashboard import views

urlpatterns = [
    path("", views.home, name="home"),
    path("<slug:pact>/", views.dashboard, name="dashboard"),
]
