"""The pages of overlap, and the marks of the coordinator, as each of the people sees them."""

import html
import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pact_portal.foundation.audit.models import AuditRecord
from partners.models import Sector
from partners.permissions import Role
from plan.models import Fit, Measure, OverlapMark
from plan.programmes import marking, overlapping
from plan.programmes.chapter import MOST_OVERLAPS, MOST_UNMARKED, overlap_blocks
from plan.programmes.overlap import Pair
from plan.questions.phases import Ages
from tests.factories import (
    make_fit,
    make_measure,
    make_member,
    make_pact,
    make_partner,
    make_programme,
    make_question,
)

TODAY = timezone.localdate


def address(name, pact, *args):
    return reverse(f"plan:{name}", args=[pact.slug, *args])


def text_of(response):
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def keys(pact):
    return [pair.key for pair in overlapping.read(pact).pairs]


@pytest.fixture
def two(people):
    """A1 of the school and A2 of the childcare, for the same young people."""
    return (
        make_programme(people.pact, name="Brugklascoach", provider=people.school, age_from=10, age_to=14),
        make_programme(people.pact, name="Sportcoach", provider=people.childcare, age_from=12, age_to=18),
    )


def pair_of(pact):
    return overlapping.read(pact).pairs[0]


# --- What overlaps ---------------------------------------------------------------------------------------------------


def test_it_finds_programmes_of_different_providers(people, two):
    assert keys(people.pact) == [("A1", "A2")]
    assert keys(people.other_pact) == []
    pair = pair_of(people.pact)
    assert (pair.ages, pair.layers, pair.municipalities) == (Ages(12, 14), {"preventie"}, set())


def test_it_leaves_out_what_has_ended(people, two):
    two[1].ends_on = TODAY() - timedelta(days=1)
    two[1].save()
    assert keys(people.pact) == []


def test_it_reads_a_measure_by_its_programmes_and_questions(people):
    first, second = people.pact.areas.all()
    there = make_partner(people.pact, "Gemeente Daar", Sector.MUNICIPALITY)
    questions = [
        make_question(people.pact, age_from=4, age_to=6, municipalities=[people.municipality]),
        make_question(people.pact, age_from=10, age_to=12, municipalities=[there]),
    ]
    built_on = make_programme(people.pact, provider=people.childcare, curatie=True)
    measure = make_measure(
        people.pact, lead=people.school, areas=[first, second], questions=questions, programmes=[built_on]
    )
    item = next(item for item in overlapping.items_of(people.pact) if item.code == measure.code)
    assert (item.provider, item.areas) == (people.school.pk, {first.pk, second.pk})
    assert (item.layers, item.ages) == ({"preventie", "curatie"}, Ages(4, 12))
    assert item.municipalities == {people.municipality.pk, there.pk}
    assert item.builds_on == {"A1"}
    questions[0].municipalities.clear()
    item = next(item for item in overlapping.items_of(people.pact) if item.code == measure.code)
    assert item.municipalities == frozenset()


def test_it_sets_no_measure_against_the_programmes_that_it_builds_on(people):
    question = make_question(people.pact)
    built_on = make_programme(people.pact, provider=people.childcare)
    make_programme(people.pact, provider=people.municipality)
    make_measure(people.pact, lead=people.school, questions=[question], programmes=[built_on])
    assert keys(people.pact) == [("A1", "A2"), ("A2", "M1")]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (Measure.State.PROPOSED, True),
        (Measure.State.APPROVED, True),
        (Measure.State.RUNNING, True),
        (Measure.State.REJECTED, False),
        (Measure.State.STOPPED, False),
        (Measure.State.FINISHED, False),
    ],
)
def test_it_looks_only_at_measures_in_force(people, state, expected):
    question, programme = make_question(people.pact), make_programme(people.pact, provider=people.childcare)
    make_fit(question, programme, level=Fit.Level.PARTLY)
    make_measure(people.pact, lead=people.school, kind="start", reason_not_broaden="Te klein.", questions=[question],
                 state=state, outcome_on=TODAY())  # fmt: skip
    assert (keys(people.pact) == [("A1", "M1")]) is expected


