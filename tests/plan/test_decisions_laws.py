"""What holds after any sequence of writing, submitting, deciding, superseding, sending back and withdrawing."""

from collections import Counter

from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from plan.decisions import writing
from plan.decisions.carried import Change, changes_between, course_of, next_step
from plan.decisions.deciding import STATE_AFTER, outcomes_of, record_outcome, supersede
from plan.models import Allocation, Decision, Measure, Proposal, ProposalItem, StateChange
from tests.factories import (
    make_allocation,
    make_measure,
    make_member,
    make_package,
    make_pact,
    make_partner,
    make_route,
)

State = Proposal.State

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["write", "submit", "say", "say", "say", "supersede", "supersede", "withdraw"]),
        st.sampled_from([0, 0, 1, 1, 2]),
        st.integers(0, 11),
        st.sets(st.integers(0, 3), max_size=3),
    ),
    min_size=4,
    max_size=12,
)
# Adopted, taken back, adopted after all, sent back after all, and adopted in a second round without its money.
THERE_AND_BACK = [
    *[("say", 0, 0, set()), ("supersede", 0, 1, set()), ("supersede", 0, 0, set()), ("supersede", 0, 3, set())],
    *[("submit", 0, 0, {0}), ("say", 0, 0, set()), ("say", 0, 0, set()), ("withdraw", 0, 0, set())],
]
# Deferred, adopted, deferred after all, rejected; what it carried goes to another one.
NOT_YET = [
    *[("say", 1, 2, set()), ("say", 1, 0, set()), ("supersede", 1, 2, set()), ("say", 1, 1, set())],
    *[("write", 2, 0, {1, 2}), ("write", 2, 0, {2}), ("submit", 2, 0, set()), ("withdraw", 2, 0, set())],
]
TEXTS = st.dictionaries(st.sampled_from("abcde"), st.sampled_from(["", "x", "y"]), max_size=5)


@given(was=TEXTS, now=TEXTS)
def test_it_finds_every_change_and_nothing_else(was, now):
    found = changes_between(list(was.items()), list(now.items()))
    if not was:
        assert found == []
        return
    after = dict(was)
    for change in found:
        assert change.was != change.now
        assert after.get(change.label, "") == change.was
        after[change.label] = change.now
    assert {name: text for name, text in after.items() if text} == {name: text for name, text in now.items() if text}
    assert len({change.label for change in found}) == len(found)
    back = changes_between(list(now.items()), list(was.items()))
    if now:
        assert {Change(one.label, one.now, one.was) for one in back} == set(found)


class DecidingLaws(TestCase):
    """Three measures and a share of money, in up to three proposals, along a route of two steps."""

    @settings(max_examples=12)
    @example(acts=THERE_AND_BACK)
    @example(acts=NOT_YET)
    @given(acts=ACTS)
    def test_it_follows_from_the_decisions_that_stand(self, acts):
        pact = make_pact()
        self.partner = make_partner(pact)
        self.by = make_member(self.partner, "coordinator")
        make_route(pact, ["advises", "decides"])
        measures = [make_measure(pact) for _ in range(3)]
        share = make_allocation(make_package(pact).years.get(), measure=measures[0])
        self.rows = [*(("measure", one.pk) for one in measures), ("allocation", share.pk)]
        for place, carried in enumerate([(0, 3), (1,)]):
            self._write(pact, place, carried)
        for proposal in Proposal.objects.in_pact(pact):
            writing.submit(proposal, by=self.by)
            self._act(pact, "say", proposal.number - 1, 0, ())
        for kind, place, pick, carried in acts:
            before = everything(pact)
            try:
                self._act(pact, kind, place, pick, carried)
            except ValidationError:
                assert everything(pact) == before
            check(pact)

    def _write(self, pact, place, carried):
        writing.write(
            pact,
            title=f"Voorstel {place} {Proposal.objects.in_pact(pact).count()}",
            explanation="<p>Waarom.</p>",
            partnership=self.partner,
            items=[self.rows[one] for one in sorted(carried)],
            by=self.by,
        )

    def _act(self, pact, kind, place, pick, carried):
        proposal = Proposal.objects.in_pact(pact).filter(number=place + 1).first()
        if kind == "write" or proposal is None:
            self._write(pact, place, carried)
        elif kind == "submit":
            if proposal.state == State.SENT_BACK and carried:
                writing.revise(
                    proposal,
                    title="Aangepast",
                    explanation="<p>Waarom.</p>",
                    partnership=self.partner,
                    items=[self.rows[one] for one in sorted(carried)],
                    by=self.by,
                )
            writing.submit(proposal, by=self.by)
        elif kind == "withdraw":
            writing.withdraw(proposal, reason="Toch niet.", by=self.by)
        elif kind == "say" and (step := next_step(proposal)):
            outcome = outcomes_of(step.kind)[pick % len(outcomes_of(step.kind))]
            record_outcome(
                proposal, step=step, outcome=outcome, decided_on=timezone.localdate(), reason=f"Om {pick}.", by=self.by
            )
        elif kind == "supersede":
            standing = list(Decision.objects.in_pact(pact).standing().filter(proposal=proposal).order_by("-pk"))
            if standing:
                old = standing[-1] if 3 in carried else standing[0]
                outcome = outcomes_of(old.step.kind)[pick % len(outcomes_of(old.step.kind))]
                supersede(
                    old, outcome=outcome, decided_on=timezone.localdate(), reason=f"Eigenlijk {pick}.", by=self.by
                )


