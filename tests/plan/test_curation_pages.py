"""The pages of coordinators, as each of the people sees them."""

import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier
from zipfile import ZipFile

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pact_portal.foundation.audit.models import AuditRecord
from plan.document.workflow import freeze
from plan.questions import merging, noting, workflow
from plan.questions.bulk import carry_out
from plan.questions.curation import Act
from plan.questions.models import CurationNote, Endorsement, Merge, QuestionNews, SupportQuestion
from plan.questions.workflow import mark_of
from tests.factories import make_measure, make_member, make_pact, make_partner, make_question

State = SupportQuestion.State
HTMX = {"HTTP_HX_REQUEST": "true"}


def address(name, pact, *args):
    return reverse(f"plan:{name}", args=[pact.slug, *args])


def text_of(response):
    return response.content.decode().replace("&#x27;", "'")


def waiting(people, **fields):
    return make_question(people.pact, **{"state": State.SUBMITTED, "partnership": people.school, **fields})


def states(*questions):
    return [SupportQuestion.unscoped.get(pk=question.pk).state for question in questions]


def row_of(question):
    return f"{question.number}:{mark_of(question)}"


# --- Who may ---------------------------------------------------------------------------------------------------------


def test_it_lets_only_coordinators_of_this_pact_curate(people, client_for):
    question = waiting(people)
    other = make_question(people.pact)
    posts = {
        "question_bulk": {"act": "accept", "chosen": question.number},
        "question_bulk_apply": {"act": "accept", "row": row_of(question)},
        "question_merge": {"code": other.code, "confirmed": "1"},
        "question_unmerge": {"confirmed": "1"},
        "question_note": {"text": "Niet voor u."},
    }
    for user, status in (
        (people.representative, 403),
        (people.other, 403),
        (people.reader, 403),
        (people.stranger, 404),
    ):
        client = client_for(user)
        assert client.get(address("question_queue", people.pact)).status_code == status
        assert client.get(address("question_merge", people.pact, question.number)).status_code == status
        for name, data in posts.items():
            number = [] if "bulk" in name else [question.number]
            assert client.post(address(name, people.pact, *number), data).status_code == status
    assert states(question) == [State.SUBMITTED]
    assert not CurationNote.objects.in_pact(people.pact).exists()


def test_it_changes_nothing_by_a_link(people, client_for):
    question = waiting(people)
    client = client_for(people.coordinator)
    for name in ("question_unmerge", "question_note"):
        assert client.get(address(name, people.pact, question.number)).status_code == 405
    for name in ("question_bulk", "question_bulk_apply"):
        assert client.get(address(name, people.pact)).status_code == 405


# --- The queue -------------------------------------------------------------------------------------------------------


def test_it_shows_what_waits_longest_first_with_what_helps_to_judge(people, client_for):
    late = waiting(
        people, title="Wie begeleidt de schoolovergang naar de brugklas?", submitted_at="2026-03-01T10:00+01:00"
    )
    early = waiting(people, title="Rust in de pauze", submitted_at="2026-01-05T10:00+01:00")
    accepted = make_question(people.pact, title="Hoe maken wij de overgang naar de brugklas makkelijker?")
    make_question(people.pact, title="Nog een concept", state=State.DRAFT)
    make_question(people.other_pact, title="Iets van elders", state=State.SUBMITTED)
    Endorsement.unscoped.create(question=late, partnership=people.childcare, endorsed_by=people.other)
    noting.note(late, text="Bellen met de school.", by=people.coordinator)
    page = text_of(client_for(people.coordinator).get(address("question_queue", people.pact)))
    assert "2 vragen wachten" in page
    assert page.index(early.title) < page.index(late.title)
    assert f"Voeg {late.code} samen met {accepted.code}" in page
    assert f"merge/?into={accepted.number}" in page
    assert '<td class="number" data-label="Partners">2</td>' in page
    assert '<td class="number" data-label="Notities">1</td>' in page
    assert "Nog een concept" not in page
    assert "Iets van elders" not in page


