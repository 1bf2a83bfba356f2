"""Booking what was spent, its receipts, and what partners add of their own."""

from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pact_portal.foundation.pages import confirm
from pact_portal.foundation.templatetags.portal import euro
from partners.permissions import PactRequest, Permission, requires
from plan.funding import contributing, spending, twice
from plan.funding.allocation_views import own_spenders
from plan.funding.models import Allocation, Contribution, Expenditure
from plan.funding.pages import act, allocation_of, page_of
from plan.funding.spending_forms import BookForm, CancelForm, ContributionForm, ReceiptForm
from plan.measures.models import Measure

TYPES = {".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg"}


@requires(Permission.BOOK_EXPENDITURE)
@require_http_methods(["GET", "POST"])
def expenditure_book(request: PactRequest, pact: str, allocation: int) -> HttpResponse:
    row = allocation_of(request, allocation)
    leads = page_of(row, pact)
    partners = own_spenders(request, row)
    if not partners and not request.access.can(Permission.KEEP_FUNDING):
        raise PermissionDenied
    if why := _why_closed(row, has_partners=bool(partners), is_shown=request.method == "GET"):
        messages.info(request, why)
        return redirect(leads)

    def do(values: dict[str, Any]) -> None:
        _say_booked(request, *spending.book(row, by=request.user, **values))

    return act(
        request,
        form=BookForm(*_sent(request), partners=partners),
        do=do,
        title=_("Besteding boeken"),
        text=_("Van de toegezegde %(amount)s is nog %(left)s over.")
        % {"amount": euro(row.amount), "left": euro(row.unspent)},
        button=_("Boeken"),
        leads=leads,
        allocation=row,
    )