def test_it_places_a_new_measure_in_the_layers_of_what_answers_its_questions_in_part(people):
    question, other = make_question(people.pact), make_question(people.pact)
    make_fit(question, make_programme(people.pact, provider=people.childcare), level=Fit.Level.NONE)
    fields = {"lead": people.school, "kind": "start", "reason_not_broaden": "Te klein."}
    make_measure(people.pact, questions=[question], **fields)
    assert keys(people.pact) == []
    make_fit(other, make_programme(people.pact, provider=people.childcare), level=Fit.Level.PARTLY)
    make_measure(people.pact, questions=[other], **fields)
    assert ("A1", "M2") in keys(people.pact)
    # A judgement that holds no more gives no layers.
    Fit.unscoped.update(judged_on=TODAY() - timedelta(days=9), expires_on=TODAY())
    assert keys(people.pact) == []
    Fit.unscoped.update(expires_on=TODAY() + timedelta(days=1))
    assert ("A1", "M2") in keys(people.pact)


# --- The page --------------------------------------------------------------------------------------------------------


def test_it_says_why_two_overlap(people, client_for, two):
    page = text_of(client_for(people.reader).get(address("overlap", people.pact)))
    assert "Beide gaan over Soepele overgangen, in de laag preventie, voor jongeren van 12 tot en met 14 jaar" in page
    assert "in de hele regio" in page
    assert "Brugklascoach" in page
    assert "Kinderopvang Hier" in page
    assert "nog niet besproken" in page
    assert "Leg afspraak vast" not in page
    assert "Leg afspraak vast" in text_of(client_for(people.coordinator).get(address("overlap", people.pact)))


def test_it_filters_and_keeps_the_filters_in_the_address(people, client_for, two):
    first, second = people.pact.areas.all()
    there = make_partner(people.pact, "Gemeente Daar", Sector.MUNICIPALITY)
    fields = {"areas": [second], "preventie": False, "curatie": True, "municipalities": [there]}
    make_programme(people.pact, provider=people.municipality, **fields)
    make_programme(people.pact, provider=people.school, **fields)
    client, url = client_for(people.coordinator), address("overlap", people.pact)
    marking.mark_overlap(people.pact, pair_of(people.pact), kind="merge", by=people.coordinator)

    def found(**query):
        answer = client.get(url, query)
        assert "Wij hebben dat filter niet gebruikt" not in text_of(answer)
        return [(row["first"]["code"], row["second"]["code"]) for row in answer.context["overlaps"]]

    one, other = ("A1", "A2"), ("A3", "A4")
    assert found() == [one, other]
    assert found(area=first.pk) == found(layer="preventie") == found(mark="marked") == found(mark="merge") == [one]
    assert found(area=second.pk) == found(layer="curatie") == found(mark="unmarked") == [other]
    assert found(municipality=there.pk) == [one, other]
    assert found(municipality=people.municipality.pk) == [one]
    assert found(provider=people.school.pk) == [one, other]
    assert found(provider=people.childcare.pk) == [one]
    assert found(mark="tuned") == []


@pytest.mark.parametrize("query", ["area=9999", "layer=x", "municipality=\x00", "provider=x", "mark=x"])
def test_it_ignores_an_unknown_filter_and_says_so(people, client_for, two, query):
    page = text_of(client_for(people.reader).get(f"{address('overlap', people.pact)}?{query}"))
    assert "Wij hebben dat filter niet gebruikt" in page
    assert "1 keer overlap" in page


def test_it_shows_many_one_page_at_a_time(people, client_for):
    for _ in range(9):
        make_programme(people.pact, provider=make_partner(people.pact))
    client, url = client_for(people.reader), address("overlap", people.pact)
    assert len(client.get(url).context["overlaps"]) == 25
    assert len(client.get(url, {"page": "2"}).context["overlaps"]) == 11
    assert client.get(url, {"page": "x"}).status_code == 200
    assert "<html" not in text_of(client.get(url, headers={"hx-request": "true"}))


def test_it_says_when_nothing_overlaps(people, client_for):
    client, url = client_for(people.reader), address("overlap", people.pact)
    assert "Geen twee aanbieders" in text_of(client.get(url))
    assert "Haal een filter weg" in text_of(client.get(url, {"layer": "curatie"}))


def test_it_shows_at_a_programme_what_overlaps_with_it(people, client_for, two):
    page = text_of(client_for(people.reader).get(address("programme_detail", people.pact, two[0].number)))
    assert "Overlapt met 1 ander" in page
    assert "Sportcoach" in page
    alone = make_programme(people.pact, amplitie=True, preventie=False)
    assert "Overlapt met" not in text_of(
        client_for(people.reader).get(address("programme_detail", people.pact, alone.number))
    )


