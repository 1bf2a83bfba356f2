"""A support question from a telephone in school to the plan, as a school board and a coordinator live it."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from playwright.sync_api import expect

from pact_portal.foundation.mail.models import OutgoingMail
from partners.models import Pact
from plan.models import QuestionNews, SupportQuestion
from plan.questions.tasks import mail_news
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

SCHOOL, COORDINATOR = "schoolbestuur@regio-alkmaar.example", "coordinator@regio-alkmaar.example"
TELEPHONE = {"width": 375, "height": 740}
QUESTION = "Wie begeleidt leerlingen die na een lange ziekte weer lessen volgen?"


def test_it_takes_a_question_from_a_telephone_to_the_plan(visit: Callable[[], Visit], demo: Pact, worker: None) -> None:
    person = visit()
    page = person.page
    page.set_viewport_size(TELEPHONE)
    person.sign_in(SCHOOL)

    # What another partner asked already is found while the title is typed, and is theirs with one press.
    person.go("/regio-alkmaar/questions/new/")
    page.get_by_label("Vraag in één zin").press_sequentially("Hoe helpen wij thuiszitters stap voor stap terug?")
    like = page.locator("#similar").get_by_role("link", name=re.compile("jongeren die thuiszitten"))
    expect(like).to_be_visible()
    person.look()
    page.locator("#similar").get_by_role("button", name=re.compile("^Ook onze vraag")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("thuiszitten")
    expect(page.get_by_role("main")).to_contain_text("Clusius College")
    person.look()

    # A new one in four steps, put away in the middle and taken up again.
    person.go("/regio-alkmaar/questions/new/")
    page.get_by_label("Vraag in één zin").fill(QUESTION)
    page.get_by_role("textbox", name="Toelichting").click()
    page.keyboard.type("Bel de moeder op 06-12345678. Het zijn leerlingen met een leerachterstand.")
    person.press("Opslaan en verder")
    # A telephone number does not slip through, and what was typed is still there.
    expect(page.get_by_role("main")).to_contain_text("telefoonnummer")
    expect(page.get_by_label("Vraag in één zin")).to_have_value(QUESTION)
    person.look()
    text = page.get_by_role("textbox", name="Toelichting")
    text.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("Het zijn leerlingen met een leerachterstand. Zij missen hun klas.")
    # The language mirror has advice, and stops nobody.
    expect(page.get_by_role("main")).to_contain_text("Schrijf liever")
    person.look()
    person.press("Opslaan en verder")
    if "similar" in page.url:
        person.look()
        page.get_by_role("link", name="Toch een nieuwe vraag").click()
    page.get_by_label("Leeftijd vanaf").fill("18")
    page.get_by_label("Leeftijd tot en met").fill("12")
    person.press("Opslaan en verder")
    expect(page.get_by_role("main")).to_contain_text("met de laagste leeftijd eerst")
    person.look()
    page.get_by_label("Leeftijd vanaf").fill("12")
    page.get_by_label("Leeftijd tot en met").fill("18")
    person.press("Bewaar als concept")
    question = SupportQuestion.objects.in_pact(demo).get(title=QUESTION)
    assert (question.state, question.age_to) == ("draft", 18)
    person.go("/regio-alkmaar/questions/own/")
    person.picture("questions-own")
    page.set_viewport_size(TELEPHONE)
    person.go(f"/regio-alkmaar/questions/{question.number}/review/")
    expect(page.get_by_role("main")).to_contain_text("Dit is nog nodig")
    person.go(f"/regio-alkmaar/questions/{question.number}/edit/theme/")
    page.get_by_label("Specifieke doelgroepen").check()
    page.get_by_label("bij de jongere zelf").check()
    person.press("Opslaan en verder")
    person.picture("question-review")
    page.set_viewport_size(TELEPHONE)
    person.press("Indienen")
    expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION)
    person.look()

    # The coordinator judges several at once, after a look at what will happen.
    page.set_viewport_size({"width": 1360, "height": 900})
    person.sign_in(COORDINATOR)
    person.go("/regio-alkmaar/questions/queue/")
    person.picture("questions-queue")
    page.set_viewport_size({"width": 1360, "height": 900})
    page.get_by_label(re.compile(f"^Kies V{question.number} ")).check()
    page.get_by_label(re.compile("^Kies V14 ")).check()
    person.press("Aannemen")
    expect(page.get_by_role("main")).to_contain_text(QUESTION)
    person.look()
    person.press("Doorvoeren")
    question.refresh_from_db()
    assert question.state == "accepted"
    person.look()

    # The school reads it on the page of the question, and by one mail.
    with time_machine.travel(timezone.now() + timedelta(minutes=20), tick=True):
        mail_news()
    mails = OutgoingMail.objects.filter(recipient=SCHOOL, text__contains=QUESTION)
    assert mails.count() == 1
    assert not QuestionNews.objects.in_pact(demo).filter(question=question, mailed_at=None).exists()
    page.set_viewport_size(TELEPHONE)
    person.sign_in(SCHOOL)
    person.go(f"/regio-alkmaar/questions/{question.number}/")
    expect(page.get_by_role("main")).to_contain_text("Aangenomen voor het plan")


def test_it_takes_a_spreadsheet_over_as_a_whole(visit: Callable[[], Visit], demo: Pact, worker: None) -> None:
    person = visit()
    page = person.page
    person.sign_in(COORDINATOR)
    person.go("/regio-alkmaar/imports/new/questions/")
    with page.expect_download() as fetched:
        page.get_by_role("link", name=re.compile("Excel|xlsx")).first.click()
    book = load_workbook(BytesIO(fetched.value.path().read_bytes()))
    sheet = book.worksheets[0]
    headings = [str(cell.value) for cell in sheet[1]]
    place = {heading.lower(): at for at, heading in enumerate(headings, 1)}
    for row, (title, age_to) in enumerate([("Hoe leren kleuters samen spelen?", 6), ("Wie helpt pubers plannen?", 99)]):
        values = {
            "namens": "Clusius College",
            "vraag in één zin": title,
            "gebieden": "Soepele overgangen",
            "leeftijd vanaf": 4,
            "leeftijd tot en met": age_to,
            "wat moet sterker worden": "in het gezin",
        }
        for heading, value in values.items():
            sheet.cell(row + 2, place[heading], value)

    def upload(workbook: Workbook) -> None:
        content = BytesIO()
        workbook.save(content)
        person.go("/regio-alkmaar/imports/new/questions/")
        mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        page.locator("input[type=file]").set_input_files(
            {"name": "vragen.xlsx", "mimeType": mime, "buffer": content.getvalue()}
        )
        page.get_by_role("main").locator("form button[type=submit]").first.click()

    before = SupportQuestion.objects.in_pact(demo).count()
    upload(book)
    expect(page.get_by_role("main")).to_contain_text("0 tot en met 23", timeout=180_000)
    person.look()
    person.picture("import-refused")
    page.set_viewport_size({"width": 1360, "height": 900})
    sheet.cell(3, place["leeftijd tot en met"], 16)
    upload(book)
    take_over = page.get_by_role("main").get_by_role("button", name=re.compile("overnemen|Overnemen|Neem"))
    expect(take_over).to_be_visible(timeout=30_000)
    person.look()
    person.picture("import-ready")
    page.set_viewport_size({"width": 1360, "height": 900})
    take_over.click()
    if page.get_by_role("dialog").is_visible():
        page.get_by_role("dialog").get_by_role("button").first.click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("overgenomen"), timeout=30_000)
    assert SupportQuestion.objects.in_pact(demo).count() == before + 2
    upload(book)
    expect(page.get_by_role("main")).to_contain_text("blijft gelijk", timeout=30_000)
    assert SupportQuestion.objects.in_pact(demo).count() == before + 2
