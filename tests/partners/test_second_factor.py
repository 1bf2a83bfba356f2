"""The second factor: who needs it, where it is asked, and that it cannot be guessed or gone around."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.mail.models import OutgoingMail
from partners.models import Membership
from partners.pact import workflow as pact_workflow
from partners.people import workflow as people_workflow
from partners.permissions import Role
from tests.factories import PASSWORD

AUTHENTICATE = reverse("mfa_authenticate")
INDEX = reverse("mfa_index")
START = timezone.now().replace(microsecond=0)


@pytest.fixture(autouse=True)
def asked_for(settings):
    settings.SECOND_FACTOR = True


def code_of(secret, steps=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def with_app(user):
    """Give the user an app; the secret in it."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def by_password(user, **headers):
    client = Client(**headers)
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client, answer


def is_signed_in(client):
    return "_auth_user_id" in client.session


def partners(people):
    return reverse("partners:organisation_list", args=[people.pact.slug])


def mailed_code():
    return re.search(r"^\s*([A-Z0-9]{4,}-?[A-Z0-9]+)\s*$", OutgoingMail.objects.latest("pk").text, re.MULTILINE)[1]


@pytest.mark.parametrize("who", ["coordinator", "representative", "signatory", "advisor"])
def test_it_sends_who_writes_to_the_set_up_page(people, who):
    client, _ = by_password(getattr(people, who))
    answer = client.get(partners(people))
    assert (answer.status_code, answer.url) == (302, INDEX)
    page = client.get(INDEX).content.decode()
    assert "Daarvoor is een tweede stap bij het inloggen nodig." in page


def test_it_asks_nothing_of_a_reader(people):
    client, _ = by_password(people.reader)
    assert client.get(partners(people)).status_code == 200


def test_it_asks_nobody_when_it_is_off(people, settings):
    """The lock off: a password alone is enough to work in the pact."""
    settings.SECOND_FACTOR = False
    client, _ = by_password(people.coordinator)
    assert client.get(partners(people)).status_code == 200


def test_it_answers_a_stranger_404_as_ever(people):
    client, _ = by_password(people.stranger)
    assert client.get(partners(people)).status_code == 404


def test_it_sets_up_an_app_and_goes_back(people):
    there = f"{partners(people)}?q=school"
    client, _ = by_password(people.representative)
    client.get(there)
    page = client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200
    text = page.content.decode()
    assert "<svg" in text
    assert "data:image" not in text
    secret = page.context["form"].secret
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "Deze code klopt niet" in wrong.content.decode()
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert (answer.status_code, answer.url) == (302, reverse("mfa_view_recovery_codes"))
    codes = client.get(answer.url)
    assert f'href="{there}"' in codes.content.decode()
    assert client.get(there).status_code == 200


def test_it_keeps_the_secret_unreadable_in_the_database(people, settings):
    secret = with_app(people.representative)
    stored = Authenticator.objects.get().data["secret"]
    assert secret not in stored
    authenticator = Authenticator.objects.get().wrap()
    assert authenticator.validate_code(code_of(secret))
    cache.clear()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another long random text that the portal got since then"
    assert authenticator.validate_code(code_of(secret))
    cache.clear()
    settings.SECRET_KEY_FALLBACKS = []
    assert not authenticator.validate_code(code_of(secret))


@pytest.mark.parametrize("way", ["password", "mailed code"])
def test_it_asks_for_the_code_at_sign_in(people, way):
    secret = with_app(people.signatory)
    if way == "password":
        client, answer = by_password(people.signatory)
    else:
        client = Client()
        client.post(reverse("account_request_login_code"), {"email": people.signatory.email})
        answer = client.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert (answer.status_code, answer.url) == (302, AUTHENTICATE)
    assert not is_signed_in(client)
    assert client.get(partners(people)).status_code == 302
    before = client.session.session_key
    answer = client.post(AUTHENTICATE, {"code": code_of(secret)})
    assert answer.status_code == 302
    assert is_signed_in(client)
    assert client.session.session_key != before
    assert client.get(partners(people)).status_code == 200


def test_it_asks_for_it_after_an_invitation(people):
    _invitation, secret = people_workflow.invite(
        people.school, email="nieuw@hier.example", name="nieuw", role=Role.REPRESENTATIVE, by=people.coordinator
    )
    client = Client()
    client.post(reverse("partners:accept", args=[secret]), {"way": "password", "password": PASSWORD})
    user = Membership.objects.in_pact(people.pact).get(user__email="nieuw@hier.example").user
    assert is_signed_in(client)
    answer = client.get(partners(people))
    assert (answer.status_code, answer.url) == (302, INDEX)
    with_app(user)
    again = Client()
    again.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert not is_signed_in(again)


