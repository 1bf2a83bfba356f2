"""What the coordinator does for the signing: open it, let a partner accede, record paper and withdrawals."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partners.organisations.models import Partnership
from partners.pact import reading
from partners.pact.models import PactVersion
from partners.people.models import Membership
from partners.permissions import PactRequest, Permission, Role, requires
from partners.signing import progress, workflow
from partners.signing.forms import (
    AccessionForm,
    DeadlineForm,
    PaperForm,
    WithdrawalForm,
)
from partners.signing.pages import act, place_of, progress_url, why_closed


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
def signing_open(request: PactRequest, pact: str, number: int) -> HttpResponse:
    """Lay a frozen version on the table."""
    version = get_object_or_404(PactVersion.objects.in_pact(request.pact).select_related("pact"), number=number)
    consequence = _(
        "Alle ondertekenaars van versie %(number)s krijgen een mail met het verzoek om te tekenen. Een eerdere versie "
        "die nog openstaat, kan dan niet meer worden getekend."
    ) % {"number": number}
    form = DeadlineForm(request.POST or None)
    return act(
        request,
        form=form,
        do=lambda: workflow.open_signing(version, by=request.user, sign_by=form.cleaned_data["sign_by"]),
        done=_("Versie %(number)s staat open om te tekenen. De ondertekenaars krijgen een mail.") % {"number": number},
        title=_("Versie %(number)s openen voor ondertekening") % {"number": number},
        consequence=consequence,
        button=_("Open om te tekenen"),
        leads=progress_url(pact),
        template="partners/signing/open.html",
        version=version,
        has_file=reading.file_of(version) is not None,
        without_signatory=_without_signatory(request.pact),
        standing=progress.open_deed(request.pact),
    )


def _without_signatory(pact: Any) -> list[Partnership]:
    """The partners that sign, for whom nobody can do so on the screen yet."""
    signing = Membership.objects.in_pact(pact).current().in_roles(Role.SIGNATORY).values("partnership")
    partners = Partnership.objects.in_pact(pact).current().signatories().exclude(pk__in=signing)
    return list(partners.select_related("organisation"))


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
def accede(request: PactRequest, pact: str) -> HttpResponse:
    """Let a partner that came later accede by a sheet of its own."""
    in_force = progress.in_force(request.pact)
    later = [partner.pk for partner in progress.may_accede(in_force.version)] if in_force else []
    if not in_force or not later:
        messages.info(
            request,
            _("Toetreden kan pas als het pact door allen is getekend.")
            if not in_force
            else _("Alle partners die ondertekenen, staan al bij deze versie. Voeg eerst een nieuwe partner toe."),
        )
        return redirect("partners:signing_progress", pact)
    partners = Partnership.objects.in_pact(request.pact).filter(pk__in=later).select_related("organisation")
    form = AccessionForm(request.POST or None, partnerships=partners)
    return act(
        request,
        form=form,
        do=lambda: workflow.accede(in_force.version, by=request.user, **form.cleaned_data),
        done=_("Het blad voor de toetreding wordt gemaakt. Daarna krijgt de ondertekenaar een mail."),
        title=_("Partner laten toetreden"),
        consequence=_(
            "De partner krijgt een eigen blad bij versie %(number)s. De handtekeningen die er al staan, blijven geldig."
        )
        % {"number": in_force.version.number},
        button=_("Blad voor toetreding maken"),
        leads=progress_url(pact),
    )


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
def paper(request: PactRequest, pact: str, place: int) -> HttpResponse:
    """Record a signature that was put on paper, with its scan."""
    row = place_of(request, place)
    if fault := why_closed(row):
        messages.error(request, fault)
        return redirect(progress_url(pact, row))
    form = PaperForm(request.POST or None, request.FILES or None) if request.method == "POST" else PaperForm()
    return act(
        request,
        form=form,
        do=lambda: workflow.record_paper(row, by=request.user, **form.cleaned_data),
        done=_("De handtekening op papier van %(partner)s is vastgelegd.") % {"partner": row},
        title=_("Handtekening op papier vastleggen"),
        consequence=_(
            "De handtekening en de scan blijven bewaard en kunnen niet worden gewijzigd of verwijderd. Controleer of "
            "alles klopt met het getekende blad."
        ),
        button=_("Vastleggen"),
        leads=progress_url(pact, row),
        # A file does not survive a page that asks in between.
        asks=False,
        place=row,
    )


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
def withdrawal(request: PactRequest, pact: str, place: int) -> HttpResponse:
    """Record that a partner steps out of the pact, or will not sign it."""
    row = place_of(request, place)
    if hasattr(row, "withdrawal"):
        messages.info(request, _("De uittreding van %(partner)s is al vastgelegd.") % {"partner": row})
        return redirect(progress_url(pact, row))
    form = WithdrawalForm(request.POST or None)
    return act(
        request,
        form=form,
        do=lambda: workflow.withdraw(row, by=request.user, **form.cleaned_data),
        done=_("De uittreding van %(partner)s is vastgelegd.") % {"partner": row},
        title=_("Uittreding vastleggen"),
        consequence=_(
            "%(partner)s doet vanaf die datum niet meer mee. De handtekening die er staat, blijft zichtbaar. Een "
            "uittreding kan niet ongedaan worden gemaakt."
        )
        % {"partner": row},
        button=_("Uittreding vastleggen"),
        danger=True,
        leads=progress_url(pact, row),
        place=row,
    )
