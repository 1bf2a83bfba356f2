"""Recording and closing findings, and where they are shown."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluations.findings import chapter, workflow
from evaluations.findings.models import Finding
from evaluations.models import Evaluation
from pact_portal.foundation.documents.blocks import Table
from pact_portal.foundation.models import AuditRecord
from partners.models import User
from plan.models import Measure
from tests.factories import make_finding, make_measure, make_reported, make_series
from tests.people import People

Browser = Callable[[User], Client]


@pytest.fixture
def reported(people: People) -> Evaluation:
    return make_reported(people.pact)


@pytest.fixture
def measure(people: People) -> Measure:
    return make_measure(people.pact, title="Transfercoaches", state="running", outcome_on=date(2026, 5, 1))


def address(name: str, *args: object) -> str:
    return reverse(f"evaluations:{name}", args=["hier", *args])


def test_it_records_a_finding_once(people: People, reported: Evaluation, measure: Measure) -> None:
    finding, made = workflow.record(reported, text=" Te weinig coaches. ", measure=measure, by=people.coordinator)
    again, made_again = workflow.record(reported, text="Te weinig coaches.", measure=measure, by=people.coordinator)
    assert (made, made_again, again.pk, finding.text) == (True, False, finding.pk, "Te weinig coaches.")
    workflow.record(reported, text="Te weinig coaches.", by=people.coordinator)
    assert Finding.objects.in_pact(people.pact).loose().count() == 2
    actions = AuditRecord.objects.in_pact(people.pact).values_list("action", flat=True)
    assert list(actions).count("finding.recorded") == 2


@pytest.mark.parametrize("state", ["scheduled", "open", "closed"])
def test_it_refuses_a_finding_before_the_report(people: People, state: str) -> None:
    evaluation = make_series(people.pact).evaluations.get()
    Evaluation.objects.in_pact(people.pact).update(state=state, opened_at="2026-06-01T08:00:00Z")
    with pytest.raises(ValidationError, match="verslag"):
        workflow.record(evaluation, text="Te vroeg.", by=people.coordinator)
    with pytest.raises(DatabaseError, match="reported"), transaction.atomic():
        Finding.unscoped.create(evaluation=evaluation, text="Te vroeg.", recorded_by=people.coordinator)
    assert not Finding.objects.in_pact(people.pact).exists()


def test_it_refuses_no_words_and_a_measure_of_another_pact(people: People, reported: Evaluation) -> None:
    elsewhere = make_measure(people.other_pact)
    with pytest.raises(ValidationError, match="dit pact"):
        workflow.record(reported, text="Iets.", measure=elsewhere, by=people.coordinator)
    with pytest.raises(ValidationError):
        workflow.record(reported, text="  ", by=people.coordinator)
    with pytest.raises(ValidationError, match="burgerservicenummer"):
        workflow.record(reported, text="Het gaat om 111222333.", by=people.coordinator)


def test_it_closes_a_finding_with_a_reason_once(people: People, reported: Evaluation) -> None:
    finding = make_finding(reported)
    with pytest.raises(ValidationError, match="waarom er niets verandert"):
        workflow.close(finding, reason=" ", by=people.coordinator)
    assert workflow.close(finding, reason="Dit loopt al goed.", by=people.coordinator)
    assert not workflow.close(finding, reason="Nog eens.", by=people.coordinator)
    finding.refresh_from_db()
    assert finding.close_reason == "Dit loopt al goed."
    assert not Finding.objects.in_pact(people.pact).loose().exists()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE evaluations_finding SET text = 'anders' WHERE id = %s",
        "UPDATE evaluations_finding SET close_reason = 'anders' WHERE id = %s",
        "UPDATE evaluations_finding SET closed_at = NULL, closed_by_id = NULL, close_reason = '' WHERE id = %s",
        "DELETE FROM evaluations_finding WHERE id = %s",
    ],
)
def test_it_is_refused_by_the_database_to_change_what_was_closed(
    people: People, reported: Evaluation, change: str
) -> None:
    finding = make_finding(reported, text="Zo was het.")
    workflow.close(finding, reason="Daarom.", by=people.coordinator)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, [finding.pk])
    finding.refresh_from_db()
    assert (finding.text, finding.close_reason) == ("Zo was het.", "Daarom.")


def test_it_would_change_without_the_guard(people: People, reported: Evaluation) -> None:
    """The twin: with the triggers off the same statement rewrites what was found."""
    finding = make_finding(reported, text="Zo was het.")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE evaluations_finding DISABLE TRIGGER USER")
        cursor.execute("UPDATE evaluations_finding SET text = 'anders' WHERE id = %s", [finding.pk])
        cursor.execute("ALTER TABLE evaluations_finding ENABLE TRIGGER USER")
    finding.refresh_from_db()
    assert finding.text == "anders"


def test_it_takes_a_finding_from_the_coordinator_only(
    people: People, reported: Evaluation, client_for: Browser
) -> None:
    url = address("finding_add", reported.pk)
    for user, status in [(people.coordinator, 200), (people.representative, 403), (people.stranger, 404)]:
        assert client_for(user).get(url).status_code == status
        assert client_for(user).post(url, {}).status_code == status
    mine = reverse("evaluations:finding_add", args=["elders", reported.pk])
    assert client_for(people.stranger).get(mine).status_code == 404


def test_it_keeps_what_was_typed_when_it_is_refused(people: People, reported: Evaluation, client_for: Browser) -> None:
    answer = client_for(people.coordinator).post(
        address("finding_add", reported.pk), {"text": "Bel 06-12345678 voor meer.", "measure": "9" * 40}
    )
    assert answer.status_code == 200
    assert "Bel 06-12345678 voor meer." in answer.content.decode()
    assert not Finding.objects.in_pact(people.pact).exists()


def test_it_shows_a_finding_on_the_report_and_at_the_measure(
    people: People, reported: Evaluation, measure: Measure, client_for: Browser
) -> None:
    client = client_for(people.coordinator)
    answer = client.post(
        address("finding_add", reported.pk), {"text": "Te weinig coaches.", "measure": measure.pk}, follow=True
    )
    assert "De bevinding is vastgelegd." in answer.content.decode()
    assert "Maak een bijstelling" in answer.content.decode()
    for user in (people.coordinator, people.representative, people.reader):
        report = client_for(user).get(address("evaluation_detail", reported.pk)).content.decode()
        page = client_for(user).get(reverse("plan:measure_detail", args=["hier", measure.number])).content.decode()
        assert "Te weinig coaches." in report
        assert "Te weinig coaches." in page
        assert ("Maak een bijstelling" in report) == (user == people.coordinator)


def test_it_closes_a_finding_on_its_page(people: People, reported: Evaluation, client_for: Browser) -> None:
    finding = make_finding(reported)
    url, client = address("finding_close", finding.pk), client_for(people.coordinator)
    assert client_for(people.other).post(url, {"reason": "x"}).status_code == 403
    assert client_for(people.stranger).post(url, {"reason": "x"}).status_code == 404
    assert "Schrijf op waarom" in client.post(url, {"reason": ""}).content.decode()
    assert "is gesloten" in client.post(url, {"reason": "Loopt goed."}, follow=True).content.decode()
    assert "al gesloten" in client.post(url, {"reason": "Loopt goed."}, follow=True).content.decode()


def test_it_stands_in_the_plan_and_among_the_loose_ends(people: People, reported: Evaluation, measure: Measure) -> None:
    make_finding(reported, text="Te weinig coaches.", measure=measure)
    closed = make_finding(reported, text="Loopt goed.")
    workflow.close(closed, reason="Niets nodig.", by=people.coordinator)
    table = next(block for block in chapter.blocks(people.pact) if isinstance(block, Table))
    assert [(row.cells[1].text, row.cells[2].text, row.cells[3].text) for row in table.rows] == [
        ("M1", "Te weinig coaches.", "nog niets"),
        ("plan", "Loopt goed.", "niets: Niets nodig."),
    ]
    assert [row.cells[2].text for row in chapter.loose(people.pact).rows] == ["Te weinig coaches."]
    assert chapter.loose(people.other_pact).rows == []


def test_it_asks_the_same_number_of_queries_for_many_findings(
    people: People, reported: Evaluation, measure: Measure, client_for: Browser
) -> None:
    client = client_for(people.coordinator)
    urls = [
        address("evaluation_detail", reported.pk),
        reverse("plan:measure_detail", args=["hier", measure.number]),
    ]

    def queries() -> list[int]:
        counts = []
        for url in urls:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            counts.append(len(captured))
        return counts

    make_finding(reported, measure=measure)
    queries()
    before = queries()
    for _ in range(15):
        make_finding(reported, measure=measure)
    assert queries() == before


def test_it_shows_no_findings_before_the_report(people: People, client_for: Browser) -> None:
    evaluation = make_series(people.pact).evaluations.get()
    page = client_for(people.coordinator).get(address("evaluation_detail", evaluation.pk)).content.decode()
    assert "bevindingen" not in page.lower()
    answer = client_for(people.coordinator).get(address("finding_add", evaluation.pk), follow=True)
    assert "het verslag er is" in answer.content.decode()
