"""The key of the seal: read where it is needed, made for a demo, and refused in a sentence when it is of no use."""

import base64
import datetime as dt
import io
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import pkcs12
from django.core.management import CommandError, call_command

from pact_portal.foundation.documents.registry import CannotRender
from pact_portal.foundation.documents.render import render_document
from pact_portal.foundation.sealing import checking, keys
from pact_portal.foundation.sealing.sealing import certify
from tests.foundation.sealing_samples import FROM, NOW, UNTIL, certificate_of, ec_key, packed, rsa_key, sheet

PASSPHRASE = "een geheim dat nergens mag staan"


@pytest.fixture(autouse=True)
def machine(settings: Any, tmp_path: Path) -> None:
    """A machine without a key, today."""
    settings.DATA_DIR = tmp_path
    settings.SEAL_PKCS12, settings.SEAL_PASSPHRASE, settings.TIMESTAMP_URL = "", PASSPHRASE, ""
    settings.SEAL_DEMO = False


def kept(settings: Any, content: bytes) -> None:
    """Put the file where the settings point."""
    file = Path(settings.DATA_DIR) / "zegel.p12"
    file.write_bytes(content)
    settings.SEAL_PKCS12 = str(file)


@time_machine.travel(NOW)
def test_it_reads_the_key_from_a_file_or_from_the_setting_itself(settings: Any) -> None:
    key = ec_key()
    certificate = certificate_of(key, "Zegel van de regio")
    content = packed(key, certificate, PASSPHRASE)
    kept(settings, content)
    from_file = keys.load()
    settings.SEAL_PKCS12 = base64.encodebytes(content).decode()
    from_setting = keys.load()
    assert from_file.fingerprint == from_setting.fingerprint
    assert from_file.subject == "Zegel van de regio"
    assert from_file.certificate_pem == certificate.public_bytes(serialization.Encoding.PEM).decode()
    assert (from_file.valid_from, from_file.valid_until) == (FROM, UNTIL)
    assert not from_file.is_demo
    assert from_file.timestamper is None


@time_machine.travel(NOW)
@pytest.mark.parametrize("make", [ec_key, rsa_key])
def test_it_seals_with_both_kinds_of_key(make: Any, settings: Any) -> None:
    key = make()
    kept(settings, packed(key, certificate_of(key), PASSPHRASE))
    seal = keys.load()
    verdict = checking.check(certify(render_document(sheet()), seal), certificates=[seal.certificate_pem])
    assert verdict.is_whole, verdict.fault


@time_machine.travel(NOW)
def test_it_opens_a_file_without_a_passphrase(settings: Any) -> None:
    key = ec_key()
    kept(settings, packed(key, certificate_of(key), ""))
    settings.SEAL_PASSPHRASE = ""
    assert keys.load().subject == "Zegel"


def faulty(kind: str) -> bytes:
    """A PKCS#12 file with something wrong."""
    key, other = ec_key(), ec_key()
    certificate = certificate_of(key)
    locked = serialization.BestAvailableEncryption(PASSPHRASE.encode())
    if kind == "not yet":
        return packed(key, certificate_of(key, since=NOW + dt.timedelta(days=8)), PASSPHRASE)
    if kind == "expired":
        return packed(key, certificate_of(key, until=NOW - dt.timedelta(seconds=1)), PASSPHRASE)
    if kind == "another passphrase":
        return packed(key, certificate, "een ander")
    if kind == "no private key":
        return pkcs12.serialize_key_and_certificates(None, None, None, [certificate], locked)
    if kind == "no certificate":
        return pkcs12.serialize_key_and_certificates(None, key, None, [certificate_of(other)], locked)
    if kind == "another kind of key":
        return packed_ed25519(ed25519.Ed25519PrivateKey.generate(), locked)
    if kind == "PEM":
        return certificate.public_bytes(serialization.Encoding.PEM)
    return {"cut off": packed(key, certificate, PASSPHRASE)[:-40], "empty": b"", "text": b"hallo"}[kind]


def packed_ed25519(key: Any, locked: Any) -> bytes:
    """A key that is fine elsewhere, with a certificate of its own."""
    name = x509.Name([])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .sign(key, None)
    )
    return pkcs12.serialize_key_and_certificates(None, key, certificate, None, locked)


