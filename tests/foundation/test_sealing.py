"""Certified, signed fourteen times, looked at by two readers, and changed in every way that we could think of."""

import hashlib
import io
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import time_machine
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.generic import NameObject, NumberObject, TextStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from pact_portal.foundation.documents.fields import CERTIFICATION, TIMESTAMP
from pact_portal.foundation.documents.render import render_document
from pact_portal.foundation.sealing import keys, sealing
from pact_portal.foundation.sealing.checking import check
from pact_portal.foundation.sealing.sealing import FieldTaken, NotCertified, UnknownField, certify, sign
from tests.foundation.pdf_reading import failures
from tests.foundation.sealing_samples import (
    FOURTEEN,
    NOW,
    certificate_of,
    ec_key,
    packed,
    pdfsig,
    sheet,
    stamp,
    widgets,
)

VALID = "Signature is Valid."
TWO = FOURTEEN[:2]


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory) -> keys.SealKey:
    return keys._opened(keys._demo(tmp_path_factory.mktemp("seal")), "", None)


@pytest.fixture(scope="module")
def unsigned() -> bytes:
    return render_document(sheet())


@pytest.fixture(scope="module")
def certified(unsigned: bytes, seal: keys.SealKey) -> bytes:
    return certify(unsigned, seal)


@pytest.fixture(scope="module")
def revisions(certified: bytes, seal: keys.SealKey) -> list[bytes]:
    """The certified file and after it each with a signature more."""
    made = [certified]
    for number, field in enumerate(FOURTEEN, 1):
        moment = NOW + timedelta(hours=number)
        made.append(sign(made[-1], field=field, stamp=stamp(number, signed_at=moment), key=seal))
    return made


@pytest.fixture(scope="module")
def signed(certified: bytes, seal: keys.SealKey) -> bytes:
    """A file with two of its fourteen signatures."""
    once = sign(certified, field=TWO[0], stamp=stamp(1), key=seal)
    return sign(once, field=TWO[1], stamp=stamp(2), key=seal)


# --- What is made -----------------------------------------------------------------------------------------------------


def test_fourteen_signatures_leave_each_earlier_one_valid(
    revisions: list[bytes], seal: keys.SealKey, tmp_path: Path
) -> None:
    for count, content in enumerate(revisions):
        found = pdfsig(content, tmp_path)
        assert [name for name, verdict in found.items() if verdict] == [CERTIFICATION, *FOURTEEN[:count]]
        assert {verdict for verdict in found.values() if verdict} == {VALID}
        assert content.startswith(revisions[count - 1] if count else b"%PDF"), "only ever added to"
    verdict = check(revisions[-1], certificates=[seal.certificate_pem])
    assert verdict.is_whole, verdict.fault
    assert [each.field for each in verdict.signatures] == [CERTIFICATION, *FOURTEEN]


def test_it_says_who_signed_when_and_for_whom(revisions: list[bytes], seal: keys.SealKey) -> None:
    first, second, *_others, last = check(revisions[-1], certificates=[seal.certificate_pem]).signatures
    assert (first.is_certification, first.name) == (True, "Zegel van het portaal")
    assert not second.is_certification
    assert (second.name, second.place) == ("Bestuurder 1", "Alkmaar")
    assert second.reason == "Voorzitter van het college van bestuur, namens Partner 1"
    assert second.signed_at == NOW + timedelta(hours=1), "the moment of signing, not of sealing"
    assert [first.covers_file, second.covers_file, last.covers_file] == [False, False, True]
    assert {each.fingerprint for each in (first, second, last)} == {seal.fingerprint}


def test_it_stays_accessible_with_all_signatures(unsigned: bytes, revisions: list[bytes], tmp_path: Path) -> None:
    assert failures(unsigned, tmp_path) == []
    left = failures(revisions[-1], tmp_path)
    # PDF/A wants the last signature to cover the file, and of every earlier one too, which no second signature allows.
    assert [failure for failure in left if "SIGNATURE-BYTERANGE" not in failure] == []


def test_it_keeps_the_metadata_that_claim_the_standards(unsigned: bytes, signed: bytes) -> None:
    before, after = (pikepdf.open(io.BytesIO(each)) for each in (unsigned, signed))
    assert after.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
    assert str(after.docinfo.get("/ModDate")) == str(before.docinfo.get("/ModDate"))


