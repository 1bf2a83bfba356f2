"""The shell: menu, colours of a region, confirming, badges, amounts, faults, and the door in Dutch."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import path
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from pact_portal.foundation.mail.models import OutgoingMail
from pact_portal.foundation.pages import confirm, navigation, theme, tones
from pact_portal.foundation.pages.context import portal
from pact_portal.foundation.pages.navigation import NavigationItem
from pact_portal.foundation.templatetags.portal import euro, initials, share, status
from partners.people.models import User


def nothing(request: Any, pact: str) -> None:
    """A view that is never called."""


urlpatterns = [
    path("<slug:pact>/", nothing, name="start"),
    path("<slug:pact>/questions/", nothing, name="questions"),
    path("<slug:pact>/questions/import/", nothing, name="import"),
]
ITEMS = [
    NavigationItem("questions", "Vragen", "list", 20, "read"),
    NavigationItem("start", "Overzicht", "home", 10),
    NavigationItem("import", "Inlezen", "upload", 30, "write"),
]


class Reader:
    def can(self, permission: Any) -> bool:
        return permission == "read"


class Writer:
    def can(self, permission: Any) -> bool:
        return True


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("access", "path", "expected"),
    [
        (Reader(), "/alkmaar/", [("Overzicht", "page"), ("Vragen", "")]),
        (Reader(), "/alkmaar/questions/", [("Overzicht", ""), ("Vragen", "page")]),
        (Reader(), "/alkmaar/questions/12/", [("Overzicht", ""), ("Vragen", "true")]),
        (Writer(), "/alkmaar/questions/import/", [("Overzicht", ""), ("Vragen", ""), ("Inlezen", "page")]),
        (Reader(), "/alkmaar/elsewhere/", [("Overzicht", ""), ("Vragen", "")]),
    ],
)
def test_it_shows_the_menu_that_one_may_use_and_marks_where_one_is(access: Any, path: str, expected: list[Any]) -> None:
    links = navigation.links("alkmaar", access, path, ITEMS)
    assert [(link.label, link.current) for link in links] == expected


@given(st.integers(min_value=-1000, max_value=1000))
def test_it_keeps_text_readable_in_the_colours_of_any_region(hue: int) -> None:
    ramp = theme.ramp(hue)
    assert theme.contrast(ramp[500], "#ffffff") >= 4.5
    assert theme.contrast(ramp[600], "#ffffff") >= 7
    assert theme.contrast(ramp[600], ramp[100]) >= 4.5
    assert theme.contrast(ramp[500], ramp[50]) >= 4.5
    lightness = [theme.luminance(value) for value in ramp.values()]
    assert lightness == sorted(lightness, reverse=True)
    assert "--voorbeeld-kleuren-violet-500: #" in theme.stylesheet(hue)


def test_it_refuses_a_colour_that_is_too_faint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(theme.STEPS, 500, (0.75, 1.0))
    with pytest.raises(ArithmeticError):
        theme.stylesheet(205)


def test_it_warns_about_hues_that_look_like_a_fault() -> None:
    assert theme.looks_like_a_fault(25)
    assert not theme.looks_like_a_fault(theme.DEFAULT_HUE)


def test_it_serves_the_colours_to_anyone(client: Client) -> None:
    answer = client.get("/theme/205.css")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert "public" in answer["Cache-Control"]
    assert client.get("/theme/360.css").status_code == 404
    assert client.post("/theme/205.css").status_code == 405


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (1234, "€\u00a01.234"),
        ("1234.5", "€\u00a01.234,50"),
        (-3, "−€\u00a03"),
        (None, "–"),
        ("", "–"),
        ("tekst", "tekst"),
    ],
)
def test_it_writes_amounts_the_dutch_way(amount: Any, shown: str) -> None:
    with translation.override("nl"):
        assert euro(amount) == shown


def test_it_rounds_amounts_only_when_asked() -> None:
    with translation.override("nl"):
        assert euro("1234.56", 0) == "€\u00a01.235"
        assert euro(7, 2) == "€\u00a07,00"
    with translation.override("en"):
        assert euro("1234.5") == "€\u00a01,234.50"


def test_it_gives_a_state_its_colour_and_its_word() -> None:
    assert "status--positive" in status("accepted", "Aanvaard")
    assert "Aanvaard" in status("accepted", "Aanvaard")
    assert "status--neutral" in status("never-heard-of", "Iets")
    assert "status--negative" in status("accepted", "Aanvaard", tone="negative")
    assert "<script>" not in status("x", "<script>")
    assert tones.tone_of("accepted") is tones.Tone.POSITIVE


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(1, 3, 33), (5, 4, 100), (1, 0, 0), (None, 3, 0), (-1, 3, 0), (996, 1000, 99), (1, 1000, 1), (4, 4, 100)],
)
def test_it_keeps_a_share_within_the_bar(part: Any, whole: Any, percent: int) -> None:
    assert share(part, whole) == percent


@pytest.mark.parametrize(("name", "mark"), [("regio Alkmaar", "RA"), ("", ""), ("- x", "X"), ("a@b.nl", "AB")])
def test_it_makes_a_mark_of_a_name(name: str, mark: str) -> None:
    assert initials(name) == mark


def test_it_keeps_the_filters_when_paging(rf: RequestFactory) -> None:
    request = rf.get("/lijst/", {"q": "lezen & schrijven", "theme": ["a", "b"], "page": "1"})
    page = Paginator(range(100), 10).page(2)
    shown = render_to_string("includes/pagination.html", {"page": page, "target": "#rows"}, request=request)
    assert 'href="?q=lezen+%26+schrijven&amp;theme=a&amp;theme=b&amp;page=3"' in shown
    assert 'hx-target="#rows"' in shown
    assert shown.count('aria-current="page"') == 1


def test_it_asks_before_a_formal_act_and_then_lets_it_through(rf: RequestFactory) -> None:
    words = {"title": "Vaststellen?", "consequence": "Dit staat dan vast.", "button": "Vaststellen", "back": "/plan/"}
    request = rf.post("/plan/freeze/", {"version": "2", "choice": ["a", "<b>"]})
    request.user, request.csp_nonce = AnonymousUser(), ""  # type: ignore[attr-defined]
    page = confirm.ask(request, **words)
    assert page is not None
    shown = page.content.decode()
    assert '<input type="hidden" name="choice" value="&lt;b&gt;">' in shown
    assert '<input type="hidden" name="confirmed" value="1">' in shown
    assert confirm.ask(rf.post("/plan/freeze/", {"confirmed": "1"}), **words) is None


@pytest.mark.parametrize(
    ("state", "words"),
    [("working", "Hoofdstuk 2"), ("ready", "Download PDF"), ("failed", "Probeer opnieuw"), (None, "Maak PDF")],
)
def test_it_shows_how_far_a_pdf_is(rf: RequestFactory, state: str | None, words: str) -> None:
    made = SimpleNamespace(state=state, progress=40, step="Hoofdstuk 2", size=2048, sha256="ab" * 32) if state else None
    shown = render_to_string(
        "includes/rendition.html",
        {"rendition": made, "status_url": "/s/", "request_url": "/r/", "download_url": "/d/"},
        request=rf.get("/"),
    )
    assert words in shown
    assert ('hx-trigger="every 1s"' in shown) is (state == "working")


def test_it_tells_a_page_where_it_is(rf: RequestFactory) -> None:
    known = portal(rf.get("/a/?b=1"))["portal"]
    assert known["here"] == "/a/?b=1"
    assert known["hue"] == theme.DEFAULT_HUE
    assert list(known["navigation"]) == []
    assert portal(rf.post("/a/"))["portal"]["here"] == "/"


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_it_tells_a_fault_without_anything_to_lean_on(name: str) -> None:
    # The 500 page is rendered without a request, so without context processors.
    shown = render_to_string(name)
    assert shown.count("<h1") == 1
    assert "Naar het begin" in shown


def test_it_writes_no_style_or_script_into_a_page() -> None:
    shown = render_to_string("404.html")
    assert "style=" not in shown
    assert "<script>" not in shown
    assert " onclick" not in shown


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/accounts/login/", "Inloggen"),
        ("/accounts/login/code/", "Inlogcode aanvragen"),
        ("/accounts/password/reset/", "Wachtwoord vergeten"),
        ("/accounts/password/reset/done/", "Kijk in uw e-mail"),
        ("/accounts/password/reset/key/1-set-password/", "Deze link werkt niet meer"),
        ("/accounts/signup/", "Alleen op uitnodiging"),
        ("/accounts/inactive/", "Uw account is niet actief"),
        ("/accounts/confirm-email/onbekend/", "Bevestig uw e-mailadres"),
    ],
)
def test_it_opens_the_door_in_our_own_words(client: Client, address: str, heading: str) -> None:
    shown = client.get(address).content.decode()
    assert f"<h1>{heading}</h1>" in shown
    assert 'class="entrance"' in shown
    assert "placeholder" not in shown


@pytest.mark.django_db
def test_it_puts_the_word_fault_before_the_title(client: Client) -> None:
    shown = client.post("/accounts/login/", {"login": "", "password": ""}).content.decode()
    assert "<title>Fout: Inloggen" in shown
    assert "Er zijn 2 dingen die nog niet kloppen" in shown


@pytest.mark.django_db
def test_it_switches_language_for_anyone(client: Client) -> None:
    answer = client.post("/language/", {"language": "en", "next": "/accounts/login/"})
    assert answer.status_code == 302
    assert 'lang="en"' in client.get("/accounts/login/").content.decode()


def test_it_leaves_icons_to_the_eye() -> None:
    shown = Template('{% icon "plus" 18 %}').render(Context())
    assert 'aria-hidden="true"' in shown
    assert 'width="18"' in shown


@pytest.fixture
def member(db: None) -> User:
    user = User.objects.create_user(
        "wethouder@gemeente.example", "een lang wachtwoord", name="wethouder gemeente Heiloo"
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def mails(db: None) -> Callable[[], list[OutgoingMail]]:
    """What waits to be sent, in the order in which it was written."""
    return lambda: list(OutgoingMail._default_manager.order_by("pk"))


def test_it_mails_a_code_in_dutch_and_takes_it(
    client: Client, member: User, mails: Callable[[], list[OutgoingMail]]
) -> None:
    page = client.post("/accounts/login/code/", {"email": member.email}, follow=True).content.decode()
    assert "<h1>Vul uw inlogcode in</h1>" in page
    assert "We hebben een inlogcode gestuurd naar wethouder@gemeente.example." in page
    assert mails()[0].subject == "Uw inlogcode"
    assert "Dit is uw inlogcode:" in mails()[0].text
    wrong = client.post("/accounts/login/code/confirm/", {"code": "XXXXXX"}).content.decode()
    assert "<title>Fout:" in wrong
    code = mails()[0].text.split("Dit is uw inlogcode:")[1].split()[0]
    assert client.post("/accounts/login/code/confirm/", {"code": code}).status_code == 302


def test_it_mails_a_link_for_a_new_password_in_dutch(
    client: Client, member: User, mails: Callable[[], list[OutgoingMail]]
) -> None:
    client.post("/accounts/password/reset/", {"email": member.email})
    assert mails()[0].subject == "Kies een nieuw wachtwoord"
    link = mails()[0].text.split("op deze pagina:")[1].split()[0].split("testserver")[1]
    assert "<h1>Kies een nieuw wachtwoord</h1>" in client.get(link, follow=True).content.decode()


def test_it_tells_a_stranger_by_mail_only_that_there_is_no_account(
    client: Client, db: None, mails: Callable[[], list[OutgoingMail]]
) -> None:
    page = client.post("/accounts/password/reset/", {"email": "x@elders.example"}, follow=True).content.decode()
    assert "<h1>Kijk in uw e-mail</h1>" in page
    assert mails()[0].subject == "Geen account gevonden"
    assert "Goedendag," in mails()[0].text


@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/accounts/email/", "E-mailadres"),
        ("/accounts/password/change/", "Wachtwoord wijzigen"),
        ("/accounts/logout/", "Wilt u uitloggen?"),
        ("/accounts/reauthenticate/", "Bevestig dat u het bent"),
    ],
)
def test_it_keeps_an_account_in_our_own_words(client: Client, member: User, address: str, heading: str) -> None:
    client.post("/accounts/login/", {"login": member.email, "password": "een lang wachtwoord"})
    page = client.get(address).content.decode()
    assert f"<h1>{heading}</h1>" in page
    assert "wethouder gemeente Heiloo" in page  # the menu of the user


BREADCRUMB = re.compile(r"{% block breadcrumb %}(.*?){% endblock(?: breadcrumb)? %}", re.DOTALL)
SET = re.compile(r"\bas(?:var)? (\w+) %}")


def test_it_uses_no_name_that_was_set_in_another_block():
    """What a tag keeps "as" a name in the block of the breadcrumb is gone in the block of the content."""
    lost = []
    for template in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        source = template.read_text()
        crumb = BREADCRUMB.search(source)
        if crumb is None:
            continue
        content = source.replace(crumb.group(0), "")
        lost += [
            f"{template.name}: {name}"
            for name in set(SET.findall(crumb.group(1))) - set(SET.findall(content))
            if re.search(rf"{{{{ *{name}\b|{{% [^%]*[ =(]{name}\b", content)
        ]
    assert not lost
