"""Where the partners stand on a proposal, in each round anew, until it is decided."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from partners.organisations.models import Partnership
from partners.people.models import User
from plan.decisions.models import Condition, Position, Proposal
from plan.decisions.notices import asked
from plan.decisions.texts import written
from plan.questions.belonging import refuse_strangers

__all__ = ["asked", "positions_of", "state_position"]

Stance = Position.Stance


def positions_of(proposal: Proposal) -> list[Position]:
    """The positions of the current round, in the order of the signature sheets."""
    rows = Position.objects.in_pact(proposal.pact_id).filter(proposal=proposal, round=proposal.round)
    return list(
        rows.select_related("partnership__organisation", "stated_by", "condition").order_by(
            "partnership__position", "partnership__organisation__name"
        )
    )


@transaction.atomic
def state_position(
    proposal: Proposal, *, partnership: Partnership, stance: str, mandate: str, text: str, by: User
) -> Position:
    """Say where a partner stands on a proposal, or say it anew; the last thing said in a round is what stands.

    "Agree if" makes a condition; another text opens it again. Raises ValidationError when the proposal is not under
    way, the partner does not sign the pact today, or a field is wrong.
    """
    refuse_strangers(proposal.pact, field="partnership", rows=[partnership])
    rows = Proposal.objects.in_pact(proposal.pact_id).select_for_update(of=("self",), no_key=True)
    locked: Proposal = rows.select_related("pact").get(pk=proposal.pk)
    if locked.state not in Proposal.UNDER_WAY:
        raise ValidationError(
            _("Voorstel %(code)s is %(state)s. Een standpunt geven kan alleen zolang het in behandeling is.")
            % {"code": locked.code, "state": locked.get_state_display()},
            code="state",
        )
    if partnership.pk not in {one.pk for one in asked(locked)}:
        raise ValidationError(
            {
                "partnership": _("%(partner)s tekent dit pact niet. Alleen ondertekenaars geven een standpunt.")
                % {"partner": partnership.organisation.name}
            },
            code="not_asked",
        )
    position = Position.objects.in_pact(locked.pact_id).filter(
        proposal=locked, round=locked.round, partnership=partnership
    ).first() or Position(proposal=locked, round=locked.round, partnership=partnership)
    said = (str(stance), str(mandate), written("text", text))
    if position.pk and (position.stance, position.mandate, position.text) == said:
        return position
    position.stance, position.mandate, position.text = said
    position.stated_by = by
    position.full_clean()
    position.save()
    _follow(position)
    audit.record(
        "position.stated", position, by=by, pact=locked.pact, proposal=locked.code, stance=said[0], mandate=said[1]
    )
    return position


def _follow(position: Position) -> None:
    """Let the condition of a position say what the position says now."""
    # Held: somebody may be answering it at this moment.
    rows = Condition.objects.in_pact(position.proposal.pact_id).select_for_update(of=("self",))
    condition = rows.filter(position=position).first()
    if position.stance != Stance.AGREE_IF:
        # What was answered stays to be read; what nobody answered yet is asked no more.
        if condition is not None and condition.state == Condition.State.OPEN:
            condition.delete()
        return
    if condition is None:
        condition = Condition(proposal=position.proposal, position=position)
    elif condition.text == position.text:
        return
    condition.text, condition.state, condition.answer = position.text, Condition.State.OPEN, ""
    condition.answered_by, condition.answered_at = None, None
    condition.full_clean()
    condition.save()