def test_pyhanko_itself_would_write_the_metadata_anew(
    unsigned: bytes, seal: keys.SealKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin, and the alarm for when pyHanko no longer calls the private method that is kept from working."""
    called = []
    monkeypatch.setattr(sealing._Addition, "_update_meta", lambda self: called.append("once"))
    certify(unsigned, seal)
    assert called
    monkeypatch.delattr(sealing._Addition, "_update_meta")
    before, after = (pikepdf.open(io.BytesIO(each)) for each in (unsigned, certify(unsigned, seal)))
    assert after.Root.Metadata.read_bytes() != before.Root.Metadata.read_bytes()


def test_it_certifies_that_only_signatures_may_come(certified: bytes) -> None:
    book = pikepdf.open(io.BytesIO(certified))
    certification = book.Root.Perms.DocMDP
    assert certification.SubFilter == "/ETSI.CAdES.detached"
    assert certification.Reference[0].TransformParams.P == 2
    assert widgets(book)[CERTIFICATION].V.objgen == certification.objgen


# --- What is refused --------------------------------------------------------------------------------------------------


def test_it_refuses_a_field_that_is_taken(signed: bytes, seal: keys.SealKey) -> None:
    with pytest.raises(FieldTaken, match=TWO[0]):
        sign(signed, field=TWO[0], stamp=stamp(), key=seal)
    with pytest.raises(FieldTaken):
        certify(signed, seal)


@pytest.mark.parametrize("field", ["partnership-15", "", "partnership", CERTIFICATION, TIMESTAMP])
def test_it_refuses_a_field_that_is_nobodys(field: str, certified: bytes, seal: keys.SealKey) -> None:
    with pytest.raises(UnknownField):
        sign(certified, field=field, stamp=stamp(), key=seal)


def test_it_refuses_to_sign_what_may_still_change(unsigned: bytes, seal: keys.SealKey) -> None:
    with pytest.raises(NotCertified):
        sign(unsigned, field=TWO[0], stamp=stamp(), key=seal)


def test_it_refuses_to_certify_what_nobody_can_sign(seal: keys.SealKey) -> None:
    with pytest.raises(UnknownField):
        certify(render_document(sheet([])), seal)


# --- What is found out ------------------------------------------------------------------------------------------------


def forged(content: bytes, seal: keys.SealKey) -> bytes:
    """Signed in the next field by somebody whose certificate says the same in every word."""
    key = ec_key()
    return sign(content, field=FOURTEEN[5], stamp=stamp(6), key=keys._opened(packed(key, _alike(key), "x"), "x", None))


def _alike(key: Any) -> Any:
    return certificate_of(key, keys.DEMO_NAME, since=keys.DEMO_VALID[0], until=keys.DEMO_VALID[1])


def added(change: Callable[[IncrementalPdfFileWriter], None]) -> Callable[[bytes, keys.SealKey], bytes]:
    """An addition to the file that is no signature."""

    def tamper(content: bytes, seal: keys.SealKey) -> bytes:
        writer = IncrementalPdfFileWriter(io.BytesIO(content))
        change(writer)
        written = io.BytesIO()
        writer.write(written)
        return written.getvalue()

    return tamper


def _other_page(writer: IncrementalPdfFileWriter) -> None:
    first, second = (writer.find_page_for_modification(number)[0].get_object() for number in (2, 0))
    first["/Contents"] = second.raw_get("/Contents")
    writer.update_container(first)


def _other_title(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/Lang"] = TextStringObject("en")
    writer.update_root()


def _other_stamp(writer: IncrementalPdfFileWriter) -> None:
    fields = {str(each.get_object()["/T"]): each.get_object() for each in writer.root["/AcroForm"]["/Fields"]}
    one, two = (fields[name] for name in TWO)
    one["/AP"], two["/AP"] = two.raw_get("/AP"), one.raw_get("/AP")
    one["/Rect"][0] = NumberObject(0)
    for each in (one, two):
        writer.update_container(each)


def _no_certification(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/Perms"][NameObject("/DocMDP")]
    writer.update_container(writer.root["/Perms"])
    writer.update_root()


def _new_field(content: bytes, seal: keys.SealKey) -> bytes:
    """Signed with the portal's own key, in a field that was not there."""
    metadata = PdfSignatureMetadata(field_name="later", md_algorithm="sha256")
    signer = PdfSigner(metadata, seal.signer, new_field_spec=SigFieldSpec("later", on_page=0, box=(9, 9, 99, 99)))
    return signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content))).getvalue()


