"""Gathers the addresses of the slices."""

from django.urls import include, path

app_name = "evaluations"

urlpatterns = [
    path("evaluations/", include("evaluations.series.urls")),
    path("evaluations/", include("evaluations.answering.urls")),
    path("evaluations/", include("evaluations.reporting.urls")),
    path("evaluations/", include("evaluations.findings.urls")),
]
