"""Putting questions together and taking them apart, past every page: in the workflow and in the database."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.mail.models import OutgoingMail
from plan.document.workflow import freeze
from plan.measures.workflow import propose
from plan.questions import digest, merging, workflow
from plan.questions.models import Endorsement, Merge, QuestionNews, SupportQuestion
from plan.questions.support import support_counts, supporters_of
from tests.factories import make_member, make_pact, make_partner, make_programme, make_question

State = SupportQuestion.State


def sentences(fault):
    return " ".join(fault.value.messages)


def endorse(question, partnership, by, note=""):
    return Endorsement.unscoped.create(question=question, partnership=partnership, endorsed_by=by, note=note)


def roots(*questions):
    """Where each of these lives on, by number; None for itself."""
    found = []
    for question in questions:
        question.refresh_from_db()
        found.append(question.merged_into.number if question.merged_into else None)
    return found


# --- What merging does -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.SUBMITTED, State.ACCEPTED])
def test_it_lets_one_question_speak_for_another_and_back(people, state):
    source, target = make_question(people.pact, state=state), make_question(people.pact)
    merging.merge(source, into=target, by=people.coordinator)
    source.refresh_from_db()
    assert (source.state, source.merged_into) == (State.MERGED, target)
    merging.undo(source, by=people.coordinator)
    source.refresh_from_db()
    assert (source.state, source.merged_into) == (state, None)
    way = Merge.objects.in_pact(people.pact).get()
    assert (way.source, way.target, way.state_before, way.undone_by) == (source, target, state, people.coordinator)
    actions = AuditRecord.objects.in_pact(people.pact).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["question.merged", "question.parted"]


def test_it_counts_the_partners_of_both_each_once_and_keeps_their_words_where_they_were(people):
    source = make_question(people.pact, partnership=people.childcare)
    target = make_question(people.pact, partnership=people.school)
    given = endorse(source, people.municipality, people.coordinator, "Bij ons in elke wijk.")
    endorse(source, people.school, people.representative)
    endorse(target, people.municipality, people.coordinator)
    merging.merge(source, into=target, by=people.coordinator)
    assert support_counts([target]) == {target.pk: 3}
    assert [each.partnership for each in supporters_of(target)].count(people.school) == 1
    given.refresh_from_db()
    assert (given.question, given.note) == (source, "Bij ons in elke wijk.")
    merging.undo(source, by=people.coordinator)
    assert support_counts([source, target]) == {source.pk: 3, target.pk: 2}


def test_it_leads_every_question_straight_to_the_one_that_speaks_for_all(people):
    a, b, c, d = (make_question(people.pact) for _ in range(4))
    merging.merge(a, into=b, by=people.coordinator)
    merging.merge(b, into=c, by=people.coordinator)
    merging.merge(c, into=d, by=people.coordinator)
    assert roots(a, b, c, d) == [4, 4, 4, None]
    merging.undo(b, by=people.coordinator)
    assert roots(a, b, c, d) == [2, None, 4, None]
    merging.undo(a, by=people.coordinator)
    merging.undo(c, by=people.coordinator)
    assert roots(a, b, c, d) == [None] * 4


def test_it_tells_who_follows_the_question_where_it_lives_on(people):
    source, target = make_question(people.pact, created_by=people.representative), make_question(people.pact)
    merging.merge(source, into=target, by=people.coordinator)
    merging.undo(source, by=people.coordinator)
    merging.merge(source, into=target, by=people.coordinator)
    told = QuestionNews.objects.in_pact(people.pact).order_by("pk")
    assert all(news.by == people.coordinator for news in told)
    assert all(news.path == f"/{people.pact.slug}/questions/{target.number}/" for news in told)
    of_source, of_target = told.filter(question=source), told.filter(question=target)
    for rows in (of_source, of_target):
        assert [news.kind for news in rows] == ["merged", "parted", "merged"]
    assert all(news.details == {"code": target.code, "title": target.title} for news in of_source)
    own = {"code": source.code, "title": source.title, "part": source.pk}
    assert all(news.details == own for news in of_target)


def mailed():
    """What every address got since the last time, by address."""
    OutgoingMail.objects.all().delete()
    digest.mail_due(now=timezone.now() + timedelta(minutes=11))
    return {mail.recipient: mail.text for mail in OutgoingMail.objects.all()}


@pytest.fixture
def pair(people):
    """A question of the childcare that goes into one of the school, which the municipality endorsed."""
    source = make_question(people.pact, partnership=people.childcare, created_by=people.other, title="De kleine")
    target = make_question(people.pact, partnership=people.school, created_by=people.representative, title="De grote")
    endorse(target, people.municipality, people.signatory)
    return source, target


def test_it_tells_each_side_of_a_merge_its_own_half(people, pair):
    source, target = pair
    merging.merge(source, into=target, by=people.coordinator)
    got = mailed()
    assert "Daar gaat uw vraag verder" in got[people.other.email]
    assert "is bij" not in got[people.other.email]
    assert f"Vraag {source.code}, “De kleine”, is bij uw vraag gevoegd." in got[people.representative.email]
    assert "is bij deze vraag gevoegd" in got[people.signatory.email]
    for who in (people.representative, people.signatory):
        assert "gaat uw vraag verder" not in got[who.email]
    merging.undo(source, by=people.coordinator)
    got = mailed()
    assert "De vraag staat weer op zichzelf" in got[people.other.email]
    assert "is weer losgemaakt van uw vraag" in got[people.representative.email]
    assert "is weer losgemaakt van deze vraag" in got[people.signatory.email]
    for who in (people.representative, people.signatory):
        assert "staat weer op zichzelf" not in got[who.email]
    assert mailed() == {}


def test_it_tells_all_of_a_group_that_was_taken_out(people, pair):
    source, target = pair
    below = make_question(people.pact, partnership=people.municipality, created_by=people.signatory)
    Endorsement.unscoped.filter(question=target).delete()
    merging.merge(below, into=source, by=people.coordinator)
    merging.merge(source, into=target, by=people.coordinator)
    mailed()
    merging.undo(source, by=people.coordinator)
    got = mailed()
    assert "De vraag staat weer op zichzelf" in got[people.other.email]
    assert "De vraag staat weer op zichzelf" in got[people.signatory.email]
    assert "losgemaakt" in got[people.representative.email]


def test_it_shows_on_either_page_what_happened_to_it_once(people, client_for, pair):
    source, target = pair
    merging.merge(source, into=target, by=people.coordinator)

    def page(who, question):
        address = reverse("plan:question_detail", args=[people.pact.slug, question.number])
        return client_for(who).get(address).content.decode()

    assert "Daar gaat uw vraag verder" in page(people.other, source)
    assert "Daar gaat de vraag verder" in page(people.representative, source)
    for who in (people.other, people.representative):
        assert "vraag gevoegd" not in page(who, source)
    assert "is bij uw vraag gevoegd" in page(people.representative, target)
    assert "is bij deze vraag gevoegd" in page(people.other, target)


# --- What it refuses -------------------------------------------------------------------------------------------------


def test_it_does_not_merge_a_question_into_itself(people):
    question = make_question(people.pact)
    with pytest.raises(ValidationError) as fault:
        merging.merge(question, into=SupportQuestion.unscoped.get(pk=question.pk), by=people.coordinator)
    assert "niet in zichzelf" in sentences(fault)


def test_it_does_not_merge_in_a_circle(people):
    a, b, c = (make_question(people.pact) for _ in range(3))
    merging.merge(a, into=b, by=people.coordinator)
    merging.merge(b, into=c, by=people.coordinator)
    for inner in (a, b):
        with pytest.raises(ValidationError) as fault:
            merging.merge(c, into=inner, by=people.coordinator)
        assert "Andersom kan dan niet ook" in sentences(fault)
    assert roots(a, b, c) == [3, 3, None]


def test_it_names_the_root_when_the_target_was_merged_itself(people):
    a, b, c = (make_question(people.pact) for _ in range(3))
    merging.merge(a, into=b, by=people.coordinator)
    with pytest.raises(ValidationError) as fault:
        merging.merge(c, into=a, by=people.coordinator)
    assert "Kies vraag V2" in sentences(fault)


@pytest.mark.parametrize("state", [State.DRAFT, State.RETURNED, State.WITHDRAWN])
@pytest.mark.parametrize("as_target", [True, False])
def test_it_merges_only_what_is_handed_in_or_accepted(people, state, as_target):
    other = make_question(people.pact, state=state, remark="Noem de leeftijd.", withdrawn_at=timezone.now())
    standing = make_question(people.pact, state=State.SUBMITTED)
    source, target = (standing, other) if as_target else (other, standing)
    with pytest.raises(ValidationError) as fault:
        merging.merge(source, into=target, by=people.coordinator)
    assert f"V1 is {other.get_state_display()}" in sentences(fault)
    assert not Merge.objects.in_pact(people.pact).exists()


def test_it_does_not_let_an_accepted_question_disappear_into_one_that_is_not(people):
    source, target = make_question(people.pact), make_question(people.pact, state=State.SUBMITTED)
    with pytest.raises(ValidationError) as fault:
        merging.merge(source, into=target, by=people.coordinator)
    assert "Neem eerst vraag V2 aan" in sentences(fault)
    workflow.accept(target, by=people.coordinator)
    merging.merge(source, into=target, by=people.coordinator)


def test_it_knows_no_question_of_another_pact(people):
    source, strange = make_question(people.pact), make_question(people.other_pact, title="Iets van elders")
    with pytest.raises(ValidationError) as fault:
        merging.merge(source, into=strange, by=people.coordinator)
    assert "bij dit pact" in sentences(fault)
    assert "Iets van elders" not in sentences(fault)


def test_it_merges_only_what_the_coordinator_has_read(people):
    source, target = make_question(people.pact, state=State.SUBMITTED), make_question(people.pact)
    seen = workflow.mark_of(source)
    workflow.revise(source, by=people.representative, title="Iets heel anders")
    with pytest.raises(ValidationError) as fault:
        merging.merge(source, into=target, by=people.coordinator, seen=seen)
    assert "Iemand anders" in sentences(fault)
    merging.merge(source, into=target, by=people.coordinator, seen=workflow.mark_of(source))


def test_it_says_that_a_second_click_changes_nothing(people):
    source, target = make_question(people.pact), make_question(people.pact)
    merging.merge(source, into=target, by=people.coordinator)
    with pytest.raises(ValidationError) as fault:
        merging.merge(source, into=target, by=people.coordinator)
    assert "V1 is samengevoegd" in sentences(fault)
    merging.undo(source, by=people.coordinator)
    with pytest.raises(ValidationError) as fault:
        merging.undo(source, by=people.coordinator)
    assert "niets om ongedaan te maken" in sentences(fault)
    # Once for either of the two, both times.
    assert QuestionNews.objects.in_pact(people.pact).count() == 4


def test_it_sends_back_no_question_that_speaks_for_others(people):
    source, target = (make_question(people.pact, state=State.SUBMITTED) for _ in range(2))
    merging.merge(source, into=target, by=people.coordinator)
    with pytest.raises(ValidationError) as fault:
        workflow.send_back(target, remark="Noem de leeftijd.", by=people.coordinator)
    assert f"zijn andere vragen opgegaan: {source.code}" in sentences(fault)
    target.refresh_from_db()
    assert target.state == State.SUBMITTED
    merging.undo(source, by=people.coordinator)
    workflow.send_back(target, remark="Noem de leeftijd.", by=people.coordinator)


# --- Until the next freeze -------------------------------------------------------------------------------------------


def test_it_stands_for_good_once_the_plan_is_frozen(people):
    source, target, later = (make_question(people.pact) for _ in range(3))
    elsewhere = [make_question(people.other_pact) for _ in range(2)]
    merging.merge(source, into=target, by=people.coordinator)
    merging.merge(elsewhere[0], into=elsewhere[1], by=people.stranger)
    version = freeze(people.pact, by=people.coordinator)
    way = Merge.objects.in_pact(people.pact).get()
    assert way.settled_at == version.frozen_at
    with pytest.raises(ValidationError) as fault:
        merging.undo(source, by=people.coordinator)
    assert "staat in het plan dat op" in sentences(fault)
    # What is merged afterwards, and what another pact merged, can still be undone.
    merging.merge(target, into=later, by=people.coordinator)
    merging.undo(target, by=people.coordinator)
    merging.undo(elsewhere[0], by=people.stranger)
    assert roots(source, target, later) == [2, None, None]


def test_it_leaves_merges_open_when_there_was_nothing_to_freeze(people):
    freeze(people.pact, by=people.coordinator)
    source, target = (make_question(people.pact, state=State.SUBMITTED) for _ in range(2))
    merging.merge(source, into=target, by=people.coordinator)
    with pytest.raises(ValidationError):
        freeze(people.pact, by=people.coordinator)
    merging.undo(source, by=people.coordinator)


@pytest.mark.parametrize(
    "change",
    [
        {"undone_at": timezone.now()},
        {"settled_at": None},
        {"state_before": "submitted"},
    ],
    ids=["undone", "opened again", "other state"],
)
def test_it_is_kept_by_the_database_once_settled(people, change):
    source, target = make_question(people.pact), make_question(people.pact)
    way = merging.merge(source, into=target, by=people.coordinator)
    merging.settle(people.pact, at=timezone.now())
    change = {**change, "undone_by": people.coordinator} if "undone_at" in change else change
    with pytest.raises(IntegrityError), transaction.atomic():
        Merge.objects.in_pact(people.pact).filter(pk=way.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Merge.objects.in_pact(people.pact).filter(pk=way.pk).delete()


def test_it_keeps_the_way_of_every_merge_also_before_that(people):
    source, target = make_question(people.pact), make_question(people.pact)
    way = merging.merge(source, into=target, by=people.coordinator)
    with pytest.raises(IntegrityError), transaction.atomic():
        Merge.objects.in_pact(people.pact).filter(pk=way.pk).update(state_before="draft")
    # The twin: what the guard does not name may be written.
    assert Merge.objects.in_pact(people.pact).filter(pk=way.pk).update(settled_at=timezone.now()) == 1


def test_it_has_no_links_of_two_steps_in_the_database(people):
    a, b, c = (make_question(people.pact) for _ in range(3))
    rows = SupportQuestion.objects.in_pact(people.pact)
    rows.filter(pk=a.pk).update(state=State.MERGED, merged_into=b)
    for source, target in ((c, a), (b, c), (b, a)):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.filter(pk=source.pk).update(state=State.MERGED, merged_into=target)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.filter(pk=c.pk).update(state=State.MERGED, merged_into=c)


def test_it_would_hold_a_circle_without_its_guard(people):
    """The twin of the guard: with the trigger off, the table takes a circle, and neither question speaks any more."""
    a, b = make_question(people.pact), make_question(people.pact)
    rows = SupportQuestion.objects.in_pact(people.pact)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE plan_supportquestion DISABLE TRIGGER USER")
    rows.filter(pk=a.pk).update(state=State.MERGED, merged_into=b)
    rows.filter(pk=b.pk).update(state=State.MERGED, merged_into=a)
    assert not rows.filter(merged_into=None).exists()


# --- Two at once -----------------------------------------------------------------------------------------------------


def at_once(*acts):
    """Run the acts in threads that start together, each with a connection of its own; what each said."""
    start = Barrier(len(acts))

    def run(act):
        try:
            connection.ensure_connection()
            start.wait(20)
            act()
        except ValidationError as fault:
            return " ".join(fault.messages)
        except DatabaseError as fault:
            return f"database: {fault}"
        else:
            return "done"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def coordinator(transactional_db):
    return make_member(make_partner(make_pact()), "coordinator")


@pytest.fixture
def questions(coordinator):
    """Three questions that were handed in."""
    pact = coordinator.memberships.get().partnership.pact
    with transaction.atomic():
        return [make_question(pact, state=State.SUBMITTED) for _ in range(3)]


def fresh(question):
    return SupportQuestion.unscoped.get(pk=question.pk)


@pytest.mark.django_db(transaction=True)
def test_it_lets_one_of_two_win_who_merge_into_each_other_at_once(questions, coordinator):
    a, b, _c = questions
    outcomes = at_once(
        lambda: merging.merge(fresh(a), into=fresh(b), by=coordinator),
        lambda: merging.merge(fresh(b), into=fresh(a), by=coordinator),
    )
    assert sorted(outcomes)[1] == "done"
    assert min(outcomes).startswith("Vraag V")
    assert sorted(roots(a, b), key=str) in ([1, None], [2, None])
    assert Merge.unscoped.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["with the guard", "without"])
def test_it_would_become_a_circle_without_lock_and_guard(questions, guarded):
    """The twin: two writers who read before either wrote. Only the guard of the database keeps them from a circle."""
    a, b, _c = questions
    switch = "ENABLE" if guarded else "DISABLE"
    both_read = Barrier(2)

    def write(source, target):
        own, other = fresh(source), fresh(target)
        assert not merging.refusal_of(own, other)
        both_read.wait(20)
        SupportQuestion.unscoped.filter(pk=own.pk).update(state=State.MERGED, merged_into=other)

    try:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE plan_supportquestion {switch} TRIGGER USER")
        outcomes = at_once(lambda: write(a, b), lambda: write(b, a))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE plan_supportquestion ENABLE TRIGGER USER")
    linked = sum(root is not None for root in roots(a, b))
    assert (outcomes.count("done"), linked) == ((1, 1) if guarded else (2, 2))


@pytest.mark.django_db(transaction=True)
def test_it_makes_no_chain_when_two_merge_along_one_line_at_once(questions, coordinator):
    a, b, c = questions
    outcomes = at_once(
        lambda: merging.merge(fresh(a), into=fresh(b), by=coordinator),
        lambda: merging.merge(fresh(b), into=fresh(c), by=coordinator),
    )
    assert "done" in outcomes
    assert not any(outcome.startswith("database") for outcome in outcomes)
    found = roots(a, b, c)
    assert found in ([3, 3, None], [None, 3, None])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rival", ["accept", "send back", "merge elsewhere"])
def test_it_tells_the_second_of_two_who_curate_one_question_at_once(questions, coordinator, rival):
    a, b, c = questions
    seen = workflow.mark_of(a)
    rivals = {
        "accept": lambda: workflow.accept(fresh(a), by=coordinator, seen=seen),
        "send back": lambda: workflow.send_back(fresh(a), remark="Noem de leeftijd.", by=coordinator, seen=seen),
        "merge elsewhere": lambda: merging.merge(fresh(a), into=fresh(c), by=coordinator, seen=seen),
    }
    outcomes = at_once(lambda: merging.merge(fresh(a), into=fresh(b), by=coordinator, seen=seen), rivals[rival])
    assert outcomes.count("done") == 1
    assert not any(outcome.startswith("database") for outcome in outcomes)
    assert AuditRecord.unscoped.count() == 1


@pytest.mark.django_db(transaction=True)
def test_it_would_let_both_curate_without_lock_and_mark(questions, coordinator):
    """The twin with the lock off: both read the question as handed in, both write, and one outcome is gone unsaid."""
    a, b, _c = questions
    both_read = Barrier(2)

    def write(**values):
        assert fresh(a).state == State.SUBMITTED
        both_read.wait(20)
        SupportQuestion.unscoped.filter(pk=a.pk).update(**values)

    outcomes = at_once(
        lambda: write(state=State.MERGED, merged_into=b),
        lambda: write(state=State.ACCEPTED, merged_into=None),
    )
    assert outcomes == ["done", "done"]


@pytest.mark.django_db(transaction=True)
def test_it_either_settles_or_undoes_when_a_freeze_comes_at_the_same_moment(questions, coordinator):
    a, b, _c = questions
    merging.merge(a, into=b, by=coordinator)
    outcomes = at_once(lambda: merging.undo(fresh(a), by=coordinator), lambda: freeze(a.pact, by=coordinator))
    assert outcomes[1] == "done"
    way = Merge.unscoped.get()
    assert (way.undone_at is None) is (way.settled_at is not None) is (outcomes[0] != "done")
    assert (roots(a) == [2]) is (way.settled_at is not None)


@pytest.mark.django_db(transaction=True)
def test_it_takes_the_pact_before_its_questions_as_who_proposes_a_measure_does(questions, coordinator):
    """In one order, so that nobody waits in a circle."""
    a, b, _c = questions
    for question in (a, b):
        workflow.accept(question, by=coordinator)
    with transaction.atomic():
        programme = make_programme(a.pact)
    fields = {"kind": "continue", "line": "strengthen", "goal": "<p>Rust.</p>", "budget": 10, "remains_after": "Alles."}

    def locked(act):
        with CaptureQueriesContext(connection) as captured:
            act()
        tables = [re.findall(r'FROM "(\w+)"', query["sql"])[0] for query in captured if " FOR " in query["sql"]]
        assert all(
            "FOR NO KEY" in query["sql"] for query in captured if "FOR " in query["sql"] and '_pact"' in query["sql"]
        )
        return tables.index("partners_pact") < tables.index("plan_supportquestion")

    assert locked(lambda: merging.merge(fresh(a), into=fresh(b), by=coordinator))
    assert locked(
        lambda: propose(
            a.pact,
            lead=a.partnership,
            by=coordinator,
            areas=list(a.areas.all()),
            questions=[b],
            programmes=[programme],
            title="Rust in de klas",
            starts_on=date(2026, 1, 1),
            ends_on=date(2027, 1, 1),
            **fields,
        )
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("no_key", [True, False], ids=["as it is", "with its key"])
def test_it_lets_others_write_what_points_to_the_pact_meanwhile(questions, coordinator, no_key):
    """With the twin: a lock on the key of the pact would keep back whoever holds a question and writes the trail."""
    a, _b, _c = questions

    def accept():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '500ms'")
        workflow.accept(fresh(a), by=coordinator)

    with transaction.atomic():
        if no_key:
            merging.lock(a.pact, [])
            SupportQuestion(pact=a.pact).take_number()
        else:
            type(a.pact).objects.select_for_update().get(pk=a.pact_id)
        (outcome,) = at_once(accept)
    assert outcome.startswith("done" if no_key else "database: canceling statement due to lock timeout")


# --- The law, against the database -----------------------------------------------------------------------------------

PLACES = st.integers(0, 4)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("endorse"), PLACES, PLACES),
        st.tuples(st.just("merge"), PLACES, PLACES),
        st.tuples(st.just("undo"), PLACES, st.just(0)),
    ),
    max_size=12,
)


class MergingLaws(TestCase):
    @settings(max_examples=25)
    @given(acts=ACTS)
    def test_it_loses_no_endorsement_and_counts_each_for_one_root(self, acts):
        pact = make_pact()
        partners = [make_partner(pact) for _ in range(5)]
        coordinator = make_member(partners[0], "coordinator")
        questions = [make_question(pact, state=State.SUBMITTED, partnership=partner) for partner in partners]
        said = {(place, place) for place in range(5)}
        steps: dict[int, int] = {}

        def root(place):
            while place in steps:
                place = steps[place]
            return place

        for kind, place, other in acts:
            try:
                if kind == "endorse":
                    if (place, other) not in said:
                        endorse(questions[place], partners[other], coordinator)
                        said.add((place, other))
                elif kind == "merge":
                    merging.merge(fresh(questions[place]), into=fresh(questions[other]), by=coordinator)
                    assert place != other
                    assert place not in steps
                    assert other not in steps
                    steps[place] = other
                else:
                    merging.undo(fresh(questions[place]), by=coordinator)
                    del steps[place]
            except ValidationError:
                assert kind == "undo" or place == other or {place, other} & steps.keys()
            rows = [fresh(question) for question in questions]
            links = [row.merged_into_id for row in rows]
            assert links == [None if root(i) == i else questions[root(i)].pk for i in range(5)]
            assert [row.state == State.MERGED for row in rows] == [i in steps for i in range(5)]
            behind = {i: {whose for at, whose in said if root(at) == i} for i in range(5) if root(i) == i}
            counted = support_counts([rows[i] for i in behind])
            assert counted == {questions[i].pk: len(found) for i, found in behind.items()}
            assert Endorsement.objects.in_pact(pact).count() == len(said) - 5
        for place in list(steps):
            merging.undo(fresh(questions[place]), by=coordinator)
        assert all(fresh(question).state == State.SUBMITTED for question in questions)
        assert support_counts(questions) == {
            questions[i].pk: len({whose for at, whose in said if at == i}) for i in range(5)
        }
