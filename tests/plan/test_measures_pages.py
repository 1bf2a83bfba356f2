"""The pages of measures, for three people: one who may, one of another partner, one of another pact."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partners.models import User
from partners.permissions import Role
from plan.chain import codes
from plan.models import Fit, Measure, StateChange
from plan.programmes.workflow import judge_fit
from plan.questions.merging import merge
from tests.factories import (
    make_allocation,
    make_fit,
    make_measure,
    make_member,
    make_package,
    make_partner,
    make_programme,
    make_question,
)
from tests.people import People

ClientFor = Callable[[User], Client]
LIST, NEW = "/hier/measures/", "/hier/measures/new/"


@pytest.fixture
def measure(people: People) -> Measure:
    return make_measure(
        people.pact,
        title="De transfercoach blijft",
        lead=people.school,
        questions=[make_question(people.pact, title="Wie helpt bij de overstap?")],
        programmes=[make_programme(people.pact, name="Transfercoach vo-mbo")],
        budget=Decimal(12_500),
    )


@pytest.fixture
def typed(people: People) -> dict[str, Any]:
    """A complete form for a measure that continues a programme."""
    return {
        "title": "De coach gaat door",
        "kind": "continue",
        "line": "strengthen",
        "areas": [people.pact.areas.first().pk],
        "questions": [make_question(people.pact).pk],
        "programmes": [make_programme(people.pact).pk],
        "reason_not_broaden": "",
        "lead": people.school.pk,
        "executing": [people.municipality.pk],
        "starts_on": "1-1-2027",
        "ends_on": "31 december 2027",
        "goal": "<p>Iedereen kent <strong>een coach</strong>.</p>",
        "learning_question": "",
        "budget": "€ 12.500,50",
        "remains_after": "De scholen betalen het zelf.",
    }


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_it_lists_measures_with_their_sums_in_words(people: People, client_for: ClientFor, measure: Measure) -> None:
    make_allocation(make_package(people.pact).years.get(), 2_500, measure=measure)
    make_allocation(make_package(people.pact).years.get(), 900, measure=measure, state="rejected")
    make_measure(people.other_pact, title="Van elders")
    page = client_for(people.reader).get(LIST).content.decode()
    assert "De transfercoach blijft" in page
    assert "Samen begroot op €\xa012.500. Daarvoor is €\xa02.500 toegewezen." in page
    assert "Voor €\xa010.000 is nog geen geld." in page
    assert "Van elders" not in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"Coach", "Sport"}),
        ("kind=broaden", {"Sport"}),
        ("line=spread", {"Sport"}),
        ("state=approved", {"Coach"}),
        ("lead={school}", {"Coach"}),
        ("area={second}", {"Sport"}),
        ("kind=continue&line=spread", set()),
        ("kind=nonsense", {"Coach", "Sport"}),
        ("lead=99999999999999999999", {"Coach", "Sport"}),
        ("page=900", {"Coach", "Sport"}),
    ],
)
def test_it_filters_by_the_address(people: People, client_for: ClientFor, query: str, expected: set[str]) -> None:
    second = people.pact.areas.last()
    make_measure(people.pact, title="Coach", lead=people.school, state="approved", outcome_on=date(2026, 1, 1))
    make_measure(
        people.pact,
        title="Sport",
        lead=people.childcare,
        kind="broaden",
        line="spread",
        areas=[second, people.pact.areas.first()],
    )
    address = f"{LIST}?{query.format(school=people.school.pk, second=second.pk)}"
    response = client_for(people.reader).get(address)
    assert {row.title for row in response.context["page"].object_list} == expected


def test_it_answers_htmx_with_the_rows_only(people: People, client_for: ClientFor, measure: Measure) -> None:
    response = client_for(people.reader).get(LIST, headers={"HX-Request": "true"})
    assert response.content.decode().strip().startswith('<div id="rows"')
    assert "HX-Request" in response.headers["Vary"]
    assert "De transfercoach blijft" in response.content.decode()


def test_it_asks_the_database_as_much_for_fifty_rows_as_for_one(people: People, client_for: ClientFor) -> None:
    client = client_for(people.reader)

    def add() -> None:
        question, programme = make_question(people.pact), make_programme(people.pact)
        make_measure(people.pact, lead=make_partner(people.pact), questions=[question], programmes=[programme])

    add()
    queries(client, LIST)
    before = queries(client, LIST)
    for _ in range(49):
        add()
    assert queries(client, LIST) == before


def test_it_asks_the_database_as_much_for_a_measure_with_much_money_as_with_little(
    people: People, client_for: ClientFor, measure: Measure
) -> None:
    client, address = client_for(people.coordinator), f"{LIST}{measure.number}/"

    def add() -> None:
        make_allocation(make_package(people.pact).years.get(), 10, measure=measure)
        measure.questions.add(make_question(people.pact, partnership=make_partner(people.pact)))
        measure.programmes.add(make_programme(people.pact, provider=make_partner(people.pact)))
        measure.executing.add(make_partner(people.pact))

    add()
    queries(client, address)
    before = queries(client, address)
    for _ in range(20):
        add()
    assert queries(client, address) == before


def test_it_shows_the_chain_the_money_and_what_remains(people: People, client_for: ClientFor, measure: Measure) -> None:
    package = make_package(people.pact, name="Welbevinden jeugd")
    allocation = make_allocation(package.years.get(), 5_000, measure=measure)
    page = client_for(people.reader).get(f"{LIST}{measure.number}/").content.decode()
    for text in [
        "Wie helpt bij de overstap?",
        "Transfercoach vo-mbo",
        "Welbevinden jeugd",
        "Voor €\xa07.500 is nog geen geld.",
        "<dt>Gedekt</dt><dd>€\xa05.000</dd>",
        "De partner betaalt het daarna zelf.",
        f'href="/hier/questions/{measure.questions.get().number}/"',
        f'href="/hier/programmes/{measure.programmes.get().number}/"',
        f'href="/hier/funding/allocations/{allocation.pk}/"',
    ]:
        assert text in page


def test_it_shows_the_question_that_speaks_for_the_one_it_was_proposed_for(
    people: People, client_for: ClientFor, measure: Measure
) -> None:
    asked = measure.questions.get()
    root = make_question(people.pact, title="Hoe slaagt de overstap?")
    merge(asked, into=root, by=people.coordinator)
    page = client_for(people.reader).get(f"{LIST}{measure.number}/").content.decode()
    assert "Hoe slaagt de overstap?" in page
    assert f"{root.code} · eerst {asked.code}" in page
    assert asked.title not in page


def test_it_proposes_what_was_typed(people: People, client_for: ClientFor, typed: dict[str, Any]) -> None:
    response = client_for(people.representative).post(NEW, typed)
    measure = Measure.objects.in_pact(people.pact).get()
    assert response.headers["Location"] == f"{LIST}{measure.number}/"
    assert (measure.budget, measure.ends_on, measure.lead) == (Decimal("12500.50"), date(2027, 12, 31), people.school)
    assert (measure.state, measure.proposed_by) == ("proposed", people.representative)
    assert list(measure.executing.all()) == [people.municipality]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "", "Dit veld is verplicht"),
        ("title", "zonder\x00nul", "Null-tekens"),
        ("kind", "start", "Beoordeel eerst of bestaand aanbod aansluit"),
        ("programmes", [], "Kies het bestaande aanbod"),
        ("ends_on", "1-1-2020", "De einddatum mag niet voor de begindatum liggen."),
        ("ends_on", "31-2-2027", "Vul een datum in"),
        ("budget", "-1", "niet lager"),
        ("budget", "1e15", "Vul een bedrag"),
        ("budget", "1000000000000000", "te groot"),
        ("budget", "NaN", "Vul een bedrag"),
        ("budget", "0.001", "twee cijfers achter de komma"),
        ("questions", ["99999999999999999999"], "Kies alleen uit de lijst"),
        ("lead", "99999999999999999999", "Selecteer een geldige keuze"),
    ],
)
def test_it_keeps_what_was_typed_and_says_what_is_wrong(
    people: People, client_for: ClientFor, typed: dict[str, Any], field: str, value: Any, said: str
) -> None:
    wrong = {**typed, "remains_after": "Dit moet blijven staan", "reason_not_broaden": "Omdat", field: value}
    response = client_for(people.representative).post(NEW, wrong)
    page = response.content.decode()
    assert response.status_code == 200
    assert said in page
    assert "Dit moet blijven staan" in page
    assert 'role="alert"' in page
    assert not Measure.objects.in_pact(people.pact).exists()


def test_it_names_the_programme_that_suffices_in_its_refusal(
    people: People, client_for: ClientFor, typed: dict[str, Any]
) -> None:
    question, programme = make_question(people.pact), make_programme(people.pact, name="Jeugdcoach Noord")
    judge_fit(
        question,
        programme,
        level=Fit.Level.SUFFICIENT,
        reason="Het werkt.",
        evidence="Evaluatie.",
        by=people.coordinator,
    )
    new = {**typed, "kind": "start", "questions": [question.pk], "reason_not_broaden": "Liever iets nieuws."}
    page = client_for(people.representative).post(NEW, new).content.decode()
    assert "er al aanbod dat voldoende aansluit: " in page
    assert f"{programme.code} Jeugdcoach Noord" in page


def test_it_lets_a_representative_propose_for_the_own_organisation_only(
    people: People, client_for: ClientFor, typed: dict[str, Any]
) -> None:
    response = client_for(people.other).post(NEW, typed)
    assert "lead" in response.context["form"].errors
    assert not Measure.objects.in_pact(people.pact).exists()
    assert client_for(people.coordinator).post(NEW, typed).status_code == 302


def test_it_offers_nothing_of_another_pact(people: People, client_for: ClientFor, typed: dict[str, Any]) -> None:
    elsewhere = make_question(people.other_pact, title="Vraag van elders")
    client = client_for(people.representative)
    assert "Vraag van elders" not in client.get(f"{NEW}?question={elsewhere.number}").content.decode()
    response = client.post(NEW, {**typed, "questions": [elsewhere.pk]})
    assert "questions" in response.context["form"].errors


def test_it_chooses_the_question_that_the_address_names(people: People, client_for: ClientFor) -> None:
    question = make_question(people.pact)
    for asked in [question.number, "x", "9" * 30]:
        response = client_for(people.representative).get(f"{NEW}?question={asked}")
        assert response.status_code == 200
        assert (question in response.context["form"].initial["questions"]) == (asked == question.number)


YES = {"confirmed": "1"}


def approved(people: People, **fields: Any) -> Measure:
    return make_measure(people.pact, lead=people.school, state="approved", outcome_on=date(2026, 1, 1), **fields)


def values_of(client: Client, address: str) -> dict[str, Any]:
    """What the form at the address would send when nothing is changed."""
    form = client.get(address).context["form"]
    return {name: field.value() for name, field in ((each.name, each) for each in form) if field.value() is not None}


def as_sent(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [getattr(each, "pk", each) for each in value] if isinstance(value, list) else str(value)
        for name, value in values.items()
        if value not in (None, False)
    }


@pytest.fixture
def edited(people: People, client_for: ClientFor, measure: Measure) -> dict[str, Any]:
    """The form of the measure as its lead sends it back unchanged."""
    return as_sent(values_of(client_for(people.representative), f"{LIST}{measure.number}/edit/"))


def test_it_revises_what_was_typed(
    people: People, client_for: ClientFor, measure: Measure, edited: dict[str, Any]
) -> None:
    client, address = client_for(people.representative), f"{LIST}{measure.number}/edit/"
    assert client.post(address, {**edited, "title": "De coach gaat overal heen"}).status_code == 302
    measure.refresh_from_db()
    assert (measure.title, measure.budget) == ("De coach gaat overal heen", Decimal(12_500))
    assert "is bewaard" in client.get(f"{LIST}{measure.number}/").content.decode()


def test_it_shows_who_comes_too_late_what_stands_now(
    people: People, client_for: ClientFor, measure: Measure, edited: dict[str, Any]
) -> None:
    address = f"{LIST}{measure.number}/edit/"
    client_for(people.coordinator).post(address, {**edited, "title": "Van de coördinator"})
    client = client_for(people.representative)
    late = client.post(address, {**edited, "title": "Van de school"})
    page = late.content.decode()
    assert late.status_code == 200
    assert "Zo staat het er nu" in page
    assert "Van de coördinator" in page
    assert "Van de school" in page
    assert client.post(address, {**edited, "title": "Van de school", "seen": late.context["form"]["seen"].value()})
    measure.refresh_from_db()
    assert measure.title == "Van de school"


def test_it_takes_no_page_without_its_mark_for_a_fresh_one(
    people: People, client_for: ClientFor, measure: Measure, edited: dict[str, Any]
) -> None:
    address = f"{LIST}{measure.number}/edit/"
    client_for(people.coordinator).post(address, {**edited, "title": "Van de coördinator"})
    page = client_for(people.representative).post(address, {**edited, "title": "Van de school", "seen": ""})
    assert page.status_code == 200
    assert "Zo staat het er nu" in page.content.decode()
    measure.refresh_from_db()
    assert measure.title == "Van de coördinator"


def test_it_keeps_a_merged_question_that_the_measure_answers(
    people: People, client_for: ClientFor, measure: Measure
) -> None:
    asked, root = measure.questions.get(), make_question(people.pact)
    merge(asked, into=root, by=people.coordinator)
    client, address = client_for(people.representative), f"{LIST}{measure.number}/edit/"
    assert f"(samengevoegd met {root.code})" in client.get(address).content.decode()
    assert client.post(address, as_sent(values_of(client, address))).status_code == 302
    assert measure.questions.get() == asked
    assert "(samengevoegd met" not in client.get(NEW).content.decode()


def test_it_leads_back_from_editing_what_was_decided(people: People, client_for: ClientFor) -> None:
    measure = approved(people)
    client = client_for(people.representative)
    page = client.get(f"{LIST}{measure.number}/edit/", follow=True)
    assert page.redirect_chain == [(f"{LIST}{measure.number}/", 302)]
    assert "Wijzigen kan dan alleen met een bijstelling en een besluit." in page.content.decode()
    assert f"{LIST}{measure.number}/edit/" not in page.content.decode()


def test_it_refuses_to_keep_what_was_decided_meanwhile_and_loses_nothing(
    people: People, client_for: ClientFor, measure: Measure, edited: dict[str, Any]
) -> None:
    Measure.objects.in_pact(people.pact).update(state="approved", outcome_on=date(2026, 1, 1))
    response = client_for(people.representative).post(
        f"{LIST}{measure.number}/edit/", {**edited, "title": "Nog een keer anders"}
    )
    assert response.status_code == 200
    assert "Wijzigen kan dan alleen met een bijstelling" in response.content.decode()
    assert "Nog een keer anders" in response.content.decode()


def test_it_leads_from_the_refusal_to_question_and_programme(
    people: People, client_for: ClientFor, typed: dict[str, Any]
) -> None:
    question, programme = make_question(people.pact, title="Wie helpt?"), make_programme(people.pact, name="Jeugdcoach")
    make_fit(question, programme)
    new = {**typed, "kind": "start", "questions": [question.pk], "reason_not_broaden": "Liever iets nieuws."}
    response = client_for(people.representative).post(NEW, new)
    page = response.content.decode()
    assert [each.question for each in response.context["hindrances"]] == [question]
    assert f'href="/hier/questions/{question.number}/#fits-title"' in page
    assert f'href="/hier/programmes/{programme.number}/"' in page
    assert "sluit voldoende aan" in page
    assert "Bekijk eerst wat er al is" not in client_for(people.representative).post(NEW, typed).content.decode()


@pytest.mark.parametrize("size", [1, 12])
def test_it_explains_many_questions_in_as_many_queries_as_one(
    people: People, client_for: ClientFor, typed: dict[str, Any], size: int
) -> None:
    questions = [make_question(people.pact) for _ in range(12)]
    for question in questions:
        make_fit(question, make_programme(people.pact, provider=make_partner(people.pact)))
    client = client_for(people.representative)
    sent = {**typed, "kind": "start", "reason_not_broaden": "Zo.", "questions": [each.pk for each in questions[:size]]}
    client.post(NEW, sent)
    with CaptureQueriesContext(connection) as seen:
        assert len(client.post(NEW, sent).context["hindrances"]) == size
    assert len(seen) < 60


def test_it_starts_and_finishes_after_asking_once(people: People, client_for: ClientFor) -> None:
    measure = approved(people)
    client, address = client_for(people.representative), f"{LIST}{measure.number}/"
    assert "Uitvoering starten" in client.get(address).content.decode()
    assert "vanaf vandaag op “in uitvoering”" in client.post(f"{address}start/").content.decode()
    measure.refresh_from_db()
    assert measure.state == "approved"
    assert "is nu in uitvoering." in client.post(f"{address}start/", YES, follow=True).content.decode()
    assert "is al in uitvoering." in client.post(f"{address}start/", YES, follow=True).content.decode()
    assert "Uitvoering starten" not in client.get(address).content.decode()
    assert "is nu afgerond." in client.post(f"{address}finish/", YES, follow=True).content.decode()
    assert "is al afgerond." in client.post(f"{address}finish/", YES, follow=True).content.decode()
    said = client.post(f"{address}start/", YES, follow=True).content.decode()
    assert "Alleen een goedgekeurde maatregel kan beginnen." in said
    assert [change.state for change in measure.changes.order_by("pk")] == ["running", "finished"]


def test_it_tells_what_happened_with_the_code_of_the_decision(
    people: People, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure = approved(people)
    StateChange.unscoped.create(measure=measure, state="proposed", on=date(2026, 1, 1), by=people.representative)
    change = StateChange.unscoped.create(
        measure=measure, state="approved", on=date(2026, 3, 1), decision="B7", reason="Past bij de vraag."
    )
    client, address = client_for(people.reader), f"{LIST}{measure.number}/"
    monkeypatch.setitem(codes._views, "B", "plan:programme_detail")
    page = client.get(address).content.decode()
    assert '<a href="/hier/programmes/7/">besluit B7</a>' in page
    monkeypatch.delitem(codes._views, "B")
    page = client.get(address).content.decode()
    assert "(besluit B7)" in page
    assert change.reason in page
    assert "1 maart 2026" in page


def test_it_offers_no_buttons_to_who_may_not(people: People, client_for: ClientFor, measure: Measure) -> None:
    ready = approved(people)
    for user in (people.reader, people.other):
        assert "/edit/" not in client_for(user).get(f"{LIST}{measure.number}/").content.decode()
        assert "/start/" not in client_for(user).get(f"{LIST}{ready.number}/").content.decode()
    assert "/edit/" in client_for(people.representative).get(f"{LIST}{measure.number}/").content.decode()


@pytest.mark.parametrize(
    ("method", "place"), [("get", "edit/"), ("post", "edit/"), ("post", "start/"), ("post", "finish/")]
)
def test_it_lets_only_the_lead_and_the_coordinator_change_it(
    people: People, client_for: ClientFor, measure: Measure, method: str, place: str
) -> None:
    address = f"{LIST}{measure.number}/{place}"
    for user, status in [(people.other, 403), (people.reader, 403), (people.stranger, 404)]:
        assert getattr(client_for(user), method)(address, YES if method == "post" else {}).status_code == status
    for user in (people.representative, people.coordinator):
        assert getattr(client_for(user), method)(address, {}).status_code == 200
    measure.refresh_from_db()
    assert measure.state == "proposed"


PLACES = [("get", ""), ("get", "new/"), ("get", "{number}/"), ("post", "new/"), ("post", "{number}/start/")]


@pytest.mark.parametrize(("method", "place"), PLACES)
def test_it_answers_strangers_and_unknown_numbers_alike(
    people: People, client_for: ClientFor, measure: Measure, method: str, place: str
) -> None:
    address = f"{LIST}{place.format(number=measure.number)}"
    assert getattr(client_for(people.stranger), method)(address).status_code == 404
    assert getattr(Client(), method)(address).status_code == 302
    if "number" in place:
        other = make_measure(people.other_pact)
        while other.number <= measure.number:
            other = make_measure(people.other_pact)
        client = client_for(people.coordinator)
        assert getattr(client, method)(f"{LIST}{other.number}/{place.partition('/')[2]}").status_code == 404


@pytest.mark.parametrize(
    ("method", "place", "may"),
    [
        ("get", "", set(Role)),
        ("get", "{number}/", set(Role)),
        ("get", "new/", {Role.COORDINATOR, Role.REPRESENTATIVE}),
        ("get", "{number}/edit/", {Role.COORDINATOR, Role.REPRESENTATIVE}),
        ("post", "{number}/start/", {Role.COORDINATOR, Role.REPRESENTATIVE}),
    ],
)
@pytest.mark.parametrize("role", list(Role))
def test_it_opens_each_page_to_the_roles_of_the_table(
    people: People, client_for: ClientFor, measure: Measure, method: str, place: str, may: set[Role], role: Role
) -> None:
    client = client_for(make_member(people.school, role))
    status = getattr(client, method)(f"{LIST}{place.format(number=measure.number)}").status_code
    assert status == (200 if role in may else 403)


def test_it_refuses_get_where_post_is_due_and_post_where_get(
    people: People, client_for: ClientFor, measure: Measure
) -> None:
    client = client_for(people.coordinator)
    assert client.get(f"{LIST}{measure.number}/start/").status_code == 405
    assert client.get(f"{LIST}{measure.number}/finish/").status_code == 405
    assert client.post(LIST).status_code == 405
    assert client.post(f"{LIST}{measure.number}/").status_code == 405


def test_it_says_in_english_what_it_says_in_dutch(people: People, client_for: ClientFor, measure: Measure) -> None:
    client = client_for(people.reader)
    assert client.get(LIST, headers={"Accept-Language": "en"}).status_code == 200
    assert client.get(f"{LIST}{measure.number}/", headers={"Accept-Language": "en"}).status_code == 200
    assert timezone.localdate()