def everything(pact):
    """What a refusal leaves as it was."""
    return (
        list(Proposal.objects.in_pact(pact).order_by("pk").values_list("state", "round", "title")),
        list(ProposalItem.objects.in_pact(pact).order_by("pk").values_list("proposal", "kind", "object_id", "is_open")),
        list(Decision.objects.in_pact(pact).order_by("pk").values_list("pk", "outcome")),
        list(Measure.objects.in_pact(pact).order_by("pk").values_list("state", "outcome_reason")),
        list(Allocation.objects.in_pact(pact).order_by("pk").values_list("state", "amount")),
        StateChange.objects.in_pact(pact).count(),
    )


def check(pact):
    proposals = list(Proposal.objects.in_pact(pact).order_by("pk"))
    items = list(ProposalItem.objects.in_pact(pact))
    decisions = list(Decision.objects.in_pact(pact).select_related("step", "supersedes").order_by("pk"))
    replaced = {one.supersedes_id for one in decisions}
    standing = [one for one in decisions if one.pk not in replaced]
    for proposal in proposals:
        said = [one for one in standing if one.proposal_id == proposal.pk]
        own = sorted((one for one in said if one.step.round == proposal.round), key=lambda one: one.step.position)
        # The state follows from what stands; only who withdraws says more than the bodies did.
        if proposal.state == State.WITHDRAWN:
            assert all(one.outcome not in ("adopted", "rejected") for one in own)
        elif proposal.round == 0:
            assert proposal.state == State.DRAFT
        else:
            assert proposal.state == (STATE_AFTER[own[-1].outcome] if own else State.SUBMITTED)
        # Steps speak in order, each once, and nothing follows on what ends the way.
        for number in range(1, proposal.round + 1):
            of_round = sorted((one for one in said if one.step.round == number), key=lambda one: one.step.position)
            assert [one.step.position for one in of_round] == list(range(1, len(of_round) + 1))
            assert all(one.outcome in ("positive", "negative") for one in of_round[:-1])
            if number < proposal.round:
                assert of_round[-1].outcome == "sent_back"
        statuses = [stage.status for stage in course_of(proposal)]
        assert statuses.count("next") == (proposal.state in Proposal.UNDER_WAY)
        assert {one.is_open for one in items if one.proposal_id == proposal.pk} <= {proposal.state not in Proposal.OVER}
    # Every row is in one open proposal at most.
    carried = Counter((one.kind, one.object_id) for one in items if one.is_open)
    assert not carried or max(carried.values()) == 1
    # An adoption takes effect on its rows exactly once, and only as long as it stands.
    adoptions = [
        one
        for one in decisions
        if one.outcome == "adopted" and (one.supersedes is None or one.supersedes.outcome != "adopted")
    ]
    adopted = {
        (one.kind, one.object_id)
        for one in items
        if one.proposal_id in {p.pk for p in proposals if p.state == "adopted"}
    }
    for measure in Measure.objects.in_pact(pact):
        effects = Counter(measure.changes.filter(state="approved").values_list("decision", flat=True))
        expected = Counter(
            one.code for one in adoptions if any((r["kind"], r["pk"]) == ("measure", measure.pk) for r in one.content)
        )
        assert effects == expected
        assert not effects or max(effects.values()) == 1
        assert (measure.state == "approved") == (("measure", measure.pk) in adopted)
    for allocation in Allocation.objects.in_pact(pact).select_related("package_year"):
        assert (allocation.state == "committed") == (("allocation", allocation.pk) in adopted)
        counts = allocation.amount if allocation.state != "rejected" else 0
        assert allocation.package_year.allocated == counts
