"""Recognition, link and examples of programmes, and what people say of them, with their consent."""

import re
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pact_portal.foundation.audit.models import AuditRecord
from partners.models import PactSection
from partners.models import Testimony as Voice
from partners.pact import workflow as pacts
from plan.programmes import checking, workflow
from plan.programmes.models import Programme
from tests.factories import make_programme, make_question
from tests.plan.test_programmes_pages import filled, judgement

HTMX = {"HTTP_HX_REQUEST": "true"}


def address(name, pact, *args):
    return reverse(f"plan:{name}", args=[pact.slug, *args])


def text_of(response):
    return response.content.decode()


def spoken(**fields):
    return {
        "quotation": "Eindelijk iemand die luistert.",
        "source": "leerling vo, 14 jaar",
        "consent_on": timezone.localdate(),
        "consent_note": "Formulier bij de mentor",
        **fields,
    }


def sent(**fields):
    return {**spoken(), "consent_on": f"{timezone.localdate():%-d-%-m-%Y}", "link": "", **fields}


def make_example(pact, **fields):
    return make_programme(pact, **{"is_example": True, "example_reason": "De coach zit in de school.", **fields})


# --- The form --------------------------------------------------------------------------------------------------------


def test_it_keeps_recognition_link_and_example(people, client_for):
    client = client_for(people.representative)
    more = {
        "nji_level": "good",
        "link": "https://voorbeeld.example/coach",
        "is_example": "on",
        "example_reason": "De coach zit in de school.",
    }
    client.post(address("programme_new", people.pact), filled(people, **more))
    programme = Programme.objects.in_pact(people.pact).get()
    assert (programme.nji_level, programme.is_example, programme.link) == ("good", True, more["link"])
    page = text_of(client_for(people.reader).get(address("programme_detail", people.pact, programme.number)))
    assert '<a href="https://voorbeeld.example/coach" rel="noopener noreferrer nofollow">' in page
    assert "effectief volgens goede aanwijzingen" in page
    assert "De coach zit in de school." in page


def test_it_takes_an_address_without_https_as_https(people, client_for):
    client_for(people.representative).post(
        address("programme_new", people.pact), filled(people, link="voorbeeld.example/coach")
    )
    assert Programme.objects.in_pact(people.pact).get().link == "https://voorbeeld.example/coach"


def test_it_shows_every_field_of_the_form_once(people, client_for):
    page = text_of(client_for(people.representative).get(address("programme_new", people.pact)))
    for name in filled(people) | {"nji_level": "", "link": "", "is_example": "", "example_reason": ""}:
        assert f'name="{name}"' in page, name
    assert page.count('name="name"') == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"link": "javascript:alert(1)"},
        {"link": "ftp://voorbeeld.example"},
        {"nji_level": "perfect"},
        {"is_example": True},
        {"is_example": True, "example_reason": "  "},
    ],
)
def test_it_refuses_it_past_the_form(people, fault):
    programme = make_programme(people.pact)
    with pytest.raises(ValidationError):
        workflow.revise(programme, by=people.coordinator, **fault)


def test_it_refuses_an_example_without_a_reason_in_the_database_itself(people):
    programme = make_programme(people.pact)
    with pytest.raises(IntegrityError), transaction.atomic():
        Programme.objects.in_pact(people.pact).filter(pk=programme.pk).update(is_example=True)


def test_it_never_shows_a_script_as_a_link_whatever_stands_in_the_row(people, client_for):
    programme = make_example(people.pact, link="JavaScript:alert(1)")
    for url in (address("programme_detail", people.pact, programme.number), address("programme_examples", people.pact)):
        assert "alert(1)" not in text_of(client_for(people.reader).get(url))


PHONE = "Bel de coach op 06-12345678."