def test_it_asks_the_database_as_often_for_two_rows_as_for_twenty(people, client_for, two):
    client = client_for(people.coordinator)
    urls = [address("overlap", people.pact), address("programme_detail", people.pact, 1)]
    make_measure(people.pact, lead=people.municipality, questions=[make_question(people.pact)], programmes=[two[1]])

    def asked(url):
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    before = [asked(url) for url in urls]
    for _ in range(10):
        partner = make_partner(people.pact)
        programme = make_programme(people.pact, provider=partner, municipalities=[people.municipality])
        question = make_question(people.pact, municipalities=[people.municipality])
        make_measure(people.pact, lead=partner, questions=[question], programmes=[programme])
        marking.mark_overlap(people.pact, overlapping.read(people.pact).pairs[-1], kind="merge", by=people.coordinator)
    assert [asked(url) for url in urls] == before


# --- Marking ---------------------------------------------------------------------------------------------------------


def test_it_marks_changes_and_clears(people, client_for, two):
    client, url = client_for(people.coordinator), address("overlap_mark", people.pact, "A1", "A2")
    assert "Waarom deze twee overlappen" in text_of(client.get(url))
    answer = client.post(url, {"kind": "tuned", "note": "De school tot de herfst."}, follow=True)
    assert "De afspraak over A1 en A2 is bewaard." in text_of(answer)
    assert "De school tot de herfst." in text_of(answer)
    mark = OverlapMark.objects.in_pact(people.pact).get()
    assert (mark.first, mark.second, mark.kind, mark.marked_by) == ("A1", "A2", "tuned", people.coordinator)
    again = client.post(url, {"kind": "tuned", "note": "De school tot de herfst."}, follow=True)
    assert "stond er al" in text_of(again)
    client.post(url, {"kind": "merge", "note": ""})
    mark.refresh_from_db()
    assert (mark.kind, mark.note) == ("merge", "")
    assert "Weet u het zeker" in text_of(client.post(url, {"clear": "1"})) or OverlapMark.unscoped.exists()
    assert "De afspraak is gewist." in text_of(client.post(url, {"clear": "1", "confirmed": "1"}, follow=True))
    assert not OverlapMark.unscoped.exists()
    actions = AuditRecord.objects.in_pact(people.pact).order_by("id").values_list("action", flat=True)
    assert list(actions) == ["overlap.marked", "overlap.marked", "overlap.cleared"]


def test_it_takes_the_codes_in_either_order(people, client_for, two):
    client_for(people.coordinator).post(address("overlap_mark", people.pact, "A2", "A1"), {"kind": "merge"})
    assert OverlapMark.objects.in_pact(people.pact).get().first == "A1"


def test_it_wants_to_know_how_two_were_tuned(people, client_for, two):
    client, url = client_for(people.coordinator), address("overlap_mark", people.pact, "A1", "A2")
    for note in ("", "   "):
        assert "Schrijf op hoe beide op elkaar zijn afgestemd." in text_of(
            client.post(url, {"kind": "tuned", "note": note})
        )
    with pytest.raises(ValidationError, match="Schrijf op hoe"):
        marking.mark_overlap(people.pact, pair_of(people.pact), kind="tuned", note=" ", by=people.coordinator)
    with pytest.raises(IntegrityError), transaction.atomic():
        OverlapMark.unscoped.create(
            pact=people.pact, first="A1", second="A2", kind="tuned", note="", marked_by=people.coordinator
        )
    assert not OverlapMark.unscoped.exists()


@pytest.mark.parametrize(
    "values", [{}, {"kind": "x"}, {"kind": "tuned", "note": "a\x00b"}, {"kind": "merge", "note": "x" * 1001}]
)
def test_it_keeps_what_was_typed_when_it_cannot_be_saved(people, client_for, two, values):
    page = text_of(client_for(people.coordinator).post(address("overlap_mark", people.pact, "A1", "A2"), values))
    assert "Fout:" in page
    assert not OverlapMark.unscoped.exists()


def test_it_lets_only_the_coordinator_mark(people, client_for, two):
    url = address("overlap_mark", people.pact, "A1", "A2")
    for user, status in [
        (people.representative, 403),
        (people.other, 403),
        (people.reader, 403),
        (people.stranger, 404),
    ]:
        for answer in (client_for(user).get(url), client_for(user).post(url, {"kind": "merge"})):
            assert answer.status_code == status
    assert client_for(people.stranger).get(address("overlap", people.pact)).status_code == 404
    assert not OverlapMark.unscoped.exists()


