"""What was signed keeps saying what it said: the name on the sheet, the place, the certificate, the evidence."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from pact_portal.foundation.documents.models import Rendition
from partners.models import Deed, SealCertificate, SignaturePlace
from partners.organisations import workflow as organisations
from partners.signing import evidence, letters, opening, progress, sealing, verification, workflow
from partners.signing.document import compile_evidence
from tests.factories import make_partner
from tests.signing import open_pact

pytestmark = pytest.mark.django_db
LATER = "Stichting Nooit Getekend"


def test_it_keeps_the_name_under_which_a_partner_signed() -> None:
    made = open_pact(1)
    name = str(made.partners[0])
    signature = made.sign(0)
    # Renamed between the act and the seal.
    organisations.update_partner(made.partners[0], name=LATER, by=made.coordinator)
    assert sealing.seal(signature.pk)
    signature = type(signature).objects.in_pact(made.pact).get(pk=signature.pk)
    assert signature.organisation == name
    assert LATER not in str(compile_evidence(signature).to_data())
    (status,) = progress.status_of(made.deed)
    assert status.name == name
    assert [each.partner for each in verification.verify(made.file()).signatories] == [name]
    page = Client().get(f"/{made.pact.slug}/").content.decode()
    assert name in page
    assert LATER not in page


def test_it_tells_nobody_how_far_a_version_is_that_is_not_public() -> None:
    made = open_pact(2)
    made.sign_all()
    made.version = made.freeze_next()
    made.deed = workflow.open_signing(made.version, by=made.coordinator)
    before = made.file()
    made.sign(0, seal=True)
    assert [each.who for each in verification.verify(before).signatories] == ["", ""]
    assert [each.who for each in verification.verify(made.file()).signatories] == ["bestuurder 1", ""]


@pytest.mark.parametrize(
    "change",
    [
        lambda made, other: SignaturePlace.unscoped.filter(deed=made.deed).update(partnership=other),
        lambda made, other: SignaturePlace.unscoped.filter(deed=made.deed).update(field="anders"),
        lambda made, other: SealCertificate.objects.update(pem="anders"),
        lambda made, other: Deed.objects.in_pact(made.pact).update(state=Deed.State.OPEN, completed_at=None),
        lambda made, other: Deed.objects.in_pact(made.pact).update(state=Deed.State.OPEN),
    ],
)
def test_it_lets_nobody_change_what_the_signatures_rest_on(change: Any) -> None:
    made = open_pact(1)
    made.sign_all()
    other = make_partner(made.pact, "Een ander")
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        change(made, other)


def test_it_asks_again_for_a_sheet_that_was_given_up() -> None:
    made = open_pact(1)
    made.sign_all()
    later = make_partner(made.pact, "Later gekomen", position=9)
    deed = workflow.accede(made.version, partnership=later, by=made.coordinator)
    rows = Rendition.objects.in_pact(made.pact).filter(kind=opening.ACCESSION, object_id=deed.pk)
    rows.update(state=Rendition.State.FAILED, attempts=3)
    assert opening.open_prepared() == 0
    assert rows.get().state == Rendition.State.WAITING
    deed.refresh_from_db()
    assert deed.state == Deed.State.PREPARING


@pytest.mark.parametrize(
    ("records", "method", "at", "proved_at"),
    [
        (
            [{"method": "mfa", "type": "webauthn", "at": 1_000, "passwordless": True}],
            "webauthn",
            "1970-01-01T00:16:40+00:00",
            "1970-01-01T00:16:40+00:00",
        ),
        (
            [{"method": "mfa", "type": "webauthn", "at": 1_000}, {"method": "password", "at": 2_000}],
            "webauthn",
            "1970-01-01T00:16:40+00:00",
            "1970-01-01T00:33:20+00:00",
        ),
        (
            [{"method": "password", "at": 1_000}, {"method": "socialaccount", "at": 2_000}],
            "password",
            "1970-01-01T00:16:40+00:00",
            "1970-01-01T00:16:40+00:00",
        ),
    ],
)
def test_it_says_truly_how_somebody_came_in(
    monkeypatch: pytest.MonkeyPatch, rf: Any, records: list[dict[str, Any]], method: str, at: str, proved_at: str
) -> None:
    request = rf.get("/")
    request.user = SimpleNamespace(is_authenticated=True, pk=1)
    monkeypatch.setattr(evidence, "get_authentication_records", lambda *_: records)
    monkeypatch.setattr(evidence.renewal, "get_authentication_records", lambda *_: records)
    kept = evidence.of_request(request, text_sha256="a", file_sha256="b", consent="c")
    assert (kept.sign_in_method, kept.sign_in_at, kept.reauthenticated_at) == (method, at, proved_at)


def test_it_tells_a_visitor_nothing_by_another_method(client: Client) -> None:
    made = open_pact(1)
    for method in ("OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"):
        there, nowhere = (
            client.generic(method, f"/{slug}/pact/versions/1/") for slug in (made.pact.slug, "bestaat-niet")
        )
        assert (there.status_code, nowhere.status_code) == (302, 302), method


def test_it_asks_nobody_who_stepped_out_while_the_sheet_was_made() -> None:
    made = open_pact(1)
    made.sign_all()
    later = make_partner(made.pact, "Later gekomen", position=9, contact_email="later@hier.example")
    deed = workflow.accede(made.version, partnership=later, by=made.coordinator)
    workflow.withdraw(deed.places.get(), by=made.coordinator, withdrawn_on=date(2022, 1, 2), reason="Toch niet.")
    letters.ask_all(deed)
    assert deed.places.get().asked_at is None


def test_it_takes_no_withdrawal_from_before_the_partner_joined() -> None:
    made = open_pact(1)
    with pytest.raises(ValidationError, match="nog niet mee"):
        workflow.withdraw(made.places[0], by=made.coordinator, withdrawn_on=date(1, 1, 1), reason="Vergist.")
