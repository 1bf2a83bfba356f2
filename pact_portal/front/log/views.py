"""The audit trail of a pact, for its coordinators."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.front.log.actions import words_of
from partners.permissions import PactRequest, Permission, requires

PER_PAGE = 50


@requires(Permission.READ_LOG)
@require_safe
@vary_on_headers("HX-Request")
def log(request: PactRequest, pact: str) -> HttpResponse:
    """What was done, newest first; `?page=`."""
    records = AuditRecord.objects.in_pact(request.pact).select_related("by")
    page = Paginator(records, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(record, words_of(record.action)) for record in page]
    template = "front/log.html#rows" if request.htmx else "front/log.html"
    return render(request, template, {"page": page, "rows": rows})
