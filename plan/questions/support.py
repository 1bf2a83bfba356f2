"""Who stands behind a question: its submitter, those of the questions merged into it, and who endorsed any of them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from partners.organisations.models import Partnership
from plan.questions.models import Endorsement, SupportQuestion


@dataclass(frozen=True, slots=True)
class Support:
    """One partner behind a question: where it said so (the question itself or one merged into it), and how."""

    partnership: Partnership
    question: SupportQuestion
    note: str
    is_submitter: bool
    at: datetime


def supporters_of(question: SupportQuestion) -> list[Support]:
    """Every partner behind the question, or behind the one that it was merged into, each once.

    The submitter of the root comes first, then the others by when they first said so; handing in counts before
    endorsing. Three queries at most.
    """
    pk = question.merged_into_id or question.pk
    group = list(
        SupportQuestion.objects.in_pact(question.pact_id)
        .filter(Q(pk=pk) | Q(merged_into=pk))
        .select_related("partnership__organisation")
    )
    endorsements = (
        Endorsement.objects.in_pact(question.pact_id)
        .filter(question__in=[each.pk for each in group])
        .select_related("partnership__organisation")
    )
    by_pk = {each.pk: each for each in group}
    told = [
        Support(each.partnership, each, "", is_submitter=True, at=each.submitted_at or each.created_at)
        for each in group
    ] + [
        Support(
            endorsement.partnership,
            by_pk[endorsement.question_id],
            endorsement.note,
            is_submitter=False,
            at=endorsement.endorsed_at,
        )
        for endorsement in endorsements
    ]
    told.sort(key=lambda each: (not each.is_submitter, each.question.pk != pk, each.at))
    once = {each.partnership.pk: each for each in reversed(told)}
    root = by_pk[pk].partnership_id
    return sorted(once.values(), key=lambda each: (each.partnership.pk != root, each.at, each.partnership.pk))


def support_counts(questions: Iterable[SupportQuestion]) -> dict[int, int]:
    """How many partners stand behind each of these questions, by primary key, in two queries.

    What was merged into a question counts for it, each partner once; a question that was merged itself counts what is
    its own.
    """
    partners: dict[int, set[int]] = defaultdict(set)
    for question in questions:
        partners[question.pk].add(question.partnership_id)
    if not partners:
        return {}
    merged = SupportQuestion.unscoped.filter(merged_into__in=list(partners))
    for root, partnership in merged.values_list("merged_into", "partnership"):
        partners[root].add(partnership)
    endorsements = Endorsement.unscoped.filter(
        Q(question__in=list(partners)) | Q(question__merged_into__in=list(partners))
    )
    for pk, root, partnership in endorsements.values_list("question", "question__merged_into", "partnership"):
        for counted in {pk, root} & partners.keys():
            partners[counted].add(partnership)
    return {pk: len(found) for pk, found in partners.items()}


def number_of_supporters() -> Any:
    """The same number as an expression, to sort a queryset of questions by."""
    endorsed = Endorsement.unscoped.filter(
        Q(question=OuterRef("pk")) | Q(question__merged_into=OuterRef("pk"))
    ).exclude(partnership=OuterRef("partnership"))
    endorsed_too = Endorsement.unscoped.filter(
        Q(question=OuterRef("merged_into")) | Q(question__merged_into=OuterRef("merged_into")),
        partnership=OuterRef("partnership"),
    )
    merged = (
        SupportQuestion.unscoped.filter(merged_into=OuterRef("pk"))
        .exclude(partnership=OuterRef("partnership"))
        .exclude(Exists(endorsed_too))
    )
    return Value(1) + _distinct_partners(endorsed) + _distinct_partners(merged)


def _distinct_partners(rows: models.QuerySet[Any]) -> Any:
    number = (
        rows.order_by().annotate(_one=Value(1)).values("_one").annotate(_number=Count("partnership", distinct=True))
    )
    return Coalesce(Subquery(number.values("_number"), output_field=IntegerField()), Value(0))