def test_it_filters_and_sorts_the_queue(people, client_for):
    waiting(people, title="Rust in de pauze", urgency=1)
    waiting(people, title="Bewegen in de klas", urgency=3, partnership=people.childcare)
    client, url = client_for(people.coordinator), address("question_queue", people.pact)
    found = text_of(client.get(url, {"words": "pauze"}, **HTMX))
    assert found.strip().startswith('<div id="rows"')
    assert 'data-announce="1 vraag wacht"' in found
    assert "Bewegen in de klas" not in found
    assert "Rust in de pauze" not in text_of(client.get(url, {"partner": people.childcare.pk}))
    page = text_of(client.get(url, {"sort": "urgency"}))
    assert page.index("Bewegen in de klas") < page.index("Rust in de pauze")
    page = text_of(client.get(url, {"sort": "waiting"}))
    assert page.index("Rust in de pauze") < page.index("Bewegen in de klas")
    assert "Geen vragen gevonden" in text_of(client.get(url, {"words": "bestaat niet"}))


@pytest.mark.parametrize(
    "query", [{"sort": "drop"}, {"area": "9" * 40}, {"words": "\x00"}, {"chosen": "\x00"}, {"page": "x"}]
)
def test_it_holds_whatever_the_address_of_the_queue_says(people, client_for, query):
    waiting(people, title="Rust in de pauze")
    response = client_for(people.coordinator).get(address("question_queue", people.pact), query)
    assert response.status_code == 200
    assert "Rust in de pauze" in text_of(response)


def test_it_says_when_nothing_waits(people, client_for):
    page = text_of(client_for(people.coordinator).get(address("question_queue", people.pact)))
    assert "Er wacht niets op u" in page
    assert "Doorvoeren" not in page


def test_it_ticks_all_of_a_page_without_javascript(people, client_for):
    first = waiting(people)
    waiting(people)
    client, url = client_for(people.coordinator), address("question_queue", people.pact)
    assert text_of(client.get(url)).count(" checked") == 0
    assert text_of(client.get(url, {"chosen": "all"})).count(" checked") == 2
    assert text_of(client.get(url, {"chosen": first.number})).count(" checked") == 1


def test_it_asks_the_database_as_much_for_many_rows_as_for_one(people, client_for):
    client, url = client_for(people.coordinator), address("question_queue", people.pact)
    preview = address("question_bulk", people.pact)

    def add():
        question = waiting(
            people, title="Hoe helpen wij bij de overgang naar de brugklas?", partnership=make_partner(people.pact)
        )
        Endorsement.unscoped.create(question=question, partnership=people.childcare, endorsed_by=people.other)
        noting.note(question, text="Bellen.", by=people.coordinator)
        return question.number

    def queries(act):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert act().status_code == 200
        return len(captured)

    numbers = [add(), add()]
    acts = [
        lambda: client.get(url),
        lambda: client.post(preview, {"act": "accept", "chosen": numbers}),
        lambda: client.post(preview, {"act": "merge", "chosen": numbers}),
        lambda: client.post(preview, {"act": "merge", "chosen": numbers, "choosing": "1", "code": "V1"}),
    ]
    before = [(queries(act), queries(act))[1] for act in acts]
    numbers += [add() for _ in range(20)]
    assert [queries(act) for act in acts] == before


# --- Several at once -------------------------------------------------------------------------------------------------


def test_it_shows_what_will_happen_before_it_accepts_several(people, client_for):
    first, second, third = (waiting(people) for _ in range(3))
    accepted = make_question(people.pact)
    client = client_for(people.coordinator)
    chosen = [first.number, second.number, accepted.number]
    page = text_of(client.post(address("question_bulk", people.pact), {"act": "accept", "chosen": chosen}))
    assert "2 vragen worden aangenomen" in page
    assert f"Vraag {accepted.code} is aangenomen. Beoordelen kan alleen" in page
    assert row_of(first) in page
    assert row_of(accepted) not in page
    assert states(first, second, third) == [State.SUBMITTED] * 3
    data = {"act": "accept", "row": [row_of(first), row_of(second)]}
    page = text_of(client.post(address("question_bulk_apply", people.pact), data, follow=True))
    assert "2 vragen zijn aangenomen." in page
    assert states(first, second, third) == [State.ACCEPTED, State.ACCEPTED, State.SUBMITTED]
    page = text_of(client.post(address("question_bulk_apply", people.pact), data, follow=True))
    assert f"2 zijn intussen al beoordeeld of gewijzigd, en overgeslagen: {first.code}, {second.code}." in page
    assert AuditRecord.objects.in_pact(people.pact).filter(action="question.accepted").count() == 2
    assert QuestionNews.objects.in_pact(people.pact).filter(kind="accepted").count() == 2


