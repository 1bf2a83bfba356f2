"""Proving anew who one is: by what the session recorded, and by a fresh code where there is no password."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from pact_portal.foundation.mail.models import OutgoingMail
from partners.people import renewal
from tests.factories import PASSWORD, make_user

RENEW = reverse("accounts:renew")


def mailed_code():
    return re.search(r"^\s*([A-Z0-9]{4,}-?[A-Z0-9]+)\s*$", OutgoingMail.objects.latest("pk").text, re.MULTILINE)[1]


def request_of(client, user, path="/hier/", **extra):
    request = RequestFactory().get(path, **extra)
    request.session = SessionStore(client.session.session_key) if client else SessionStore()
    request.user = user
    request.htmx = None
    return request


@pytest.fixture
def codes_only(db):
    """Somebody without password."""
    user = make_user("code@hier.example")
    user.set_unusable_password()
    user.save()
    return user


def signed_in_by_password(user):
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert "_auth_user_id" in client.session
    return client


def test_it_takes_the_sign_in_itself_as_recent_for_five_minutes(people):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        client = signed_in_by_password(people.signatory)
        assert renewal.recent(request_of(client, people.signatory))
    with time_machine.travel(start + timedelta(minutes=4, seconds=59), tick=False):
        assert renewal.recent(request_of(client, people.signatory))
    with time_machine.travel(start + timedelta(minutes=5), tick=False):
        assert not renewal.recent(request_of(client, people.signatory))
        assert renewal.recent(request_of(client, people.signatory), within=timedelta(minutes=6))


def test_it_takes_nothing_from_another_account_or_nobody(people):
    client = signed_in_by_password(people.signatory)
    assert not renewal.recent(request_of(client, people.other))
    assert not renewal.recent(request_of(client, AnonymousUser()))
    assert not renewal.recent(request_of(None, people.signatory))


def test_it_does_not_take_single_sign_on_as_proof(people, client_for):
    client = client_for(people.signatory)
    session = client.session
    session["account_authentication_methods_user"] = str(people.signatory.pk)
    session["account_authentication_methods"] = [
        {"method": "socialaccount", "at": timezone.now().timestamp(), "provider": "x", "uid": "1"}
    ]
    session.save()
    assert not renewal.recent(request_of(client, people.signatory))


def test_it_leads_to_the_password_and_back(people, client_for):
    answer = renewal.demand(request_of(client_for(people.signatory), people.signatory, "/hier/pact/?deel=2"))
    assert (answer.status_code, answer.url) == (
        302,
        f"{reverse('account_reauthenticate')}?next=%2Fhier%2Fpact%2F%3Fdeel%3D2",
    )
    client = client_for(people.signatory)
    page = client.get(answer.url)
    assert page.status_code == 200
    wrong = client.post(reverse("account_reauthenticate"), {"password": "een-ander-wachtwoord", "next": "/hier/pact/"})
    assert wrong.status_code == 200
    assert "Dit wachtwoord klopt niet." in wrong.content.decode()
    assert not renewal.recent(request_of(client, people.signatory))
    right = client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": "/hier/pact/"})
    assert (right.status_code, right.url) == (302, "/hier/pact/")
    assert renewal.recent(request_of(client, people.signatory))
    assert renewal.demand(request_of(client, people.signatory)) is None


def test_it_asks_who_has_no_password_for_a_fresh_code(codes_only, client_for):
    client = client_for(codes_only)
    there = renewal.demand(request_of(client, codes_only, "/hier/pact/")).url
    assert there == f"{RENEW}?next=%2Fhier%2Fpact%2F"
    assert client.get(there).status_code == 200
    assert not OutgoingMail.objects.exists(), "a page that is only looked at mails nothing"
    sent = client.post(RENEW, {"action": "send", "next": "/hier/pact/"})
    assert "We hebben een code gestuurd" in sent.content.decode()
    mail = OutgoingMail.objects.get()
    assert (mail.recipient, mail.is_secret) == (codes_only.email, True)
    wrong = client.post(RENEW, {"code": "AAAA-BBBB", "next": "/hier/pact/"})
    assert "Deze code klopt niet" in wrong.content.decode()
    assert not renewal.recent(request_of(client, codes_only))
    before = client.session["_auth_user_id"]
    right = client.post(RENEW, {"code": mailed_code().lower(), "next": "/hier/pact/"})
    assert (right.status_code, right.url) == (302, "/hier/pact/")
    assert client.session["_auth_user_id"] == before
    assert renewal.recent(request_of(client, codes_only))


def test_it_takes_a_mailed_code_once_and_for_five_minutes(codes_only, client_for):
    client = client_for(codes_only)
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        client.post(RENEW, {"action": "send"})
        code = mailed_code()
    with time_machine.travel(start + timedelta(minutes=5), tick=False):
        assert "werkt niet meer" in client.post(RENEW, {"code": code}).content.decode()
    client.post(RENEW, {"action": "send"})
    code = mailed_code()
    assert client.post(RENEW, {"code": code}).status_code == 302
    assert "werkt niet meer" in client.post(RENEW, {"code": code}).content.decode()


def test_it_stops_guessing_a_mailed_code(codes_only, client_for):
    client = client_for(codes_only)
    client.post(RENEW, {"action": "send"})
    for _ in range(renewal.TRIES_PER_CODE):
        client.post(RENEW, {"code": "AAAA-BBBB"})
    assert "werkt niet meer" in client.post(RENEW, {"code": mailed_code()}).content.decode()
    client.post(RENEW, {"action": "send"})
    for _ in range(2):
        client.post(RENEW, {"code": "AAAA-BBBB"})
    assert "Te veel pogingen" in client.post(RENEW, {"code": mailed_code()}).content.decode()


def test_it_takes_a_code_only_in_the_session_that_asked(codes_only, people, client_for):
    client_for(codes_only).post(RENEW, {"action": "send"})
    code = mailed_code()
    for thief in (client_for(codes_only), client_for(people.reader)):
        assert thief.post(RENEW, {"code": code}).status_code == 200


@pytest.mark.parametrize("back", ["https://elders.example/", "//elders.example", "javascript:alert(1)", "\x00"])
def test_it_goes_back_only_inside_the_portal(codes_only, client_for, back):
    client = client_for(codes_only)
    client.post(RENEW, {"action": "send", "next": back})
    assert client.post(RENEW, {"code": mailed_code(), "next": back}).url == "/"


def test_it_tells_htmx_to_load_the_page(people, client_for):
    request = request_of(client_for(people.signatory), people.signatory)
    request.htmx = type("Htmx", (), {"current_url_abs_path": "/hier/pact/", "__bool__": lambda self: True})()
    answer = renewal.demand(request)
    assert answer.headers["HX-Redirect"] == f"{reverse('account_reauthenticate')}?next=%2Fhier%2Fpact%2F"


@pytest.mark.parametrize("name", ["mfa_activate_totp", "mfa_add_webauthn", "account_set_password", "account_email"])
def test_it_guards_how_one_signs_in(codes_only, client_for, name):
    client = client_for(codes_only)
    answer = client.get(reverse(name))
    assert (answer.status_code, answer.url) == (302, f"{RENEW}?next={reverse(name).replace('/', '%2F')}")
    client.post(RENEW, {"action": "send"})
    client.post(RENEW, {"code": mailed_code()})
    assert client.get(reverse(name)).status_code == 200


def test_it_would_let_an_open_browser_in_without_the_rule(codes_only, client_for, monkeypatch):
    """The lock off: allauth by itself lets an account without password set up a second factor, and so take it over."""
    monkeypatch.setattr(renewal, "demand", lambda request: None)
    assert client_for(codes_only).get(reverse("mfa_activate_totp")).status_code == 200
