"""Programmes that inspire others, and what young people and professionals say of a programme."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.pages import confirm
from partners.pact import workflow as pacts
from partners.pact.models import Pact, Testimony
from partners.permissions import PactRequest, Permission, requires
from plan.programmes import workflow
from plan.programmes.filters import ExampleFilter
from plan.programmes.forms import PlaceVoiceForm, VoiceForm
from plan.programmes.models import Programme

PER_PAGE = 12


def voices_of(pact: Pact) -> Any:
    """The words that may be shown: those of which the consent stands."""
    return Testimony.objects.in_pact(pact).filter(consent_withdrawn_at__isnull=True)


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def examples(request: PactRequest, pact: str) -> HttpResponse:
    rows = Programme.objects.in_pact(request.pact).examples().select_related("provider__organisation")
    rows = rows.prefetch_related("areas", Prefetch("testimonies", voices_of(request.pact), to_attr="voices"))
    found = ExampleFilter(request.GET, rows, request=request, pact=request.pact)
    context = {
        "filter": found,
        "page": Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page")),
        "is_filtered": any(value for name, value in request.GET.items() if name != "page"),
        "may_keep": request.access.can(Permission.KEEP_PROGRAMMES),
    }
    return render(request, f"plan/programmes/examples.html{'#rows' if request.htmx else ''}", context)


def _kept(request: PactRequest, number: int) -> Programme:
    """The programme, when the reader keeps it."""
    rows = Programme.objects.in_pact(request.pact).select_related("provider__organisation", "pact")
    programme: Programme = get_object_or_404(rows, number=number)
    if not request.access.can(Permission.KEEP_PROGRAMMES, programme.provider_id):
        raise PermissionDenied
    return programme


@requires(Permission.KEEP_PROGRAMMES)
@require_http_methods(["GET", "POST"])
def testimony_new(request: PactRequest, pact: str, number: int) -> HttpResponse:
    """Record what somebody said of the programme, with the consent; who writes the pact may choose from all."""
    programme = _kept(request, number)
    placing = "testimony" in request.POST
    form = VoiceForm(request.POST if request.method == "POST" and not placing else None, pact=request.pact)
    place_form = None
    if request.access.can(Permission.EDIT_PACT):
        others = voices_of(request.pact).exclude(programmes=programme)
        place_form = PlaceVoiceForm(request.POST if placing else None, testimonies=others)
    chosen: Any = place_form if placing and place_form else form
    if request.method == "POST" and chosen.is_valid():
        try:
            if chosen is form:
                workflow.record_testimony(programme, **form.cleaned_data, by=request.user)
            else:
                workflow.place_testimony(programme, chosen.cleaned_data["testimony"], by=request.user)
        except ValidationError as fault:
            chosen.take(fault)
        else:
            messages.success(request, _("De stem staat bij %(code)s.") % {"code": programme.code})
            return redirect("plan:programme_detail", pact, number)
    context = {"programme": programme, "form": form, "place_form": place_form}
    return render(request, "plan/programmes/testimony.html", context)


def withdrawable(request: PactRequest, testimonies: Sequence[Testimony]) -> set[int]:
    """The keys of the words of which the reader may say, for all places, that the consent was withdrawn.

    They are those that he recorded, those that were recorded for a programme of an organisation whose programmes he
    keeps, and for who writes the pact all of them. At most two queries.
    """
    if not testimonies or request.access.can(Permission.EDIT_PACT):
        return {testimony.pk for testimony in testimonies}
    providers = workflow.providers_of(testimonies)
    return {
        testimony.pk
        for testimony in testimonies
        if testimony.recorded_by_id == request.user.pk
        or (testimony.pk in providers and request.access.can(Permission.KEEP_PROGRAMMES, providers[testimony.pk]))
    }


@requires(Permission.KEEP_PROGRAMMES)
@require_POST
def testimony_withdraw(request: PactRequest, pact: str, number: int, pk: int) -> HttpResponse:
    """The person withdrew the consent: the words are shown nowhere any more. Beside the pact, its writer does so.

    Who did not record the words may only take them away from the own programme: `only_here`.
    """
    programme = _kept(request, number)
    testimony = get_object_or_404(programme.testimonies, pk=pk)
    if "only_here" in request.POST:
        return _take_away(request, programme, testimony)
    if testimony.pk not in withdrawable(request, [testimony]):
        messages.error(
            request,
            _("Een andere organisatie heeft deze stem vastgelegd. Vraag haar of de coördinator om die in te trekken."),
        )
        return redirect("plan:programme_detail", pact, number)
    if testimony.section_id and not request.access.can(Permission.EDIT_PACT):
        messages.error(request, _("Deze stem staat ook in het pact. Vraag de coördinator om die in te trekken."))
        return redirect("plan:programme_detail", pact, number)
    page = confirm.ask(
        request,
        title=_("Toestemming intrekken"),
        consequence=_("De stem is daarna bij geen aanbod of voorbeeld meer te zien. Dit is niet terug te draaien."),
        button=_("Intrekken"),
        back=reverse("plan:programme_detail", args=[pact, number]),
        danger=True,
    )
    if page:
        return page
    pacts.withdraw_consent(testimony, by=request.user)
    messages.success(request, _("Vastgelegd: de toestemming is ingetrokken."))
    return redirect("plan:programme_detail", pact, number)


def _take_away(request: PactRequest, programme: Programme, testimony: Testimony) -> HttpResponse:
    back = reverse("plan:programme_detail", args=[request.pact.slug, programme.number])
    page = confirm.ask(
        request,
        title=_("Stem weghalen"),
        consequence=_("De stem staat daarna niet meer bij %(code)s. Op andere plaatsen blijft zij staan.")
        % {"code": programme.code},
        button=_("Weghalen"),
        back=back,
    )
    if page:
        return page
    workflow.take_away_testimony(programme, testimony, by=request.user)
    messages.success(request, _("De stem staat niet meer bij %(code)s.") % {"code": programme.code})
    return redirect(back)