def test_it_does_the_rest_when_another_was_quicker_with_some(people, client_for):
    questions = [waiting(people) for _ in range(4)]
    rows = [row_of(question) for question in questions]
    workflow.accept(questions[0], by=people.coordinator)
    workflow.revise(questions[2], by=people.representative, title="Iets heel anders")
    data = {"act": "return", "row": rows, "remark": "Noem de leeftijd."}
    page = text_of(client_for(people.coordinator).post(address("question_bulk_apply", people.pact), data, follow=True))
    assert "2 vragen zijn teruggestuurd." in page
    assert "2 zijn intussen al beoordeeld of gewijzigd, en overgeslagen: V1, V3." in page
    assert states(*questions) == [State.ACCEPTED, State.RETURNED, State.SUBMITTED, State.RETURNED]


def test_it_keeps_one_that_cannot_from_none_of_the_others(people):
    """Each has a savepoint of its own: the refusal of V1 undoes nothing of V2, and leaves nothing of itself."""
    first, second = waiting(people), waiting(people)
    SupportQuestion.objects.in_pact(people.pact).filter(pk=first.pk).update(title="")
    marks = {each.number: mark_of(SupportQuestion.unscoped.get(pk=each.pk)) for each in (first, second)}
    done = carry_out(people.pact, Act.ACCEPT, marks, by=people.coordinator)
    assert (done.done, done.changed) == (["V2"], [])
    assert [sentence[:4] for sentence in done.refused] == ["V1: "]
    assert states(first, second) == [State.SUBMITTED, State.ACCEPTED]
    assert AuditRecord.objects.in_pact(people.pact).get().subject_id == second.pk


def test_it_keeps_the_remark_and_the_rows_when_something_is_wrong_with_it(people, client_for):
    question = waiting(people)
    client = client_for(people.coordinator)
    page = text_of(client.post(address("question_bulk", people.pact), {"act": "return", "chosen": question.number}))
    assert "Wat moeten de indieners aanpassen?" in page
    row = row_of(question)
    workflow.revise(question, by=people.representative, title="Iets heel anders")
    for remark, said in (
        ("", "Schrijf op wat de indieners moeten aanpassen."),
        ("x" * 2001, "2000"),
        ("a\x07b", "niet te zien"),
    ):
        data = {"act": "return", "row": row, "remark": remark}
        response = client.post(address("question_bulk_apply", people.pact), data)
        assert response.status_code == 200
        assert said in text_of(response)
        # Still the mark of what the coordinator read.
        assert f'value="{row}"' in text_of(response)
    assert states(question) == [State.SUBMITTED]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"act": "accept"}, "nog geen vraag gekozen"),
        ({"act": "accept", "chosen": "een"}, "kennen wij niet"),
        ({"act": "accept", "chosen": "9" * 30}, "kennen wij niet"),
        ({"act": "accept", "chosen": "\x00"}, "kennen wij niet"),
        ({"act": "accept", "chosen": "4040"}, "kennen wij niet"),
        ({"act": "accept", "chosen": [str(number) for number in range(1, 102)]}, "100 vragen tegelijk"),
        ({"act": "drop", "chosen": "1"}, "Kies wat u met deze vragen wilt doen"),
        ({"chosen": "1"}, "Kies wat u met deze vragen wilt doen"),
    ],
)
def test_it_says_what_is_wrong_with_a_choice_and_keeps_it(people, client_for, data, said):
    waiting(people)
    make_question(people.other_pact, state=State.SUBMITTED)
    client = client_for(people.coordinator)
    response = client.post(address("question_bulk", people.pact), {**data, "query": "sort=title&page=1"}, follow=True)
    assert response.status_code == 200
    assert said in text_of(response)
    assert "sort=title" in response.redirect_chain[0][0]
    rows = {"act": data.get("act", ""), "row": data.get("chosen", [])}
    assert client.post(address("question_bulk_apply", people.pact), rows, follow=True).status_code == 200
    assert states(SupportQuestion.objects.in_pact(people.pact).get()) == [State.SUBMITTED]


