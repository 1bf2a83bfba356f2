"""What was judged before: the earlier judgements of a pair, and those at questions that were merged into another.

A judgement replaces the one before it; the audit trail keeps what it said, and when.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet

from pact_portal.foundation.audit.models import AuditRecord
from partners.pact.models import Pact
from plan.programmes.models import Fit
from plan.questions.models import SupportQuestion

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Earlier:
    """One judgement that was replaced: how far it fitted, who said so and when."""

    level: str
    by: str
    at: datetime


def records_of(fits: Iterable[Fit]) -> QuerySet:
    """The records of the audit trail of these judgements, whatever the pact: the fits are rows already found."""
    keys = [fit.pk for fit in fits]
    return AuditRecord.objects.across_pacts().filter(
        subject_kind=Fit._meta.label_lower, subject_id__in=keys, action__in=["fit.judged", "fit.renewed"]
    )


def newest(pact: Pact) -> int:
    """The number of the newest judgement of the pact, 0 when there is none; the next one has a higher number."""
    records = AuditRecord.objects.in_pact(pact).filter(subject_kind=Fit._meta.label_lower)
    return records.order_by().aggregate(newest=Max("pk"))["newest"] or 0


def with_history(fits: Iterable[Any]) -> list[Any]:
    """The same fits, each with `earlier`: the judgements before this one, the newest first. One query."""
    rows = list(fits)
    said: dict[int, list[AuditRecord]] = defaultdict(list)
    for record in records_of(rows).select_related("by").order_by("-pk"):
        said[record.subject_id].append(record)
    for row in rows:
        # The first is the one that stands.
        row.earlier = [_earlier(record) for record in said[row.pk][1 : MOST_SHOWN + 1]]
    return rows


def _earlier(record: Any) -> Earlier:
    levels = dict(Fit.Level.choices)
    return Earlier(str(levels.get(record.details.get("level"), "")), str(record.by or ""), record.at)


def at_merged(question: SupportQuestion, *, judged: Iterable[int]) -> list[Any]:
    """The judgements at questions that were merged into this one, of programmes that are not in `judged` here."""
    fits = Fit.objects.in_pact(question.pact_id).filter(question__merged_into=question)
    rows = fits.exclude(programme__in=list(judged)).select_related("question", "programme__provider__organisation")
    return list(rows.order_by("programme__number", "question__number"))