def _sent(request: PactRequest) -> tuple[Any, Any]:
    """What a form with a file is bound to: what was sent, be it nothing, or nothing at all on a GET."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _why_closed(allocation: Allocation, *, has_partners: bool, is_shown: bool) -> str:
    """Why there is nothing to fill in; "" when there is. What was typed already is refused by the workflow instead."""
    if not has_partners:
        return _("Er is nog geen partner die dit geld mag uitgeven. Voeg eerst een partner van deze sector toe.")
    if is_shown and allocation.state != Allocation.State.COMMITTED:
        return _("Deze toewijzing is %(state)s. Alleen op toegezegd geld kunt u boeken.") % {
            "state": allocation.get_state_display()
        }
    return ""


def _say_booked(request: PactRequest, spent: Expenditure, made: bool) -> None:
    words = {"amount": euro(spent.amount), "description": spent.description}
    if made:
        messages.success(request, _("%(amount)s is geboekt: %(description)s.") % words)
    else:
        messages.info(
            request,
            _(
                "Dit formulier was al verstuurd: %(amount)s voor %(description)s staat er één keer. Is er nog een "
                "uitgave? Kies dan opnieuw “Besteding boeken”."
            )
            % words,
        )


def _expenditure_of(request: PactRequest, pk: int) -> Expenditure:
    rows = Expenditure.objects.in_pact(request.pact).select_related(
        "allocation__package_year__package__pact",
        "allocation__measure",
        "allocation__partnership__organisation",
        "partnership__organisation",
    )
    row: Expenditure = get_object_or_404(rows, pk=pk)
    return row


def _own_expenditure(request: PactRequest, pk: int) -> Expenditure:
    """An expenditure of a partner for which the reader may book; 403 for that of another partner."""
    row = _expenditure_of(request, pk)
    if not request.access.can(Permission.BOOK_EXPENDITURE, row.partnership_id):
        raise PermissionDenied
    return row


@requires(Permission.BOOK_EXPENDITURE)
@require_http_methods(["GET", "POST"])
def expenditure_cancel(request: PactRequest, pact: str, expenditure: int) -> HttpResponse:
    row = _own_expenditure(request, expenditure)
    leads = page_of(row.allocation, pact)
    if request.method == "GET" and row.cancelled_at:
        messages.info(request, _("Deze besteding is al ingetrokken."))
        return redirect(leads)
    words = {"amount": euro(row.amount), "description": row.description}

    def do(values: dict[str, Any]) -> None:
        spending.cancel(row, by=request.user, **values)
        messages.success(request, _("De besteding van %(amount)s is ingetrokken: %(description)s.") % words)

    return act(
        request,
        form=CancelForm(request.POST or None),
        do=do,
        title=_("Besteding intrekken"),
        text=_(
            "%(amount)s voor %(description)s telt dan niet meer mee. De regel blijft zichtbaar, met uw reden. "
            "Dit kunt u niet terugdraaien; boek zo nodig het goede bedrag opnieuw."
        )
        % words,
        button=_("Besteding intrekken"),
        leads=leads,
        asks=True,
        danger=True,
        allocation=row.allocation,
    )


@requires(Permission.BOOK_EXPENDITURE)
@require_http_methods(["GET", "POST"])
def expenditure_attach(request: PactRequest, pact: str, expenditure: int) -> HttpResponse:
    """Add the receipt of an expenditure that was booked without."""
    row = _own_expenditure(request, expenditure)
    leads = page_of(row.allocation, pact)
    if row.cancelled_at and request.method == "GET":
        messages.info(request, _("Deze besteding is ingetrokken. U kunt er geen bewijsstuk meer aan toevoegen."))
        return redirect(leads)
    if row.receipt:
        messages.info(request, _("Bij deze besteding zit al een bewijsstuk. Dat blijft bewaard zoals het is."))
        return redirect(leads)

    def do(values: dict[str, Any]) -> None:
        spending.attach(row, by=request.user, **values)
        messages.success(request, _("Het bewijsstuk is toegevoegd aan: %(what)s.") % {"what": row.description})

    return act(
        request,
        form=ReceiptForm(*_sent(request)),
        do=do,
        title=_("Bewijsstuk toevoegen"),
        text=_(
            "Bij %(amount)s voor %(description)s. Alle leden van het pact kunnen het bewijsstuk openen. Zorg dat er "
            "geen gegevens van jongeren op staan. Een bewijsstuk kan daarna niet meer worden vervangen."
        )
        % {"amount": euro(row.amount), "description": row.description},
        button=_("Toevoegen"),
        leads=leads,
        allocation=row.allocation,
    )


@requires(Permission.READ)
@require_safe
def receipt(request: PactRequest, pact: str, expenditure: int) -> HttpResponseBase:
    """The file as an attachment, under a type of the list: a browser never shows or runs it as something else.

    Once the expenditure is cancelled only who keeps the money may open it: what is on it may be why it was cancelled.
    """
    row = _expenditure_of(request, expenditure)
    leads = page_of(row.allocation, pact)
    if row.cancelled_at and not request.access.can(Permission.KEEP_FUNDING):
        raise PermissionDenied
    if not row.receipt:
        messages.info(request, _("Bij deze besteding zit nog geen bewijsstuk."))
        return redirect(leads)
    suffix = PurePath(row.receipt.name or "").suffix
    try:
        content = row.receipt.open("rb")
    except FileNotFoundError:
        messages.error(request, _("Het bewijsstuk is niet gevonden. Vraag de beheerder om het terug te zetten."))
        return redirect(leads)
    answer = FileResponse(
        content,
        as_attachment=True,
        filename=f"{pact}-bewijsstuk-{row.pk}{suffix if suffix in TYPES else '.bin'}",
        content_type=TYPES.get(suffix, "application/octet-stream"),
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@requires(Permission.BOOK_EXPENDITURE)
@require_http_methods(["GET", "POST"])
def contribution_add(request: PactRequest, pact: str) -> HttpResponse:
    """Pledge what a partner adds to a measure of its own; ?measure=3 chooses the measure."""
    partners = list(request.access.partnerships_for(Permission.BOOK_EXPENDITURE))
    own = [row for row in partners if row in request.access.partnerships]
    measure = asked_measure(request)
    form = ContributionForm(
        request.POST or None,
        pact=request.pact,
        partners=partners,
        initial={"measure": measure, "partnership": next(iter(own), None)},
    )

    def do(values: dict[str, Any]) -> None:
        row, made = twice.pledge(by=request.user, **values)
        words = {"partner": row.partnership, "amount": euro(row.amount), "year": row.year}
        if made:
            messages.success(request, _("%(partner)s draagt %(amount)s bij in %(year)s.") % words)
        else:
            messages.info(request, _("De bijdrage van %(partner)s van %(amount)s in %(year)s stond er al.") % words)

    return act(
        request,
        form=form,
        do=do,
        title=_("Eigen bijdrage toezeggen"),
        text=_("Zo staat op de maatregel wie er betaalt, ook als dat geen geld uit een steunpakket is."),
        button=_("Toezeggen"),
        leads=_page_of_measure(pact, _chosen(form) or measure),
        measure=measure,
    )


def _chosen(form: ContributionForm) -> Measure | None:
    return form.cleaned_data.get("measure") if form.is_bound and form.is_valid() else None


def asked_measure(request: PactRequest) -> Measure | None:
    """The measure that the address names as ?measure=3; None for what is unknown or no number."""
    text = request.GET.get("measure", "")
    # Eight digits at most: what is longer is no number of a row, and no integer of every database.
    if not (text.isascii() and text.isdigit() and len(text) <= 8):
        return None
    found: Measure | None = Measure.objects.in_pact(request.pact).filter(number=int(text)).first()
    return found


def _page_of_measure(pact: str, measure: Measure | None) -> str:
    if measure is None:
        return reverse("plan:measure_list", args=[pact])
    return reverse("plan:measure_detail", args=[pact, measure.number])


@requires(Permission.BOOK_EXPENDITURE)
@require_POST
def contribution_withdraw(request: PactRequest, pact: str, contribution: int) -> HttpResponse:
    rows = Contribution.objects.in_pact(request.pact).select_related("measure__pact", "partnership__organisation")
    row: Contribution = get_object_or_404(rows, pk=contribution)
    if not request.access.can(Permission.BOOK_EXPENDITURE, row.partnership_id):
        raise PermissionDenied
    leads = _page_of_measure(pact, row.measure)
    words = {"partner": row.partnership, "amount": euro(row.amount), "year": row.year}
    if page := confirm.ask(
        request,
        title=_("Bijdrage intrekken"),
        consequence=_("De bijdrage van %(partner)s van %(amount)s in %(year)s telt dan niet meer mee.") % words,
        button=_("Bijdrage intrekken"),
        back=leads,
        danger=True,
    ):
        return page
    try:
        contributing.withdraw(row, by=request.user)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    else:
        messages.success(request, _("De bijdrage van %(partner)s in %(year)s is ingetrokken.") % words)
    return redirect(leads)