def test_it_asks_once_whether_personal_data_may_be_read_by_all(people, client_for):
    """The tick that the guard adds has a place in the sections of the form."""
    programme, question = make_programme(people.pact, provider=people.school), make_question(people.pact)
    client = client_for(people.representative)
    for url, values in (
        (address("programme_new", people.pact), filled(people, description=f"<p>{PHONE}</p>")),
        (address("programme_edit", people.pact, programme.number), filled(people, name="Coach", description=PHONE)),
        (address("programme_testimony_new", people.pact, programme.number), sent(quotation=PHONE)),
        (address("fit_judge", people.pact, question.number), judgement(programme, reason=PHONE)),
    ):
        page = text_of(client.post(url, values))
        seen = re.search(r'name="privacy_seen" value="([^"]+)"', page)
        assert 'type="checkbox" name="privacy_confirmed"' in page, url
        assert seen, url
        confirmed = {**values, "privacy_confirmed": "on", "privacy_seen": seen[1]}
        assert client.post(url, confirmed).status_code == 302, url
    assert programme.testimonies.exists()


# --- The list and the gallery ----------------------------------------------------------------------------------------


def test_it_filters_by_recognition_example_age_and_check(people, client_for):
    today = timezone.localdate()
    make_programme(people.pact, name="Erkend", nji_level="good", age_from=0, age_to=3)
    make_example(people.pact, name="Stralend", age_from=12, age_to=17)
    make_programme(people.pact, name="Verouderd", confirmed_on=today - timedelta(days=400), age_from=4, age_to=11)
    client, url = client_for(people.reader), address("programme_list", people.pact)

    def found(**query):
        page = text_of(client.get(url, query))
        return {name for name in ("Erkend", "Stralend", "Verouderd") if name in page}

    assert found(nji="any") == {"Erkend"}
    assert found(nji="good") == {"Erkend"}
    assert found(nji="strong") == set()
    assert found(example="yes") == {"Stralend"}
    assert found(phase="12-18") == {"Stralend"}
    assert found(phase="0-4") == {"Erkend"}
    assert found(check="due") == {"Verouderd"}
    for query in ({"nji": "perfect"}, {"example": "\x00"}, {"phase": "5"}, {"check": "9" * 50}):
        assert "kennen wij niet" in text_of(client.get(url, query))


def test_it_shows_the_examples_with_what_people_say(people, client_for):
    second = people.pact.areas.last()
    example = make_example(people.pact, name="Brugklascoach", provider=people.school, link="https://voorbeeld.example/")
    make_example(people.pact, name="Gezinshulp", areas=[second], curatie=True, age_from=0, age_to=3)
    make_programme(people.pact, name="Gewoon aanbod")
    make_example(people.other_pact, name="Iets van elders")
    workflow.record_testimony(example, by=people.representative, **spoken())
    client, url = client_for(people.reader), address("programme_examples", people.pact)

    def found(**query):
        page = text_of(client.get(url, query))
        return {name for name in ("Brugklascoach", "Gezinshulp", "Gewoon aanbod", "Iets van elders") if name in page}

    assert found() == {"Brugklascoach", "Gezinshulp"}
    assert found(area=second.pk) == {"Gezinshulp"}
    assert found(layer="curatie") == {"Gezinshulp"}
    assert found(phase="0-4") == {"Brugklascoach", "Gezinshulp"}
    assert found(phase="12-18") == {"Brugklascoach"}
    assert found(words="coach zit") == {"Brugklascoach", "Gezinshulp"}
    assert "Geen voorbeelden gevonden" in text_of(client.get(url, {"words": "zeppelin"}))
    page = text_of(client.get(url))
    assert "Eindelijk iemand die luistert." in page
    assert "Formulier bij de mentor" not in page
    assert text_of(client.get(url, **HTMX)).strip().startswith('<div id="rows"')
    for query in ({"area": "9" * 40}, {"phase": "\x00"}, {"layer": "x"}):
        assert "kennen wij niet" in text_of(client.get(url, query))
    assert client_for(people.stranger).get(url).status_code == 404


def test_it_says_what_belongs_among_the_examples(people, client_for):
    url = address("programme_examples", people.pact)
    assert "Nog geen voorbeelden" in text_of(client_for(people.reader).get(url))
    assert address("programme_own", people.pact) in text_of(client_for(people.representative).get(url))


