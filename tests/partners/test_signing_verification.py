"""Whether a file is ours: every file that the portal made is known, and no other is, however little was changed."""

import base64
import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.test import override_settings
from django.utils import timezone

from pact_portal.foundation.sealing import checking, keys, sealing
from pact_portal.foundation.sealing.sealing import Stamp
from partners.models import DeedRevision, SealCertificate, Sector
from partners.signing import sealing as seals
from partners.signing import verification, workflow
from tests.factories import make_partner
from tests.signing import Signing, freeze_pact, make_ready, open_pact

pytestmark = pytest.mark.django_db

SEED = 20260623
MUTATIONS = 2_000


def files_of(made: Signing) -> list[bytes]:
    """The files of the deed, the first one first."""
    rows = DeedRevision.objects.in_pact(made.pact).filter(deed=made.deed).order_by("number")
    return [seals.read(row) for row in rows]


def forged_key() -> keys.SealKey:
    """A key of somebody else, of which the certificate says the very same as that of the portal."""
    real = x509.load_pem_x509_certificate(keys.load().certificate_pem.encode())
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(real.subject)
        .issuer_name(real.issuer)
        .public_key(key.public_key())
        .serial_number(real.serial_number)
        .not_valid_before(real.not_valid_before_utc)
        .not_valid_after(real.not_valid_after_utc)
    )
    for extension in real.extensions:
        builder = builder.add_extension(extension.value, critical=extension.critical)
    made = pkcs12.serialize_key_and_certificates(
        b"vals", key, builder.sign(key, hashes.SHA256()), None, serialization.NoEncryption()
    )
    with override_settings(SEAL_PKCS12=base64.b64encode(made).decode()):
        return keys.load()


STAMP = Stamp(
    name="een ander",
    function="wethouder",
    organisation="Partner 3 van tekenen",
    mandate="geen",
    place="Elders",
    signed_at=datetime(2026, 6, 3, 9, tzinfo=UTC),
)


class TestRecognising:
    def test_it_names_pact_version_and_all_who_signed(self):
        made = open_pact(3)
        made.sign_all()
        found = verification.verify(made.file())
        assert (found.outcome, found.is_genuine, found.is_newest, found.is_certified) == ("whole", True, True, True)
        assert (found.pact, found.version, found.deed) == (made.pact, made.version, made.deed)
        assert [each.who for each in found.signatories] == ["bestuurder 1", "bestuurder 2", "bestuurder 3"]
        assert all(each.is_in_file and each.is_intact and each.at for each in found.signatories)
        assert found.is_demo_seal

    def test_it_knows_every_earlier_file_and_says_that_it_is_older(self):
        made = open_pact(3)
        made.sign_all()
        files = files_of(made)
        found = [verification.verify(file) for file in files]
        assert [each.outcome for each in found] == ["older", "older", "older", "whole"]
        assert [sum(one.is_in_file for one in each.signatories) for each in found] == [0, 1, 2, 3]

    def test_it_knows_a_version_that_was_not_opened_yet(self):
        made = freeze_pact(1)
        rendition = verification.Rendition.objects.in_pact(made.pact).get()
        with rendition.file.open("rb") as file:
            found = verification.verify(file.read())
        assert (found.outcome, found.version, found.deed, found.signatories) == ("whole", made.version, None, [])

    def test_it_knows_a_sheet_for_accession_that_is_still_being_laid_down(self):
        made = open_pact(1)
        newcomer = make_partner(made.pact, "Nieuwkomer", Sector.SECONDARY, position=9, joined_on=timezone.localdate())
        deed = workflow.accede(made.version, partnership=newcomer, by=made.coordinator)
        rendition = verification.Rendition.objects.in_pact(made.pact).get(kind="accession")
        make_ready(rendition, deed.content)
        with rendition.file.open("rb") as file:
            found = verification.verify(file.read())
        assert (found.outcome, found.version, found.deed) == ("whole", made.version, deed)

    def test_it_tells_of_paper_and_of_withdrawal(self):
        from tests.partners.test_signing_workflow import paper

        made = open_pact(3)
        made.sign(0, seal=True)
        workflow.record_paper(made.places[1], **paper(made.coordinator))
        workflow.withdraw(made.places[2], by=made.coordinator, withdrawn_on=timezone.localdate(), reason="Geen mandaat")
        found = verification.verify(made.file()).signatories
        assert [each.state for each in found] == ["signed", "paper", "withdrawn"]
        assert (found[1].who, found[1].signed_in, found[1].is_in_file) == ("bestuurder", "Heiloo", False)

    def test_it_names_nobody_who_is_not_in_the_file_while_the_pact_is_not_public(self):
        made = open_pact(3)
        made.sign(0, seal=True)
        early = made.file()
        made.sign(1, seal=True)
        found = verification.verify(early).signatories
        assert [each.who for each in found] == ["bestuurder 1", "", ""]

    def test_it_says_nothing_of_a_later_version_that_is_not_signed_by_all(self):
        made = open_pact(1)
        made.sign_all()
        signed = made.file()
        made.version = made.freeze_next()
        assert verification.verify(signed).outcome == "whole"
        made.deed = workflow.open_signing(made.version, by=made.coordinator)
        assert verification.verify(signed).outcome == "whole"
        made.sign_all()
        assert verification.verify(signed).outcome == "older"
        assert verification.verify(made.file()).outcome == "whole"

    @pytest.mark.parametrize(
        ("data", "outcome"),
        [(b"", "no_pdf"), (b"GIF89a", "no_pdf"), (b"\x00" * 100, "no_pdf"), (b"%PDF-1.7 verzonnen", "unknown")],
        ids=["empty", "picture", "zeros", "made up"],
    )
    def test_it_refuses_what_is_no_file_of_ours(self, data, outcome):
        assert verification.verify(data).outcome == outcome

    def test_it_refuses_what_is_too_large_without_looking(self, monkeypatch):
        monkeypatch.setattr(verification, "LARGEST", 10)
        assert verification.verify(b"%PDF-" + b"x" * 10).outcome == "too_large"

    def test_it_never_opens_bytes_that_it_does_not_know(self, monkeypatch):
        made = open_pact(1)
        opened: list[bytes] = []
        monkeypatch.setattr(checking, "check", lambda data, **known: opened.append(data))
        assert verification.verify(made.file() + b"\n").outcome == "unknown"
        assert opened == []

    def test_it_refuses_a_file_of_ours_when_the_seal_cannot_be_confirmed(self, monkeypatch):
        made = open_pact(1)
        file = made.file()
        real = verification.checking.check
        monkeypatch.setattr(
            verification.checking, "check", lambda pdf, certificates: real(pdf, certificates=[forged_key_pem()])
        )
        found = verification.verify(file)
        assert found.outcome == "unknown"
        assert found.fault