@pytest.mark.parametrize(
    "codes", [("A1", "A99"), ("X1", "A1"), ("A1", "A1"), ("A0", "A1"), ("A1", "A" + "9" * 30), ("A١", "A2")]
)
def test_it_knows_no_codes_that_do_not_exist(people, client_for, two, codes):
    client, url = client_for(people.coordinator), address("overlap_mark", people.pact, *codes)
    assert client.get(url).status_code == client.post(url, {"kind": "merge"}).status_code == 404


def test_it_marks_nothing_of_another_pact(people, client_for, two):
    make_programme(people.other_pact)
    url = address("overlap_mark", people.other_pact, "A1", "A2")
    assert client_for(people.coordinator).post(url, {"kind": "merge"}).status_code == 404
    assert client_for(people.stranger).post(url, {"kind": "merge"}).status_code == 404
    assert not OverlapMark.unscoped.exists()


def test_it_says_when_two_do_not_overlap(people, client_for, two):
    make_programme(people.pact, provider=people.municipality, amplitie=True, preventie=False)
    client, url = client_for(people.coordinator), address("overlap_mark", people.pact, "A1", "A3")
    for answer in (client.get(url, follow=True), client.post(url, {"kind": "merge"}, follow=True)):
        assert "A1 en A3 overlappen elkaar niet." in text_of(answer)
    assert not OverlapMark.unscoped.exists()


def test_it_lets_a_mark_be_cleared_when_two_no_longer_overlap(people, client_for, two):
    marking.mark_overlap(people.pact, pair_of(people.pact), kind="merge", by=people.coordinator)
    two[1].ends_on = TODAY() - timedelta(days=1)
    two[1].save()
    client, url = client_for(people.coordinator), address("overlap_mark", people.pact, "A1", "A2")
    assert "overlappen elkaar niet meer" in text_of(client.get(url))
    assert "overlappen elkaar niet meer" in text_of(client.post(url, {"kind": "tuned", "note": "Toch niet."}))
    client.post(url, {"clear": "1", "confirmed": "1"})
    assert not OverlapMark.unscoped.exists()


def test_it_loses_no_mark_that_another_coordinator_made_meanwhile(people, client_for, two):
    url = address("overlap_mark", people.pact, "A1", "A2")
    seen = client_for(people.coordinator).get(url).context["seen"]
    marking.mark_overlap(people.pact, pair_of(people.pact), kind="tuned", note="Afgesproken.", by=people.coordinator)
    client = client_for(people.coordinator)
    page = text_of(client.post(url, {"kind": "merge", "note": "Anders", "seen": seen}))
    assert "Iemand anders heeft deze afspraak gewijzigd" in page
    assert "Anders" in page
    client.post(url, {"clear": "1", "confirmed": "1", "seen": seen})
    assert OverlapMark.objects.in_pact(people.pact).get().note == "Afgesproken."


def test_it_shows_the_mark_of_somebody_else_and_saves_at_the_second_press(people, client_for, two):
    colleague = make_member(people.municipality, Role.COORDINATOR, name="tweede coördinator")
    client, url = client_for(people.coordinator), address("overlap_mark", people.pact, "A1", "A2")
    typed = {"kind": "merge", "note": "Getypt.", "seen": client.get(url).context["form"]["seen"].value()}
    marking.mark_overlap(people.pact, pair_of(people.pact), kind="tuned", note="Al afgesproken.", by=colleague)
    response = client.post(url, typed)
    page = text_of(response)
    for shown in (
        "Zo staat het er nu",
        "Al afgesproken.",
        "Nu vastgelegd: afgestemd, door tweede coördinator",
        "Getypt.",
    ):
        assert shown in page, shown
    # It was cleared meanwhile: that is something else than what was shown, and is said as well.
    marking.clear_mark(people.pact, "A1", "A2", by=colleague)
    response = client.post(url, {**typed, "seen": response.context["form"]["seen"].value()})
    assert "niet ingevuld" in text_of(response)
    assert not OverlapMark.unscoped.exists()
    done = client.post(url, {**typed, "seen": response.context["form"]["seen"].value()}, follow=True)
    assert "is bewaard" in text_of(done)
    assert OverlapMark.objects.in_pact(people.pact).get().note == "Getypt."


