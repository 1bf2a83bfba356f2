"""The main job of the portal from end to end, as the people of the demonstration pact do it."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from evaluations.models import Evaluation
from evaluations.series.tasks import tick
from pact_portal.foundation.mail.models import OutgoingMail
from partners.models import Pact
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

QUESTION = "Hoe blijft de brugwachter van de school bereikbaar voor jongeren in de zomer?"
MEASURE = "De zomerploeg van het jongerenwerk houdt de deur open"
AMOUNT = "12.345,67"
SENTENCE = "Deze zin schreef de coördinator in de proef op de plantekst."


def test_it_carries_a_question_to_a_euro_in_the_plan(visit: Callable[[], Visit], demo: Pact, worker: None) -> None:
    person = visit()
    page = person.page

    person.sign_in("schoolbestuur@regio-alkmaar.example")
    person.look()
    person.follow("Nieuwe vraag")
    page.get_by_label("Vraag in één zin").fill(QUESTION)
    page.get_by_role("textbox", name="Toelichting").click()
    page.keyboard.type("In de zomer is er niemand. Jongeren willen iemand die er is.")
    person.press("Opslaan en verder")
    page.get_by_label("Leeftijd vanaf").fill("12")
    page.get_by_label("Leeftijd tot en met").fill("18")
    page.get_by_label("Gemeente Alkmaar").check()
    person.look()
    person.press("Opslaan en verder")
    page.get_by_label("Soepele overgangen").check()
    page.get_by_label("in de omgeving").check()
    person.look()
    person.press("Opslaan en verder")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nakijken en indienen")
    person.look()
    person.press("Indienen")
    expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION)
    person.look()
    address = page.url.removeprefix(person.server)
    code = f"V{address.strip('/').split('/')[-1]}"

    person.sign_in("coordinator@regio-alkmaar.example")
    person.follow("Beoordeel 3 ingediende vragen")
    person.follow(QUESTION)
    person.press("Aannemen", confirm="Aannemen")
    expect(page.get_by_role("main")).to_contain_text("aangenomen")
    person.follow("Beoordeel aansluiting")
    page.get_by_label("Bestaand aanbod").select_option(label="A6 Jongerenwerk in het voortgezet onderwijs")
    page.get_by_label("sluit deels aan").check()
    page.get_by_label("Waarom?").fill("Het jongerenwerk is er, maar niet in de zomer.")
    person.press("Opslaan")
    expect(page.get_by_role("main")).to_contain_text("niet in de zomer")
    person.look()

    person.go("/regio-alkmaar/measures/new/")
    page.get_by_label("Maatregel in één zin").fill(MEASURE)
    page.get_by_label("verbreden", exact=True).check()
    page.get_by_label("bestaande initiatieven versterken").check()
    page.get_by_label("Soepele overgangen").check()
    page.get_by_label(f"{code} {QUESTION}").check()
    page.get_by_label("A6 Jongerenwerk in het voortgezet onderwijs").check()
    page.get_by_label("Trekker").select_option(label="Gemeente Alkmaar")
    year = timezone.localdate().year
    page.get_by_label("Begint op").fill(f"1-1-{year}")
    page.get_by_label("Eindigt op").fill(f"31-12-{year}")
    page.get_by_role("textbox", name="Doel").click()
    page.keyboard.type("Ook in de zomer kan een jongere bij iemand terecht.")
    page.get_by_label("Begroting, in euro").fill("20.000")
    page.get_by_label("Wat er blijft als het steungeld op is").fill("De gemeente betaalt de zomerploeg daarna zelf.")
    person.press("Voorstellen")
    expect(page.get_by_role("heading", level=1)).to_contain_text(MEASURE)
    person.look()

    person.go("/regio-alkmaar/funding/allocate/")
    package = page.get_by_label("Steunpakket en jaar")
    package.select_option(index=1)
    page.get_by_label("Bedrag, in euro").fill("86.000,01")
    measures = page.get_by_label("Voor een maatregel")
    measures.select_option(measures.locator("option").filter(has_text=MEASURE).get_attribute("value"))
    person.press("Toewijzen")
    expect(page.get_by_role("main")).to_contain_text("86.000")  # what is left is said, what was typed is kept
    expect(page.get_by_label("Bedrag, in euro")).to_have_value("86.000,01")
    person.look()
    page.get_by_label("Bedrag, in euro").fill(AMOUNT)
    person.press("Toewijzen")
    expect(page.get_by_role("main")).to_contain_text(f"€ {AMOUNT}".replace(" ", "\u00a0"))
    person.look()

    person.go("/regio-alkmaar/plan/")
    section = page.get_by_role("region", name="1 Verspreiden van het gedachtegoed")
    section.get_by_role("link", name="Bewerken").click()
    text = page.get_by_role("textbox", name="Tekst")
    expect(text).to_be_visible()
    person.look()
    text.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.type(SENTENCE)
    page.get_by_role("button", name="Bewaren").click()
    expect(section.get_by_role("link", name="Bewerken")).to_be_visible()
    expect(section).to_contain_text(SENTENCE)

    person.go("/regio-alkmaar/plan/freeze/")
    person.press("Bevriezen")
    expect(page.get_by_role("heading", level=1)).to_contain_text("versie 2")
    download = page.get_by_role("link", name=re.compile("Download PDF")).first
    expect(download).to_be_visible(timeout=60_000)  # a real worker makes it meanwhile; the page asks every second
    person.look()
    with page.expect_download() as handed_over:
        download.click()
    text_of_pdf = _text(handed_over.value.path())
    for expected in (QUESTION, MEASURE, AMOUNT, SENTENCE):
        assert expected in text_of_pdf, expected


def test_an_alderman_opens_the_pact(visit: Callable[[], Visit], demo: Pact, worker: None) -> None:
    person = visit()
    person.page.set_viewport_size({"width": 768, "height": 1024})
    person.sign_in("wethouder@regio-alkmaar.example")
    person.look()
    person.page.get_by_role("link", name="Het pact", exact=True).click()
    person.follow("Lees versie 2")
    download = person.page.get_by_role("link", name=re.compile("Download PDF")).first
    expect(download).to_be_visible(timeout=60_000)
    person.look()
    with person.page.expect_download() as handed_over:
        download.click()
    text = _text(handed_over.value.path())
    for signatory in ("Gemeente Alkmaar", "Gemeente Uitgeest", "Clusius College", "SKOA/Kiddies", "Aldus ondertekend"):
        assert signatory in text, signatory


def test_an_evaluation_opens_on_its_day_and_is_answered(visit: Callable[[], Visit], demo: Pact) -> None:
    scheduled = Evaluation.objects.in_pact(demo).filter(state=Evaluation.State.SCHEDULED).order_by("due_on")[0]
    person = visit()
    with time_machine.travel(timezone.make_aware(_noon(scheduled.due_on - timedelta(days=1))), tick=True):
        tick()
        person.sign_in("schoolbestuur@regio-alkmaar.example")
        person.go(f"/regio-alkmaar/evaluations/{scheduled.pk}/")
        expect(person.page.get_by_role("main")).to_contain_text("gepland")
    with time_machine.travel(timezone.make_aware(_noon(scheduled.due_on)), tick=True):
        tick()
        tick()
        asked = [f"evaluation-invitation:{row.pk}:" for row in scheduled.participations.all()]
        mailed = [mail for mail in OutgoingMail.objects.all() if mail.key.startswith(tuple(asked))]
        addresses = [mail.recipient for mail in mailed]
        assert "schoolbestuur@regio-alkmaar.example" in addresses
        assert len(addresses) == len(set(addresses)), "somebody was invited twice"
        person.sign_in("schoolbestuur@regio-alkmaar.example")
        person.follow("Beantwoord de evaluatie namens Clusius College")
        person.page.get_by_role("group", name="Hoe loopt de samenwerking").get_by_label("4", exact=True).check()
        person.press("Verstuur de antwoorden")  # one topic was left out: said at the topic, and nothing is lost
        expect(person.page.get_by_role("alert")).to_be_visible()
        person.look()
        person.page.get_by_role("group", name="Merken jongeren").get_by_label("geen zicht op").check()
        person.page.get_by_role("textbox", name="Wat moet anders").fill("De zomer hoort erbij.")
        person.press("Verstuur de antwoorden")
        expect(person.page.get_by_role("main")).to_contain_text("1 van de 14 partners")
        person.look()


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12))


def _text(path: Path) -> str:
    """The text of a PDF as one line: where it breaks is a matter of the page."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())