def forged_key_pem() -> str:
    """The certificate of somebody else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Een ander")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=9999))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def mutations(files: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """2,000 changed files, always the same ones: what somebody could try with a file of ours."""
    dice = random.Random(SEED)
    whole = files[-1]
    ends = {len(file) for file in files}
    forged = forged_key()
    unsigned = files[1]
    made = 0
    # With a key of the same name: sign the empty field, and certify and sign anew.
    for field in ("partnership-900002", "partnership-900003"):
        yield "forged key", sealing.sign(unsigned, field=field, stamp=STAMP, key=forged)
        made += 1
    # With the right key even: a revision that the portal never made.
    yield "extra revision", sealing.sign(unsigned, field="partnership-900002", stamp=STAMP, key=keys.load())
    made += 1
    for extra in (b"\n", b" ", b"%%EOF\n", b"\x00", whole, files[0]):
        yield "append", whole + extra
        made += 1
    update = b"\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer << /Root 1 0 R >>\n"
    yield "extra revision", whole + update + b"startxref\n%d\n%%%%EOF\n" % (len(whole) + 40)
    made += 1
    while made < MUTATIONS:
        way = dice.choices(["flip", "append", "truncate", "swap"], [70, 10, 10, 10])[0]
        data = bytearray(dice.choice(files) if way != "truncate" else whole)
        if way == "flip":
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        elif way == "append":
            data += dice.randbytes(dice.randrange(1, 200))
        elif way == "truncate":
            end = dice.randrange(len(data))
            if end in ends:
                continue
            del data[end:]
        else:
            at, other = dice.randrange(len(data)), dice.randrange(len(data))
            if data[at] == data[other]:
                continue
            data[at], data[other] = data[other], data[at]
        yield way, bytes(data)
        made += 1


@pytest.mark.slow
def test_it_refuses_two_thousand_changed_files():
    made = open_pact(3)
    made.sign_all()
    files = files_of(made)
    outcomes = [
        (way, verification.verify(data).outcome)
        for way, data in mutations(files)
        if hashlib.sha256(data).hexdigest() not in {hashlib.sha256(file).hexdigest() for file in files}
    ]
    assert len(outcomes) == MUTATIONS
    assert {way for way, _outcome in outcomes} == {
        "forged key",
        "extra revision",
        "append",
        "flip",
        "truncate",
        "swap",
    }
    assert [pair for pair in outcomes if pair[1] in {"whole", "older"}] == []


@pytest.mark.slow
def test_it_would_accept_changed_files_without_the_hash(monkeypatch):
    """The twin: with the signatures alone, some of the changed files pass. So the hash comes first."""
    made = open_pact(1)
    made.sign_all()
    file, revision = made.file(), DeedRevision.objects.in_pact(made.pact).order_by("number").last()
    dice = random.Random(SEED)
    changed = []
    for _turn in range(60):
        # In the room around a signature, that no signature covers.
        data = bytearray(file)
        data[dice.randrange(*uncovered(file, dice))] ^= 1 << dice.randrange(8)
        changed.append(bytes(data))
    assert not any(verification.verify(data).is_genuine for data in changed)
    monkeypatch.setattr(verification, "_revision", lambda sha256: revision)
    assert any(verification.verify(data).is_genuine for data in changed)


def uncovered(file: bytes, dice: random.Random) -> tuple[int, int]:
    """The room of one of the signatures: /Contents is longer than what is in it, and the rest is zeros."""
    spots = []
    at = file.find(b"00" * 100)
    while at >= 0:
        end = at
        while file[end : end + 1] == b"0":
            end += 1
        spots.append((at + 50, end))
        at = file.find(b"00" * 100, end)
    assert spots
    return dice.choice(spots)


def test_it_refuses_forged_seals_by_the_signature_too():
    """Past the hash: were the file known, the seal of somebody else would still be no seal of ours."""
    made = open_pact(2)
    made.sign(0, seal=True)
    forged = sealing.sign(made.file(), field=made.places[1].field, stamp=STAMP, key=forged_key())
    assert not checking.check(forged, certificates=[row.pem for row in SealCertificate.objects.all()]).is_whole
    assert verification.verify(forged).outcome == "unknown"