TAMPERED: dict[str, Callable[[bytes, keys.SealKey], bytes]] = {
    "a forged key of the same name": forged,
    "another page": added(_other_page),
    "another language": added(_other_title),
    "another stamp": added(_other_stamp),
    "no certification": added(_no_certification),
    "a field that was not there": _new_field,
    "a byte behind it": lambda content, seal: content + b"\n",
    "a comment behind it": lambda content, seal: content + b"% voor akkoord\n%%EOF\n",
    "a whole file behind it": lambda content, seal: content + content,
    "the last byte gone": lambda content, seal: content[:-1],
    "half of it": lambda content, seal: content[: len(content) // 2],
    "saved anew": lambda content, seal: _saved_anew(content),
    "no signatures": lambda content, seal: render_document(sheet()),
    "nothing": lambda content, seal: b"",
    "no PDF": lambda content, seal: b"\x89PNG\r\n\x1a\n" + bytes(200),
    "only a header": lambda content, seal: b"%PDF-1.7\n%%EOF\n",
    "a reference in a circle": lambda content, seal: content.replace(b"/Prev ", b"/Prev 0"),
}


def _saved_anew(content: bytes) -> bytes:
    written = io.BytesIO()
    pikepdf.open(io.BytesIO(content)).save(written)
    return written.getvalue()


@pytest.mark.parametrize("what", TAMPERED)
def test_it_finds_out(what: str, signed: bytes, seal: keys.SealKey) -> None:
    changed = TAMPERED[what](signed, seal)
    assert changed != signed
    verdict = check(changed, certificates=[seal.certificate_pem])
    assert not verdict.is_whole
    assert verdict.fault.endswith(".")


def test_it_trusts_a_key_only_when_it_was_handed_in(signed: bytes, seal: keys.SealKey) -> None:
    assert check(signed, certificates=[seal.certificate_pem]).is_whole
    for certificates in ([], [_pem(_alike(ec_key()))]):
        verdict = check(signed, certificates=certificates)
        assert not verdict.is_whole
        assert "niet van dit portaal" in verdict.fault
        assert all(each.is_intact and not each.is_trusted for each in verdict.signatures)


def _pem(certificate: Any) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def test_it_trusts_no_key_outside_its_own_years(certified: bytes, seal: keys.SealKey) -> None:
    after = seal.valid_until + timedelta(days=1)
    stretched = replace(seal, valid_until=after)
    late = sign(certified, field=TWO[0], stamp=stamp(signed_at=after), key=stretched)
    assert not check(late, certificates=[seal.certificate_pem]).is_whole


def test_a_signature_that_waited_for_a_new_key_holds(certified: bytes, seal: keys.SealKey) -> None:
    """Signed while there was no key, sealed with one of later date: readers must not see a key before its time."""
    key = ec_key()
    certificate = certificate_of(key, since=NOW + timedelta(days=3))
    with time_machine.travel(NOW + timedelta(days=4)):
        newer = keys._opened(packed(key, certificate, "x"), "x", None)
        content = sign(certified, field=TWO[0], stamp=stamp(signed_at=NOW), key=newer)
    verdict = check(content, certificates=[seal.certificate_pem, newer.certificate_pem])
    assert verdict.is_whole, verdict.fault
    assert verdict.signatures[1].signed_at == NOW + timedelta(days=4)


def test_it_knows_a_file_that_was_sealed_with_several_keys(certified: bytes, seal: keys.SealKey) -> None:
    """The key of the seal changes now and then; the earlier certificates stay known."""
    key = ec_key()
    certificate = certificate_of(key, "Het nieuwe zegel")
    newer = keys._opened(packed(key, certificate, "x"), "x", None)
    content = sign(certified, field=TWO[0], stamp=stamp(), key=newer)
    assert check(content, certificates=[seal.certificate_pem, newer.certificate_pem]).is_whole
    assert not check(content, certificates=[seal.certificate_pem]).is_whole


def flips(content: bytes, places: range, count: int) -> list[bytes]:
    """Copies with one bit flipped in this part of the file, always the same ones."""
    chance = random.Random(2026)
    found = []
    for _ in range(count):
        changed = bytearray(content)
        changed[chance.choice(places)] ^= 1 << chance.randrange(8)
        found.append(bytes(changed))
    return found


def gap_of(content: bytes) -> range:
    """The only bytes that no signature covers: those of the last signature itself."""
    last = list(PdfFileReader(io.BytesIO(content)).embedded_signatures)[-1]
    _, until, start, _ = map(int, last.byte_range)
    return range(until, start)


def test_it_finds_out_every_flip_in_what_is_covered(signed: bytes, seal: keys.SealKey) -> None:
    for changed in flips(signed, range(gap_of(signed).start), 25):
        assert not check(changed, certificates=[seal.certificate_pem]).is_whole


def test_alone_it_accepts_some_flips_so_the_hash_comes_first(signed: bytes, seal: keys.SealKey) -> None:
    """The twin of the rule: without the stored hash of the whole file, changed files pass."""
    changed = flips(signed, gap_of(signed), 60)
    accepted = [each for each in changed if check(each, certificates=[seal.certificate_pem]).is_whole]
    assert accepted, "some of these flips fall where nobody looks"
    stored = hashlib.sha256(signed).hexdigest()
    assert all(hashlib.sha256(each).hexdigest() != stored for each in changed)


def test_poppler_finds_out_a_changed_page_too(signed: bytes, tmp_path: Path) -> None:
    """That the independent reader can say no."""
    changed = bytearray(signed)
    changed[signed.index(b"stream") + 40] ^= 1
    assert VALID not in pdfsig(bytes(changed), tmp_path).values()
