"""Gathers the addresses of the slices."""

from django.urls import URLPattern, URLResolver

from plan.decisions import urls as decisions
from plan.document import urls as document
from plan.funding import urls as funding
from plan.imports import urls as imports
from plan.measures import urls as measures
from plan.programmes import urls as programmes
from plan.questions import urls as questions

app_name = "plan"

urlpatterns: list[URLPattern | URLResolver] = [
    *imports.urlpatterns,
    *questions.urlpatterns,
    *programmes.urlpatterns,
    *measures.urlpatterns,
    *funding.urlpatterns,
    *decisions.urlpatterns,
    *document.urlpatterns,
]