@time_machine.travel(NOW)
@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("not yet", "pas geldig vanaf 1 december 2026"),
        ("expired", "sinds 23 november 2026 niet meer geldig"),
        ("another passphrase", "wachtzin"),
        ("no private key", "geen geheime sleutel"),
        ("no certificate", "geen certificaat"),
        ("another kind of key", "dit soort sleutel"),
        ("PEM", "geen leesbaar PKCS#12-bestand"),
        ("cut off", "geen leesbaar PKCS#12-bestand"),
        ("empty", "geen leesbaar PKCS#12-bestand"),
        ("text", "geen leesbaar PKCS#12-bestand"),
    ],
)
def test_it_says_in_a_sentence_what_is_wrong_with_the_key(kind: str, sentence: str, settings: Any) -> None:
    kept(settings, faulty(kind))
    with pytest.raises(keys.SealKeyFault, match=sentence) as refused:
        keys.load()
    said = str(refused.value)
    assert isinstance(refused.value, CannotRender)
    assert said.endswith(".")
    assert len(said) < 300
    assert PASSPHRASE not in repr(refused.getrepr(style="long", chain=True)).replace("\\n", "")
    assert str(settings.DATA_DIR) not in said


@pytest.mark.parametrize("setting", ["/nergens/zegel.p12", "MIIB", "\0", "x" * 5000, "."])
def test_it_says_that_the_file_of_the_key_cannot_be_read(setting: str, settings: Any) -> None:
    settings.SEAL_PKCS12 = setting
    with pytest.raises(keys.SealKeyFault, match="niet lezen"):
        keys.load()


def test_it_makes_no_key_on_a_real_portal(settings: Any) -> None:
    with pytest.raises(keys.SealKeyFault, match="nog geen sleutel"):
        keys.load()
    assert not list(Path(settings.DATA_DIR).iterdir())


def test_it_makes_one_key_for_a_demo_and_says_what_it_is(settings: Any) -> None:
    settings.SEAL_DEMO = True
    key = keys.load()
    assert key.is_demo
    assert "Demonstratiesleutel" in key.subject
    assert keys.load().fingerprint == key.fingerprint
    folder = Path(settings.DATA_DIR) / "seal"
    assert [file.name for file in folder.iterdir()] == ["demo.p12"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "demo.p12").stat().st_mode) == 0o600


def made_at_once(folder: Path) -> set[bytes]:
    """What eight that find no key at the same moment go on with."""
    found, barrier, make = [], threading.Barrier(8), keys._made_for_demo

    def all_together() -> bytes:
        barrier.wait(10)
        return make()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_made_for_demo", all_together)
        threads = [threading.Thread(target=lambda: found.append(keys._demo(folder))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == 8
    return set(found)


def test_it_keeps_one_key_when_many_make_it_at_once(tmp_path: Path) -> None:
    assert len(made_at_once(tmp_path / "seal")) == 1
    assert [file.name for file in (tmp_path / "seal").iterdir()] == ["demo.p12"]


def test_without_its_care_several_keys_are_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: a file that is moved into place, as is usual, replaces the key that another already seals with."""
    written: list[bytes] = []

    def replace(self: Path, made: Path) -> None:
        written.append(made.read_bytes())
        self.write_bytes(written[-1])

    monkeypatch.setattr(Path, "hardlink_to", replace)
    made_at_once(tmp_path / "seal")
    assert len(set(written)) == 8


def test_it_says_that_a_demo_has_no_room_for_its_key(settings: Any) -> None:
    settings.SEAL_DEMO = True
    (Path(settings.DATA_DIR) / "seal").write_text("in the way")
    with pytest.raises(keys.SealKeyFault, match="geen sleutel bewaren"):
        keys.load()


def test_it_says_that_the_key_of_a_demo_is_broken(settings: Any) -> None:
    settings.SEAL_DEMO = True
    keys.load()
    (Path(settings.DATA_DIR) / "seal" / "demo.p12").write_bytes(b"kapot")
    with pytest.raises(keys.SealKeyFault, match="geen leesbaar"):
        keys.load()


def test_the_command_tells_of_the_key_what_may_be_told(settings: Any) -> None:
    settings.SEAL_DEMO = True
    told = io.StringIO()
    call_command("seal", stdout=told)
    assert keys.load().fingerprint in told.getvalue()
    assert "Valid: 2020-01-01 until 2049-12-31" in told.getvalue()
    assert "demonstration" in told.getvalue()


def test_the_command_says_why_there_is_no_key() -> None:
    with pytest.raises(CommandError, match="nog geen sleutel"):
        call_command("seal")
