"""The route of a pact: through which bodies every new proposal goes, in order."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from partners.bodies.models import Body
from partners.pact.models import Pact
from partners.people.models import User
from plan.decisions.models import DecisionStep, StepKind
from plan.questions.marks import refuse_unseen

MOST_STEPS = 12


@dataclass(frozen=True)
class StepRow:
    """A step as somebody writes it down; `days` is how long the body has after the step before it."""

    name: str
    body: Body
    kind: str
    days: int = 28


def lock_pact(pact: Pact) -> Pact:
    """One at a time keeps the route, writes or decides in a pact. The first lock of every act of this slice."""
    locked: Pact = Pact.objects.select_for_update(no_key=True).get(pk=pact.pk)
    return locked


def steps_of(pact: Pact) -> list[DecisionStep]:
    """The steps that a proposal takes when it is submitted now, in order."""
    return list(DecisionStep.objects.in_pact(pact).select_related("body").order_by("position"))


def mark_of_route(pact: Pact) -> str:
    """A short text that changes when the route does; a page hands it back as `seen`."""
    return _mark([(step.name, step.body_id, step.kind, step.days) for step in steps_of(pact)])


@transaction.atomic
def keep_route(pact: Pact, *, steps: Sequence[StepRow], by: User, seen: str | None = None) -> list[DecisionStep]:
    """Make these steps the route of the pact, and return them. Proposals on their way keep the steps they began with.

    Raises ValidationError when there is no step or more than twelve, the last one does not decide or another one does,
    a body is of another pact or has ended, a field is wrong, or the route is no longer the one with the mark `seen`.
    """
    lock_pact(pact)
    refuse_unseen(mark_of_route(pact), seen)
    _refuse_no_route(steps)
    rows = [
        DecisionStep(
            pact=pact, position=position, name=step.name.strip(), body=step.body, kind=step.kind, days=step.days
        )
        for position, step in enumerate(steps, 1)
    ]
    for row in rows:
        _check(row)
    wanted = _mark([(row.name, row.body_id, row.kind, row.days) for row in rows])
    if wanted == mark_of_route(pact):
        return steps_of(pact)
    DecisionStep.objects.in_pact(pact).delete()
    DecisionStep.unscoped.bulk_create(rows)
    audit.record("route.kept", pact, by=by, pact=pact, steps=[f"{row.body.name}: {row.kind}" for row in rows])
    return steps_of(pact)


def refusal_of_body(body: Body) -> str:
    """Why this body can be no step of a route now, in a sentence; empty when it can."""
    if body.ended_on is not None and body.ended_on <= timezone.localdate():
        return _("%(body)s is opgeheven. Kies een ander overleg.") % {"body": body.name}
    return ""


def _refuse_no_route(steps: Sequence[StepRow]) -> None:
    if not steps:
        raise ValidationError(_("Een route heeft ten minste één stap."), code="no_step")
    if len(steps) > MOST_STEPS:
        raise ValidationError(_("Een route heeft ten hoogste %(most)s stappen.") % {"most": MOST_STEPS}, code="many")
    if steps[-1].kind != StepKind.DECIDES:
        raise ValidationError(_("De laatste stap besluit. Kies bij die stap: besluit."), code="last_decides")
    if any(step.kind == StepKind.DECIDES for step in steps[:-1]):
        raise ValidationError(
            _("Alleen de laatste stap besluit. Kies bij de stappen daarvoor: bereidt voor, of adviseert."),
            code="last_decides",
        )


def _check(row: DecisionStep) -> None:
    """Raise ValidationError that names the step."""
    refusal = ""
    if row.body.pact_id != row.pact_id:
        refusal = _("Kies alleen uit wat bij dit pact hoort.")
    try:
        # The place of a step is taken by the former route until that is gone.
        row.full_clean(validate_unique=False, validate_constraints=False)
        row.clean_fields()
    except ValidationError as fault:
        refusal = refusal or " ".join(fault.messages)
    if refusal := refusal or refusal_of_body(row.body):
        raise ValidationError(_("Stap %(place)s: %(fault)s") % {"place": row.position, "fault": refusal}, code="step")


def _mark(rows: Sequence[tuple[str, int, str, int]]) -> str:
    return hashlib.sha256(json.dumps([[str(value) for value in row] for row in rows]).encode()).hexdigest()[:32]
