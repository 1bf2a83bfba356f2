"""Following up on conditions: what a partner or a body asked with its "yes", and what was done with it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from partners.people.models import User
from plan.decisions.models import Condition, Decision, Proposal
from plan.decisions.texts import written

State = Condition.State


def conditions_of(proposal: Proposal) -> list[Condition]:
    """The conditions that stand: of positions of the current round, and of decisions that were not superseded."""
    rows = Condition.objects.in_pact(proposal.pact_id).filter(proposal=proposal)
    standing = rows.filter(
        Q(position__round=proposal.round, position__stance="agree_if")
        | Q(decision__isnull=False, decision__superseded_by__isnull=True)
    )
    return list(
        standing.select_related(
            "position__partnership__organisation", "decision__step__body", "decision__proposal", "answered_by"
        ).order_by("pk")
    )


@transaction.atomic
def answer(condition: Condition, *, state: str, answer: str, by: User) -> Condition:
    """Say what was done with a condition: it is met, or dropped; "open" takes that back.

    Raises ValidationError when the answer is missing or too long, the state is none of these, the partner took the
    condition back meanwhile, or another decision took the place of the one that it came with.
    """
    rows = Condition.objects.in_pact(condition.proposal.pact_id).select_for_update(of=("self",))
    locked: Condition | None = rows.select_related("proposal__pact").filter(pk=condition.pk).first()
    if locked is None:
        raise ValidationError(_("De partner heeft deze voorwaarde ingetrokken. Er is niets meer te beantwoorden."))
    later = Decision.objects.in_pact(locked.proposal.pact_id).filter(supersedes__conditions=locked).first()
    if later is not None:
        raise ValidationError(
            _("Besluit %(later)s kwam in de plaats van het besluit met deze voorwaarde. Kijk bij dat besluit.")
            % {"later": later.code},
            code="superseded",
        )
    if state not in State.values:
        raise ValidationError({"state": _("Kies wat er met de voorwaarde is gedaan.")})
    is_open = state == State.OPEN
    text = "" if is_open else written("answer", answer, missing=_("Schrijf op wat er met de voorwaarde is gedaan."))
    if (locked.state, locked.answer) == (state, text):
        return locked
    locked.state, locked.answer = state, text
    locked.answered_by, locked.answered_at = (None, None) if is_open else (by, timezone.now())
    locked.full_clean()
    locked.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    audit.record(
        "condition.answered", locked, by=by, pact=locked.proposal.pact, proposal=locked.proposal.code, state=state
    )
    return locked
