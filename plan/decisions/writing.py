"""Writing a proposal, putting it on the route, and taking it back."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from partners.organisations.models import Partnership
from partners.pact.models import Pact
from partners.people.models import User
from plan.decisions import kinds, notices
from plan.decisions.carried import Carried, carried_by
from plan.decisions.kinds import Kind, Shown
from plan.decisions.models import Proposal, ProposalItem, ProposalStep
from plan.decisions.route import lock_pact, refusal_of_body, steps_of
from plan.decisions.texts import written
from plan.questions.belonging import refuse_strangers
from plan.questions.marks import refuse_unseen

State = Proposal.State

Item = tuple[str, int]
"""The name of a kind, and the primary key of a row of that kind."""

MOST_ITEMS = 100
SECOND_CLICK = timedelta(minutes=1)
"""The same person who writes the same again so soon clicked twice."""


@dataclass(frozen=True)
class Offer:
    """A row that can be carried."""

    kind: Kind
    pk: int
    shown: Shown


def lock(proposal: Proposal) -> Proposal:
    """The proposal as it stands now, with its pact, kept from others until the end of the transaction."""
    lock_pact(proposal.pact)
    rows = Proposal.objects.in_pact(proposal.pact_id).select_for_update(of=("self",)).select_related("pact")
    locked: Proposal = rows.get(pk=proposal.pk)
    return locked


def mark_of(proposal: Proposal) -> str:
    """A short text that changes when what a proposal says, carries or is changes; a page hands it back as `seen`."""
    written = [proposal.title, proposal.explanation, proposal.partnership_id, proposal.state, proposal.round]
    written += sorted(f"{kind}-{key}" for kind, key in _items_of(proposal))
    return hashlib.sha256(json.dumps([str(one) for one in written]).encode()).hexdigest()[:32]


def offered(pact: Pact, *, proposal: Proposal | None = None) -> list[Offer]:
    """What can be carried now: rows that wait for a decision and are in no other open proposal, by kind."""
    taken = ProposalItem.objects.in_pact(pact).filter(is_open=True)
    if proposal is not None:
        taken = taken.exclude(proposal=proposal)
    elsewhere = set(taken.values_list("kind", "object_id"))
    own = _items_of(proposal) if proposal is not None else []
    found = []
    for kind in kinds.every():
        keys = dict.fromkeys(
            [*(row.pk for row in kind.offered(pact)), *(key for name, key in own if name == kind.name)]
        )
        free = [key for key in keys if (kind.name, key) not in elsewhere]
        rows = kinds.show(kind, pact, free)
        found += [Offer(kind, key, rows[key]) for key in free if key in rows]
    return found


@transaction.atomic
def write(
    pact: Pact, *, title: str, explanation: str, partnership: Partnership, items: Sequence[Item], by: User
) -> Proposal:
    """Make a proposal, as a draft, and return it. It may carry nothing yet.

    The same person who writes the same within a minute gets the first one back: a second click makes no second
    proposal. Raises ValidationError when a field is wrong, a row is of another pact, waits for no decision, or is in
    another open proposal (the sentence names it).
    """
    proposal = Proposal(pact=pact, written_by=by)
    # Locks the pact: of two clicks at once the second one sees what the first one made.
    proposal.take_number()
    _fill(proposal, title, explanation, partnership)
    wanted = _once(items)
    if first := _same(proposal, wanted):
        return first
    proposal.save()
    _carry(proposal, wanted)
    audit.record("proposal.written", proposal, by=by)
    return proposal


@transaction.atomic
def revise(
    proposal: Proposal,
    *,
    title: str,
    explanation: str,
    partnership: Partnership,
    items: Sequence[Item],
    by: User,
    seen: str | None = None,
) -> Proposal:
    """Change a draft, or a proposal that was sent back, to what is given.

    Raises ValidationError as `write` does, when the proposal is on the route or over, and when it is no longer the one
    with the mark `seen`.
    """
    locked = lock(proposal)
    if locked.state not in Proposal.WRITTEN:
        raise ValidationError(
            _("Voorstel %(code)s is %(state)s en kan niet meer worden gewijzigd.")
            % {"code": locked.code, "state": locked.get_state_display()},
            code="state",
        )
    refuse_unseen(mark_of(locked), seen)
    before = mark_of(locked)
    _fill(locked, title, explanation, partnership)
    locked.save(update_fields=["title", "explanation", "partnership"])
    _carry(locked, _once(items))
    if mark_of(locked) != before:
        audit.record("proposal.revised", locked, by=by)
    _as(proposal, locked)
    return locked


@transaction.atomic
def submit(proposal: Proposal, *, by: User, on: date | None = None, seen: str | None = None) -> Proposal:
    """Put a draft, or a proposal that was sent back, on the route, and ask the partners for their position.

    `on` is the day on which that was done when the portal hears of it later; today when None. `seen` is the mark of the
    proposal as its reader saw it (`mark_of`). The route of this moment is copied: it stays the route of this round.
    Raises ValidationError when the proposal is not with its writer or no longer what was seen, the pact has no route,
    a body of it has ended, nothing is carried, or a row that is carried could not take effect (the sentence names the
    row).
    """
    locked = lock(proposal)
    if locked.state not in Proposal.WRITTEN:
        raise ValidationError(_not_written(locked), code="state")
    refuse_unseen(mark_of(locked), seen)
    steps = steps_of(locked.pact)
    if not steps:
        raise ValidationError(
            _("Dit pact heeft nog geen besluitroute. Leg eerst vast langs welke overleggen een voorstel gaat."),
            code="no_route",
        )
    if refusals := [one for one in (refusal_of_body(step.body) for step in steps) if one]:
        raise ValidationError([_("Pas eerst de besluitroute aan."), *refusals], code="route")
    carried = carried_by(locked)
    _refuse_nothing(carried)
    _refuse_too_many([(one.kind.name, one.item.object_id) for one in carried])
    locked.state, locked.round, locked.submitted_at = State.SUBMITTED, locked.round + 1, _moment(on)
    locked.full_clean()
    # Before the state: the database keeps what a proposal on the route carries.
    for one in carried:
        one.item.shown = [list(pair) for pair in kinds.pairs_of(one.now)]
    ProposalItem.unscoped.bulk_update([one.item for one in carried], ["shown"])
    due_on = timezone.localdate(locked.submitted_at)
    for step in steps:
        due_on += timedelta(days=step.days)
        ProposalStep.unscoped.create(
            proposal=locked,
            round=locked.round,
            position=step.position,
            name=step.name,
            body=step.body,
            kind=step.kind,
            due_on=due_on,
        )
    locked.save(update_fields=["state", "round", "submitted_at"])
    audit.record("proposal.submitted", locked, by=by, round=locked.round, rows=[one.now.code for one in carried])
    notices.ask(locked)
    _as(proposal, locked)
    return locked


@transaction.atomic
def withdraw(proposal: Proposal, *, reason: str, by: User) -> Proposal:
    """Take a proposal back that was not decided; its rows may be put in another one.

    Raises ValidationError when it is over, or the reason is missing (a draft that nobody saw needs none).
    """
    locked = lock(proposal)
    if locked.state in Proposal.OVER:
        raise ValidationError(
            _("Voorstel %(code)s is al %(state)s. U kunt het niet meer intrekken.")
            % {"code": locked.code, "state": locked.get_state_display()},
            code="state",
        )
    missing = "" if locked.state == State.DRAFT else _("Schrijf op waarom u het voorstel intrekt.")
    reason = written("reason", reason, missing=missing)
    before = locked.state
    locked.state, locked.withdraw_reason = State.WITHDRAWN, reason
    locked.full_clean()
    locked.save(update_fields=["state", "withdraw_reason"])
    close_items(locked)
    audit.record("proposal.withdrawn", locked, by=by, before=before)
    _as(proposal, locked)
    return locked


def close_items(proposal: Proposal) -> None:
    """Let the rows of a proposal that is over go to another one."""
    ProposalItem.objects.in_pact(proposal.pact_id).filter(proposal=proposal).update(is_open=False)


def open_items(proposal: Proposal) -> None:
    """Let a proposal carry its rows again. Raises ValidationError when another one carries one of them meanwhile."""
    _refuse_elsewhere(proposal, _items_of(proposal))
    ProposalItem.objects.in_pact(proposal.pact_id).filter(proposal=proposal).update(is_open=True)


def _fill(proposal: Proposal, title: str, explanation: str, partnership: Partnership) -> None:
    refuse_strangers(proposal.pact, field="partnership", rows=[partnership])
    proposal.title, proposal.explanation, proposal.partnership = title.strip(), explanation.strip(), partnership
    proposal.full_clean()


def _same(proposal: Proposal, items: Sequence[Item]) -> Proposal | None:
    """The draft that the same person just wrote with the same words and rows."""
    same = Proposal.objects.in_pact(proposal.pact_id).filter(
        written_by=proposal.written_by,
        state=State.DRAFT,
        written_at__gte=timezone.now() - SECOND_CLICK,
        title=proposal.title,
        explanation=proposal.explanation,
        partnership=proposal.partnership,
    )
    return next((one for one in same.order_by("pk") if sorted(_items_of(one)) == sorted(items)), None)


def _carry(proposal: Proposal, wanted: Sequence[Item]) -> None:
    """Let the proposal carry exactly these rows; those that it carried already stay as they are."""
    if len(wanted) > MOST_ITEMS:
        raise ValidationError(
            {"items": _("Een voorstel heeft ten hoogste %(most)s onderdelen.") % {"most": MOST_ITEMS}}
        )
    _refuse_too_many(wanted)
    present = set(_items_of(proposal))
    new = [item for item in wanted if item not in present]
    _refuse_unknown(proposal.pact, new)
    _refuse_elsewhere(proposal, new)
    _refuse_not_offered(proposal.pact, new)
    kept = ProposalItem.objects.in_pact(proposal.pact_id).filter(proposal=proposal)
    gone = [item.pk for item in kept if (item.kind, item.object_id) not in set(wanted)]
    ProposalItem.objects.in_pact(proposal.pact_id).filter(pk__in=gone).delete()
    for kind, key in new:
        row = ProposalItem(proposal=proposal, kind=kind, object_id=key)
        # What it shows is kept when the proposal is submitted.
        row.full_clean(exclude=["shown"])
        row.save()


def _refuse_unknown(pact: Pact, items: Iterable[Item]) -> None:
    """A row of another pact, or of no kind that there is. The sentence names neither."""
    for name, keys in _by_kind(items).items():
        if not kinds.is_known(name) or keys - kinds.show(kinds.kind_of(name), pact, keys).keys():
            raise ValidationError(
                {"items": ValidationError(_("Kies alleen uit wat bij dit pact hoort."), code="other_pact")}
            )


def _refuse_too_many(items: Iterable[Item]) -> None:
    """Of some kinds one decision takes only so many."""
    for name, keys in _by_kind(items).items():
        kind = kinds.kind_of(name) if kinds.is_known(name) else None
        if kind is not None and kind.most is not None and len(keys) > kind.most:
            sentence = _("Kies hiervan ten hoogste %(most)s in één voorstel: %(kind)s. U koos er %(count)s.")
            values = {"most": kind.most, "kind": kind.label, "count": len(keys)}
            raise ValidationError({"items": ValidationError(sentence % values, code="too_many")})


def _refuse_elsewhere(proposal: Proposal, items: Iterable[Item]) -> None:
    taken = ProposalItem.objects.in_pact(proposal.pact_id).filter(is_open=True).exclude(proposal=proposal)
    others = {(one.kind, one.object_id): one.proposal for one in taken.select_related("proposal")}
    refusals = []
    for name, keys in _by_kind(item for item in items if item in others).items():
        rows = kinds.show(kinds.kind_of(name), proposal.pact, keys)
        refusals += [
            _("%(row)s staat al in voorstel %(other)s. Iets staat in één voorstel tegelijk.")
            % {"row": rows[key].name, "other": others[name, key].code}
            for key in sorted(keys)
            if key in rows
        ]
    if refusals:
        raise ValidationError({"items": [ValidationError(one, code="elsewhere") for one in refusals]})


def _refuse_not_offered(pact: Pact, items: Iterable[Item]) -> None:
    refusals = []
    for name, keys in _by_kind(items).items():
        kind = kinds.kind_of(name)
        decided = keys - {row.pk for row in kind.offered(pact)}
        rows = kinds.show(kind, pact, decided)
        for key in sorted(decided):
            problem = rows[key].problem or _("dit wacht niet op een besluit.")
            refusals.append(f"{rows[key].name}: {problem}")
    if refusals:
        raise ValidationError({"items": [ValidationError(one, code="not_offered") for one in refusals]})


def _refuse_nothing(carried: Sequence[Carried]) -> None:
    if not carried:
        raise ValidationError(
            _("Dit voorstel heeft nog geen onderdelen. Kies eerst waarover besloten moet worden."), code="no_item"
        )
    if faults := [f"{one.now.name}: {one.now.problem}" for one in carried if one.now.problem]:
        raise ValidationError(faults, code="problem")


def _not_written(proposal: Proposal) -> str:
    values = {"code": proposal.code, "state": proposal.get_state_display()}
    if proposal.state in Proposal.UNDER_WAY:
        return _("Voorstel %(code)s is al ingebracht. Er is niets veranderd.") % values
    return _("Voorstel %(code)s is %(state)s en kan niet meer worden ingebracht.") % values


def _items_of(proposal: Proposal) -> list[Item]:
    rows = ProposalItem.objects.in_pact(proposal.pact_id).filter(proposal=proposal).order_by("pk")
    return list(rows.values_list("kind", "object_id"))


def _once(items: Iterable[Item]) -> list[Item]:
    return list(dict.fromkeys((name, key) for name, key in items))


def _by_kind(items: Iterable[Item]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for name, key in items:
        found.setdefault(name, set()).add(key)
    return found


def _moment(on: date | None) -> datetime:
    """Now, or the morning of a day before today. Raises ValidationError when that day has not come."""
    now = timezone.now()
    if on is None or on == timezone.localdate(now):
        return now
    if on > timezone.localdate(now):
        raise ValidationError(_("Een voorstel kan niet in de toekomst zijn ingebracht."), code="future")
    return timezone.make_aware(datetime.combine(on, time(9)))


def _as(proposal: Proposal, locked: Proposal) -> None:
    """Let the caller's row show what was written."""
    for field in Proposal._meta.concrete_fields:
        setattr(proposal, field.attname, getattr(locked, field.attname))
