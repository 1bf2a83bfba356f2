"""Answering: one partner says what it thinks, and may revise that until the evaluation closes."""

import datetime
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from evaluations.answering import values as answer_values
from evaluations.answering.models import Answer, Participation
from evaluations.series.models import Evaluation, Topic
from evaluations.series.schedule import moment_on
from pact_portal.foundation.audit import workflow as audit
from partners.people.models import User


def not_open(evaluation: Evaluation, *, on: datetime.date | None = None) -> str:
    """Why this evaluation cannot be answered on a day (today when None), as a sentence; "" when it can."""
    day = date_format(evaluation.due_on, "j F Y")
    if evaluation.state == Evaluation.State.SCHEDULED:
        return _("Deze evaluatie is nog niet open. Vanaf %(day)s kunt u antwoorden.") % {"day": day}
    last_day = date_format(evaluation.closes_on, "j F Y")
    if evaluation.state != Evaluation.State.OPEN or evaluation.closes_on < (on or timezone.localdate()):
        return _("Deze evaluatie is gesloten. U kon antwoorden tot en met %(day)s.") % {"day": last_day}
    return ""


@transaction.atomic
def answer(
    participation: Participation, *, values: Mapping[int, Any], by: User, on: datetime.date | None = None
) -> Participation:
    """Save what a partner says on a day (today when None): a value per topic id, in place of what it said before.

    A scale takes 1-5 or `answering.values.NO_VIEW`, a number a Decimal, int or text with comma or point, a choice one
    of its options, an open topic a text. Every scale must be answered; the others may stay empty, but not all.
    Raises ValidationError, with the faults by topic id as `topic_<id>`.
    """
    # The evaluation is locked as well: it cannot close between this check and the answer.
    participation = (
        Participation.unscoped.select_for_update(of=("self", "evaluation"))
        .select_related("evaluation__series__pact", "partnership__organisation")
        .get(pk=participation.pk)
    )
    evaluation = participation.evaluation
    if reason := not_open(evaluation, on=on):
        raise ValidationError(reason)
    topics = {topic.pk: topic for topic in evaluation.series.topics.all()}
    if set(values) - set(topics):
        raise ValidationError(_("Deze evaluatievraag hoort niet bij deze evaluatie."))
    said = _read(topics, values)
    known = {row.topic_id: row for row in participation.answers.all()}
    for topic_id, topic in topics.items():
        row = known.get(topic_id) or Answer(participation=participation, topic=topic)
        if value := said.get(topic_id):
            for column, content in asdict(value).items():
                setattr(row, column, content)
            row.full_clean()
            row.save()
        elif row.pk:
            row.delete()
    is_revision = participation.answered_at is not None
    participation.answered_at, participation.answered_by = moment_on(on, timezone.localtime()), by
    participation.full_clean()
    participation.save()
    action = "evaluation.answer_revised" if is_revision else "evaluation.answered"
    audit.record(action, participation, by=by, pact=evaluation.series.pact)
    return participation


def _read(topics: Mapping[int, Topic], values: Mapping[int, Any]) -> dict[int, answer_values.Value]:
    """The values by topic id, without the topics on which nothing was said. Raises ValidationError for all at once."""
    said: dict[int, answer_values.Value] = {}
    faults: dict[str, Any] = {}
    for topic_id, topic in topics.items():
        try:
            value = answer_values.checked(topic, values.get(topic_id))
        except ValidationError as fault:
            faults[f"topic_{topic_id}"] = fault
        else:
            if value is not None:
                said[topic_id] = value
    if faults:
        raise ValidationError(faults)
    if not said:
        raise ValidationError(_("Beantwoord ten minste één vraag."))
    return said
