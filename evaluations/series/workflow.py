"""Changes of state of series and evaluations.

The database says what is due; the tick only looks. One evaluation of a series is open at a time: after a standstill
the overdue ones open late, one after the other, and each is open for its full number of days. Nothing is skipped.
"""

import datetime
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluations.series import invitations, schedule
from evaluations.series.models import Evaluation, EvaluationSeries, Topic
from pact_portal.foundation.audit import workflow as audit
from partners.organisations.models import Partnership
from partners.pact.models import Pact
from partners.people.models import User
from plan.measures.models import Measure
from plan.questions import news
from plan.questions.models import QuestionNews

MOST_EVALUATIONS = 60
MOST_TOPICS = 40

State = Evaluation.State


@transaction.atomic
def plan_series(
    pact: Pact,
    *,
    by: User,
    name: str,
    starts_on: datetime.date,
    ends_on: datetime.date,
    every_months: int,
    open_days: int,
    participants: Iterable[Partnership],
    topics: Sequence[dict[str, Any]],
) -> EvaluationSeries:
    """Make a series with its topics, participants and every scheduled evaluation until its end.

    A topic is a dict with `kind` (Topic.Kind) and `text`, `options` (list of str) for a choice, and `counts_people`
    for a number of young people. Raises ValidationError, by field where a field is at fault.
    """
    series = EvaluationSeries(
        pact=pact,
        name=name,
        starts_on=starts_on,
        ends_on=ends_on,
        every_months=every_months,
        open_days=open_days,
        created_by=by,
    )
    series.full_clean()
    days = _checked_days(series)
    partnerships = _checked_participants(pact, participants)
    if not topics:
        raise ValidationError(_("Stel ten minste één evaluatievraag."))
    if len(topics) > MOST_TOPICS:
        raise ValidationError(_("Stel hooguit %(most)s evaluatievragen.") % {"most": MOST_TOPICS})

    series.save()
    series.participants.set(partnerships)
    for position, fields in enumerate(topics, 1):
        topic = Topic(series=series, position=position, **fields)
        topic.full_clean()
        topic.save()
    for day in days:
        evaluation = Evaluation(series=series, due_on=day, closes_on=schedule.last_day(day, open_days))
        evaluation.full_clean()
        evaluation.save()
    audit.record("series.planned", series, by=by, evaluations=len(days), topics=len(topics))
    return series


def _checked_days(series: EvaluationSeries) -> list[datetime.date]:
    """The due days of a series, when there are not too many and one can be over before the next begins."""
    days = list(islice(schedule.due_days(series.starts_on, series.ends_on, series.every_months), MOST_EVALUATIONS + 1))
    if len(days) > MOST_EVALUATIONS:
        raise ValidationError(
            {
                "ends_on": _(
                    "Een cyclus telt hooguit %(most)s evaluaties. Kies een eerdere einddatum of een rustiger ritme."
                )
                % {"most": MOST_EVALUATIONS}
            }
        )
    longest = schedule.longest_opening(days)
    if longest is not None and series.open_days > longest:
        raise ValidationError(
            {
                "open_days": ngettext(
                    "De volgende evaluatie begint al na %(longest)s dag. Geef hooguit zoveel dagen om te antwoorden.",
                    "De volgende evaluatie begint al na %(longest)s dagen. Geef hooguit zoveel dagen om te antwoorden.",
                    longest,
                )
                % {"longest": longest}
            }
        )
    return days


def _checked_participants(pact: Pact, participants: Iterable[Partnership]) -> list[Partnership]:
    """The participants, each once, when there are any and all belong to the pact."""
    partnerships = list({partnership.pk: partnership for partnership in participants}.values())
    if not partnerships:
        raise ValidationError({"participants": _("Kies ten minste één partner die antwoordt.")})
    if any(partnership.pact_id != pact.pk for partnership in partnerships):
        raise ValidationError({"participants": _("Kies alleen partners van dit pact.")})
    return partnerships