def test_it_asks_the_database_as_often_for_one_example_as_for_many(people, client_for):
    client, url = client_for(people.reader), address("programme_examples", people.pact)

    def queries():
        client.get(url)
        with CaptureQueriesContext(connection) as counted:
            assert client.get(url).status_code == 200
        return len(counted)

    def add():
        example = make_example(people.pact)
        workflow.record_testimony(example, by=people.representative, **spoken())

    add()
    before = queries()
    for _ in range(8):
        add()
    assert queries() == before


# --- What people say -------------------------------------------------------------------------------------------------


def test_it_records_what_somebody_said_with_the_consent(people, client_for):
    programme = make_programme(people.pact, provider=people.school)
    url = address("programme_testimony_new", people.pact, programme.number)
    client = client_for(people.representative)
    assert "Toestemming is altijd nodig" in text_of(client.get(url))
    page = text_of(client.post(url, sent(), follow=True))
    assert "Eindelijk iemand die luistert." in page
    testimony = programme.testimonies.get()
    assert (testimony.pact, testimony.section, testimony.recorded_by) == (people.pact, None, people.representative)
    actions = list(AuditRecord.objects.in_pact(people.pact).order_by("pk").values_list("action", flat=True))
    assert actions == ["testimony.recorded", "programme.testimony_placed"]
    assert "staat al bij dit aanbod" in text_of(client.post(url, sent()))
    assert programme.testimonies.count() == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"consent_on": ""},
        {"consent_on": "1-1-2999"},
        {"consent_note": " "},
        {"quotation": ""},
        {"quotation": "x" * 601},
        {"quotation": "niet\x00goed"},
        {"source": ""},
        {"link": "javascript:alert(1)"},
    ],
)
def test_it_records_nothing_without_consent_or_words(people, client_for, fault):
    programme = make_programme(people.pact, provider=people.school)
    url = address("programme_testimony_new", people.pact, programme.number)
    response = client_for(people.representative).post(url, sent(**fault))
    assert response.status_code == 200
    page = text_of(response)
    assert "fault-summary" in page
    if "source" not in fault:
        assert "leerling vo, 14 jaar" in page
    assert not Voice.objects.in_pact(people.pact).exists()


@pytest.mark.parametrize("fault", [{"consent_note": ""}, {"consent_on": timezone.localdate() + timedelta(days=2)}])
def test_it_records_nothing_without_consent_past_the_form(people, fault):
    programme = make_programme(people.pact)
    with pytest.raises(ValidationError):
        workflow.record_testimony(programme, by=people.coordinator, **spoken(**fault))
    assert not programme.testimonies.exists()


def test_it_lets_only_who_keeps_the_programme_record(people, client_for):
    programme = make_programme(people.pact, provider=people.school)
    url = address("programme_testimony_new", people.pact, programme.number)
    for who, status in (("other", 403), ("reader", 403), ("signatory", 403), ("advisor", 403), ("stranger", 404)):
        client = client_for(getattr(people, who))
        assert client.get(url).status_code == status, who
        assert client.post(url, sent()).status_code == status, who
    assert not Voice.objects.in_pact(people.pact).exists()


def test_it_lets_the_coordinator_choose_words_that_were_recorded_before(people, client_for):
    programme = make_programme(people.pact, provider=people.school)
    words = pacts.add_testimony(people.pact, **spoken(), by=people.coordinator)
    strange = pacts.add_testimony(people.other_pact, **spoken(), by=people.stranger)
    url = address("programme_testimony_new", people.pact, programme.number)
    client = client_for(people.coordinator)
    for wrong in (strange.pk, "9" * 40, ""):
        assert "Kies een stem uit de lijst." in text_of(client.post(url, {"testimony": wrong}))
    assert "fault-summary" in text_of(client.post(url, {"testimony": "\x00"}))
    client.post(url, {"testimony": words.pk})
    assert list(programme.testimonies.all()) == [words]
    assert workflow.place_testimony(programme, words, by=people.coordinator) is False
    # Who only keeps the programme is not offered what others said elsewhere.
    assert "testimony" not in text_of(client_for(people.representative).get(url)).split("<main")[1].split("</form>")[1]
    response = client_for(people.representative).post(url, {"testimony": words.pk})
    assert "fault-summary" in text_of(response) or response.status_code == 200


