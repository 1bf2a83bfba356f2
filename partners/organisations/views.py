"""The pages of partners: list, one partner, add, edit, leave."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.pages import confirm
from partners.organisations import workflow
from partners.organisations.forms import LeaveForm, OwnPartnerForm, PartnerFilter, PartnerForm
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
    memberships = _members(partnership)
    context = {
        "partnership": partnership,
        "memberships": memberships,
        "contact": next((member for member in memberships if member.pk == partnership.contact_id), None),
        "today": timezone.localdate(),
        "may_edit": request.access.can(Permission.EDIT_ORGANISATION, partnership),
        "may_manage": request.access.can(Permission.MANAGE_PARTNERS),
    }
    return render(request, "partners/organisations/detail.html", context)


@requires(Permission.MANAGE_PARTNERS)
@require_http_methods(["GET", "POST"])
def organisation_add(request: PactRequest, pact: str) -> HttpResponse:
    # The instance carries no pact: the workflow checks what needs it, and says so in the form.
    form = PartnerForm(request.POST or None, pact=request.pact, initial={"joined_on": timezone.localdate()})
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
    form: Any
    if request.access.can(Permission.MANAGE_PARTNERS):
        form = PartnerForm(request.POST or None, pact=request.pact, instance=partnership)
    else:
        form = OwnPartnerForm(request.POST or None, instance=partnership)
    if request.method == "POST" and form.is_valid():
        try:
            partnership = workflow.update_partner(partnership, by=request.user, **form.values())
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("De gegevens van %(name)s zijn bewaard.") % {"name": partnership})
            return redirect("partners:organisation_detail", pact, partnership.pk)
    return render(request, "partners/organisations/form.html", {"form": form, "partnership": _fetch(request, pk)})


@requires(Permission.MANAGE_PARTNERS)
@require_http_methods(["GET", "POST"])
def organisation_leave(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    """The page that says what leaving means, and asks from which day. The page itself is the question."""
    partnership = _fetch(request, pk)
    shown = {"left_on": partnership.left_on or timezone.localdate()}
    form = LeaveForm(request.POST if request.method == "POST" else None, initial=shown)
    if request.method == "POST" and form.is_valid():
        try:
            partnership = workflow.leave(partnership, left_on=form.cleaned_data["left_on"], by=request.user)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("Het vertrek van %(name)s is vastgelegd.") % {"name": partnership})
            return _detail_or_start(request, pact, pk)
    context = {"form": form, "partnership": _fetch(request, pk), "memberships": _members(partnership)}
    return render(request, "partners/organisations/leave.html", context)


@requires(Permission.MANAGE_PARTNERS)
@require_POST
def organisation_stay(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    partnership = _fetch(request, pk)
    page = confirm.ask(
        request,
        title=_("Weer laten meedoen"),
        consequence=_("%(name)s doet dan weer mee aan het pact. De mensen kunnen weer bij de werkpagina's.")
        % {"name": partnership},
        button=_("Weer laten meedoen"),
        back=reverse("partners:organisation_detail", args=[pact, pk]),
    )
    if page:
        return page
    try:
        workflow.stay(partnership, by=request.user)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    else:
        messages.success(request, _("%(name)s doet weer mee aan het pact.") % {"name": partnership})
    return redirect("partners:organisation_detail", pact, pk)


def _detail_or_start(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    """The page of the partner; the start page for who has just let the own organisation go."""
    left = all(member.partnership_id == pk for member in request.access.memberships)
    partnership = _fetch(request, pk)
    if left and partnership.left_on and partnership.left_on <= timezone.localdate():
        return redirect("/")
    return redirect("partners:organisation_detail", pact, pk)


def _members(partnership: Partnership) -> list[Any]:
    """Who takes part for this partner today, by role and name."""
    manager: Any = partnership.memberships
    memberships = manager(manager="objects").in_pact(partnership.pact_id).current().select_related("user")
    return list(memberships.order_by("role", "user__name"))


def _fetch(request: PactRequest, pk: int) -> Partnership:
    partners = Partnership.objects.in_pact(request.pact).select_related(
        "organisation", "pact", "municipality__organisation"
    )
    return get_object_or_404(partners, pk=pk)
