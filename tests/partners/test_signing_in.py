"""Signing in through the real pages: by password and by mailed code, never by guessing."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from pact_portal.foundation.mail.models import OutgoingMail
from tests.factories import PASSWORD, make_user

ADDRESS = "school@hier.example"


def is_signed_in(client):
    return "_auth_user_id" in client.session


def sign_in(client, email=ADDRESS, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def ask_code(client, email=ADDRESS):
    return client.post(reverse("account_request_login_code"), {"email": email}, follow=True)


def mailed_code():
    text = OutgoingMail.objects.latest("pk").text
    return re.search(r"^\s*([A-Z0-9]{4,}-?[A-Z0-9]+)\s*$", text, re.MULTILINE)[1]


def test_it_signs_in_by_password(people):
    client = Client()
    assert client.get(reverse("account_login")).status_code == 200
    assert sign_in(client).status_code == 302
    assert is_signed_in(client)


def test_it_changes_the_session_at_sign_in(people):
    client = Client()
    client.get(reverse("account_login"))
    client.session["typed"] = "x"
    client.session.save()
    before = client.session.session_key
    sign_in(client)
    assert client.session.session_key != before


def test_it_returns_to_the_page_that_was_asked_for(people):
    client = Client()
    there = reverse("partners:organisation_list", args=[people.pact.slug])
    asked = client.get(there)
    assert asked.status_code == 302
    assert client.post(asked.url, {"login": ADDRESS, "password": PASSWORD, "next": there}).url == there


def test_it_signs_in_by_a_mailed_code(people):
    client = Client()
    ask_code(client)
    mail = OutgoingMail.objects.get()
    assert (mail.recipient, mail.is_secret) == (ADDRESS, True)
    assert mail.html
    answer = client.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert answer.status_code == 302
    assert is_signed_in(client)


def test_it_mails_nobody_in_the_web_process(people, mailoutbox):
    ask_code(Client())
    Client().post(reverse("account_reset_password"), {"email": ADDRESS})
    assert not mailoutbox
    assert OutgoingMail.objects.count() == 2


def test_it_refuses_a_wrong_code(people):
    client = Client()
    ask_code(client)
    client.post(reverse("account_confirm_login_code"), {"code": "AAAA-BBBB"})
    assert not is_signed_in(client)


def test_it_gives_no_hint_that_an_address_is_unknown(people):
    known, unknown = ask_code(Client()), ask_code(Client(), "niemand@hier.example")
    assert known.redirect_chain == unknown.redirect_chain
    assert known.status_code == unknown.status_code
    wrong = [sign_in(Client(), email, "een-verkeerd-wachtwoord") for email in (ADDRESS, "niemand@hier.example")]
    faults = [list(page.context["form"].non_field_errors()) for page in wrong]
    assert faults[0] == faults[1] != []


def test_it_lets_nobody_sign_up(people):
    page = Client().get(reverse("account_signup"), follow=True)
    assert page.status_code == 200
    assert '<input type="password"' not in page.content.decode()
    Client().post(
        reverse("account_signup"), {"email": "zelf@hier.example", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert not type(people.other).objects.filter(email="zelf@hier.example").exists()


def test_it_keeps_a_closed_account_out(people):
    people.representative.is_active = False
    people.representative.save()
    client = Client()
    sign_in(client)
    assert not is_signed_in(client)
    ask_code(client)
    if OutgoingMail.objects.filter(recipient=ADDRESS, subject__icontains="inlogcode").exists():
        client.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert not is_signed_in(client)


def test_it_ends_the_session_of_a_closed_account(people, client_for):
    client = client_for(people.representative)
    there = reverse("partners:organisation_list", args=[people.pact.slug])
    assert client.get(there).status_code == 200
    people.representative.is_active = False
    people.representative.save()
    assert client.get(there).status_code == 302


def test_it_stops_guessing_after_five_wrong_passwords(people):
    client = Client()
    for number in range(5):
        sign_in(client, password=f"geraden-wachtwoord-{number}")
    sign_in(client)
    assert not is_signed_in(client), "the sixth try within five minutes was let in"
    other = Client()
    make_user("ander@hier.example")
    sign_in(other, "ander@hier.example")
    assert is_signed_in(other)


@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED"])
def test_it_stops_guessing_whatever_address_is_claimed(people, header):
    for number in range(5):
        client = Client(**{header: f"192.0.2.{number}"})
        sign_in(client, password=f"geraden-wachtwoord-{number}")
    client = Client(**{header: "192.0.2.99"})
    sign_in(client)
    assert not is_signed_in(client)
