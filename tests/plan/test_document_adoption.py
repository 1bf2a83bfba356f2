"""Adopting a version of the plan by a decision, taking that back, and what page and PDF say of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from pact_portal.foundation.documents.blocks import Table
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.documents.registry import CannotRender, renderer_of
from pact_portal.foundation.models import AuditRecord
from partners.models import Body, User
from plan.chain import chain
from plan.decisions import carried, deciding, kinds, route, writing
from plan.decisions.models import Condition, Decision, Outcome, Proposal, ProposalItem, StepKind
from plan.document import adoption, mentions
from plan.document.compile import compile_plan
from plan.document.models import PlanMention, PlanVersion
from plan.document.registers import read
from plan.document.workflow import freeze
from plan.funding import sums
from plan.models import Contribution, Measure
from tests.factories import make_allocation, make_fit, make_measure, make_package, make_programme, make_question
from tests.people import People

DAY = date(2026, 12, 3)
State = PlanVersion.State
Browser = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _today() -> object:
    with time_machine.travel("2026-12-03T12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def steering(people: People) -> Body:
    """A route of one step, that decides."""
    body = Body.unscoped.create(pact=people.pact, name="Stuurgroep", kind=Body.Kind.STEERING)
    steps = [route.StepRow("Besluit", body, StepKind.DECIDES, 28)]
    route.keep_route(people.pact, steps=steps, by=people.coordinator)
    return body


def version(people: People) -> PlanVersion:
    make_question(people.pact)
    return freeze(people.pact, by=people.coordinator)


def write(people: People, *items: tuple[str, int]) -> Proposal:
    return writing.write(
        people.pact,
        title="Het plan vaststellen",
        explanation="<p>Zie het plan.</p>",
        partnership=people.municipality,
        items=items,
        by=people.coordinator,
    )


def submit(people: People, *items: tuple[str, int]) -> Proposal:
    return writing.submit(write(people, *items), by=people.coordinator)


def decide(people: People, proposal: Proposal, outcome: Outcome = Outcome.ADOPTED, decided_on: date = DAY) -> Decision:
    step = carried.next_step(proposal)
    assert step is not None
    return deciding.record_outcome(
        proposal, step=step, outcome=outcome, decided_on=decided_on, reason="Zo besloten.", by=people.coordinator
    )


def supersede(people: People, decision: Decision, outcome: Outcome, decided_on: date = DAY) -> Decision:
    return deciding.supersede(
        decision, outcome=outcome, decided_on=decided_on, reason="Toch niet.", by=people.coordinator
    )


def adopted(people: People) -> tuple[PlanVersion, Decision]:
    row = version(people)
    decision = decide(people, submit(people, ("plan_version", row.pk)))
    row.refresh_from_db()
    return row, decision


def states(people: People) -> dict[int, str]:
    return dict(PlanVersion.objects.in_pact(people.pact).values_list("number", "state"))


# --- What a decision does --------------------------------------------------------------------------------------------


def test_it_adopts_a_version_in_place_of_the_former(people: People, steering: Body) -> None:
    first, one = adopted(people)
    second, two = adopted(people)
    assert states(people) == {1: State.SUPERSEDED, 2: State.ADOPTED}
    assert (second.adopted_on, second.adopted_by, second.decision) == (DAY, "Stuurgroep", two.code)
    first.refresh_from_db()
    assert (first.adopted_on, first.decision) == (DAY, one.code)
    actions = list(AuditRecord.objects.in_pact(people.pact).values_list("action", flat=True))
    assert (actions.count("plan.adopted"), actions.count("plan.superseded")) == (2, 1)


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.DEFERRED, Outcome.SENT_BACK])
def test_it_leaves_a_version_that_was_not_adopted(people: People, steering: Body, outcome: Outcome) -> None:
    row = version(people)
    decide(people, submit(people, ("plan_version", row.pk)), outcome)
    row.refresh_from_db()
    assert (row.state, row.adopted_on, row.decision) == (State.CONCEPT, None, "")


def test_it_takes_an_adoption_back_while_nothing_came_after(people: People, steering: Body) -> None:
    _first, one = adopted(people)
    second, two = adopted(people)
    with pytest.raises(ValidationError, match="niet terug te draaien"):
        supersede(people, one, Outcome.REJECTED)
    supersede(people, two, Outcome.REJECTED)
    second.refresh_from_db()
    assert states(people) == {1: State.ADOPTED, 2: State.CONCEPT}
    assert (second.adopted_on, second.adopted_by, second.decision) == (None, "", "")
    supersede(people, one, Outcome.REJECTED)
    assert states(people) == {1: State.CONCEPT, 2: State.CONCEPT}


def test_it_adopts_no_older_version_and_one_per_decision(people: People, steering: Body) -> None:
    older, newer, newest = version(people), version(people), version(people)
    waiting = submit(people, ("plan_version", older.pk))
    decide(people, submit(people, ("plan_version", newer.pk)))
    with pytest.raises(ValidationError, match="Versie 2 is al vastgesteld"):
        decide(people, waiting)
    assert kinds.kind_of("plan_version").offered(people.pact) == [newest]
    last = version(people)
    both = [("plan_version", newest.pk), ("plan_version", last.pk)]
    with pytest.raises(ValidationError, match="Kies hiervan ten hoogste 1"):
        write(people, *both)
    single = write(people, both[0])
    words = {"title": single.title, "explanation": single.explanation, "partnership": single.partnership}
    with pytest.raises(ValidationError, match="U koos er 2"):
        writing.revise(single, **words, items=both, by=people.coordinator)
    assert single.items.count() == 1
    ProposalItem.unscoped.create(proposal=single, kind="plan_version", object_id=last.pk)
    with pytest.raises(ValidationError, match="U koos er 2"):
        writing.submit(single, by=people.coordinator)
    assert states(people) == {1: "concept", 2: "adopted", 3: "concept", 4: "concept"}


def test_it_would_find_out_at_the_end_without_the_limit(
    people: People, steering: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(kinds._KINDS, "plan_version", replace(adoption.PLAN_VERSION, most=None))
    both = submit(people, ("plan_version", version(people).pk), ("plan_version", version(people).pk))
    with pytest.raises(ValidationError, match="één versie"):
        decide(people, both)


def test_it_says_the_corrected_day_on_the_version_and_its_cover(people: People, steering: Body) -> None:
    row = version(people)
    with time_machine.travel("2026-12-09T12:00:00+01:00", tick=False):
        old = decide(people, submit(people, ("plan_version", row.pk)), decided_on=date(2026, 12, 9))
    with time_machine.travel("2026-12-12T12:00:00+01:00", tick=False):
        new = supersede(people, old, Outcome.ADOPTED, decided_on=date(2026, 12, 10))
    row.refresh_from_db()
    assert (row.state, row.adopted_on, row.decision) == ("adopted", date(2026, 12, 10), new.code)
    cover = adoption.document_of(row).cover[-1]
    assert "10 december 2026" in str(cover)
    assert f"besluit {new.code}" in str(cover)
    assert Rendition.objects.in_pact(people.pact).filter(kind="plan_adopted", object_id=new.pk).exists()
    assert adoption.places_of([row])[row.pk] == ("plan_adopted", new.pk)


def test_it_leaves_a_version_alone_that_another_decision_adopted(people: People, steering: Body) -> None:
    row = version(people)
    old = decide(people, submit(people, ("plan_version", row.pk)))
    PlanVersion.objects.in_pact(people.pact).update(decision="B99")
    adoption.correct(people.pact, row.pk, former=old, decision=old, by=people.coordinator)
    row.refresh_from_db()
    assert row.decision == "B99"


def test_it_says_why_a_version_can_no_longer_be_adopted(people: People, steering: Body) -> None:
    row = version(people)
    waits = submit(people, ("plan_version", row.pk))
    [one] = carried.carried_by(waits)
    assert one.now.problem == ""
    # It came in force by another door.
    PlanVersion.objects.in_pact(people.pact).filter(pk=row.pk).update(
        state=State.ADOPTED, adopted_on=DAY, adopted_by="Stuurgroep", decision="B9"
    )
    [one] = carried.carried_by(waits)
    assert one.now.problem.startswith("Versie 1 is al ")


def test_it_shows_no_version_of_another_pact(people: People) -> None:
    row = version(people)
    kind = kinds.kind_of("plan_version")
    assert kinds.show(kind, people.other_pact, [row.pk]) == {}
    assert kind.offered(people.other_pact) == []
    assert kinds.show(kind, people.pact, [row.pk])[row.pk].title == "Uitvoeringsplan, versie 1"


def test_it_holds_one_adopted_version_by_the_database(people: People, steering: Body) -> None:
    adopted(people)
    other = version(people)
    change = "UPDATE plan_planversion SET state = 'adopted', adopted_on = '2026-12-03', decision = 'B9' WHERE id = %s"
    with pytest.raises(IntegrityError, match="one_at_a_time"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, [other.pk])
    nameless = "UPDATE plan_planversion SET state = 'superseded' WHERE id = %s"
    with pytest.raises(IntegrityError, match="by_decision"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(nameless, [other.pk])


def test_it_keeps_the_content_whatever_is_decided(people: People, steering: Body) -> None:
    row, _decision = adopted(people)
    before = row.content_sha256, json.dumps(row.content, sort_keys=True)
    row.content = {}
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save()
    row.refresh_from_db()
    assert (row.content_sha256, json.dumps(row.content, sort_keys=True)) == before
    assert "vastgesteld" not in json.dumps(row.content["cover"])


# --- What it looks like ----------------------------------------------------------------------------------------------


def test_it_says_on_the_cover_who_adopted_it(people: People, steering: Body) -> None:
    row, decision = adopted(people)
    document = adoption.document_of(row)
    assert document.state == "vastgesteld"
    words = f"door Stuurgroep op 3 december 2026 (besluit {decision.code})"
    assert [fact.value for fact in document.cover if fact.label == "Vastgesteld"] == [words]
    assert row.content_sha256 in [fact.value for fact in document.colophon]


def test_it_makes_the_same_bytes_of_the_same_version_and_decision(
    people: People, steering: Body, tmp_path: Path
) -> None:
    row, decision = adopted(people)
    rendition = Rendition.objects.in_pact(people.pact).get(kind=adoption.ADOPTED_KIND)
    assert rendition.object_id == decision.pk
    render = renderer_of(adoption.ADOPTED_KIND)
    one = render(decision.pk, lambda percent, step: None)
    call_command("render", "plan", "hier", f"--output={tmp_path / 'plan.pdf'}", stdout=StringIO())
    assert (tmp_path / "plan.pdf").read_bytes() == one
    version(people)
    assert render(decision.pk, lambda percent, step: None) == one
    cover = " ".join(PdfReader(BytesIO(one)).pages[0].extract_text().split())
    assert f"door Stuurgroep op 3 december 2026 (besluit {decision.code})" in cover
    assert "1 · vastgesteld" in cover
    supersede(people, decision, Outcome.REJECTED)
    with pytest.raises(CannotRender, match="geen versie"):
        render(decision.pk, lambda percent, step: None)
    row.refresh_from_db()
    assert adoption.places_of([row]) == {row.pk: (adoption.FROZEN_KIND, row.pk)}


def test_it_shows_which_version_is_in_force(people: People, steering: Body, client_for: Browser) -> None:
    first, one = adopted(people)
    second, _two = adopted(people)
    client = client_for(people.reader)
    listed = client.get(reverse("plan:version_list", args=["hier"])).content.decode()
    assert "Nu geldt:" in listed
    assert f"besluit {one.code}" in listed
    page = client.get(reverse("plan:version_detail", args=["hier", second.number])).content.decode()
    assert "Dit is de versie die geldt." in page
    old = client.get(reverse("plan:version_detail", args=["hier", first.number])).content.decode()
    assert "Naar versie 2, die nu geldt" in old
    assert reverse("plan:decision_detail", args=["hier", one.number]) in old


def test_it_offers_a_proposal_to_who_may_write_one(people: People, steering: Body, client_for: Browser) -> None:
    row = version(people)
    url = reverse("plan:version_detail", args=["hier", row.number])
    link = f"?item=plan_version-{row.pk}"
    assert link in client_for(people.coordinator).get(url).content.decode()
    for user in (people.coordinator, people.representative, people.reader):
        client = client_for(user)
        shown = link in client.get(url).content.decode()
        assert shown == (client.get(reverse("plan:proposal_new", args=["hier"])).status_code == 200)
    assert client_for(people.stranger).get(url).status_code == 404
    submit(people, ("plan_version", row.pk))
    assert link not in client_for(people.coordinator).get(url).content.decode()


def test_it_asks_the_same_number_of_queries_for_many_versions(
    people: People, steering: Body, client_for: Browser
) -> None:
    client = client_for(people.coordinator)
    url = reverse("plan:version_list", args=["hier"])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    adopted(people)
    queries()
    before = queries()
    for _ in range(3):
        adopted(people)
    assert queries() == before


# --- Who is named in it ----------------------------------------------------------------------------------------------


def test_it_keeps_which_rows_a_version_names(people: People, steering: Body) -> None:
    question = make_question(people.pact)
    programme = make_programme(people.pact)
    make_fit(question, programme)
    measure = make_measure(people.pact, questions=[question], programmes=[programme])
    package = make_package(people.pact)
    decision = decide(people, submit(people, ("measure", measure.pk)))
    row = freeze(people.pact, by=people.coordinator)
    codes = set(PlanMention.objects.in_pact(people.pact).filter(version=row).values_list("code", flat=True))
    assert {question.code, programme.code, measure.code, package.code, decision.code} == codes
    for each in (question, programme, measure, package, decision):
        groups = {group.heading: group.links for group in chain.of(each).after}
        assert [link.title for link in groups["In het uitvoeringsplan"]] == ["Versie 1"]
    later = make_question(people.pact)
    assert "In het uitvoeringsplan" not in {group.heading for group in chain.of(later).after}


def test_it_keeps_what_a_version_names(people: People) -> None:
    version(people)
    with pytest.raises(DatabaseError), transaction.atomic():
        PlanMention.objects.in_pact(people.pact).update(code="V9")
    with pytest.raises(DatabaseError), transaction.atomic():
        PlanMention.objects.in_pact(people.pact).delete()


@given(
    st.dictionaries(
        st.sampled_from(["vraag", "aanbod", "maatregel", "pakket", "besluit", "gebied"]), st.integers(1, 99)
    )
)
def test_it_reads_codes_from_anchors(rows: dict[str, int]) -> None:
    found = mentions.codes_in([f"{word}-{number}" for word, number in rows.items()] * 2)
    assert len(found) == len(set(found)) == len(rows.keys() - {"gebied"})
    assert all(code[1:] in map(str, rows.values()) for code in found)


def test_it_leads_from_the_version_to_its_decision(people: People, steering: Body) -> None:
    row, decision = adopted(people)
    assert [link.code for group in chain.of(row).after for link in group.links] == ["P1", decision.code]


# --- What the plan asks and leaves open ------------------------------------------------------------------------------


def loose(people: People) -> dict[str, list[str]]:
    document = compile_plan(people.pact, number=1, label="", frozen_at=timezone.now())
    chapter = next(each for each in document.chapters if each.key == "losse-einden")
    return {
        block.caption: [row.cells[-1 if "Voorwaarden" in block.caption else 0].text for row in block.rows]
        for block in chapter.blocks
        if isinstance(block, Table)
    }


def test_it_keeps_a_draft_from_the_page_of_its_version(people: People, steering: Body, client_for: Browser) -> None:
    row = version(people)
    draft = write(people, ("plan_version", row.pk))
    url = reverse("plan:version_detail", args=["hier", row.number])
    assert draft.title not in client_for(people.reader).get(url).content.decode()
    writing.submit(draft, by=people.coordinator)
    assert draft.title in client_for(people.reader).get(url).content.decode()


def test_it_counts_a_measure_in_a_draft_as_one_that_nobody_is_asked_about(people: People, steering: Body) -> None:
    measure = make_measure(people.pact)
    draft = write(people, ("measure", measure.pk))
    assert read(people.pact, on=DAY).unproposed() == [measure]
    writing.submit(draft, by=people.coordinator)
    assert read(people.pact, on=DAY).unproposed() == []


def test_it_counts_a_measure_in_no_proposal_and_an_open_condition(people: People, steering: Body) -> None:
    measure = make_measure(people.pact, questions=[make_question(people.pact)])
    assert loose(people)["Voorgestelde maatregelen waarover geen besluit wordt gevraagd"] == ["M1"]
    proposal = submit(people, ("measure", measure.pk))
    assert "Besluit over 1 voorstel dat onderweg is: P1" in asked(people)
    step = carried.next_step(proposal)
    assert step is not None
    deciding.record_outcome(
        proposal,
        step=step,
        outcome=Outcome.ADOPTED,
        decided_on=DAY,
        reason="Ja.",
        conditions=["Betrek jongeren."],
        by=people.coordinator,
    )
    assert loose(people)["Voorwaarden waarop nog geen antwoord is"] == ["Betrek jongeren."]
    Condition.objects.in_pact(people.pact).update(
        state="met", answer="Gedaan.", answered_by=people.coordinator, answered_at=timezone.now()
    )
    assert "Betrek jongeren." not in str(loose(people))


def asked(people: People) -> str:
    document = compile_plan(people.pact, number=1, label="", frozen_at=timezone.now())
    return str(document.summary).replace("\\xa0", " ")


def test_it_covers_a_measure_with_packages_and_own_means(people: People) -> None:
    measure = make_measure(people.pact, budget=Decimal(5_000))
    year = make_package(people.pact, {2026: Decimal(40_000)}).years.get()
    make_allocation(year, Decimal("1000.25"), measure=measure)
    Contribution.unscoped.create(
        measure=measure, partnership=people.school, year=2026, amount=Decimal("99.75"), added_by=people.coordinator
    )
    registers = read(people.pact, on=DAY)
    assert registers.funded == {measure.number: Decimal("1100.00")}
    assert registers.totals == sums.total(sums.read(people.pact))
    assert Measure.objects.in_pact(people.pact).with_funding().get().funded == Decimal("1100.00")