def test_it_keeps_the_ticks_when_a_choice_is_refused(people, client_for):
    first = waiting(people)
    waiting(people)
    data = {"act": "drop", "chosen": [first.number, "junk"], "query": "//elders.example/"}
    response = client_for(people.coordinator).post(address("question_bulk", people.pact), data, follow=True)
    assert text_of(response).count(" checked") == 1
    assert response.redirect_chain[0][0].startswith(address("question_queue", people.pact) + "?")


def test_it_knows_no_draft_and_nothing_of_another_pact(people, client_for):
    draft = make_question(people.pact, state=State.DRAFT, partnership=people.school, title="Nog niet af")
    client = client_for(people.coordinator)
    page = text_of(
        client.post(address("question_bulk", people.pact), {"act": "accept", "chosen": draft.number}, follow=True)
    )
    assert "kennen wij niet" in page
    assert "Nog niet af" not in page
    source = waiting(people)
    page = text_of(client.post(address("question_merge", people.pact, source.number), {"code": draft.code}))
    assert f"Vraag {draft.code} kennen wij niet in dit pact" in page
    assert "Nog niet af" not in page


def test_it_merges_several_into_one_of_them(people, client_for):
    first, second, third = (waiting(people) for _ in range(3))
    client, url = client_for(people.coordinator), address("question_bulk", people.pact)
    data = {"act": "merge", "chosen": [first.number, second.number, third.number]}
    page = text_of(client.post(url, data))
    assert "In welke vraag gaan deze op?" in page
    assert "Er is 1 ding" not in page
    page = text_of(client.post(url, {**data, "choosing": "1"}))
    assert "Kies de vraag waarin deze opgaat." in page
    page = text_of(client.post(url, {**data, "choosing": "1", "target": second.number}))
    assert f"2 vragen gaan op in {second.code}" in page
    assert f'name="into" value="{row_of(second)}"' in page
    rows = {"act": "merge", "row": [row_of(first), row_of(third)], "into": row_of(second)}
    page = text_of(client.post(address("question_bulk_apply", people.pact), rows, follow=True))
    assert "2 vragen zijn samengevoegd." in page
    assert states(first, second, third) == [State.MERGED, State.SUBMITTED, State.MERGED]
    page = text_of(client.post(address("question_bulk_apply", people.pact), rows, follow=True))
    assert "overgeslagen: V1, V3." in page
    assert Merge.objects.in_pact(people.pact).count() == 2


def test_it_merges_nothing_when_the_target_changed_meanwhile(people, client_for):
    source, target = waiting(people), waiting(people)
    data = {"act": "merge", "row": row_of(source), "into": row_of(target)}
    workflow.revise(target, by=people.representative, title="Iets heel anders")
    page = text_of(client_for(people.coordinator).post(address("question_bulk_apply", people.pact), data, follow=True))
    assert "Iemand anders heeft dit gewijzigd" in page
    assert states(source) == [State.SUBMITTED]


@pytest.mark.parametrize("into", ["", "junk", "4040:" + "0" * 32])
def test_it_merges_nothing_without_a_target(people, client_for, into):
    source = waiting(people)
    data = {"act": "merge", "row": row_of(source), "into": into}
    response = client_for(people.coordinator).post(address("question_bulk_apply", people.pact), data, follow=True)
    assert "kennen wij niet" in text_of(response)
    del data["into"]
    response = client_for(people.coordinator).post(address("question_bulk_apply", people.pact), data, follow=True)
    assert response.status_code == 200
    assert states(source) == [State.SUBMITTED]


# --- One into another ------------------------------------------------------------------------------------------------


