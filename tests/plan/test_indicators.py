"""Indicators: numbers as people type them, targets that fit, and who may change them when."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.documents.blocks import Table
from pact_portal.foundation.forms.fields import DutchNumberField
from partners.models import User
from plan.measures import indicators
from plan.measures.aims import rhythm_of, sentence_of, written
from plan.measures.chapter import indicator_blocks
from plan.models import Indicator, Measure
from plan.questions.marks import is_stale
from tests.factories import make_measure
from tests.people import People

ClientFor = Callable[[User], Client]
State, Direction = Measure.State, Indicator.Direction


@pytest.fixture
def measure(people: People) -> Measure:
    return make_measure(people.pact, lead=people.school, title="De coach blijft")


def add(measure: Measure, people: People, **changes: Any) -> Indicator:
    fields: dict[str, Any] = {
        "name": "Leerlingen die op hun plek zijn",
        "unit": "procent",
        "direction": Direction.UP,
        "baseline": Decimal(40),
        "target": Decimal(60),
        **changes,
    }
    return indicators.add(measure, by=people.representative, **fields)


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Verzuim",
        "unit": "dagen per leerling",
        "direction": "down",
        "baseline": "12,5",
        "target": "7,25",
        "every_months": "6",
        "source": "verzuimregister",
        **changes,
    }


# --- Numbers as people write them ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("60", "60"),
        ("7,5", "7.5"),
        ("7.5", "7.5"),
        ("1.250", "1250"),
        ("1.250,75", "1250.75"),
        ("-3", "-3"),
        ("\N{MINUS SIGN}3,5", "-3.5"),
        ("0", "0"),
        ("  40 ", "40"),
        ("-1.000", "-1000"),
    ],
)
def test_it_reads_a_number_as_people_type_it(text: str, number: str) -> None:
    assert DutchNumberField().clean(text) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("60%", "Vul alleen een getal in"),
        ("veel", "Vul alleen een getal in"),
        ("NaN", "Vul alleen een getal in"),
        ("1e5", "Vul alleen een getal in"),
        ("--3", "Vul alleen een getal in"),
        ("0.001", "hooguit twee cijfers"),
        ("9" * 15, "te groot"),
        ("9" * 100_000, "te groot"),
    ],
)
def test_it_says_what_is_no_number(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        DutchNumberField().clean(text)


numbers = st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False)


@given(numbers)
def test_it_reads_back_what_it_wrote(number: Decimal) -> None:
    """In the box and in a sentence alike. Without grouping below ten thousand nothing is read as another number."""
    shown = DutchNumberField().widget.format_value(number)
    assert shown == written(number)
    assert DutchNumberField().clean(shown) == number


# --- Targets ---------------------------------------------------------------------------------------------------------


def fits(direction: str, baseline: Decimal | None, target: Decimal) -> bool:
    """The rule, word for word."""
    if baseline is None or direction == Direction.HOLD:
        return True
    return target > baseline if direction == Direction.UP else target < baseline


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("baseline", [None, Decimal(-5), Decimal(0), Decimal(40)])
@pytest.mark.parametrize("target", [Decimal(-6), Decimal(-5), Decimal(0), Decimal("0.01"), Decimal(40), Decimal(41)])
def test_it_takes_targets_that_fit_the_direction(
    people: People, measure: Measure, direction: str, baseline: Decimal | None, target: Decimal
) -> None:
    values = {"name": "Getal", "unit": "punten", "direction": direction, "baseline": baseline, "target": target}
    if fits(direction, baseline, target):
        assert add(measure, people, **values).target == target
        return
    with pytest.raises(ValidationError) as refused:
        add(measure, people, **values)
    assert "U koos om" in refused.value.message_dict["target"][0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Indicator.unscoped.create(measure=measure, **values)


def test_it_would_take_any_target_without_the_guard(people: People, measure: Measure) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE plan_indicator DROP CONSTRAINT indicator_target_fits_direction")
    row = Indicator.unscoped.create(measure=measure, name="Getal", unit="x", direction="up", baseline=9, target=1)
    assert row.pk


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"direction": "up", "baseline": Decimal(40), "target": Decimal(60)}, "omhoog van 40 naar 60 procent"),
        ({"direction": "down", "baseline": Decimal("12.50"), "target": Decimal(-3)}, "omlaag van 12,5 naar -3 procent"),
        ({"direction": "up", "target": Decimal(1250)}, "omhoog naar 1.250 procent"),
        ({"direction": "down", "target": Decimal(5)}, "omlaag naar 5 procent"),
        ({"direction": "hold", "baseline": Decimal(4), "target": Decimal(5)}, "gelijk blijven op 5 procent"),
    ],
)
def test_it_says_in_a_sentence_what_should_happen(values: dict[str, Any], sentence: str) -> None:
    assert sentence_of(Indicator(unit="procent", **values)) == sentence


def test_it_says_how_often() -> None:
    assert [rhythm_of(Indicator(every_months=months)) for months in (1, 6)] == ["elke maand", "elke 6 maanden"]


# --- What does not hold ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "),
        ("name", "x" * 201),
        ("unit", ""),
        ("direction", "sideways"),
        ("direction", ""),
        ("target", None),
        ("target", Decimal("0.001")),
        ("target", Decimal(10) ** 15),
        ("target", Decimal("NaN")),
        ("baseline", Decimal("NaN")),
        ("every_months", 0),
        ("every_months", 25),
        ("every_months", None),
    ],
)
def test_it_refuses_what_does_not_hold_and_names_the_field(
    people: People, measure: Measure, field: str, value: Any
) -> None:
    with pytest.raises(ValidationError) as refused:
        add(measure, people, **{field: value})
    assert field in refused.value.message_dict
    assert not measure.indicators.exists()


def test_it_takes_a_name_once_per_measure(people: People, measure: Measure) -> None:
    row = add(measure, people, name="Verzuim")
    for again in ("Verzuim", " verzuim ", "VERZUIM"):
        with pytest.raises(ValidationError, match="staat al bij de maatregel"):
            add(measure, people, name=again)
    indicators.revise(row, by=people.coordinator, name="verzuim")
    add(make_measure(people.pact), people, name="Verzuim")


def test_it_takes_no_more_than_can_be_steered_by(
    people: People, measure: Measure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indicators, "MOST", 2)
    add(measure, people, name="een")
    add(measure, people, name="twee")
    with pytest.raises(ValidationError, match="hooguit 2 indicatoren"):
        add(measure, people, name="drie")


def test_it_takes_no_field_that_is_not_the_writers(people: People, measure: Measure) -> None:
    with pytest.raises(TypeError, match="measure"):
        add(measure, people, **{"measure": make_measure(people.other_pact)} | {"id": 3})


@pytest.mark.parametrize("state", [state for state in State if state not in indicators.DECIDED])
def test_it_changes_indicators_until_the_measure_is_over(people: People, measure: Measure, state: State) -> None:
    row = add(measure, people)
    Measure.unscoped.update(state=state, outcome_on=date(2026, 1, 1))
    acts: list[Callable[[], Any]] = [
        lambda: add(measure, people, name="nog een"),
        lambda: indicators.revise(row, by=people.representative, target=Decimal(80)),
        lambda: indicators.remove(row, by=people.representative),
    ]
    for act in acts:
        if state in indicators.SETTLED:
            with pytest.raises(ValidationError, match="De indicatoren veranderen daarom niet meer"):
                act()
        else:
            act()
    assert measure.indicators.count() == 1


OTHERWISE = [
    ("target", Decimal(61)),
    ("direction", Direction.HOLD),
    ("unit", "leerlingen"),
    ("baseline", Decimal(41)),
    ("baseline", None),
]


@pytest.mark.parametrize("state", indicators.DECIDED)
@pytest.mark.parametrize(("field", "value"), OTHERWISE)
def test_it_keeps_what_was_decided_about(
    people: People, measure: Measure, state: State, field: str, value: Any
) -> None:
    row = add(measure, people)
    Measure.unscoped.update(state=state, outcome_on=date(2026, 1, 1))
    with pytest.raises(ValidationError) as refused:
        indicators.revise(row, by=people.representative, **{field: value})
    assert "Hierover is besloten." in refused.value.message_dict[field][0]
    with pytest.raises(ValidationError, match="Daarom blijft hij staan"):
        indicators.remove(row, by=people.coordinator)
    kept = measure.indicators.get()
    assert (kept.target, kept.direction, kept.unit, kept.baseline) == (60, "up", "procent", 40)


@pytest.mark.parametrize(("field", "value"), OTHERWISE)
def test_it_would_change_what_was_decided_about_without_the_guard(
    people: People, measure: Measure, field: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = add(measure, people)
    Measure.unscoped.update(state=State.APPROVED, outcome_on=date(2026, 1, 1))
    monkeypatch.setattr(indicators, "DECIDED", ())
    indicators.revise(row, by=people.representative, **{field: value})
    assert getattr(measure.indicators.get(), field) == value


@pytest.mark.parametrize("state", indicators.DECIDED)
def test_it_takes_what_a_decision_left_open(people: People, measure: Measure, state: State) -> None:
    row = add(measure, people, baseline=None)
    Measure.unscoped.update(state=state, outcome_on=date(2026, 1, 1))
    same = {"target": Decimal(60), "direction": "up", "unit": "procent"}
    with pytest.raises(ValidationError) as refused:
        indicators.revise(row, by=people.representative, baseline=Decimal(60), **same)
    assert "past niet bij het streefgetal van 60" in refused.value.message_dict["baseline"][0]
    indicators.revise(row, by=people.representative, baseline=Decimal(35), name="Op hun plek", **same)
    assert (measure.indicators.get().baseline, measure.indicators.get().name) == (35, "Op hun plek")
    add(measure, people, name="nog een")
    assert measure.indicators.count() == 2


def test_it_leaves_a_trace_of_what_was_changed(people: People, measure: Measure) -> None:
    row = add(measure, people)
    indicators.revise(row, by=people.coordinator, target=Decimal(80), source="  de   school ")
    indicators.remove(row, by=people.coordinator)
    records = AuditRecord.objects.in_pact(people.pact).order_by("pk")
    assert [record.action for record in records] == ["indicator.added", "indicator.revised", "indicator.removed"]
    assert records[1].details["changed"] == {"target": ["60.00", "80"], "source": ["", "de school"]}
    assert {record.details["measure"] for record in records} == {measure.code}


def test_it_revises_nobody_over(people: People, measure: Measure) -> None:
    row = add(measure, people)
    seen = indicators.mark_of(Indicator.unscoped.get(pk=row.pk))
    indicators.revise(row, by=people.coordinator, seen=seen, target=Decimal(80))
    with pytest.raises(ValidationError) as refused:
        indicators.revise(row, by=people.representative, seen=seen, target=Decimal(90))
    assert is_stale(refused.value)
    indicators.remove(row, by=people.coordinator)
    with pytest.raises(ValidationError, match="al weggehaald"):
        indicators.revise(row, by=people.representative, target=Decimal(90))
    with pytest.raises(ValidationError, match="al weggehaald"):
        indicators.remove(row, by=people.representative)


# --- The pages -------------------------------------------------------------------------------------------------------


def place(measure: Measure, rest: str = "") -> str:
    return f"/hier/measures/{measure.number}/{rest}"


def test_it_adds_changes_and_removes_on_the_page(people: People, client_for: ClientFor, measure: Measure) -> None:
    client = client_for(people.representative)
    assert client.post(place(measure, "indicators/new/"), typed()).status_code == 302
    row = measure.indicators.get()
    assert (row.baseline, row.target, row.counts_people) == (Decimal("12.5"), Decimal("7.25"), False)
    page = client.get(place(measure)).content.decode()
    assert f'id="indicator-{row.pk}"' in page
    assert "Omlaag van 12,5 naar 7,25 dagen per leerling" in page
    address = place(measure, f"indicators/{row.pk}/")
    assert 'value="7,25"' in client.get(address).content.decode()
    sent = {**typed(baseline="", target="-1", counts_people="on"), "seen": indicators.mark_of(row)}
    assert client.post(address, sent).status_code == 302
    row.refresh_from_db()
    assert (row.baseline, row.target, row.counts_people) == (None, Decimal(-1), True)
    assert "De nulmeting is nog niet bekend." in client.get(place(measure)).content.decode()
    assert "staat daarna niet meer bij de maatregel" in client.post(f"{address}remove/").content.decode()
    assert measure.indicators.exists()
    for said in ("is weggehaald", "al weggehaald"):
        page = client.post(f"{address}remove/", {"confirmed": "1"}, follow=True).content.decode()
        assert said in page
    assert "Er is nog geen getal waaraan te zien is" in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Dit veld is verplicht"),
        ({"name": "x" * 201}, "200"),
        ({"name": "nul\x00"}, "Null-tekens"),
        ({"name": "bel\x07"}, "niet te zien"),
        ({"name": "BSN 123456782"}, "burgerservicenummer"),
        ({"direction": ""}, "Dit veld is verplicht"),
        ({"direction": "x"}, "Selecteer een geldige keuze"),
        ({"target": "90"}, "U koos omlaag. Vul een streefgetal in dat lager is dan de nulmeting van 12,5."),
        ({"target": "60%"}, "Vul alleen een getal in"),
        ({"baseline": "x" * 100_000}, "Vul alleen een getal in"),
        ({"every_months": "0"}, "1"),
        ({"every_months": "half jaar"}, "Vul een heel aantal maanden in"),
        ({"every_months": "9" * 30}, "24"),
    ],
)
def test_it_keeps_what_was_typed_and_says_what_is_wrong(
    people: People, client_for: ClientFor, measure: Measure, changes: dict[str, Any], said: str
) -> None:
    response = client_for(people.representative).post(
        place(measure, "indicators/new/"), typed(source="Dit moet blijven staan", **changes)
    )
    page = response.content.decode()
    assert response.status_code == 200
    assert said in page
    assert "Dit moet blijven staan" in page
    assert 'role="alert"' in page
    assert not measure.indicators.exists()


def test_it_says_that_a_second_click_found_it_there(people: People, client_for: ClientFor, measure: Measure) -> None:
    client = client_for(people.representative)
    client.post(place(measure, "indicators/new/"), typed())
    page = client.post(place(measure, "indicators/new/"), typed()).content.decode()
    assert "Deze indicator staat al bij de maatregel." in page
    assert measure.indicators.count() == 1


def test_it_shows_who_comes_too_late_what_stands_now(people: People, client_for: ClientFor, measure: Measure) -> None:
    row = add(measure, people)
    address, seen = place(measure, f"indicators/{row.pk}/"), indicators.mark_of(row)
    indicators.revise(row, by=people.coordinator, source="van de coördinator")
    client = client_for(people.representative)
    late = client.post(address, {**typed(), "seen": seen})
    page = late.content.decode()
    assert late.status_code == 200
    assert "Zo staat het er nu" in page
    assert "van de coördinator" in page
    assert client.post(address, {**typed(), "seen": late.context["form"]["seen"].value()}).status_code == 302


def test_it_takes_no_page_without_its_mark_for_a_fresh_one(
    people: People, client_for: ClientFor, measure: Measure
) -> None:
    row = add(measure, people)
    page = client_for(people.representative).post(place(measure, f"indicators/{row.pk}/"), {**typed(), "seen": ""})
    assert page.status_code == 200
    assert "Zo staat het er nu" in page.content.decode()
    assert measure.indicators.get().name == row.name


def test_it_loses_nothing_when_the_indicator_was_removed_meanwhile(
    people: People, client_for: ClientFor, measure: Measure, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = add(measure, people)
    revise = indicators.revise

    def late(indicator: Indicator, **given: Any) -> Indicator:
        indicators.remove(row, by=people.coordinator)
        return revise(indicator, **given)

    monkeypatch.setattr(indicators, "revise", late)
    response = client_for(people.representative).post(place(measure, f"indicators/{row.pk}/"), typed())
    assert response.status_code == 200
    assert "Deze indicator is al weggehaald." in response.content.decode()
    assert "verzuimregister" in response.content.decode()


def test_it_says_on_the_pages_what_a_decision_holds(people: People, client_for: ClientFor, measure: Measure) -> None:
    row = add(measure, people)
    client, address = client_for(people.representative), place(measure, f"indicators/{row.pk}/")
    for text in (client.get(place(measure)).content.decode(), client.get(address).content.decode()):
        assert "Over deze maatregel is besloten" not in text
    Measure.unscoped.update(state="approved", outcome_on=date(2026, 1, 1))
    page = client.get(place(measure)).content.decode()
    assert "Over deze maatregel is besloten" in page
    assert f"{address}remove/" not in page
    assert "Over deze maatregel is besloten" not in client_for(people.reader).get(place(measure)).content.decode()
    assert "niet meer weghalen" in client.get(place(measure, "indicators/new/")).content.decode()
    assert "Het streefgetal, de richting" in client.get(address).content.decode()
    sent = typed(direction="up", baseline="40", target="90", unit="procent", source="Dit moet blijven staan")
    refused = client.post(address, {**sent, "seen": indicators.mark_of(measure.indicators.get())})
    assert refused.status_code == 200
    for text in ("Hierover is besloten. Laat staan: 60.", "Dit moet blijven staan", 'value="90"'):
        assert text in refused.content.decode()
    said = client.post(f"{address}remove/", {"confirmed": "1"}, follow=True).content.decode()
    assert "Daarom blijft hij staan" in said
    assert measure.indicators.get() == row


PLACES = [
    ("get", "indicators/new/"),
    ("post", "indicators/new/"),
    ("get", "indicators/{pk}/"),
    ("post", "indicators/{pk}/"),
    ("post", "indicators/{pk}/remove/"),
]


@pytest.mark.parametrize(("method", "rest"), PLACES)
def test_it_lets_only_the_lead_and_the_coordinator_write(
    people: People, client_for: ClientFor, measure: Measure, method: str, rest: str
) -> None:
    row = add(measure, people)
    address = place(measure, rest.format(pk=row.pk))
    for user, status in [(people.other, 403), (people.reader, 403), (people.signatory, 403), (people.stranger, 404)]:
        assert getattr(client_for(user), method)(address).status_code == status
    assert getattr(Client(), method)(address).status_code == 302
    for user in (people.representative, people.coordinator):
        assert getattr(client_for(user), method)(address).status_code == 200
    assert measure.indicators.get() == row


def test_it_knows_no_indicator_of_another_measure(people: People, client_for: ClientFor, measure: Measure) -> None:
    elsewhere = add(make_measure(people.pact), people)
    client = client_for(people.coordinator)
    for pk in (elsewhere.pk, 10**18, 10**30):
        assert client.get(place(measure, f"indicators/{pk}/")).status_code == 404
        client.post(place(measure, f"indicators/{pk}/remove/"), {"confirmed": "1"})
    assert Indicator.unscoped.filter(pk=elsewhere.pk).exists()
    assert client.get(place(measure, f"indicators/{elsewhere.pk}/remove/")).status_code == 405


@pytest.mark.parametrize(("state", "offered"), [("proposed", True), ("running", True), ("finished", False)])
def test_it_offers_changes_while_they_can_be_made(
    people: People, client_for: ClientFor, measure: Measure, state: str, offered: bool
) -> None:
    add(measure, people)
    Measure.unscoped.update(state=state, outcome_on=date(2026, 1, 1))
    page = client_for(people.representative).get(place(measure)).content.decode()
    assert ("indicators/new/" in page) == offered
    assert "indicators/new/" not in client_for(people.reader).get(place(measure)).content.decode()


def test_it_asks_as_much_for_many_indicators_as_for_one(
    people: People, client_for: ClientFor, measure: Measure
) -> None:
    client = client_for(people.representative)

    def count() -> int:
        client.get(place(measure))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(place(measure)).status_code == 200
        return len(seen)

    add(measure, people, name="eerste")
    before = count()
    for number in range(10):
        add(measure, people, name=f"nummer {number}")
    assert count() == before


# --- The plan --------------------------------------------------------------------------------------------------------


def test_it_stands_in_the_plan_by_measure(people: People, measure: Measure) -> None:
    add(measure, people, baseline=None, target=Decimal("7.5"), every_months=1)
    rejected = make_measure(people.pact, state=State.REJECTED, outcome_on=date(2026, 1, 1))
    for other in (rejected, make_measure(people.other_pact)):
        Indicator.unscoped.create(measure=other, name="Niet hier", unit="x", direction="up", target=1)
    _heading, table = indicator_blocks(people.pact)
    assert isinstance(table, Table)
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        [
            measure.code,
            "Leerlingen die op hun plek zijn",
            "niet bekend",
            "7,5",
            "omhoog",
            "procent",
            "elke maand",
        ]
    ]


def test_it_builds_the_chapter_in_one_query(
    people: People, measure: Measure, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for number in range(5):
        add(measure, people, name=f"nummer {number}")
    with django_assert_num_queries(1):
        indicator_blocks(people.pact)
