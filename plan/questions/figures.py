"""The analysis of questions in words, charts and tables; the same on the page and in the plan."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pact_portal.foundation.charts import bars
from partners.organisations.models import Partnership, Sector
from partners.pact.models import CollaborationArea, Pact
from plan.questions import analysis
from plan.questions.analysis import Count, Question, Subject, Value
from plan.questions.models import Endorsement, SupportQuestion
from plan.questions.phases import PHASE_NAMES, Ages


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a figure: its words and what it counts."""

    label: str
    count: Count


@dataclass(frozen=True)
class Figure:
    """How the questions are divided over one subject. Values that nobody has are left out where they say nothing."""

    subject: Subject
    label: str
    title: str
    lines: list[Line]
    note: str

    @cached_property
    def svg(self) -> str:
        return bars.single(self.title, _("vragen"), self._bars)

    @property
    def narrow_svg(self) -> str:
        """The same for a telephone."""
        return bars.narrow(self.title, _("vragen"), self._bars)

    @property
    def _bars(self) -> list[bars.Line]:
        return [bars.Line(line.label, [line.count.questions]) for line in self.lines]


@dataclass(frozen=True, slots=True)
class Analysis:
    figures: list[Figure]
    total: Count


def of_questions(
    pact: Pact, questions: QuerySet[SupportQuestion], *, only: Mapping[Subject, Value] | None = None
) -> Analysis:
    """Count questions of the pact, and put words to it; seven queries, whatever their number.

    `only` says of a subject that no more than this one value is looked at, as when the questions were chosen by it.
    """
    only = only or {}
    rows = read(questions)
    every = analysis.total(rows)
    areas = dict(CollaborationArea.objects.in_pact(pact).values_list("pk", "name"))
    places = dict(Partnership.objects.in_pact(pact).municipalities().values_list("pk", "organisation__name"))
    everywhere = sum(1 for row in rows if not row.municipalities)
    kinds: list[tuple[Subject, str, Callable[[str], str], dict[Value, str], bool]] = [
        (Subject.AREA, _("Samenwerkingsgebied"), _about, _labels(areas.items()), True),
        (Subject.SECTOR, _("Sector"), _from, _labels(Sector.choices), False),
        (Subject.MUNICIPALITY, _("Gemeente"), _in, _labels(places.items()), True),
        (Subject.PHASE, _("Leeftijd"), _for, {phase: str(name) for phase, name in PHASE_NAMES.items()}, True),
        (Subject.LEVEL, _("Wat moet sterker worden"), _strengthening, _labels(SupportQuestion.Level.choices), True),
        (Subject.SOURCE, _("Bron"), _found_by, _labels(SupportQuestion.Source.choices), False),
        (Subject.URGENCY, _("Urgentie"), _urgent, _labels(SupportQuestion.Urgency.choices), True),
    ]
    figures = []
    for subject, label, sentence, words, shows_zero in kinds:
        values = [value for value in words if subject not in only or value == only[subject]]
        counts = analysis.count(rows, subject, values)
        lines = [Line(words[each.value], each) for each in counts if shows_zero or each.questions]
        figures.append(
            Figure(
                subject=subject,
                label=label,
                title=_finding(sentence, words, counts, every.questions),
                lines=lines,
                note=_note(subject, everywhere),
            )
        )
    return Analysis(figures, every)