def test_it_places_no_words_of_another_pact_or_without_consent(people):
    programme = make_programme(people.pact)
    strange = pacts.add_testimony(people.other_pact, **spoken(), by=people.stranger)
    with pytest.raises(ValidationError, match="bij dit pact"):
        workflow.place_testimony(programme, strange, by=people.coordinator)
    words = pacts.add_testimony(people.pact, **spoken(), by=people.coordinator)
    pacts.withdraw_consent(words, by=people.coordinator)
    with pytest.raises(ValidationError, match="ingetrokken"):
        workflow.place_testimony(programme, words, by=people.coordinator)
    assert not programme.testimonies.exists()


def test_it_shows_withdrawn_words_nowhere(people, client_for):
    programme = make_example(people.pact, provider=people.school)
    words = workflow.record_testimony(programme, by=people.representative, **spoken())
    pages = [
        address("programme_detail", people.pact, programme.number),
        address("programme_examples", people.pact),
        address("programme_own", people.pact),
        address("programme_list", people.pact),
    ]
    client = client_for(people.coordinator)
    shown = [words.quotation in text_of(client.get(url)) for url in pages]
    assert shown == [True, True, False, False]
    withdraw = address("programme_testimony_withdraw", people.pact, programme.number, words.pk)
    asked = text_of(client_for(people.representative).post(withdraw))
    assert "niet terug te draaien" in asked
    assert words.quotation in text_of(client.get(pages[0]))
    client_for(people.representative).post(withdraw, {"confirmed": "1"})
    words.refresh_from_db()
    assert words.consent_withdrawn_at
    for url in [*pages, address("programme_testimony_new", people.pact, programme.number)]:
        assert words.quotation not in text_of(client.get(url))
    # Recorded anew, with a new consent, the same words may stand there again.
    workflow.record_testimony(programme, by=people.representative, **spoken())


def test_it_lets_only_who_keeps_the_programme_withdraw(people, client_for):
    programme = make_programme(people.pact, provider=people.school)
    words = workflow.record_testimony(programme, by=people.representative, **spoken())
    url = address("programme_testimony_withdraw", people.pact, programme.number, words.pk)
    for who, status in (("other", 403), ("reader", 403), ("stranger", 404)):
        assert client_for(getattr(people, who)).post(url, {"confirmed": "1"}).status_code == status, who
    elsewhere = pacts.add_testimony(people.pact, **spoken(), by=people.coordinator)
    not_here = address("programme_testimony_withdraw", people.pact, programme.number, elsewhere.pk)
    assert client_for(people.representative).post(not_here, {"confirmed": "1"}).status_code == 404
    section = PactSection.unscoped.create(pact=people.pact, position=1, title="Aanleiding")
    pacts.edit_testimony(words, section=section, by=people.coordinator)
    page = text_of(client_for(people.representative).post(url, {"confirmed": "1"}, follow=True))
    assert "staat ook in het pact" in page
    words.refresh_from_db()
    assert words.consent_withdrawn_at is None
    client_for(people.coordinator).post(url, {"confirmed": "1"})
    words.refresh_from_db()
    assert words.consent_withdrawn_at


def beside(people, provider, words):
    """A programme of a provider beside which words stand too that were recorded elsewhere."""
    programme = make_example(people.pact, provider=provider)
    workflow.place_testimony(programme, words, by=people.coordinator)
    return programme


