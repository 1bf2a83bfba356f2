"""Gathers the addresses of the slices."""

from django.urls import URLPattern, URLResolver

from pact_portal.front.dashboard import urls as dashboard
from pact_portal.front.log import urls as log

app_name = "front"

urlpatterns: list[URLPattern | URLResolver] = [*dashboard.urlpatterns, *log.urlpatterns]
