"""A whole decision, as the people of the demonstration pact take it: from a proposal to a euro and the next plan."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from partners.models import Pact
from plan.models import Allocation, Decision, Measure
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

MEASURE = "De fietsmaker op school leert jongeren een vak"
PROPOSAL = "Begin met de fietsmaker op school"
CONDITION = "Ook meisjes worden uitgenodigd door iemand die zij kennen."
REASON = "Het aanbod is er en de school wil verder."
AMOUNT = "23.456,78"


def test_it_takes_a_decision_from_a_board_member_to_the_plan(
    visit: Callable[[], Visit], demo: Pact, worker: None
) -> None:
    person = visit()
    page = person.page
    today = timezone.localdate()
    day = f"{today.day}-{today.month}-{today.year}"

    # A board member proposes.
    person.sign_in("schoolbestuur@regio-alkmaar.example")
    person.go("/regio-alkmaar/measures/new/")
    page.get_by_label("Maatregel in één zin").fill(MEASURE)
    page.get_by_label("verbreden", exact=True).check()
    page.get_by_label("bestaande initiatieven versterken").check()
    page.get_by_label("Soepele overgangen").check()
    page.get_by_label(re.compile("V4 ")).check()
    page.get_by_label("A6 Jongerenwerk in het voortgezet onderwijs").check()
    page.get_by_label("Begint op").fill(f"1-1-{today.year}")
    page.get_by_label("Eindigt op").fill(f"31-12-{today.year + 1}")
    page.get_by_role("textbox", name="Doel").click()
    page.keyboard.type("Jongeren die vastlopen in de les, leren met hun handen.")
    page.get_by_label("Begroting, in euro").fill("24.000")
    page.get_by_label("Wat er blijft als het steungeld op is").fill("De school betaalt de werkplaats zelf.")
    person.press("Voorstellen")
    expect(page.get_by_role("heading", level=1)).to_contain_text(MEASURE)
    measure = Measure.objects.in_pact(demo).get(title=MEASURE)

    # The coordinator finds the money for it, and puts both on the route.
    person.sign_in("coordinator@regio-alkmaar.example")
    person.go(f"/regio-alkmaar/funding/allocate/?measure={measure.number}")
    package = page.get_by_label("Steunpakket en jaar")
    npo = package.locator("option").filter(has_text="Nationaal Programma Onderwijs").last
    package.select_option(npo.get_attribute("value"))
    page.get_by_label("Bedrag, in euro").fill(AMOUNT)
    person.press("Toewijzen")
    person.go(f"/regio-alkmaar/decisions/proposals/new/?item=measure-{measure.pk}")
    page.get_by_label("Wat vraagt u, in één zin?").fill(PROPOSAL)
    page.get_by_role("textbox", name="Toelichting").click()
    page.keyboard.type("Een werkplaats op school, met het jongerenwerk.")
    page.get_by_label("Namens").select_option(label="Clusius College")
    expect(page.get_by_label(re.compile(MEASURE)).first).to_be_checked()
    page.get_by_label(re.compile(re.escape(AMOUNT))).check()
    person.press("Bewaar als concept")
    expect(page.get_by_role("heading", level=1)).to_have_text(PROPOSAL)
    person.look()
    address = page.url.removeprefix(person.server)
    person.press("Inbrengen", confirm="Inbrengen")
    expect(page.get_by_role("main")).to_contain_text("Nu aan de beurt")
    person.look()

    # A partner says where it stands, on a telephone.
    page.set_viewport_size({"width": 390, "height": 844})
    person.sign_in("wethouder@regio-alkmaar.example")
    person.go(address)
    person.follow("Geef uw standpunt")
    page.get_by_label("akkoord", exact=True).check()
    page.get_by_label("besluit van het college").check()
    person.press("Standpunt geven")
    expect(page.get_by_role("main")).to_contain_text("1 akkoord")
    person.look()
    page.set_viewport_size({"width": 1360, "height": 900})

    # The project group prepares, the advisory group advises with a condition, the steering group decides.
    person.sign_in("coordinator@regio-alkmaar.example")
    for outcome, condition in (("positief", ""), ("positief", CONDITION), ("vastgesteld", "")):
        person.go(address)
        person.follow("Leg de uitkomst vast")
        page.get_by_label(outcome, exact=True).check()
        page.get_by_label("Op welke dag?").fill(day)
        page.get_by_label("Reden").fill(REASON)
        page.get_by_label("Voorwaarden").fill(condition)
        person.press("Verder")
        person.look()
        person.press("Leg vast")
        expect(page.get_by_role("heading", level=1)).to_have_text(PROPOSAL)
    expect(page.get_by_role("main")).to_contain_text(CONDITION)

    # The money is committed, the measure approved.
    measure.refresh_from_db()
    assert measure.state == Measure.State.APPROVED
    assert Allocation.objects.in_pact(demo).get(measure=measure).state == Allocation.State.COMMITTED
    decision = Decision.objects.in_pact(demo).order_by("-number")[0]

    # The register shows it.
    person.go("/regio-alkmaar/decisions/?outcome=adopted")
    person.follow(f"{decision.code} {PROPOSAL}")
    expect(page.get_by_role("main")).to_contain_text(MEASURE)
    expect(page.get_by_role("main")).to_contain_text(REASON)
    person.go(f"/regio-alkmaar/measures/{measure.number}/")
    expect(page.get_by_role("main")).to_contain_text(f"besluit {decision.code}")

    # And so does the plan.
    person.go("/regio-alkmaar/plan/freeze/")
    person.press("Bevriezen")
    download = page.get_by_role("link", name=re.compile("Download PDF")).first
    expect(download).to_be_visible(timeout=60_000)
    with page.expect_download() as handed_over:
        download.click()
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(handed_over.value.path()).pages).split())
    for expected in (decision.code, PROPOSAL, MEASURE, AMOUNT, CONDITION):
        assert expected in text, expected
