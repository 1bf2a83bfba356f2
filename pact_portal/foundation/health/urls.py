"""Addresses of the health slice."""

from django.urls import path

from pact_portal.foundation.health import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
