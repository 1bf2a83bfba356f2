"""Measures as neighbours on the chain, and what stands next to them: questions, programmes and indicators."""

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plan.chain import chain, codes
from plan.chain.chain import Link, Side
from plan.measures.aims import sentence_of
from plan.measures.models import Indicator, Measure
from plan.programmes.models import Programme
from plan.programmes.neighbours import link_of as link_of_programme
from plan.questions.models import SupportQuestion
from plan.questions.neighbours import speaking_for


def register() -> None:
    """Called in `AppConfig.ready()`."""
    codes.register(Measure.CODE, "plan:measure_detail")
    chain.register(
        SupportQuestion,
        Side.AFTER,
        _("Maatregelen"),
        20,
        measures_of_question,
        missing=_("Er is nog geen maatregel die deze vraag beantwoordt."),
    )
    chain.register(Programme, Side.AFTER, _("Maatregelen die hierop voortbouwen"), 10, measures_of_programme)
    chain.register(
        Measure,
        Side.BEFORE,
        _("De vragen"),
        10,
        questions_of_measure,
        missing=_("Deze maatregel beantwoordt geen vraag."),
    )
    chain.register(
        Measure,
        Side.BEFORE,
        _("Het aanbod waarop wij voortbouwen"),
        20,
        programmes_of_measure,
        missing=_("Geen: dit is een nieuwe start."),
    )
    chain.register(
        Measure,
        Side.AFTER,
        _("Waaraan wij zien of het werkt"),
        20,
        indicators_of_measure,
        missing=_("Er is nog geen indicator."),
    )


def link_of(measure: Measure, slug: str, note: str = "") -> Link:
    """The measure as a neighbour in the pact with this slug."""
    return Link(measure.code, measure.title, reverse("plan:measure_detail", args=[slug, measure.number]), note)


def measures_of_question(question: SupportQuestion) -> list[Link]:
    """The measures that answer the question or one that was merged into it."""
    answering = Q(questions=question.pk) | Q(questions__merged_into=question.pk)
    rows = Measure.objects.in_pact(question.pact_id).filter(answering).order_by("number").distinct()
    return _led(rows, question.pact.slug)


def measures_of_programme(programme: Programme) -> list[Link]:
    return _led(programme.measures.order_by("number"), programme.pact.slug)


def _led(measures: QuerySet, slug: str) -> list[Link]:
    """These measures with their lead and their state; one query."""
    rows = measures.select_related("lead__organisation")
    return [link_of(measure, slug, f"{measure.lead} · {measure.get_state_display()}") for measure in rows]


def questions_of_measure(measure: Measure) -> list[Link]:
    """The questions that speak for those which the measure was proposed for."""
    questions = measure.questions.select_related("partnership__organisation", "merged_into__partnership__organisation")
    return speaking_for(questions.order_by("number"), measure.pact.slug)


def programmes_of_measure(measure: Measure) -> list[Link]:
    rows = measure.programmes.select_related("provider__organisation").order_by("number")
    return [link_of_programme(programme, measure.pact.slug, str(programme.provider)) for programme in rows]


def indicators_of_measure(measure: Measure) -> list[Link]:
    """The indicators, each at its row of the table on the page of the measure."""
    page = reverse("plan:measure_detail", args=[measure.pact.slug, measure.number])
    indicators = Indicator.objects.in_pact(measure.pact_id).filter(measure=measure.pk).order_by("pk")
    return [
        Link("", indicator.name, f"{page}#indicator-{indicator.pk}", sentence_of(indicator)) for indicator in indicators
    ]
