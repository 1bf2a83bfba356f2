"""Reads the rows for `suggestions`: programmes beside a question, and questions beside a programme."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from partners.permissions import PactRequest, Permission
from plan.programmes import judgements
from plan.programmes.models import Programme
from plan.programmes.suggestions import LONGEST_TEXT, Subject, rank, words_of
from plan.programmes.workflow import JUDGED_IN
from plan.questions.models import SupportQuestion

MOST_SUGGESTED = 5


@dataclass(frozen=True, slots=True)
class Match:
    """A programme or question that is suggested, why, and whether the reader may judge it."""

    row: Any
    reasons: str
    may_judge: bool


def programmes_for(question: SupportQuestion, *, judged: Iterable[int] = ()) -> list[tuple[Programme, str]]:
    """The running programmes that may answer the question, the likeliest first, each with the reasons.

    Those with keys in `judged` are left out. Six queries, whatever their number.
    """
    own = Programme.objects.in_pact(question.pact_id).running(timezone.localdate()).exclude(pk__in=list(judged))
    return _matches(_subject(question, question.title), own.select_related("provider__organisation"), "name")


def questions_for(programme: Programme, *, judged: Iterable[int] = ()) -> list[tuple[SupportQuestion, str]]:
    """The questions of all partners that the programme may answer: handed in or accepted, and not judged yet."""
    if programme.has_ended:
        return []
    asked = SupportQuestion.objects.in_pact(programme.pact_id).filter(state__in=JUDGED_IN)
    asked = asked.exclude(pk__in=list(judged)).select_related("partnership__organisation")
    return _matches(_subject(programme, programme.name), asked, "title")


def _matches(subject: Subject, rows: QuerySet, title: str) -> list[tuple[Any, str]]:
    of_age = rows.filter(age_from__lte=subject.age_to, age_to__gte=subject.age_from)
    found = rank(subject, _subjects(of_age, title), limit=MOST_SUGGESTED)
    chosen = rows.in_bulk([suggestion.key for suggestion in found])
    return [(chosen[suggestion.key], suggestion.reasons) for suggestion in found if suggestion.key in chosen]


def _subject(row: Any, title: str) -> Subject:
    return Subject(
        row.pk,
        frozenset(area.pk for area in row.areas.all()),
        row.age_from,
        row.age_to,
        frozenset(place.pk for place in row.municipalities.all()),
        words_of(title, row.description),
    )


def _subjects(rows: QuerySet, title: str) -> list[Subject]:
    """The rows as the ranking takes them, without making objects of them: three queries."""
    plain = rows.select_related(None).order_by("pk")
    areas, places = (_keys(plain, name) for name in ("areas", "municipalities"))
    columns = plain.values_list("pk", "age_from", "age_to", title, "description")
    return [
        Subject(key, frozenset(areas[key]), first, last, frozenset(places[key]), words_of(name, text[:LONGEST_TEXT]))
        for key, first, last, name, text in columns
    ]


def _keys(rows: QuerySet, name: str) -> dict[int, set[int]]:
    """What each row is tied to by a field with several rows: keys by key."""
    field: Any = rows.model._meta.get_field(name)
    own, other = field.m2m_field_name(), field.m2m_reverse_field_name()
    ties = field.remote_field.through.objects.filter(**{f"{own}__in": rows.order_by().values("pk")})
    found: dict[int, set[int]] = defaultdict(set)
    for key, tied in ties.values_list(f"{own}_id", f"{other}_id"):
        found[key].add(tied)
    return found


def judging(request: PactRequest, question: SupportQuestion) -> Callable[[Programme], bool]:
    """Who may judge: the coordinator, who keeps the question, and who keeps the programme. Asks no query."""
    any_programme = request.access.can(Permission.ASSESS_FIT, question.partnership_id)
    return lambda programme: any_programme or request.access.can(Permission.ASSESS_FIT, programme.provider_id)


def beside_question(request: PactRequest, question: SupportQuestion, fits: Sequence[Any]) -> dict[str, Any]:
    """For the page of a question: suggestions, what was judged before, and what was judged at merged questions."""
    judgements.with_history(fits)
    context: dict[str, Any] = {"suggestions": [], "merged_fits": []}
    judged = [fit.programme_id for fit in fits]
    may_judge = judging(request, question)
    for fit in fits:
        fit.may_renew = question.state in JUDGED_IN and not fit.programme.has_ended and may_judge(fit.programme)
    if question.state in JUDGED_IN:
        context["merged_fits"] = merged = judgements.at_merged(question, judged=judged)
        for fit in merged:
            fit.may_renew = not fit.programme.has_ended and may_judge(fit.programme)
        if request.access.can(Permission.ASSESS_FIT):
            context["suggestions"] = [
                Match(programme, reasons, may_judge(programme))
                for programme, reasons in programmes_for(question, judged=judged)
            ]
    return context


def beside_programme(request: PactRequest, programme: Programme, fits: Sequence[Any]) -> dict[str, Any]:
    """For the page of a programme: the questions that it may answer, what was judged before, and who may renew it."""
    judgements.with_history(fits)
    for fit in fits:
        fit.may_renew = (
            fit.question.state in JUDGED_IN and not programme.has_ended and judging(request, fit.question)(programme)
        )
    if not request.access.can(Permission.ASSESS_FIT):
        return {"suggestions": []}
    found = questions_for(programme, judged=[fit.question_id for fit in fits])
    return {
        "suggestions": [Match(question, reasons, judging(request, question)(programme)) for question, reasons in found]
    }