def test_it_offers_what_looks_alike_and_merges_after_asking(people, client_for):
    source = waiting(people, title="Wie begeleidt de schoolovergang naar de brugklas?")
    target = make_question(people.pact, title="Hoe maken wij de overgang naar de brugklas makkelijker?")
    make_question(people.pact, title="Meer bewegen op het plein")
    client, url = client_for(people.coordinator), address("question_merge", people.pact, source.number)
    page = text_of(client.get(url, {"into": target.number}))
    assert target.title in page
    assert page.count('type="radio"') == 1
    assert " checked" in page
    data = {"target": target.number, "seen": mark_of(source)}
    page = text_of(client.post(url, data))
    assert f"{target.code} spreekt voortaan ook voor {source.code}" in page
    assert states(source) == [State.SUBMITTED]
    response = client.post(url, {**data, "confirmed": "1"}, follow=True)
    assert response.redirect_chain[-1][0] == address("question_detail", people.pact, target.number)
    assert f"Vraag {source.code} is opgegaan in vraag {target.code}" in text_of(response)
    assert states(source) == [State.MERGED]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Kies de vraag waarin deze opgaat."),
        ({"code": "V1"}, "niet in zichzelf"),
        ({"code": "v 2"}, "V2 is zelf opgegaan in vraag V3"),
        ({"code": "V5"}, "V5 is teruggestuurd"),
        ({"code": "V99"}, "V99 kennen wij niet in dit pact"),
        ({"code": "brugklas"}, "Typ het nummer van een vraag"),
        ({"code": "9" * 12}, "Typ het nummer van een vraag"),
        ({"code": "x" * 1000}, "12"),
        ({"code": "V\x007"}, "tekens"),
        ({"target": "3", "code": "V1"}, "niet in zichzelf"),
        ({"target": "junk"}, "Kies een vraag uit de lijst"),
    ],
)
def test_it_says_what_is_wrong_with_a_target(people, client_for, data, said):
    source = waiting(people, title="Wie begeleidt de schoolovergang naar de brugklas?")
    merged, root = (make_question(people.pact, title="De overgang naar de brugklas begeleiden") for _ in range(2))
    make_question(people.pact)
    make_question(people.pact, state=State.RETURNED, remark="Noem de leeftijd.")
    merging.merge(merged, into=root, by=people.coordinator)
    url = address("question_merge", people.pact, source.number)
    response = client_for(people.coordinator).post(url, {**data, "confirmed": "1"})
    assert response.status_code == 200
    assert said in text_of(response)
    assert states(source) == [State.SUBMITTED]


def test_it_shows_the_second_of_two_how_the_question_stands_now(people, client_for):
    source, target = waiting(people), make_question(people.pact)
    seen = mark_of(source)
    workflow.send_back(source, remark="Noem de leeftijd.", by=people.coordinator)
    url = address("question_merge", people.pact, source.number)
    page = text_of(client_for(people.coordinator).post(url, {"code": target.code, "seen": seen, "confirmed": "1"}))
    assert "Vraag V1 is teruggestuurd" in page
    assert "Samenvoegen kan niet" in page
    assert 'type="submit"' not in page[page.index("<main") : page.index("</main>")]


def test_it_merges_on_a_second_press_what_somebody_changed_meanwhile(people, client_for):
    source, target = waiting(people), make_question(people.pact)
    seen = mark_of(source)
    workflow.revise(source, by=people.representative, title="Door een collega gewijzigd")
    client, url = client_for(people.coordinator), address("question_merge", people.pact, source.number)
    page = text_of(client.post(url, {"code": target.code, "seen": seen, "confirmed": "1"}))
    assert "Iemand anders" in page
    now = re.search(r'name="seen" value="([0-9a-f]{32})"', page)[1]
    assert now == mark_of(source)
    assert page.count("Door een collega gewijzigd") >= 2
    assert states(source) == [State.SUBMITTED]
    # The second press is asked about as the first one is.
    assert "spreekt voortaan ook voor" in text_of(client.post(url, {"code": target.code, "seen": now}))
    client.post(url, {"code": target.code, "seen": now, "confirmed": "1"})
    assert states(source) == [State.MERGED]


