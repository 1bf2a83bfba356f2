"""Reading a proposal: what it carries, what changed of that since it was submitted, and how far it is on its route."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _

from plan.decisions import kinds
from plan.decisions.kinds import Kind, Pair, Shown
from plan.decisions.models import Decision, Outcome, Proposal, ProposalItem, ProposalStep


@dataclass(frozen=True)
class Change:
    """One text that is no longer what it was."""

    label: str
    was: str
    now: str


@dataclass(frozen=True)
class Carried:
    """A row that a proposal carries, as it is now, and what changed since the proposal was submitted."""

    item: ProposalItem
    kind: Kind
    now: Shown
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True)
class Stage:
    """A step of one round, and what stands there. `status` is "done", "next" or "later"."""

    step: ProposalStep
    decision: Decision | None
    status: str
    is_late: bool


@dataclass(frozen=True)
class Round:
    """One time that a proposal was put on the route."""

    number: int
    stages: list[Stage]


def carried_by(proposal: Proposal) -> list[Carried]:
    """The rows of a proposal, by kind and in order. As many queries for one row as for fifty."""
    return carried_by_each([proposal])[proposal.pk]


def carried_by_each(proposals: Sequence[Proposal]) -> dict[int, list[Carried]]:
    """The rows of each of these proposals of one pact, by their keys. As many queries for one as for fifty."""
    found: dict[int, list[Carried]] = {proposal.pk: [] for proposal in proposals}
    if not proposals:
        return found
    pact, states = proposals[0].pact, {proposal.pk: proposal.state for proposal in proposals}
    items = list(ProposalItem.objects.in_pact(pact).filter(proposal__in=states).order_by("object_id"))
    together = {proposal: {_key(item) for item in items if item.proposal_id == proposal} for proposal in states}
    for kind in kinds.every():
        own = [item for item in items if item.kind == kind.name]
        rows = kinds.show(kind, pact, [item.object_id for item in own])
        for item in own:
            now = _with_needs(rows.get(item.object_id) or _gone(kind, item), together[item.proposal_id])
            was = [] if states[item.proposal_id] == Proposal.State.DRAFT else item.shown
            changes = changes_between([(a, b) for a, b in was], kinds.pairs_of(now))
            found[item.proposal_id].append(Carried(item, kind, now, changes))
    return found


def changes_between(was: Sequence[Pair], now: Sequence[Pair]) -> list[Change]:
    """What differs between two lists of label and text, by label. Nothing when nothing was kept."""
    if not was:
        return []
    old, new = dict(was), dict(now)
    labels = [*new, *(label for label in old if label not in new)]
    return [
        Change(label, old.get(label, ""), new.get(label, ""))
        for label in labels
        if old.get(label, "") != new.get(label, "")
    ]


def mark_of_changes(carried: Sequence[Carried]) -> str:
    """A short text that names exactly these changes; empty when nothing changed. Handed back, it confirms them."""
    changed = [
        [one.item.kind, one.item.object_id, change.label, change.was, change.now]
        for one in carried
        for change in one.changes
    ]
    return hashlib.sha256(json.dumps(changed).encode()).hexdigest()[:32] if changed else ""


def content_of(carried: Sequence[Carried]) -> list[dict[str, object]]:
    """What a decision is about, as plain JSON that stays."""
    return [
        {
            "kind": one.kind.name,
            "pk": one.item.object_id,
            "code": one.now.code,
            "title": one.now.title,
            "lines": [list(pair) for pair in one.now.lines],
        }
        for one in carried
    ]


def course_of(proposal: Proposal) -> list[Stage]:
    """The steps of the current round in order, with the decision that stands at each. Empty for a draft."""
    return next((one.stages for one in _rounds(proposal) if one.number == proposal.round), [])


def earlier_rounds(proposal: Proposal) -> list[Round]:
    """The rounds before the current one, the newest first."""
    return [one for one in _rounds(proposal) if one.number < proposal.round]


def next_step(proposal: Proposal) -> ProposalStep | None:
    """The step that has to say something now; None when the proposal is not under way."""
    return next((stage.step for stage in course_of(proposal) if stage.status == "next"), None)


def _rounds(proposal: Proposal) -> list[Round]:
    steps = (
        ProposalStep.objects.in_pact(proposal.pact_id)
        .filter(proposal=proposal)
        .select_related("body")
        .order_by("-round", "position")
    )
    standing = Decision.objects.in_pact(proposal.pact_id).standing().filter(proposal=proposal)
    by_step = {one.step_id: one for one in standing.select_related("meeting", "recorded_by")}
    return [
        Round(number, _stages(proposal, number, list(group), by_step))
        for number, group in groupby(steps, key=lambda step: step.round)
    ]


def _stages(proposal: Proposal, number: int, steps: list[ProposalStep], by_step: dict[int, Decision]) -> list[Stage]:
    today = timezone.localdate()
    is_open = number == proposal.round and proposal.state in Proposal.UNDER_WAY
    stages = []
    for step in steps:
        decision = by_step.get(step.pk)
        # Who deferred still has to say something.
        said = decision is not None and not (is_open and decision.outcome == Outcome.DEFERRED)
        status = "done" if said else "next" if is_open else "later"
        is_open = is_open and said
        stages.append(Stage(step, decision, status, status == "next" and step.due_on < today))
    return stages


def _key(item: ProposalItem) -> tuple[str, int]:
    return item.kind, item.object_id


def _with_needs(now: Shown, together: Collection[tuple[str, int]]) -> Shown:
    """The row, with the problem that what it needs is not carried along."""
    missing = [sentence for row, sentence in now.needs.items() if row not in together]
    return replace(now, problem=missing[0]) if missing and not now.problem else now


def _gone(kind: Kind, item: ProposalItem) -> Shown:
    """A row that is there no more. No register removes rows: this is for what went by another door."""
    return Shown("", str(kind.label), "", [], _("Dit onderdeel is er niet meer. Haal het uit het voorstel."))
