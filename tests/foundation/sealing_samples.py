"""Keys and stamps for the tests of sealing, and what an independent reader makes of a file."""

import datetime as dt
import re
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pact_portal.foundation.documents.blocks import Chapter, Document, Paragraph, Party, SignatureSheet
from pact_portal.foundation.sealing.sealing import Stamp

FROM, UNTIL = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2031, 1, 1, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 11, 23, 9, 15, tzinfo=dt.UTC)
FOURTEEN = [f"partnership-{number}" for number in range(1, 15)]


def ec_key() -> Any:
    """A new key of the kind that the portal asks for."""
    return ec.generate_private_key(ec.SECP256R1())


def rsa_key() -> Any:
    """A new key of the other kind."""
    return rsa.generate_private_key(65537, 2048)


def certificate_of(
    key: Any, name: str = "Zegel", *, since: dt.datetime = FROM, until: dt.datetime = UNTIL, stamps_time: bool = False
) -> x509.Certificate:
    """A certificate that the key gave itself."""
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )
    if stamps_time:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(key, hashes.SHA256())


def packed(key: Any, certificate: Any, passphrase: str) -> bytes:
    """A PKCS#12 file."""
    locked: Any = serialization.NoEncryption()
    if passphrase:
        locked = serialization.BestAvailableEncryption(passphrase.encode())
    return pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, locked)


def stamp(number: int = 1, **changes: Any) -> Stamp:
    """What a signatory states."""
    return Stamp(
        **{
            "name": f"Bestuurder {number}",
            "function": "Voorzitter van het college van bestuur",
            "organisation": f"Partner {number}",
            "mandate": "Besluit van het bestuur van 2 november 2026",
            "place": "Alkmaar",
            "signed_at": NOW,
            **changes,
        }
    )


def sheet(names: list[str] = FOURTEEN, **changes: Any) -> Document:
    """A small pact to be signed by these fields: a cover, a text and a sheet."""
    parties = [Party(f"Partner {number}", key=name) for number, name in enumerate(names, 1)]
    return Document(
        **{
            "kind": "pact",
            "title": "Klein pact",
            "pact_name": "Klein pact",
            "frozen_at": "2026-11-23T10:15:00+01:00",
            "chapters": [
                Chapter("een", "Aanleiding", [Paragraph("Wij werken samen.")], "1"),
                Chapter("twee", "Ondertekening", [SignatureSheet("Partners", parties)], "2"),
            ],
            **changes,
        }
    )


def pdfsig(content: bytes, folder: Path) -> dict[str, str]:
    """What poppler says of each field of the file: its name, with the sentence on its signature, or "" when empty."""
    file = folder / "signed.pdf"
    file.write_bytes(content)
    said = subprocess.run(
        ["pdfsig", "-nocert", file], capture_output=True, text=True, check=False, env={"HOME": str(folder)}
    ).stdout
    found = {}
    for part in re.split(r"^Signature #\d+:$", said, flags=re.MULTILINE)[1:]:
        name = re.search(r"Field Name: (.*)", part)
        verdict = re.search(r"Signature Validation: (.*)", part)
        assert name, part
        found[name[1]] = verdict[1] if verdict else ""
    return found


def widgets(book: pikepdf.Pdf) -> dict[str, Any]:
    """The fields of the file by name."""
    return {str(field.T): field for field in book.Root.AcroForm.Fields}
