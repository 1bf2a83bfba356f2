"""What an outcome will do, in sentences: what the page says before it is recorded. Pure: no queries."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pact_portal.foundation.templatetags.portal import euro
from plan.decisions.carried import Carried
from plan.decisions.models import Outcome, ProposalStep


def consequences(
    outcome: Outcome, carried: Sequence[Carried], *, following: ProposalStep | None, committed: Decimal
) -> list[str]:
    """The sentences for one outcome of one step; `following` is the step after it, `committed` in euros."""
    if outcome == Outcome.ADOPTED:
        return adoption(carried, committed=committed)
    if outcome == Outcome.REJECTED:
        return [_("Het voorstel is afgewezen. Daarmee is het voorstel afgehandeld."), *_each(carried, REJECTED)]
    if outcome == Outcome.DEFERRED:
        waiting = [one for one in carried if one.kind.name in DEFERRED]
        sentence = _("Het voorstel wordt aangehouden en blijft bij dit overleg, tot het een uitkomst heeft.")
        return [sentence, *_each(waiting, DEFERRED)]
    if outcome == Outcome.SENT_BACK:
        return [
            _("Het voorstel gaat terug naar wie het schreef. Na de aanpassing gaat het opnieuw langs alle stappen.")
        ]
    if following is None:
        return [_("Het voorstel gaat naar de volgende stap.")]
    sentence = _("Het voorstel gaat naar %(body)s, uiterlijk %(day)s.")
    return [sentence % {"body": following.body, "day": date_format(following.due_on, "j F Y")}]


def adoption(carried: Sequence[Carried], *, committed: Decimal) -> list[str]:
    """What happens to each row, and to the money, when the proposal is adopted."""
    said = [_("Alles hieronder gaat tegelijk in, of niets ervan."), *_each(carried, ADOPTED)]
    if committed:
        said.append(_("Samen wordt %(amount)s vastgelegd.") % {"amount": euro(committed)})
    return said


def undoing(outcome: Outcome, carried: Sequence[Carried], *, committed: Decimal) -> list[str]:
    """What happens to each row, and to the money, when an adoption gives way to another outcome.

    A rejection says of each row what becomes of it, and what comes free; otherwise the rows wait again.
    """
    said = [_("Wat eerder is vastgesteld, wordt teruggedraaid: alles, of niets ervan.")]
    if outcome != Outcome.REJECTED:
        said += _each(carried, UNDONE)
    said += consequences(outcome, carried, following=None, committed=committed)
    if outcome == Outcome.REJECTED and committed:
        said.append(_("Samen komt %(amount)s weer vrij.") % {"amount": euro(committed)})
    return said


def _each(carried: Sequence[Carried], words: dict[str, str]) -> list[str]:
    return [_sentence(words, one) for one in carried]


def _sentence(words: dict[str, str], one: Carried) -> str:
    sentence = _(words[one.kind.name]) if one.kind.name in words else _(words[""])
    return sentence % {"row": one.now.name}


def N_(text: str) -> str:  # noqa: N802 - the usual name of what marks a text for translation
    return text


ADOPTED = {
    "measure": N_("Maatregel %(row)s wordt goedgekeurd."),
    "allocation": N_("Het geld wordt vastgelegd: %(row)s."),
    "reallocation": N_("Het geld gaat naar het nieuwe doel: %(row)s."),
    "adjustment": N_("De bijstelling wordt doorgevoerd: %(row)s."),
    "plan_version": N_("De versie van het plan wordt vastgesteld: %(row)s."),
    "": N_("Wordt vastgesteld: %(row)s."),
}
REJECTED = {
    "measure": N_("Maatregel %(row)s wordt afgewezen."),
    "allocation": N_("Het geld komt weer vrij: %(row)s."),
    "reallocation": N_("Het geld blijft waar het is: %(row)s."),
    "adjustment": N_("De bijstelling gaat niet door: %(row)s."),
    "plan_version": N_("De versie van het plan wordt niet vastgesteld: %(row)s."),
    "": N_("Wordt afgewezen: %(row)s."),
}
DEFERRED = {
    "measure": N_("Maatregel %(row)s wordt aangehouden."),
}
"""A deferral is said of these only: the other rows stay what they are."""
UNDONE = {
    "measure": N_("De goedkeuring van maatregel %(row)s vervalt."),
    "allocation": N_("Het geld is niet meer vastgelegd, en blijft gevraagd: %(row)s."),
    "": N_("De vaststelling vervalt: %(row)s."),
}