def test_it_lists_marks_of_two_that_overlap_no_more(people, client_for, two):
    marking.mark_overlap(people.pact, pair_of(people.pact), kind="tuned", note="Ieder een dag.", by=people.coordinator)
    client, url = client_for(people.coordinator), address("overlap", people.pact)
    assert "Niet meer van toepassing" not in text_of(client.get(url))
    two[1].ends_on = TODAY() - timedelta(days=1)
    two[1].save()
    mark_url = address("overlap_mark", people.pact, "A1", "A2")
    for query, is_shown in (
        ({}, True),
        ({"mark": "marked"}, True),
        ({"mark": "tuned"}, True),
        ({"mark": "merge"}, False),
        ({"mark": "unmarked"}, False),
        ({"layer": "curatie"}, False),
    ):
        page = text_of(client.get(url, query))
        assert ("Niet meer van toepassing" in page and "Ieder een dag." in page) is is_shown, query
    assert "Niet meer van toepassing" not in text_of(
        client_for(people.stranger).get(address("overlap", people.other_pact))
    )
    assert mark_url not in text_of(client_for(people.reader).get(url))
    seen = client.get(url).context["left_over"][0]["seen"]
    asked = text_of(client.post(mark_url, {"clear": "1", "seen": seen}))
    assert "staat daarna nergens meer" in asked
    client.post(mark_url, {"clear": "1", "seen": seen, "confirmed": "1"})
    assert "Niet meer van toepassing" not in text_of(client.get(url))
    assert not OverlapMark.unscoped.exists()


@pytest.mark.django_db(transaction=True)
def test_it_lets_one_of_two_coordinators_at_once_win_and_tells_the_other():
    pact = make_pact()
    first, second = make_partner(pact), make_partner(pact)
    with transaction.atomic():
        make_programme(pact, provider=first)
        make_programme(pact, provider=second)
    coordinators = [make_member(first, Role.COORDINATOR), make_member(second, Role.COORDINATOR)]
    pair: Pair = pair_of(pact)
    start, outcomes = threading.Barrier(2), []

    def mark(by, note):
        try:
            start.wait(timeout=10)
            marking.mark_overlap(pact, pair, kind="tuned", note=note, seen=marking.NOT_MARKED, by=by)
            outcomes.append("done")
        except ValidationError as fault:
            outcomes.append(fault.messages[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=mark, args=(by, f"Afspraak {place}")) for place, by in enumerate(coordinators)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    refusal, success = sorted(outcomes)
    assert refusal.startswith("Iemand anders heeft deze afspraak gewijzigd")
    assert success == "done"
    assert OverlapMark.objects.in_pact(pact).count() == 1


def test_it_would_overwrite_without_the_mark_of_the_page(people, two):
    """The twin: without `seen`, the last one wins and nobody is told."""
    pair = pair_of(people.pact)
    for note in ("Afspraak een", "Afspraak twee"):
        marking.mark_overlap(people.pact, pair, kind="tuned", note=note, by=people.coordinator)
    assert OverlapMark.objects.in_pact(people.pact).get().note == "Afspraak twee"


# --- The plan --------------------------------------------------------------------------------------------------------


def test_it_hands_the_plan_the_overlaps_with_their_marks(people, two):
    make_programme(people.pact, name="Gezinshulp", provider=people.municipality)
    pairs = {pair.key: pair for pair in overlapping.read(people.pact).pairs}
    marking.mark_overlap(people.pact, pairs["A1", "A2"], kind="tuned", note="Om en om.", by=people.coordinator)
    heading, count, table = overlap_blocks(people.pact)
    assert heading.anchor == "overlap"
    assert count.text.startswith("3 keer zijn twee aanbieders er voor dezelfde jongeren")
    assert count.text.endswith("Over 2 daarvan is nog niets afgesproken.")
    assert [row.key for row in table.rows] == ["overlap-A1-A2", "overlap-A1-A3", "overlap-A2-A3"]
    assert table.rows[0].cells[-1].text == "afgestemd: Om en om."
    assert table.rows[0].cells[0].to == "aanbod-1"
    assert overlap_blocks(people.other_pact) == []


def test_it_shows_the_plan_some_and_counts_the_rest(people):
    for _ in range(12):
        make_programme(people.pact, provider=make_partner(people.pact))
    *_rest, table, more = overlap_blocks(people.pact)
    assert len(table.rows) == MOST_UNMARKED
    assert more.text == "In het portaal staan nog 61 andere overlappen."
    for pair in overlapping.read(people.pact).pairs:
        marking.mark_overlap(people.pact, pair, kind="merge", by=people.coordinator)
    *_rest, table, more = overlap_blocks(people.pact)
    assert len(table.rows) == MOST_OVERLAPS
    assert more.text == "In het portaal staan nog 16 andere overlappen."
