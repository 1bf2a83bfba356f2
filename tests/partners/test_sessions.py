"""Where one is signed in: the page of it, ending others, and what ends sessions by itself."""

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from partners.people.sessions import LastSeenMiddleware, browser_of
from tests.factories import PASSWORD

SESSIONS = reverse("accounts:sessions")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


def signed_in(user, **headers):
    client = Client(**headers)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert is_signed_in(client)
    return client


def is_signed_in(client):
    return client.get(SESSIONS).status_code == 200


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (FIREFOX, "Firefox op Windows"),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0",
            "Edge op Windows",
        ),
        (
            f"Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) {WEBKIT} Version/18.0 Safari/604.1",
            "Safari op iPad",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 15) {WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36",
            "Chrome op Android",
        ),
        ("curl/8", "Onbekende browser"),
        ("", "Onbekende browser"),
        ("<script>alert(1)</script>", "Onbekende browser"),
    ],
)
def test_it_names_the_browser(agent, expected):
    assert browser_of(agent) == expected


def test_it_shows_ones_own_sessions_and_nobody_elses(people):
    client = signed_in(people.reader, HTTP_USER_AGENT=FIREFOX)
    signed_in(people.reader, REMOTE_ADDR="192.0.2.7")
    signed_in(people.signatory, REMOTE_ADDR="192.0.2.99")
    page = client.get(SESSIONS).content.decode()
    assert "Firefox op Windows" in page
    assert "192.0.2.7" in page
    assert "192.0.2.99" not in page
    assert page.count("Deze sessie") == 1


def test_it_believes_no_claimed_address(people):
    client = signed_in(people.reader, HTTP_X_FORWARDED_FOR="203.0.113.5")
    assert "203.0.113.5" not in client.get(SESSIONS).content.decode()


def test_it_ends_one_other_session(people):
    client, other, third = (signed_in(people.reader) for _ in range(3))
    key = UserSession.objects.get(session_key=other.session.session_key).pk
    client.post(SESSIONS, {"session": key})
    assert [is_signed_in(each) for each in (client, other, third)] == [True, False, True]


def test_it_ends_all_other_sessions(people):
    client, *others = (signed_in(people.reader) for _ in range(3))
    stranger = signed_in(people.signatory)
    client.post(SESSIONS)
    assert is_signed_in(client)
    assert not any(is_signed_in(each) for each in others)
    assert is_signed_in(stranger)


@pytest.mark.parametrize("key", ["0", "-1", "x", "1' OR 1=1", "9" * 30, "\x00"])
def test_it_ends_nothing_for_a_key_that_is_no_session(people, key):
    client, other = signed_in(people.reader), signed_in(people.reader)
    assert client.post(SESSIONS, {"session": key}).status_code == 302
    assert is_signed_in(other)


def test_it_does_not_end_a_session_of_somebody_else(people):
    client, stranger = signed_in(people.reader), signed_in(people.signatory)
    key = UserSession.objects.get(session_key=stranger.session.session_key).pk
    client.post(SESSIONS, {"session": key})
    assert is_signed_in(stranger)


def test_it_ends_the_other_sessions_when_the_password_changes(people):
    client, other = signed_in(people.reader), signed_in(people.reader)
    new = "een-ander-lang-wachtwoord-73"
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert "Deze sessie" in client.get(SESSIONS).content.decode()


def test_it_ends_sessions_when_the_account_is_closed(people):
    client = signed_in(people.reader)
    people.reader.is_active = False
    people.reader.save()
    assert not is_signed_in(client)


def test_it_writes_now_and_then_that_a_session_is_used(people):
    client = signed_in(people.reader)
    client.get(SESSIONS)
    UserSession.objects.update(ip="192.0.2.1")
    client.get(SESSIONS)
    assert UserSession.objects.get().ip == "192.0.2.1", "every page costs a write"
    cache.clear()
    client.get(SESSIONS)
    assert UserSession.objects.get().ip == "127.0.0.1"


def test_it_knows_a_session_that_began_without_the_sign_in_page(people, client_for):
    client = client_for(people.reader)
    assert "Deze sessie" in client.get(SESSIONS).content.decode()


def test_it_would_show_a_stale_address_without_the_middleware(people, monkeypatch):
    """The lock off: nobody writes down where a session is used, and a stolen one looks like one's own."""
    monkeypatch.setattr(LastSeenMiddleware, "__call__", lambda self, request: self.get_response(request))
    client = signed_in(people.reader)
    client.get(SESSIONS, REMOTE_ADDR="192.0.2.50")
    assert UserSession.objects.get().ip == "127.0.0.1"
