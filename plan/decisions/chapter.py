"""What this slice adds to the plan document: how is decided, what was decided, and what is still on its way."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from pact_portal.foundation.documents.blocks import Block, Cell, Column, Heading, Paragraph, Row, Table
from pact_portal.foundation.forms.fields import EuroField
from pact_portal.foundation.templatetags.portal import euro
from partners.organisations.models import Partnership
from partners.pact.models import Pact
from plan.decisions.counting import in_words
from plan.decisions.filters import with_turn
from plan.decisions.models import Condition, Decision, Position, Proposal
from plan.decisions.route import steps_of
from plan.decisions.rows import give_steps

MONEY = ("allocation", "reallocation")
"""Kinds whose rows have no code of their own: the sum says more than the code of each package."""
NOTHING = "–"
SHORT_DAY = "j-n-Y"
"""A month in letters does not fit beside five other columns."""


def decision_blocks(pact: Pact) -> list[Block]:
    """The route, the decisions that stand, and the proposals on their way with their open conditions."""
    return [*_route(pact), *_decisions(pact), *_under_way(pact)]


def _route(pact: Pact) -> list[Block]:
    steps = steps_of(pact)
    if not steps:
        return []
    return [
        Heading(_("Hoe er wordt besloten"), anchor="route"),
        Table(
            caption=_("De overleggen waarlangs een voorstel gaat"),
            columns=[
                Column(_("Stap"), "key"),
                Column(_("Naam")),
                Column(_("Overleg")),
                Column(_("Wat het doet"), weight=4),
                Column(_("Dagen"), "number"),
            ],
            rows=[
                Row(
                    key=f"route-{step.position}",
                    cells=[
                        Cell(str(step.position)),
                        Cell(step.name),
                        Cell(step.body.name),
                        Cell(str(step.get_kind_display())),
                        Cell(str(step.days)),
                    ],
                )
                for step in steps
            ],
        ),
    ]


def _decisions(pact: Pact) -> list[Block]:
    rows = Decision.objects.in_pact(pact).standing().select_related("proposal", "step__body")
    decisions = rows.order_by("decided_on", "number")
    return [
        Heading(_("Besluitenlijst"), anchor="besluiten"),
        Table(
            caption=_("De besluiten en adviezen die gelden"),
            columns=[
                Column(_("Nr."), "key"),
                Column(_("Waarover"), weight=7),
                Column(_("Overleg"), weight=4),
                Column(_("Uitkomst"), weight=3),
                Column(_("Datum"), "date", weight=4),
                Column(_("Reden")),
            ],
            rows=[
                Row(
                    key=f"besluit-{decision.number}",
                    anchor=f"besluit-{decision.number}",
                    cells=[
                        Cell(decision.code),
                        Cell(_about(decision)),
                        Cell(decision.step.body.name),
                        Cell(str(decision.get_outcome_display())),
                        Cell(date_format(decision.decided_on, SHORT_DAY)),
                        Cell(decision.reason or NOTHING),
                    ],
                )
                for decision in decisions
            ],
            empty=_("Er is nog geen besluit genomen."),
        ),
    ]


def _about(decision: Decision) -> str:
    """The proposal, with the codes of what was decided about and the sums of money, such as "M1, M2, € 5.000"."""
    named: list[str] = []
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in decision.content:
        amount = _amount(row) if row["kind"] in MONEY else None
        if amount is None:
            named.append(row["code"])
        else:
            sums[row["kind"]] += amount
    parts = [*dict.fromkeys(code for code in named if code)]
    if "allocation" in sums:
        parts.append(euro(sums["allocation"]))
    if "reallocation" in sums:
        parts.append(_("herverdeling van %(sum)s") % {"sum": euro(sums["reallocation"])})
    return f"{decision.proposal} ({', '.join(parts)})" if parts else str(decision.proposal)


def _amount(row: dict[str, Any]) -> Decimal | None:
    """The euros of a row as they stood when was decided; None when they are not in it."""
    # What is kept is in the language of the portal: see kinds.show.
    with override(settings.LANGUAGE_CODE):
        text = dict(row["lines"]).get(_("Bedrag"), "")
        try:
            return EuroField(required=False).clean(text)
        except ValidationError:
            return None


def _under_way(pact: Pact) -> list[Block]:
    proposals = list(with_turn(Proposal.objects.in_pact(pact).under_way()).order_by("number"))
    if not proposals:
        return []
    give_steps(proposals, pact)
    # Whoever steps out is asked no more, and what it said still counts.
    partners = set(Partnership.objects.in_pact(pact).current().signatories().values_list("pk", flat=True))
    said: dict[int, dict[int, str]] = defaultdict(dict)
    rounds = {proposal.pk: proposal.round for proposal in proposals}
    for position in Position.objects.in_pact(pact).filter(proposal__in=proposals):
        if position.round == rounds[position.proposal_id]:
            said[position.proposal_id][position.partnership_id] = position.stance
    blocks: list[Block] = [
        Heading(_("Voorstellen die onderweg zijn"), anchor="voorstellen"),
        Table(
            caption=_("Waar elk voorstel is, en hoe de partners erin staan"),
            columns=[
                Column(_("Nr."), "key"),
                Column(_("Voorstel"), weight=7),
                Column(_("Bij"), weight=4),
                Column(_("Uiterlijk"), "date", weight=4),
                Column(_("Standpunten")),
            ],
            rows=[
                Row(
                    key=f"voorstel-{proposal.number}",
                    anchor=f"voorstel-{proposal.number}",
                    cells=[
                        Cell(proposal.code),
                        Cell(proposal.title),
                        Cell(proposal.next.body.name if proposal.next else NOTHING),
                        Cell(date_format(proposal.next.due_on, SHORT_DAY) if proposal.next else NOTHING),
                        Cell(in_words(said[proposal.pk].values(), silent=len(partners - said[proposal.pk].keys()))),
                    ],
                )
                for proposal in proposals
            ],
        ),
    ]
    return blocks + _conditions(pact, proposals, rounds)


def _conditions(pact: Pact, proposals: list[Proposal], rounds: dict[int, int]) -> list[Block]:
    """The conditions of these proposals that nobody answered yet."""
    rows = Condition.objects.in_pact(pact).filter(proposal__in=proposals, state=Condition.State.OPEN)
    rows = rows.select_related(
        "proposal", "position__partnership__organisation", "decision__step__body", "decision__superseded_by"
    )
    conditions = [each for each in rows.order_by("proposal__number", "pk") if _stands(each, rounds)]
    if not conditions:
        return [Paragraph(_("Bij deze voorstellen staat geen voorwaarde open."))]
    return [
        Table(
            caption=_("Voorwaarden die nog openstaan"),
            columns=[Column(_("Voorstel"), "key"), Column(_("Van")), Column(_("Voorwaarde"), weight=10)],
            rows=[
                Row(
                    key=f"voorwaarde-{each.pk}",
                    cells=[
                        Cell(each.proposal.code, to=f"voorstel-{each.proposal.number}"),
                        Cell(_source(each)),
                        Cell(each.text),
                    ],
                )
                for each in conditions
            ],
        )
    ]


def _stands(condition: Condition, rounds: dict[int, int]) -> bool:
    """Whether it came with a position of the current round, or with a decision that stands."""
    if condition.position is not None:
        stance = condition.position.stance
        return condition.position.round == rounds[condition.proposal_id] and stance == Position.Stance.AGREE_IF
    return getattr(condition.decision, "superseded_by", None) is None


def _source(condition: Condition) -> str:
    """Who asked it: a partner or a body."""
    if condition.position is not None:
        return str(condition.position.partnership)
    return condition.decision.step.body.name if condition.decision else NOTHING