def test_it_asks_a_session_from_before_the_set_up(people):
    client, _ = by_password(people.signatory)
    secret = with_app(people.signatory)
    answer = client.get(partners(people))
    assert answer.url == f"{reverse('mfa_reauthenticate')}?next={partners(people).replace('/', '%2F')}"
    back = client.post(reverse("mfa_reauthenticate"), {"code": code_of(secret), "next": partners(people)})
    assert (back.status_code, back.url) == (302, partners(people))
    assert client.get(partners(people)).status_code == 200


def test_it_carries_out_nothing_before(people):
    client, _ = by_password(people.coordinator)
    membership = Membership.objects.in_pact(people.pact).get(user=people.advisor)
    for headers in ({}, {"HX-Request": "true", "HX-Current-URL": f"http://testserver{partners(people)}"}):
        answer = client.post(
            reverse("partners:membership_end", args=[people.pact.slug, membership.pk]),
            {"confirmed": 1},
            headers=headers,
        )
        if headers:
            assert answer.headers["HX-Redirect"] == INDEX
        else:
            assert (answer.status_code, answer.url) == (302, INDEX)
    membership.refresh_from_db()
    assert membership.ended_on is None
    assert "is nog niet opgeslagen" in client.get(INDEX).content.decode()


def test_it_lets_one_sign_out(people):
    client, _ = by_password(people.coordinator)
    client.get(partners(people))
    assert client.post(reverse("account_logout")).status_code == 302
    assert not is_signed_in(client)


def test_it_leaves_public_pages_open_without_a_members_rights(people):
    pact_workflow.add_section(people.pact, title="Aanleiding", body="<p>Tekst</p>", by=people.coordinator)
    version = pact_workflow.freeze(people.pact, by=people.coordinator)
    there = reverse("partners:pact_version", args=[people.pact.slug, version.number])
    as_visitor = Client().get(there)
    client, _ = by_password(people.coordinator)
    answer = client.get(there)
    if as_visitor.status_code == 200:
        assert answer.status_code == 200
        assert not answer.wsgi_request.access.is_member
    else:
        assert (answer.status_code, answer.url) == (302, INDEX)
    assert client.get(people.pact.get_absolute_url()).url == INDEX


def test_it_asks_an_administrator_of_the_portal(people):
    people.reader.is_site_administrator = True
    people.reader.save()
    client, _ = by_password(people.reader)
    assert client.get(partners(people)).url == INDEX
    assert client.get(reverse("accounts:sessions")).status_code == 200


@pytest.mark.parametrize("code", ["000000", "", "x" * 5000, "\x00", "12 34 56", "０１２３４５"])
def test_it_refuses_a_wrong_code_with_a_sentence(people, code):
    with_app(people.signatory)
    client, _ = by_password(people.signatory)
    answer = client.post(AUTHENTICATE, {"code": code})
    assert answer.status_code == 200
    assert "fault-summary" in answer.content.decode()
    assert not is_signed_in(client)


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", "3", '{"response": {}}', "x" * 4000])
def test_it_refuses_a_broken_passkey_with_a_sentence(people, credential):
    with_app(people.signatory)
    client, _ = by_password(people.signatory)
    assert client.post(AUTHENTICATE, {"credential": credential}).status_code == 200
    assert Client().post(reverse("mfa_login_webauthn"), {"credential": credential}).status_code == 302
    assert not is_signed_in(client)


def test_it_takes_each_code_once(people):
    secret = with_app(people.signatory)
    with time_machine.travel(START, tick=False):
        code = code_of(secret)
        client, _ = by_password(people.signatory)
        client.post(AUTHENTICATE, {"code": code})
        assert is_signed_in(client)
    with time_machine.travel(START + timedelta(seconds=31), tick=False):
        thief, _ = by_password(people.signatory)
        thief.post(AUTHENTICATE, {"code": code})
        assert not is_signed_in(thief), "a code that was seen over the shoulder worked again"
        thief.post(AUTHENTICATE, {"code": code_of(secret)})
        assert is_signed_in(thief)