def move_on(*, on: datetime.date | None = None) -> None:
    """Close and report what is over and open what is due on this day (today when None), in all pacts.

    May run twice, at the same time, or be missed. Each series has its own transaction, so a fault in one leaves the
    others their turn; all faults are raised together at the end as an ExceptionGroup.
    """
    today = on or timezone.localdate()
    moves = (
        Q(state=State.SCHEDULED, due_on__lte=today) | Q(state=State.OPEN, closes_on__lt=today) | Q(state=State.CLOSED)
    )
    series_ids = (
        Evaluation.objects.across_pacts().filter(moves).order_by("series_id").values_list("series_id", flat=True)
    )
    faults: list[Exception] = []
    for series_id in series_ids.distinct():
        try:
            _move_series(series_id, today)
        except Exception as fault:  # noqa: BLE001 - raised again below, after the other series had their turn
            faults.append(fault)
    if faults:
        raise ExceptionGroup("evaluations that could not move on", faults)


@transaction.atomic
def _move_series(series_id: int, today: datetime.date) -> None:
    """What one series is due. Locks it; a series in the hands of another worker is left to that one.

    On SQLite there are no row locks: the transaction is the only writer from its start, and what is due is asked anew.
    """
    series = _locked(EvaluationSeries.objects.across_pacts()).filter(pk=series_id).select_related("pact").first()
    if series is None:
        return
    evaluations = Evaluation.objects.in_pact(series.pact).filter(series=series)
    for evaluation in evaluations.over(today):
        _close(evaluation, series, today)
    for evaluation in evaluations.filter(state=State.CLOSED):
        _report(evaluation, series)
    if not evaluations.open().exists() and (due := evaluations.due(today).order_by("due_on").first()):
        _open(due, series, today)


def _locked(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Rows locked until the end of the transaction, leaving out those that another transaction has locked."""
    return rows.select_for_update(skip_locked=True, of=("self",))


def _open(evaluation: Evaluation, series: EvaluationSeries, today: datetime.date) -> None:
    """Open an evaluation and invite who takes part in the pact on that day. Opened late, it stays open as long."""
    evaluation.state, evaluation.opened_at = State.OPEN, schedule.moment_on(today, timezone.localtime())
    evaluation.closes_on = schedule.last_day(today, series.open_days)
    evaluation.series = series
    evaluation.full_clean()
    evaluation.save()
    taking_part = series.participants.filter(joined_on__lte=today).filter(
        Q(left_on__isnull=True) | Q(left_on__gt=today)
    )
    participations = [
        # By the evaluation's own relation: who is asked belongs to the slice above, and imports point down.
        evaluation.participations.create(partnership=partnership)
        for partnership in taking_part.select_related("organisation")
    ]
    audit.record("evaluation.opened", evaluation, by=None, pact=series.pact, invited=len(participations))
    invitations.invite(evaluation, participations)


def _close(evaluation: Evaluation, series: EvaluationSeries, today: datetime.date) -> None:
    evaluation.state, evaluation.closed_at = State.CLOSED, schedule.moment_on(today, timezone.localtime())
    evaluation.save(update_fields=["state", "closed_at"])
    audit.record("evaluation.closed", evaluation, by=None, pact=series.pact)


def _report(evaluation: Evaluation, series: EvaluationSeries) -> None:
    """From here on members see the outcome; it is worked out from the answers, which no longer change."""
    evaluation.state = State.REPORTED
    evaluation.save(update_fields=["state"])
    audit.record("evaluation.reported", evaluation, by=None, pact=series.pact)
    _tell_askers(evaluation, series.pact)


def _tell_askers(evaluation: Evaluation, pact: Pact) -> None:
    """Let who asked a question know that the measure in force that answers it was looked at."""
    path = reverse("evaluations:evaluation_detail", args=[pact.slug, evaluation.pk])
    in_force = Measure.objects.in_pact(pact).filter(state__in=[Measure.State.APPROVED, Measure.State.RUNNING])
    for measure in in_force.prefetch_related("questions").order_by("number"):
        for question in measure.questions.all():
            news.tell(
                question,
                QuestionNews.Kind.EVALUATED,
                key=f"evaluated-{evaluation.pk}-{measure.pk}-{question.pk}",
                path=path,
                code=measure.code,
                title=measure.title,
            )