def test_it_lets_only_who_recorded_words_withdraw_them_for_all(people, client_for):
    own = make_example(people.pact, provider=people.school)
    words = workflow.record_testimony(own, by=people.coordinator, **spoken())
    other = beside(people, people.childcare, words)
    url = address("programme_testimony_withdraw", people.pact, other.number, words.pk)
    client = client_for(people.other)
    page = text_of(client.get(address("programme_detail", people.pact, other.number)))
    assert "Bij dit aanbod weghalen" in page
    assert "Toestemming ingetrokken?" not in page
    assert "Een andere organisatie heeft deze stem vastgelegd" in text_of(
        client.post(url, {"confirmed": "1"}, follow=True)
    )
    words.refresh_from_db()
    assert words.consent_withdrawn_at is None
    # It was recorded for the school: who keeps its programmes may, whoever typed it.
    page = text_of(client_for(people.representative).get(address("programme_detail", people.pact, own.number)))
    assert "Toestemming ingetrokken?" in page
    assert "Bij dit aanbod weghalen" not in page
    there = address("programme_testimony_withdraw", people.pact, own.number, words.pk)
    client_for(people.representative).post(there, {"confirmed": "1"})
    words.refresh_from_db()
    assert words.consent_withdrawn_at


def test_it_lets_the_coordinator_and_the_recorder_withdraw_words_wherever_they_stand(people, client_for):
    for who in ("coordinator", "other"):
        # Recorded beside no programme: nobody's but of who recorded it.
        words = pacts.add_testimony(people.pact, **spoken(quotation=f"Woorden {who}."), by=people.other)
        programme = beside(people, people.childcare if who == "other" else people.school, words)
        url = address("programme_testimony_withdraw", people.pact, programme.number, words.pk)
        client_for(getattr(people, who)).post(url, {"confirmed": "1"})
        words.refresh_from_db()
        assert words.consent_withdrawn_at, who


def test_it_takes_words_away_from_the_own_programme_alone(people, client_for):
    own = make_example(people.pact, provider=people.school)
    words = workflow.record_testimony(own, by=people.representative, **spoken())
    other = beside(people, people.childcare, words)
    url = address("programme_testimony_withdraw", people.pact, other.number, words.pk)
    for who, status in (("representative", 403), ("reader", 403), ("stranger", 404)):
        answer = client_for(getattr(people, who)).post(url, {"only_here": "1", "confirmed": "1"})
        assert answer.status_code == status, who
    client = client_for(people.other)
    assert "Op andere plaatsen blijft zij staan." in text_of(client.post(url, {"only_here": "1"}))
    assert other.testimonies.exists()
    client.post(url, {"only_here": "1", "confirmed": "1"})
    assert not other.testimonies.exists()
    assert list(own.testimonies.all()) == [words]
    words.refresh_from_db()
    assert words.consent_withdrawn_at is None
    assert client.post(url, {"only_here": "1", "confirmed": "1"}).status_code == 404
    assert workflow.take_away_testimony(other, words, by=people.other) is False
    taken = AuditRecord.objects.in_pact(people.pact).filter(action="programme.testimony_taken_away")
    assert taken.get().details == {"testimony": words.pk}


def test_it_shows_withdrawn_words_neither_in_the_pact_nor_in_the_plan_nor_by_the_link_of_the_mail(people, client_for):
    programme = make_example(people.pact, provider=people.school, confirmed_on=date(2020, 1, 1))
    words = workflow.record_testimony(programme, by=people.representative, **spoken())
    section = PactSection.unscoped.create(pact=people.pact, position=1, title="Aanleiding", body="<p>Waarom.</p>")
    pacts.edit_testimony(words, section=section, by=people.coordinator)
    token = checking.token_for(people.representative, people.school, [programme])
    pages = {
        "programme": address("programme_detail", people.pact, programme.number),
        "gallery": address("programme_examples", people.pact),
        "pact": reverse("partners:pact_detail", args=[people.pact.slug]),
        "plan": address("plan_preview", people.pact),
        "mail": address("programme_check", people.pact, token),
    }
    client = client_for(people.coordinator)

    def shown():
        return {name for name, url in pages.items() if words.quotation in text_of(client.get(url))}

    assert shown() >= {"programme", "gallery", "pact"}
    pacts.withdraw_consent(words, by=people.coordinator)
    assert shown() == set()
    # The guard off: without the moment of withdrawal they would be there.
    Voice.objects.in_pact(people.pact).filter(pk=words.pk).update(consent_withdrawn_at=None)
    assert shown() >= {"programme", "gallery", "pact"}