def test_it_takes_a_code_of_half_a_minute_ago_and_no_older(people):
    secret = with_app(people.signatory)
    for steps, expected in ((-2, False), (-1, True)):
        client, _ = by_password(people.signatory)
        client.post(AUTHENTICATE, {"code": code_of(secret, steps)})
        assert is_signed_in(client) is expected


def test_it_takes_a_recovery_code_once(people):
    client, _ = by_password(people.signatory)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    codes = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert len(codes) == 10
    download = client.get(reverse("mfa_download_recovery_codes"))
    assert codes[0] in download.content.decode()
    assert codes[0] not in str(Authenticator.objects.get(type="recovery_codes").data)
    for expected in (True, False):
        other, _ = by_password(people.signatory)
        other.post(AUTHENTICATE, {"code": codes[0]})
        assert is_signed_in(other) is expected


def test_it_keeps_the_last_second_factor_of_who_needs_one(people):
    client, _ = by_password(people.signatory)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    answer = client.post(reverse("mfa_deactivate_totp"))
    assert "Stel eerst een andere manier in" in answer.content.decode()
    passkey = Authenticator.objects.create(user=people.signatory, type="webauthn", data={"name": "x", "credential": {}})
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(type="totp").exists()
    answer = client.post(reverse("mfa_remove_webauthn", args=[passkey.pk]))
    assert (answer.status_code, answer.url) == (302, reverse("mfa_list_webauthn"))
    assert Authenticator.objects.filter(pk=passkey.pk).exists()


def test_it_stops_guessing_after_five_codes(people):
    secret = with_app(people.signatory)
    for _ in range(5):
        client, _answer = by_password(people.signatory)
        client.post(AUTHENTICATE, {"code": "000000"})
    client, _ = by_password(people.signatory)
    answer = client.post(AUTHENTICATE, {"code": code_of(secret)})
    assert "Te veel pogingen" in answer.content.decode()
    assert not is_signed_in(client)
    neighbour = with_app(people.other)
    client, _ = by_password(people.other)
    client.post(AUTHENTICATE, {"code": code_of(neighbour)})
    assert is_signed_in(client)


def tries_that_were_looked_at(people, monkeypatch, number=200):
    """How many of so many parallel guesses from claimed addresses reached the check of the code."""
    secret = with_app(people.signatory)
    looked_at = []
    first, _ = by_password(people.signatory)
    clients = [Client(HTTP_X_FORWARDED_FOR=f"192.0.2.{n}", HTTP_X_REAL_IP=f"192.0.2.{n}") for n in range(number)]
    for client in clients:
        client.cookies.load(f"sessionid={first.cookies['sessionid'].value}")
    real = TOTP.validate_code

    def validate(self, code):
        looked_at.append(code)
        return real(self, code)

    monkeypatch.setattr(TOTP, "validate_code", validate)
    right = code_of(secret)

    def guess(place):
        try:
            return clients[place].post(AUTHENTICATE, {"code": f"{(int(right) + 1 + place) % 1_000_000:06}"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(guess, range(number)))
    assert set(answers) == {200}
    return len(looked_at)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_it_looks_at_five_of_two_hundred_parallel_guesses(people, monkeypatch):
    assert tries_that_were_looked_at(people, monkeypatch) <= 5


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_it_would_look_at_more_with_a_limit_per_address(people, monkeypatch, settings):
    """The lock off: a limit that asks where a guess comes from, and believes the answer, stops nobody."""
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/ip"}
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert tries_that_were_looked_at(people, monkeypatch, 40) > 5


def test_it_wipes_a_second_factor_by_command_and_says_so_in_the_log(people, capsys):
    secret = with_app(people.signatory)
    client, _ = by_password(people.signatory)
    client.post(AUTHENTICATE, {"code": code_of(secret)})
    call_command("second_factor", reset=people.signatory.email.upper())
    assert not Authenticator.objects.exists()
    assert client.get(partners(people)).status_code == 302, "the session goes on"
    assert not is_signed_in(client)
    record = AuditRecord.unscoped.get(action="second_factor.reset")
    assert (record.subject_id, record.pact_id, record.by_id) == (people.signatory.pk, None, None)
    mail = OutgoingMail.objects.get()
    assert mail.recipient == people.signatory.email


def test_it_refuses_to_wipe_for_an_unknown_address(db):
    with pytest.raises(CommandError, match=r"niemand@hier\.example"):
        call_command("second_factor", reset="niemand@hier.example")
