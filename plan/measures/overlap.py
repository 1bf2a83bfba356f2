"""Measures as what may overlap with programmes and with each other: see `plan.programmes.overlap`."""

from collections import defaultdict
from collections.abc import Iterable

from django.utils import timezone

from partners.pact.models import Pact
from plan.measures.models import Measure
from plan.programmes.models import Fit, Layer, Programme
from plan.programmes.overlap import Item
from plan.programmes.overlapping import grouped
from plan.questions.models import OLDEST, YOUNGEST
from plan.questions.phases import Ages

OVER = (Measure.State.FINISHED, Measure.State.STOPPED)


def measures_of(pact: Pact) -> list[Item]:
    """The measures that are in force and not over; seven queries. Their lead is the provider.

    A measure has no layer, ages or municipalities of its own. The layers are those of the programmes that it builds on,
    and of a new one those of the programmes that were found to answer its questions in part, by judgements that hold
    today. Ages and municipalities come from its questions; one question of the whole region makes it a measure for the
    whole region.
    """
    own = {"measure__pact": pact}
    areas = grouped(Measure.areas.through.objects.filter(**own), "measure_id", "collaborationarea_id")
    questions = defaultdict(list)
    rows = Measure.questions.through.objects.filter(**own).order_by("pk")
    for measure, question, first, last in rows.values_list(
        "measure_id", "supportquestion_id", "supportquestion__age_from", "supportquestion__age_to"
    ):
        questions[measure].append((question, Ages(first, last)))
    named = Measure.questions.through.objects.filter(supportquestion__municipalities__isnull=False, **own)
    places = grouped(named, "supportquestion_id", "supportquestion__municipalities")
    layers = [layer.value for layer in Layer]
    builds, layers_of = defaultdict(set), defaultdict(set)
    used = Measure.programmes.through.objects.filter(**own).order_by("pk")
    columns = [f"programme__{layer}" for layer in layers]
    for measure, number, *aimed in used.values_list("measure_id", "programme__number", *columns):
        builds[measure].add(f"{Programme.CODE}{number}")
        layers_of[measure].update(_aims(layers, aimed))
    weighed = defaultdict(set)
    fits = Fit.objects.in_pact(pact).valid(timezone.localdate()).filter(question__measures__isnull=False)
    fits = fits.exclude(level=Fit.Level.NONE)
    for question, *aimed in fits.order_by().values_list("question_id", *columns).distinct():
        weighed[question].update(_aims(layers, aimed))
    measures = Measure.objects.in_pact(pact).in_force().exclude(state__in=OVER).order_by("number")
    return [
        Item(
            letter=Measure.CODE,
            number=number,
            title=title,
            provider=lead,
            areas=areas.get(key, frozenset()),
            layers=frozenset(
                layers_of.get(key) or (layer for question, _ages in questions[key] for layer in weighed[question])
            ),
            ages=_span(ages for _question, ages in questions[key]),
            municipalities=_everywhere_or(places.get(question, frozenset()) for question, _ages in questions[key]),
            builds_on=frozenset(builds[key]),
        )
        for key, number, title, lead in measures.values_list("pk", "number", "title", "lead_id")
    ]


def _aims(layers: Iterable[str], aimed: Iterable[bool]) -> list[str]:
    return [layer for layer, aims in zip(layers, aimed, strict=True) if aims]


def _span(ages: Iterable[Ages]) -> Ages:
    """From the youngest to the oldest; all ages when there are no questions."""
    known = list(ages)
    if not known:
        return Ages(YOUNGEST, OLDEST)
    return Ages(min(each.first for each in known), max(each.last for each in known))


def _everywhere_or(places: Iterable[frozenset[int]]) -> frozenset[int]:
    """The municipalities together; none, which is the whole region, as soon as one of them is."""
    known = list(places)
    return frozenset().union(*known) if all(known) else frozenset()
