"""The pages of partners: list, one partner, add, edit."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from partners.organisations import workflow
from partners.organisations.forms import OwnPartnerForm, PartnerFilter, PartnerForm
from partners.organisations.models import Partnership, Sector
from partners.permissions import PactRequest, Permission, requires

SECTOR_ORDER = {sector: place for place, sector in enumerate(Sector.values)}


def by_sector(partners: list[Partnership]) -> list[tuple[str, list[Partnership]]]:
    """The partners under the label of their sector, sectors in the order of the pact, partners in their own order."""
    in_order = sorted(partners, key=lambda partner: SECTOR_ORDER[partner.organisation.sector])
    return [
        (str(Sector(sector).label), list(group))
        for sector, group in groupby(in_order, key=lambda partner: partner.organisation.sector)
    ]


@requires(Permission.READ)
@require_safe
@vary_on_headers("HX-Request")
def organisation_list(request: PactRequest, pact: str) -> HttpResponse:
    partners = Partnership.objects.in_pact(request.pact).select_related("organisation")
    found = PartnerFilter(request.GET, queryset=partners, request=request)
    shown = list(found.qs)
    context = {
        "filter": found,
        "sectors": by_sector(shown),
        "count": len(shown),
        "today": timezone.localdate(),
        "is_filtered": any(request.GET.get(name) for name in found.filters),
        "may_manage": request.access.can(Permission.MANAGE_PARTNERS),
    }
    return render(request, f"partners/organisations/list.html{'#rows' if request.htmx else ''}", context)


@requires(Permission.READ)
@require_safe
def organisation_detail(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    partnership = _fetch(request, pk)
    memberships = partnership.memberships.filter(ended_on=None, user__is_active=True).select_related("user")
    context = {
        "partnership": partnership,
        "memberships": memberships.order_by("role", "user__name"),
        "today": timezone.localdate(),
        "may_edit": request.access.can(Permission.EDIT_ORGANISATION, partnership),
        "may_manage": request.access.can(Permission.MANAGE_PARTNERS),
    }
    return render(request, "partners/organisations/detail.html", context)


@requires(Permission.MANAGE_PARTNERS)
@require_http_methods(["GET", "POST"])
def organisation_add(request: PactRequest, pact: str) -> HttpResponse:
    # The instance carries no pact: the workflow checks what needs it, and says so in the form.
    form = PartnerForm(request.POST or None, initial={"joined_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            partnership = workflow.add_partner(request.pact, by=request.user, **form.values())
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("%(name)s doet nu mee aan het pact.") % {"name": partnership})
            return redirect("partners:organisation_detail", pact, partnership.pk)
    return render(request, "partners/organisations/form.html", {"form": form})


@requires(Permission.EDIT_ORGANISATION)
@require_http_methods(["GET", "POST"])
def organisation_edit(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    partnership = _fetch(request, pk)
    if not request.access.can(Permission.EDIT_ORGANISATION, partnership):
        raise PermissionDenied
    kind: Any = PartnerForm if request.access.can(Permission.MANAGE_PARTNERS) else OwnPartnerForm
    form = kind(request.POST or None, instance=partnership)
    if request.method == "POST" and form.is_valid():
        try:
            partnership = workflow.update_partner(partnership, by=request.user, **form.values())
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("De gegevens van %(name)s zijn bewaard.") % {"name": partnership})
            return redirect("partners:organisation_detail", pact, partnership.pk)
    return render(request, "partners/organisations/form.html", {"form": form, "partnership": _fetch(request, pk)})


def _fetch(request: PactRequest, pk: int) -> Partnership:
    partners = Partnership.objects.in_pact(request.pact).select_related("organisation", "pact")
    return get_object_or_404(partners, pk=pk)
