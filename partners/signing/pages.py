"""What the pages of signing share: the rows that they are about, and the page with one form for one formal act."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pact_portal.foundation.pages import confirm
from partners.permissions import PactRequest, Permission
from partners.signing.forms import (
    DeadlineForm,
    MandateForm,
    ReasonForm,
    WithdrawalForm,
)
from partners.signing.models import Deed, SignaturePlace


def act(
    request: PactRequest,
    *,
    form: MandateForm | ReasonForm | WithdrawalForm | DeadlineForm,
    do: Callable[[], Any],
    done: str,
    title: str,
    consequence: str,
    button: str,
    leads: str,
    back: str = "",
    danger: bool = False,
    asks: bool = True,
    template: str = "partners/signing/act.html",
    **context: Any,
) -> HttpResponse:
    """A page with one form for one formal act: shown, refused with what was typed, asked about once, carried out."""
    if request.method == "POST" and form.is_valid():
        page = asks and confirm.ask(
            request, title=title, consequence=consequence, button=button, back=back or leads, danger=danger
        )
        if page:
            return page
        try:
            do()
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, done)
            return redirect(leads)
    context |= {"form": form, "title": title, "consequence": consequence, "button": button, "danger": danger}
    return render(request, template, {**context, "asks": asks, "back": back or leads})


def place_of(request: PactRequest, pk: int) -> SignaturePlace:
    """A place of this pact, with all that a page says of it; 404 for one of another pact."""
    places = SignaturePlace.objects.in_pact(request.pact).select_related(
        "deed__version__pact", "partnership__organisation", "signature__revision", "withdrawal"
    )
    row: SignaturePlace = get_object_or_404(places, pk=pk)
    return row


def own_place_of(request: PactRequest, pk: int) -> SignaturePlace:
    """A place for which the reader may sign; 403 for that of another partner."""
    place = place_of(request, pk)
    if not request.access.can(Permission.SIGN, place.partnership):
        raise PermissionDenied
    return place


def progress_url(pact: str, place: SignaturePlace | None = None) -> str:
    url = reverse("partners:signing_progress", args=[pact])
    return f"{url}?version={place.deed.version.number}#place-{place.pk}" if place else url


def why_closed(place: SignaturePlace) -> str:
    """Why nobody can sign at this place any more, as a sentence; "" when one can."""
    if hasattr(place, "withdrawal"):
        return _("%(partner)s doet niet meer mee met dit pact. Tekenen kan niet meer.") % {"partner": place}
    if hasattr(place, "signature"):
        return _("De handtekening van %(partner)s staat er al.") % {"partner": place}
    if place.deed.state == Deed.State.SUPERSEDED:
        return _("Versie %(number)s is opgevolgd door een nieuwere versie en kan niet meer worden getekend.") % {
            "number": place.deed.version.number
        }
    if place.deed.state == Deed.State.PREPARING:
        return _("Het blad wordt nog gemaakt. U krijgt een mail als u kunt tekenen.")
    return ""
