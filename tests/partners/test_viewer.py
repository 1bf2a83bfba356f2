"""The reader of the pact's PDF: who may open it, which file it shows, and what leads on from it."""

import hashlib
import re

import pytest
from django.test import Client
from django.urls import reverse

from partners.pact import reading
from partners.pact import workflow as pacts
from partners.permissions import Role
from partners.signing import progress, workflow
from tests.factories import make_member
from tests.signing import Signing, freeze_pact, open_pact

pytestmark = pytest.mark.django_db


def address(made: Signing, number: int = 1) -> str:
    return reverse("partners:pact_viewer", args=[made.pact.slug, number])


@pytest.fixture
def made() -> Signing:
    return open_pact(2)


@pytest.fixture
def stranger():
    return freeze_pact(1, slug="elders", first=910_001).coordinator


def file_of(page: str) -> tuple[str, str]:
    """The address and the SHA-256 that the reader gets."""
    found = re.search(r'data-file="([^"]+)" data-sha256="([0-9a-f]{64})"', page)
    assert found
    return found[1], found[2]


class TestWho:
    def test_it_opens_to_members_and_to_nobody_else_before_all_have_signed(self, made, stranger, client_for):
        reader = make_member(made.partners[1], Role.READER, "lezer@tekenen.example", name="lezer")
        for member in (made.coordinator, *made.signatories, reader):
            assert client_for(member).get(address(made)).status_code == 200
        assert client_for(stranger).get(address(made)).status_code == 404
        answer = Client().get(address(made))
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(reverse("account_login"))

    def test_it_would_open_to_all_without_the_rule(self, made, stranger, client_for, monkeypatch):
        monkeypatch.setattr(reading, "shown", lambda request, number: made.version)
        assert client_for(stranger).get(address(made)).status_code == 200
        assert Client().get(address(made)).status_code == 200

    def test_it_opens_to_everybody_once_all_have_signed_and_stays_so(self, made, stranger, client_for):
        made.sign_all()
        made.freeze_next()
        for client in (Client(), client_for(stranger), client_for(made.coordinator)):
            assert client.get(address(made)).status_code == 200
            url, sha256 = file_of(client.get(address(made)).content.decode())
            file = client.get(url)
            assert file.headers["Content-Type"] == "application/pdf"
            assert hashlib.sha256(file.getvalue()).hexdigest() == sha256
        # The next one is not.
        assert client_for(made.coordinator).get(address(made, 2)).status_code == 200
        assert client_for(stranger).get(address(made, 2)).status_code == 404
        assert Client().get(address(made, 2)).status_code == 302

    @pytest.mark.parametrize("number", [0, 9, 99_999_999_999_999_999_999])
    def test_it_knows_no_other_numbers(self, made, client_for, number):
        assert client_for(made.coordinator).get(address(made, number)).status_code == 404

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_it_is_only_for_reading(self, made, client_for, method):
        assert getattr(client_for(made.coordinator), method)(address(made)).status_code == 405


class TestWhat:
    def test_it_shows_the_newest_file_with_its_sha256(self, made, client_for):
        client = client_for(made.coordinator)
        for is_signed in (False, True):
            if is_signed:
                made.sign(0, seal=True)
            revision = progress.newest_revision(made.deed)
            page = client.get(address(made)).content.decode()
            url, sha256 = file_of(page)
            assert url == reverse("partners:deed_pdf", args=[made.pact.slug, made.deed.pk])
            assert sha256 == revision.sha256
            assert f"<code>{sha256}</code>" in page
        assert "In dit bestand staat 1 elektronische handtekening." in page

    def test_it_shows_the_certified_file_before_it_lies_on_the_table(self, client_for):
        made = freeze_pact(1)
        page = client_for(made.coordinator).get(address(made)).content.decode()
        assert file_of(page)[0] == reverse("partners:pact_version_pdf", args=[made.pact.slug, 1])
        assert "In dit bestand staan nog geen handtekeningen." in page

    def test_it_shows_nothing_while_there_is_no_file(self, client_for):
        made = freeze_pact(1)
        pacts.freeze(made.pact, by=made.coordinator)
        assert client_for(made.coordinator).get(address(made, 2)).status_code == 404

    def test_it_leads_to_the_file_the_accessible_page_and_the_check_without_script(self, made, client_for):
        page = client_for(made.signatories[0]).get(address(made)).content.decode()
        outside = page.partition("data-reader-waiting")[0]
        for url in (
            file_of(page)[0],
            reverse("partners:pact_version", args=[made.pact.slug, 1]),
            reverse("partners:verify"),
        ):
            assert f'href="{url}"' in outside
        assert "<noscript>" in page
        assert re.search(r"<section class=\"reader\"[^>]* hidden ", page)

    def test_it_leads_who_may_sign_to_the_own_place_and_nobody_else(self, made, client_for):
        own = [reverse("partners:sign", args=[made.pact.slug, place.pk]) for place in made.places]
        for at, signatory in enumerate(made.signatories):
            page = client_for(signatory).get(address(made)).content.decode()
            assert own[at] in page
            assert own[1 - at] not in page
        reader = make_member(made.partners[1], Role.READER, "lezer@tekenen.example", name="lezer")
        for other in (made.coordinator, reader):
            assert "Naar ondertekenen" not in client_for(other).get(address(made)).content.decode()

    def test_it_leads_no_more_to_signing_once_that_is_done_or_over(self, made, client_for):
        made.sign(0)
        assert "Naar ondertekenen" not in client_for(made.signatories[0]).get(address(made)).content.decode()
        assert "Naar ondertekenen" in client_for(made.signatories[1]).get(address(made)).content.decode()

    def test_it_does_not_lead_to_signing_a_superseded_version(self, made, client_for):
        following = made.freeze_next()
        workflow.open_signing(following, by=made.coordinator)
        client = client_for(made.signatories[0])
        assert "Naar ondertekenen" not in client.get(address(made)).content.decode()
        assert "Naar ondertekenen" in client.get(address(made, 2)).content.decode()