def test_it_undoes_a_merge_after_asking_until_the_plan_is_frozen(people, client_for):
    source, target, third = make_question(people.pact), make_question(people.pact), make_question(people.pact)
    merging.merge(source, into=target, by=people.coordinator)
    client = client_for(people.coordinator)
    page = text_of(client.get(address("question_detail", people.pact, source.number)))
    assert "Samenvoegen ongedaan maken" in page
    url = address("question_unmerge", people.pact, source.number)
    assert "staat weer op zichzelf, zoals daarvoor" in text_of(client.post(url))
    assert states(source) == [State.MERGED]
    assert "V1 staat weer op zichzelf" in text_of(client.post(url, {"confirmed": "1"}, follow=True))
    assert states(source) == [State.ACCEPTED]
    assert "niets om ongedaan te maken" in text_of(client.post(url, {"confirmed": "1"}, follow=True))
    merging.merge(source, into=third, by=people.coordinator)
    freeze(people.pact, by=people.coordinator)
    page = text_of(client.post(url, {"confirmed": "1"}, follow=True))
    assert "Dit kan niet meer" in page
    assert "kan niet meer ongedaan worden gemaakt" in page
    assert "Samenvoegen ongedaan maken" not in page


def test_it_shows_a_measure_for_a_merged_question_at_the_one_that_speaks_for_it(people, client_for):
    source, target = make_question(people.pact), make_question(people.pact)
    for questions in ([source], [source, target]):
        make_measure(people.pact, questions=questions, title=f"Maatregel voor {len(questions)}")
    client, url = client_for(people.reader), address("question_detail", people.pact, target.number)
    assert "Maatregel voor 1" not in text_of(client.get(url))
    merging.merge(source, into=target, by=people.coordinator)
    page = text_of(client.get(url))
    assert "Maatregel voor 1" in page
    assert page.count(">Maatregel voor 2<") == 1


def test_it_leads_only_a_coordinator_to_the_queue(people, client_for):
    url, queue = address("question_list", people.pact), address("question_queue", people.pact)
    assert f'href="{queue}"' in text_of(client_for(people.coordinator).get(url))
    assert f'href="{queue}"' not in text_of(client_for(people.representative).get(url))


# --- Notes -----------------------------------------------------------------------------------------------------------

SECRET = "Deze school vraagt dit elk jaar."


def test_it_shows_notes_to_coordinators_of_the_pact_alone(people, client_for):
    question = waiting(people, created_by=people.representative)
    url = address("question_note", people.pact, question.number)
    page = text_of(client_for(people.coordinator).post(url, {"text": SECRET}, follow=True))
    assert SECRET in page
    assert "De notitie is bewaard" in page
    detail = address("question_detail", people.pact, question.number)
    for user in (people.representative, people.other, people.signatory, people.advisor, people.reader):
        response = client_for(user).get(detail)
        assert response.status_code == 200
        assert SECRET not in text_of(response)
        assert "Voor coördinatoren" not in text_of(response)
    assert client_for(people.stranger).get(detail).status_code == 404
    assert SECRET not in text_of(client_for(people.reader).get(address("question_list", people.pact)))


def test_it_takes_no_note_into_the_plan_the_trail_or_the_news(people):
    question = make_question(people.pact)
    noting.note(question, text=SECRET, by=people.coordinator)
    version = freeze(people.pact, by=people.coordinator)
    assert SECRET not in str(version.content)
    assert not any(SECRET in str(record.details) for record in AuditRecord.objects.in_pact(people.pact))
    assert not QuestionNews.objects.in_pact(people.pact).exists()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_it_takes_no_note_into_an_export(people, client_for, form):
    question = make_question(people.pact, title="Wie helpt bij de overstap?")
    noting.note(question, text=SECRET, by=people.coordinator)
    for user in (people.coordinator, people.representative):
        response = client_for(user).get(address("question_export", people.pact), {"format": form})
        content = b"".join(response.streaming_content) if response.streaming else response.content
        if form == "xlsx":
            with ZipFile(BytesIO(content)) as book:
                content = b"".join(book.read(name) for name in book.namelist())
        assert b"Wie helpt bij de overstap?" in content
        assert SECRET.encode() not in content