def read(questions: QuerySet[SupportQuestion]) -> list[Question]:
    """The questions as plain values with everything that counts for them; five queries.

    Behind a question stand its submitter and who endorsed it, and those of the questions that were merged into it.
    """
    rows = questions.order_by("pk").values_list(
        "pk",
        "partnership__organisation__sector",
        "partnership_id",
        "age_from",
        "age_to",
        "protective_level",
        "source",
        "urgency",
        "young_people",
    )
    chosen = questions.order_by().values("pk")
    areas, places, partners = defaultdict(set), defaultdict(set), defaultdict(set)
    for question, area in SupportQuestion.areas.through.objects.filter(supportquestion__in=chosen).values_list(
        "supportquestion_id", "collaborationarea_id"
    ):
        areas[question].add(area)
    for question, place in SupportQuestion.municipalities.through.objects.filter(
        supportquestion__in=chosen
    ).values_list("supportquestion_id", "partnership_id"):
        places[question].add(place)
    merged = SupportQuestion.unscoped.filter(merged_into__in=chosen).order_by()
    for root, partner in merged.values_list("merged_into_id", "partnership_id"):
        partners[root].add(partner)
    said = Endorsement.unscoped.filter(Q(question__in=chosen) | Q(question__merged_into__in=chosen))
    for question, root, partner in said.order_by().values_list(
        "question_id", "question__merged_into_id", "partnership_id"
    ):
        partners[root or question].add(partner)
    return [
        Question(
            key=key,
            areas=frozenset(areas[key]),
            sector=sector,
            municipalities=frozenset(places[key]),
            ages=Ages(first, last),
            level=level,
            source=source,
            urgency=urgency,
            young_people=young_people or 0,
            partners=frozenset({partner, *partners[key]}),
        )
        for key, sector, partner, first, last, level, source, urgency, young_people in rows
    ]


def headings() -> list[str]:
    """The heads of the columns behind the name of the value."""
    return [_("Vragen"), _("Jongeren, geschat"), _("Partners")]


def cells(count: Count) -> list[str]:
    """The figures of one value, as they are read."""
    return [bars.plain(count.questions), bars.plain(count.young_people), bars.plain(count.partners)]


def _labels(choices: Iterable[tuple[Any, Any]]) -> dict[Value, str]:
    return {value: str(label) for value, label in choices}


def _finding(sentence: Callable[[str], str], words: dict[Value, str], counts: list[Count], total: int) -> str:
    """What the figure shows: where most questions are, with how many of how many; or that they are spread evenly."""
    highest = analysis.most(counts)
    if not highest:
        return _("Nog geen vragen om te tellen")
    count = max(each.questions for each in counts)
    numbers = {"count": bars.plain(count), "total": bars.plain(total)}
    if len(highest) == 1:
        return sentence(words[highest[0]]) + " " + _("(%(count)s van %(total)s)") % numbers
    if len(highest) == len([each for each in counts if each.questions]) and len(highest) > 2:
        return _("De vragen zijn gelijk verdeeld (elk %(count)s van %(total)s)") % numbers
    named = get_text_list([words[value] for value in highest[:3]], _("en"))
    if len(highest) > 3:
        return _("Geen enkele springt eruit: %(number)s hebben er evenveel (elk %(count)s van %(total)s)") % {
            "number": len(highest),
            **numbers,
        }
    return sentence(named) + " " + _("(elk %(count)s van %(total)s)") % numbers


def _about(name: str) -> str:
    return _("Meeste vragen gaan over %(name)s") % {"name": name}


def _from(name: str) -> str:
    return _("Meeste vragen komen van: %(name)s") % {"name": name}


def _in(name: str) -> str:
    return _("Meeste vragen spelen in %(name)s") % {"name": name}


def _for(name: str) -> str:
    return _("Meeste vragen gaan over jongeren van %(name)s") % {"name": name}


def _strengthening(name: str) -> str:
    return _("Meeste vragen willen iets versterken %(name)s") % {"name": name}


def _found_by(name: str) -> str:
    return _("Meeste vragen komen uit: %(name)s") % {"name": name}


def _urgent(name: str) -> str:
    return _("Meeste vragen hebben als urgentie: %(name)s") % {"name": name}


def _note(subject: Subject, everywhere: int) -> str:
    """How questions with several values are counted."""
    if subject is Subject.AREA:
        return _("Een vraag in twee gebieden telt bij beide mee.")
    if subject is Subject.PHASE:
        return _("Een vraag over meer leeftijden telt bij elk daarvan mee.")
    if subject is not Subject.MUNICIPALITY:
        return ""
    several = _("Een vraag over meer gemeenten telt bij elk van die gemeenten mee.")
    if not everywhere:
        return several
    region = ngettext(
        "%(count)s vraag gaat over de hele regio, en telt bij elke gemeente mee.",
        "%(count)s vragen gaan over de hele regio, en tellen bij elke gemeente mee.",
        everywhere,
    )
    return f"{several} " + region % {"count": bars.plain(everywhere)}
