"""The alderman's whole visit, on a tablet and with the keyboard alone: read the pact, sign it, see that it is whole."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from partners.models import Pact
from tests.browser.conftest import PASSWORD, Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

MOST_STEPS = 120
CONSENT = (
    "Ik heb Veerkrachtpact regio Alkmaar, versie 2 gelezen en onderteken namens Gemeente Heiloo. "
    "Ik ben daartoe bevoegd. Ik weet dat dit een gewone elektronische handtekening (SES) met zegel van het portaal is."
)
NAME_OF_FOCUS = """() => {
  const it = document.activeElement;
  const labels = it.labels && it.labels.length ? [...it.labels].map(label => label.innerText).join(' ') : '';
  return (labels || it.getAttribute('aria-label') || it.innerText || it.value || '').trim();
}"""


def tab_to(page: Page, name: str) -> None:
    """Step with the Tab key to the field or button that is called so; the eye must see where one is."""
    for _step in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if page.evaluate(NAME_OF_FOCUS).partition("\n")[0] == name:
            style = "getComputedStyle(document.activeElement)"
            seen = page.evaluate(f"{style}.outlineStyle !== 'none' || {style}.boxShadow !== 'none'")
            assert seen, f"{name!r} has the focus and does not show it"
            return
    raise AssertionError(f"{name!r} on {page.url} is out of reach of the Tab key")


def activate(page: Page, name: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Enter")


def type_in(page: Page, label: str, text: str) -> None:
    tab_to(page, label)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def confirm_signing(page: Page) -> None:
    """Press the button, and say yes to the dialog, whose other button has the focus."""
    activate(page, "Ondertekenen")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate(NAME_OF_FOCUS) == "Annuleren"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(NAME_OF_FOCUS) == "Ondertekenen"
    page.keyboard.press("Enter")


def test_it_lets_an_alderman_read_and_sign_with_the_keyboard(
    visit: Callable[[], Visit], demo: Pact, worker: None, tmp_path: Path
) -> None:
    person = visit()
    page = person.page
    page.set_viewport_size({"width": 768, "height": 1024})

    page.goto(f"{person.server}/accounts/login/")
    person.look()
    type_in(page, "E-mail", "wethouder@regio-alkmaar.example")
    type_in(page, "Wachtwoord", PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/regio-alkmaar/$"))
    person.look()

    activate(page, "Lees en onderteken het pact namens Gemeente Heiloo")
    expect(page.get_by_role("heading", level=1)).to_have_text("Veerkrachtpact regio Alkmaar, versie 2")
    person.look()

    activate(page, "Lees de PDF")
    expect(page).to_have_url(re.compile("/pact/versions/2/read/$"))
    expect(page.locator(".reader__page canvas").first).to_be_visible()
    person.look()
    activate(page, "Volgende pagina")
    expect(page.get_by_label("Pagina", exact=True)).to_have_value("2")
    person.picture("alderman-reads")
    page.set_viewport_size({"width": 768, "height": 1024})
    activate(page, "Lees als webpagina")
    expect(page.get_by_role("heading", name="Uitgangspunten die wij delen")).to_be_visible()
    person.look()
    page.go_back()
    expect(page).to_have_url(re.compile("/read/$"))
    expect(page.locator(".reader__page canvas").first).to_be_visible()
    activate(page, "Naar ondertekenen")
    expect(page).to_have_url(re.compile("/sign/$"))

    type_in(page, "Functie", "wethouder jeugd")
    type_in(page, "Mandaat", "besluit van het college van 3 november 2026")
    type_in(page, "Plaats", "Heiloo")
    # A press too early: the page says what is missing, and keeps what was typed.
    confirm_signing(page)
    expect(page.get_by_role("main")).to_contain_text("Zet een vinkje")
    expect(page.get_by_label("Mandaat")).to_have_value("besluit van het college van 3 november 2026")
    person.look()
    tab_to(page, CONSENT)
    page.keyboard.press("Space")
    confirm_signing(page)
    expect(page.get_by_role("heading", name="Ondertekend namens Gemeente Heiloo")).to_be_visible(timeout=60_000)
    person.look()
    person.picture("alderman-signed")
    page.set_viewport_size({"width": 768, "height": 1024})

    with page.expect_download() as fetched:
        activate(page, "Download het getekende pact")
    file = tmp_path / "pact.pdf"
    fetched.value.save_as(file)
    told = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=False).stdout
    # The certification, the two that had signed before, and this one.
    assert told.count("Signature is Valid") == 4
    activate(page, "Bekijk het bewijs")
    expect(page.get_by_role("main")).to_contain_text("besluit van het college van 3 november 2026")
    person.look()

    page.context.clear_cookies()
    page.goto(f"{person.server}/verify/")
    page.get_by_label("Het PDF-bestand").set_input_files(file)
    page.get_by_role("button", name="Controleer").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("wethouder jeugd")
    person.look()
    person.picture("verified")
    changed = bytearray(file.read_bytes())
    changed[len(changed) // 2] ^= 1
    file.write_bytes(changed)
    page.get_by_label("Het PDF-bestand").set_input_files(file)
    page.get_by_role("button", name="Controleer").press("Enter")
    expect(page.get_by_role("main")).not_to_contain_text("wethouder jeugd")
    person.look()


def test_it_lets_a_coordinator_record_a_sheet_of_paper(
    visit: Callable[[], Visit], demo: Pact, worker: None, tmp_path: Path
) -> None:
    person = visit()
    page = person.page
    person.sign_in("coordinator@regio-alkmaar.example")
    person.go("/regio-alkmaar/pact/signing/")
    page.locator("tr", has_text="Gemeente Uitgeest").get_by_role("link", name="Tekenblad").click()
    person.press("Maak het tekenblad")
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Download PDF").click(timeout=60_000)
    scan = tmp_path / "scan.pdf"
    fetched.value.save_as(scan)
    person.go("/regio-alkmaar/pact/signing/")
    page.locator("tr", has_text="Gemeente Uitgeest").get_by_role("link", name="Op papier vastleggen").click()
    page.get_by_label("Scan van het getekende blad").set_input_files(scan)
    page.get_by_label("Datum van ondertekening").fill("23-11-2026")
    page.get_by_label("Plaats").fill("Uitgeest")
    page.get_by_label("Naam van wie tekent").fill("wethouder gemeente Uitgeest")
    page.get_by_label("Functie").fill("wethouder")
    page.get_by_label("Mandaat").fill("besluit van het college")
    person.press("Vastleggen")
    expect(page.get_by_role("main")).to_contain_text("4 van 14")
    person.look()
