"""What becomes of a question, told from its state and from what hangs on it. Pure: asks the database nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plan.questions.models import SupportQuestion

State = SupportQuestion.State


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its sentence, whether it was reached, and when, if that is known."""

    text: str
    is_done: bool
    at: datetime | date | None = None


def timeline_of(question: SupportQuestion, fits: Sequence[Any], measures: Sequence[Any]) -> list[Step]:
    """The steps from draft to measure, in order. `fits` have `judged_on`; `measures` are those that answer it."""
    submitted = question.state != State.DRAFT
    accepted = question.state in (State.ACCEPTED, State.MERGED)
    steps = [
        Step(_("Opgeschreven"), is_done=True, at=question.created_at),
        Step(_("Ingediend bij de coördinator"), is_done=submitted, at=question.submitted_at if submitted else None),
    ]
    if question.state == State.RETURNED:
        steps.append(Step(_("Teruggestuurd: de indiener past de vraag aan"), is_done=True, at=question.curated_at))
    curated_at = question.curated_at if accepted else None
    steps.append(Step(_("Aangenomen voor het plan"), is_done=accepted, at=curated_at))
    judged = _("Vergeleken met bestaand aanbod")
    if fits:
        judged = ngettext(
            "Vergeleken met %(number)d bestaand aanbod", "Vergeleken met bestaand aanbod: %(number)d keer", len(fits)
        ) % {"number": len(fits)}
    steps.append(Step(judged, is_done=bool(fits), at=max((fit.judged_on for fit in fits), default=None)))
    answered = _("Beantwoord met een maatregel")
    if measures:
        answered = _("Beantwoord met %(codes)s") % {"codes": ", ".join(measure.code for measure in measures)}
    steps.append(Step(answered, is_done=bool(measures)))
    return steps