def test_it_asks_before_a_remark_names_somebody_and_keeps_what_was_read(people, client_for):
    question = waiting(people)
    client, url = client_for(people.coordinator), address("question_bulk_apply", people.pact)
    data = {"act": "return", "row": row_of(question), "remark": "Bel mij op 06 12345678 over de leeftijd."}
    page = text_of(client.post(url, data))
    assert f'value="{data["row"]}"' in page
    assert "06 12345678" in page
    assert states(question) == [State.SUBMITTED]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w*(?:seen|mark)\w*)" value="([^"]*)"', page))
    ticks = re.findall(r'<input type="checkbox" name="([^"]+)"', page)
    page = text_of(client.post(url, {**data, **hidden, **dict.fromkeys(ticks, "on")}, follow=True))
    assert "1 vraag is teruggestuurd." in page


def test_it_takes_no_citizen_service_number_into_a_note(people, client_for):
    question = waiting(people)
    url = address("question_note", people.pact, question.number)
    response = client_for(people.coordinator).post(url, {"text": "Het gaat om 111222333."})
    assert response.status_code == 200
    assert "111222333" in text_of(response)
    assert not CurationNote.objects.in_pact(people.pact).exists()


def test_it_writes_a_note_once_when_clicked_twice(people, client_for):
    question = waiting(people)
    client, url = client_for(people.coordinator), address("question_note", people.pact, question.number)
    for text in ("Bellen.", "Bellen.", "Gebeld.", "Bellen."):
        client.post(url, {"text": text})
    notes = CurationNote.objects.in_pact(people.pact).filter(question=question)
    assert [note.text for note in notes] == ["Bellen.", "Gebeld.", "Bellen."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Schrijf eerst een notitie."),
        ("  ", "Schrijf eerst een notitie."),
        ("x" * 2001, "2000"),
        ("a\x07b", "tekens"),
    ],
)
def test_it_keeps_a_note_that_cannot_be_written(people, client_for, text, said):
    question = waiting(people)
    url = address("question_note", people.pact, question.number)
    response = client_for(people.coordinator).post(url, {"text": text})
    assert response.status_code == 200
    assert said in text_of(response)
    assert text.strip() in text_of(response)
    assert not CurationNote.objects.in_pact(people.pact).exists()


# --- Two at once -----------------------------------------------------------------------------------------------------


@pytest.fixture
def two_coordinators(transactional_db):
    partner = make_partner(make_pact())
    return [make_member(partner, "coordinator") for _ in range(2)]


@pytest.mark.django_db(transaction=True)
def test_it_judges_each_question_once_when_two_do_it_in_bulk_at_once(two_coordinators):
    pact = two_coordinators[0].memberships.get().partnership.pact
    with transaction.atomic():
        questions = [make_question(pact, state=State.SUBMITTED) for _ in range(6)]
    url = address("question_bulk_apply", pact)
    start = Barrier(2)

    def post(user, data):
        try:
            client = Client()
            client.force_login(user)
            start.wait(20)
            return text_of(client.post(url, data, follow=True))
        finally:
            connections.close_all()

    rows = [row_of(question) for question in questions]
    accept = {"act": "accept", "row": rows}
    back = {"act": "return", "row": rows[::-1], "remark": "Noem de leeftijd."}
    with ThreadPoolExecutor(2) as pool:
        pages = list(pool.map(post, two_coordinators, [accept, back]))
    assert sum("6 zijn intussen al beoordeeld of gewijzigd" in page for page in pages) == 1
    assert len(set(states(*questions))) == 1
    assert AuditRecord.unscoped.filter(action__in=["question.accepted", "question.returned"]).count() == 6
    assert connection.vendor == "postgresql"


@pytest.mark.django_db(transaction=True)
def test_it_would_judge_twice_without_mark_and_lock(two_coordinators):
    """The twin with both off: each of two finds the question as handed in, and the first outcome is gone unsaid."""
    pact = two_coordinators[0].memberships.get().partnership.pact
    with transaction.atomic():
        question = make_question(pact, state=State.SUBMITTED)
    both_read = Barrier(2)

    def write(state):
        try:
            own = SupportQuestion.unscoped.get(pk=question.pk)
            both_read.wait(20)
            if own.state == State.SUBMITTED:
                own.state, own.remark, own.curated_at = state, "Noem de leeftijd.", timezone.now()
                own.save()
            return own.state
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(write, [State.ACCEPTED, State.RETURNED]))
    assert told == [State.ACCEPTED, State.RETURNED]
    assert len(set(states(question)) & set(told)) == 1
