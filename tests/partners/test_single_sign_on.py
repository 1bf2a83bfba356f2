"""Single sign-on against a real OpenID Connect provider: a server of its own, spoken to over HTTP, PKCE and all."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from partners.people import sign_on
from tests.factories import PASSWORD
from tests.foundation.test_settings import read_settings

ROOT = Path(__file__).resolve().parents[2]
SECRET = "the secret of the portal at the provider"
HERE, ELSEWHERE = "hier.example", "elders.example"
PEOPLE = [
    {"username": "wethouder", "email": "wethouder@hier.example"},
    {"username": "capitals", "email": "Wethouder@HIER.example"},
    {"username": "unconfirmed", "email": "school@hier.example", "last_name": "unconfirmed"},
    {"username": "unknown", "email": "niemand@hier.example"},
    {"username": "silent", "email": ""},
    {"username": "foreign", "email": "coordinator@elders.example"},
    {"username": "longer", "email": "wethouder@hier.example.elders.example"},
    {"username": "factor", "email": "coordinator@hier.example", "first_name": "pwd mfa"},
    {"username": "no-factor", "email": "klankbord@hier.example", "first_name": "pwd"},
]

RIGHT = {
    "domain": HERE,
    "name": "Hier",
    "issuer": "https://x.example",
    "client_id": "p",
    "client_secret": "very-secret",
}


@dataclass(frozen=True)
class Provider:
    issuer: str


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """The provider, with its people and the portal as its client."""
    folder = tmp_path_factory.mktemp("oidc")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(pem)
    uris = " ".join(
        f"http://testserver{reverse('openid_connect_callback', args=[domain])}" for domain in (HERE, ELSEWHERE)
    )
    given = {
        "client_id": "portal",
        "client_secret": SECRET,
        "redirect_uris": uris,
        "people": [{**person, "password": PASSWORD} for person in PEOPLE],
    }
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.oidc_server"],
        cwd=ROOT,
        env={**environment, "OIDC_FOLDER": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(given))
        process.stdin.close()
        port = process.stdout.readline().strip()
        assert port, "the provider did not start"
        yield Provider(f"http://127.0.0.1:{port}/o")
        process.terminate()


@pytest.fixture(autouse=True)
def provider(server, settings) -> Provider:
    settings.OIDC_PROVIDERS = [
        {
            "domain": HERE,
            "name": "Gemeente Hier",
            "issuer": server.issuer,
            "client_id": "portal",
            "client_secret": SECRET,
        }
    ]
    return server


def confirm(user):
    """Give the account its confirmed address, as accepting an invitation does."""
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})


def led_away(client, domain=HERE, **data):
    """The address at the provider that the button leads to."""
    answer = client.post(reverse("openid_connect_login", args=[domain]), data)
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


def sent_back(address, username):
    """Sign in at the provider, over HTTP; the address that it sends back to."""
    with requests.Session() as browser:
        page = browser.get(address)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
        form = {
            "csrfmiddlewaretoken": token,
            "username": username,
            "password": PASSWORD,
            "next": parse_qs(urlsplit(page.url).query)["next"][0],
        }
        answer = browser.post(page.url, form, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        answer = browser.get(f"{page.url.partition('/login/')[0]}{answer.headers['Location']}", allow_redirects=False)
    back = answer.headers["Location"]
    assert back.startswith("http://testserver/"), back
    return back.removeprefix("http://testserver")


def by_sign_on(username, client=None, domain=HERE, **data):
    client = client or Client()
    answer = client.get(sent_back(led_away(client, domain, **data), username))
    return client, answer


def is_signed_in(client):
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("username", ["wethouder", "capitals"])
def test_it_signs_in_who_has_an_account(people, username):
    confirm(people.signatory)
    there = reverse("partners:organisation_list", args=[people.pact.slug])
    client = Client()
    client.get(reverse("account_login"))
    before = client.session.session_key
    client, answer = by_sign_on(username, client, next=there)
    assert (answer.status_code, answer.url) == (302, there)
    assert client.session["_auth_user_id"] == str(people.signatory.pk)
    assert client.session.session_key != before
    assert client.get(there).status_code == 200
    account = SocialAccount.objects.get()
    assert (account.user, account.provider, account.extra_data) == (people.signatory, HERE, {})


def test_it_uses_a_proof_key_and_a_state(people):
    query = parse_qs(urlsplit(led_away(Client())).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["state"]
    assert "openid" in query["scope"][0].split()


def test_it_leads_a_typed_address_to_its_organisation(people):
    page = Client().get(reverse("account_login")).content.decode()
    assert "Inloggen via Gemeente Hier" in page
    answer = Client().post(reverse("account_login"), {"login": "Wethouder@Hier.Example", "password": ""})
    assert answer.status_code == 302
    assert urlsplit(answer.url).path == "/o/authorize/"
    confirm(people.signatory)
    client = Client()
    answer = client.post(reverse("account_login"), {"login": "wethouder@hier.example", "next": "/hier/partners/"})
    assert client.get(sent_back(answer.url, "wethouder")).url == "/hier/partners/"


def test_it_asks_others_for_their_password(people):
    client = Client()
    wrong = client.post(reverse("account_login"), {"login": people.stranger.email, "password": ""})
    assert "Vul uw wachtwoord in." in wrong.content.decode()
    client.post(reverse("account_login"), {"login": people.stranger.email, "password": PASSWORD})
    assert is_signed_in(client)


def refused(username, sentence, **kwargs):
    client, answer = by_sign_on(username, **kwargs)
    assert answer.status_code == 403
    assert sentence in answer.content.decode()
    assert not is_signed_in(client)


def test_it_refuses_an_address_that_the_provider_did_not_confirm(people):
    confirm(people.representative)
    refused("unconfirmed", "heeft uw e-mailadres niet bevestigd")


def test_it_takes_the_word_of_a_provider_that_vouches_for_its_addresses(people, settings):
    confirm(people.representative)
    settings.OIDC_PROVIDERS = [{**settings.OIDC_PROVIDERS[0], "vouches_for_email": True}]
    client, _answer = by_sign_on("unconfirmed")
    assert is_signed_in(client)


def test_it_refuses_who_has_no_account_and_makes_none(people):
    refused("unknown", "hoort geen account")
    assert not get_user_model().objects.filter(email="niemand@hier.example").exists()


def test_it_refuses_who_is_not_confirmed_here(people):
    EmailAddress.objects.filter(user=people.signatory).update(verified=False)
    EmailAddress.objects.get_or_create(user=people.signatory, email=people.signatory.email)
    refused("wethouder", "hoort geen account")


def test_it_refuses_a_person_without_address(people):
    refused("silent", "geeft uw e-mailadres niet door")


@pytest.mark.parametrize("username", ["foreign", "longer"])
def test_it_refuses_an_address_of_another_domain(people, username):
    confirm(people.stranger)
    refused(username, "alleen in met een adres dat eindigt op @hier.example")


def test_it_would_let_a_provider_speak_for_another_domain(people, monkeypatch):
    """The lock off: without the domain a provider signs in whomever it names, coordinators of others too."""
    confirm(people.stranger)
    monkeypatch.setattr(sign_on, "domain_of", lambda address: HERE)
    client, _answer = by_sign_on("foreign")
    assert client.session["_auth_user_id"] == str(people.stranger.pk)


def test_it_refuses_a_closed_account(people):
    confirm(people.signatory)
    people.signatory.is_active = False
    people.signatory.save()
    client, answer = by_sign_on("wethouder")
    assert answer.status_code == 302
    assert not is_signed_in(client)


def test_it_refuses_a_successor_with_the_same_address(people):
    confirm(people.signatory)
    by_sign_on("wethouder")
    refused("capitals", "bij iemand anders")


def test_it_refuses_a_state_that_it_did_not_give(people):
    confirm(people.signatory)
    client = Client()
    back = sent_back(led_away(client), "wethouder")
    for wrong in (re.sub(r"state=[^&]+", "state=geraden", back), re.sub(r"state=[^&]+&?", "", back)):
        answer = client.get(wrong)
        assert answer.status_code == 401
        assert "Begin opnieuw op de inlogpagina" in answer.content.decode()
    stolen = Client()
    assert stolen.get(back).status_code == 401
    assert not is_signed_in(client)
    assert not is_signed_in(stolen)


def test_it_takes_a_code_once(people):
    confirm(people.signatory)
    client = Client()
    back = sent_back(led_away(client), "wethouder")
    client.get(back)
    client.post(reverse("account_logout"))
    assert client.get(back).status_code == 401
    assert not is_signed_in(client)


@pytest.mark.parametrize("code", ["geraden", "", "x" * 5000, "%00"])
def test_it_refuses_a_code_that_the_provider_did_not_give(people, code):
    client = Client()
    state = parse_qs(urlsplit(led_away(client)).query)["state"][0]
    answer = client.get(f"{reverse('openid_connect_callback', args=[HERE])}?code={code}&state={state}")
    assert answer.status_code == 401
    assert not is_signed_in(client)


def test_it_says_that_one_broke_off(people):
    client = Client()
    state = parse_qs(urlsplit(led_away(client)).query)["state"][0]
    there = f"{reverse('openid_connect_callback', args=[HERE])}?error=access_denied&state={state}"
    assert "afgebroken" in client.get(there, follow=True).content.decode()


def test_it_says_that_the_provider_does_not_answer(people, settings):
    settings.OIDC_PROVIDERS = [{**settings.OIDC_PROVIDERS[0], "issuer": "http://127.0.0.1:9/o"}]
    for there, data in (
        (reverse("openid_connect_login", args=[HERE]), {}),
        (reverse("account_login"), {"login": "wethouder@hier.example"}),
    ):
        answer = Client().post(there, data)
        assert answer.status_code == 424
        assert "antwoordt niet" in answer.content.decode()


def test_it_says_so_when_the_provider_falls_silent_on_the_way(people, settings):
    client = Client()
    back = sent_back(led_away(client), "wethouder")
    settings.OIDC_PROVIDERS = [{**settings.OIDC_PROVIDERS[0], "issuer": "http://127.0.0.1:9/o"}]
    assert client.get(back).status_code == 401


def test_it_refuses_another_issuer_than_agreed(people, settings, monkeypatch):
    confirm(people.signatory)
    client = Client()
    back = sent_back(led_away(client), "wethouder")
    real = sign_on.provider_of
    monkeypatch.setattr(sign_on, "provider_of", lambda domain: {**real(domain), "issuer": "https://anders.example"})
    assert client.get(back).status_code == 403
    assert not is_signed_in(client)


def test_it_refuses_a_wrong_secret(people, settings):
    confirm(people.signatory)
    settings.OIDC_PROVIDERS = [{**settings.OIDC_PROVIDERS[0], "client_secret": "wrong"}]
    client, answer = by_sign_on("wethouder")
    assert answer.status_code == 401
    assert not is_signed_in(client)


def test_it_knows_no_other_provider(people):
    for name in ("openid_connect_login", "openid_connect_callback"):
        assert Client().get(reverse(name, args=[ELSEWHERE])).status_code == 404


def test_it_leads_nowhere_by_get(people):
    page = Client().get(reverse("openid_connect_login", args=[HERE]))
    assert page.status_code == 200
    assert "U gaat naar de inlogpagina van Gemeente Hier." in page.content.decode()


def test_it_comes_back_only_inside_the_portal(people):
    confirm(people.signatory)
    _client, answer = by_sign_on("wethouder", next="https://elders.example/")
    assert answer.url == "/"


def test_it_does_not_connect_an_account_by_hand(people, client_for):
    confirm(people.signatory)
    client, _answer = by_sign_on("wethouder", client=client_for(people.other), process="connect")
    assert client.session["_auth_user_id"] == str(people.signatory.pk)
    assert SocialAccount.objects.get().user == people.signatory


@pytest.mark.parametrize(
    ("agreed", "username", "who", "is_enough"),
    [
        (False, "wethouder", "signatory", False),
        (False, "factor", "coordinator", False),
        (True, "wethouder", "signatory", True),  # it does not say how it asked: as agreed
        (True, "factor", "coordinator", True),
        (True, "no-factor", "advisor", False),  # it says that it asked for a password alone
    ],
)
def test_it_counts_as_second_factor_only_as_agreed(people, settings, agreed, username, who, is_enough):
    settings.SECOND_FACTOR = True
    settings.OIDC_PROVIDERS = [{**settings.OIDC_PROVIDERS[0], "second_factor": agreed}]
    confirm(getattr(people, who))
    client, _answer = by_sign_on(username)
    answer = client.get(reverse("partners:organisation_list", args=[people.pact.slug]))
    assert answer.status_code == (200 if is_enough else 302)
    if not is_enough:
        assert answer.url == reverse("mfa_index")


def test_it_lets_forms_lead_on_to_the_provider():
    given = [{**RIGHT, "issuer": "https://inloggen.hier.example/o"}]
    read = read_settings("settings.SECURE_CSP['form-action'][1:]", OIDC_PROVIDERS=json.dumps(given))
    assert (read.returncode, read.stdout) == (0, "['https://inloggen.hier.example']\n")


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("x", "it is no JSON"),
        ("{}", "it is no list of objects"),
        ("[1]", "it is no list of objects"),
        (json.dumps([{**RIGHT, "issuer": ""}]), "object 1 has no readable issuer"),
        (json.dumps([{**RIGHT, "issuer": "http://x.example"}]), "object 1 has an issuer that is no https address"),
        (json.dumps([{**RIGHT, "issuer": "x"}]), "object 1 has an issuer that is no https address"),
        (json.dumps([{**RIGHT, "domain": "hier"}]), "object 1 has a domain that is no mail domain"),
        (json.dumps([{**RIGHT, "domain": "Hier.Example"}]), "object 1 has a domain that is no mail domain"),
        (json.dumps([RIGHT, RIGHT]), "a domain stands in it twice"),
        (
            json.dumps([{**RIGHT, "second_factor": "yes"}]),
            "object 1 has a second_factor that is neither true nor false",
        ),
        (json.dumps([{**RIGHT, "scope": "x"}]), "object 1 has 'scope', which is not known"),
        (json.dumps([{key: RIGHT[key] for key in RIGHT if key != "client_secret"}]), "object 1 has no client_secret"),
    ],
)
def test_it_stops_at_settings_that_cannot_be_read(given, fault):
    read = read_settings(OIDC_PROVIDERS=given)
    assert read.returncode == 2
    assert read.stderr.startswith(f"Setting OIDC_PROVIDERS cannot be read ({fault}")
    assert read.stderr.count("\n") == 1
    assert "very-secret" not in read.stderr
