"""A real browser, a real worker, and the demonstration pact: what the stories walk through."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connection
from playwright.sync_api import ConsoleMessage, Page, expect

from pact_portal.front.demo import build
from partners.models import Pact

# Playwright's loop runs in this thread; the database is only touched between its calls.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

PASSWORD = "samen-veerkrachtig-in-de-proef"
ARTIFACTS = settings.BASE_DIR / "artifacts"
WIDTHS = (320, 768, 1360)

expect.set_options(timeout=15_000)


@pytest.fixture
def demo(transactional_db: None) -> Pact:
    """The demonstration pacts, as script/server fills them, with a password for their people.

    In a thread of its own: signing runs a loop for as long as it takes, and Playwright's runs in this one.
    """

    def fill() -> Pact:
        try:
            build.fill_neighbour(password=PASSWORD)
            return build.fill_region(password=PASSWORD)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(fill).result()


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """A Celery worker in a process of its own, on the database and the broker of this test."""
    database = connection.settings_dict
    url = f"postgres://{database['USER']}@{database['HOST'].replace('/', '%2F')}/{database['NAME']}"
    process = subprocess.Popen(
        [
            sys.executable,
            "-W",
            "ignore:You're running the worker",
            "-m",
            "celery",
            "--quiet",
            "-A",
            "pact_portal",
            "worker",
            "--pool",
            "solo",
            "--loglevel",
            "WARNING",
        ],
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=settings.BASE_DIR,
    )
    yield
    process.terminate()
    process.wait(20)


class Visit:
    """One person at the portal. Every page that is looked at is held against axe and the content security policy."""

    def __init__(self, page: Page, server: str) -> None:
        self.page, self.server = page, server
        self.faults: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "404" not in message.text:
            self.faults.append(f"console: {message.text}")

    def go(self, path: str) -> None:
        """Open an address and look at it."""
        self.page.goto(self.server + path)
        self.look()

    def look(self) -> None:
        """Axe finds nothing, the browser reported nothing, and the page fits."""
        violations = Axe().run(self.page).response["violations"]
        told = [
            f"{each['id']}: {each['help']} – " + "; ".join(str(node["target"]) for node in each["nodes"][:3])
            for each in violations
        ]
        assert not told, f"{self.page.url}: {told}"
        assert not self.faults, f"{self.page.url}: {self.faults}"
        self.fits()

    def fits(self) -> None:
        """Nothing makes the page wider than the window."""
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px wider than the window"

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        """By the sign-in page, as everybody does; whoever was signed in goes out first."""
        self.page.context.clear_cookies()
        self.page.goto(f"{self.server}/accounts/login/")
        self.look()
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Wachtwoord", exact=True).fill(password)
        self.page.get_by_role("button", name="Inloggen", exact=True).click()
        expect(self.page).not_to_have_url(re.compile("/accounts/"))

    def follow(self, name: str) -> None:
        """Follow a link of the page, and look at where it leads."""
        self.page.get_by_role("main").get_by_role("link", name=name).first.click()
        self.look()

    def press(self, name: str, confirm: str = "") -> None:
        """Press a button of the page; `confirm` is the button of the dialog that asks whether one is sure."""
        self.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()
        if confirm:
            self.page.get_by_role("dialog").get_by_role("button", name=confirm).click()

    def picture(self, name: str) -> Path:
        """The page as it is, at the three widths of the portal, in the folder of artefacts."""
        ARTIFACTS.mkdir(exist_ok=True)
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.screenshot(path=ARTIFACTS / f"{name}-{width}.png", full_page=True)
        return ARTIFACTS / f"{name}-{WIDTHS[-1]}.png"


@pytest.fixture
def visit(page: Page, live_server: object) -> Callable[[], Visit]:
    """A person who comes to the portal with a Dutch browser."""
    page.set_viewport_size({"width": 1360, "height": 900})
    return lambda: Visit(page, str(live_server))


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    return {**browser_context_args, "locale": "nl-NL", "reduced_motion": "reduce"}
