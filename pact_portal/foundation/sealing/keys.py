"""The key with which the portal seals. Only the worker, and commands, load it: the web process never does.

It comes from `settings.SEAL_PKCS12`: the path of a PKCS#12 file, or that file in base64, opened with
`settings.SEAL_PASSPHRASE`. A local demo without one makes its own, which says what it is.
"""

import base64
import binascii
import datetime as dt
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asn1crypto.keys
import asn1crypto.x509
from asn1crypto.pkcs12 import Pfx
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from pact_portal.foundation.sealing.faults import SealKeyFault
from pact_portal.foundation.sealing.timestamps import Timestamper

__all__ = ["SealKey", "SealKeyFault", "load"]

DEMO_NAME = "Demonstratiesleutel van het pactportaal, geen echt zegel"
DEMO_ORGANISATION = "Demonstratie"

# Wide, as example data are of other years.
DEMO_VALID = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2049, 12, 31, tzinfo=dt.UTC)


@dataclass(frozen=True)
class SealKey:
    """The key with what may be told of it. `fingerprint` is the SHA-256 of the certificate (DER), in hexadecimals."""

    signer: SimpleSigner
    certificate_pem: str
    fingerprint: str
    subject: str
    valid_from: dt.datetime
    valid_until: dt.datetime
    is_demo: bool
    timestamper: Timestamper | None


def load() -> SealKey:
    """Give the key to seal with. Raises SealKeyFault when there is none that can be used today."""
    timestamper = Timestamper(settings.TIMESTAMP_URL) if settings.TIMESTAMP_URL else None
    if settings.SEAL_PKCS12:
        return _opened(_given(settings.SEAL_PKCS12), settings.SEAL_PASSPHRASE, timestamper)
    if settings.SEAL_DEMO:
        return _opened(_demo(Path(settings.DATA_DIR) / "seal"), "", timestamper)
    raise SealKeyFault(
        _("Het portaal heeft nog geen sleutel om mee te verzegelen. Vraag de beheerder om die in te stellen.")
    )


def _given(setting: str) -> bytes:
    """Read the file that the setting names or holds."""
    try:
        held = base64.b64decode("".join(setting.split()), validate=True)
    except (binascii.Error, ValueError):
        held = b""
    if held.startswith(b"\x30") and len(held) > 100:  # a SEQUENCE of DER, which no path looks like
        return held
    try:
        return Path(setting).read_bytes()
    except (OSError, ValueError):
        raise SealKeyFault(
            _("Het portaal kan het bestand met zijn sleutel niet lezen. Vraag de beheerder om dat te herstellen.")
        ) from None


def _opened(content: bytes, passphrase: str, timestamper: Timestamper | None) -> SealKey:
    key, certificate, others = _unpacked(content, passphrase)
    if key is None:
        raise SealKeyFault(
            _("In het bestand met de sleutel van het portaal staat geen geheime sleutel. Vraag de beheerder om hulp.")
        )
    if certificate is None or certificate.public_key() != key.public_key():
        raise SealKeyFault(
            _("Bij de sleutel van het portaal hoort geen certificaat. Vraag de beheerder om dat toe te voegen.")
        )
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise SealKeyFault(
            _("Het portaal kan met dit soort sleutel niet verzegelen. Vraag de beheerder om een andere (EC of RSA).")
        )
    _check_validity(certificate)
    store = SimpleCertificateStore()
    store.register_multiple([_as_asn1(each.certificate) for each in others])
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = SimpleSigner(
        signing_cert=_as_asn1(certificate),
        signing_key=asn1crypto.keys.PrivateKeyInfo.load(private),
        cert_registry=store,
    )
    return SealKey(
        signer=signer,
        certificate_pem=certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        subject=_name_of(certificate),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
        is_demo=_name_of(certificate).startswith(DEMO_NAME),
        timestamper=timestamper,
    )


def _as_asn1(certificate: x509.Certificate) -> asn1crypto.x509.Certificate:
    return asn1crypto.x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _unpacked(content: bytes, passphrase: str) -> tuple[Any, x509.Certificate | None, list[Any]]:
    """Open the PKCS#12 file: key, its certificate, and the certificates above it."""
    try:
        opened = pkcs12.load_pkcs12(content, passphrase.encode() or None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if _is_pkcs12(content):
            sentence = _("De wachtzin bij de sleutel van het portaal is niet juist. Vraag de beheerder om hulp.")
        else:
            sentence = _(
                "Het bestand met de sleutel van het portaal is geen leesbaar PKCS#12-bestand. "
                "Vraag de beheerder om hulp."
            )
        raise SealKeyFault(sentence) from None
    return opened.key, opened.cert.certificate if opened.cert else None, list(opened.additional_certs)


def _is_pkcs12(content: bytes) -> bool:
    try:
        return Pfx.load(content, strict=True)["version"].native == "v3"
    except (ValueError, TypeError):
        return False


def _check_validity(certificate: x509.Certificate) -> None:
    now = timezone.now()
    if now < certificate.not_valid_before_utc:
        raise SealKeyFault(
            _("De sleutel van het portaal is pas geldig vanaf %(day)s. Vraag de beheerder om een sleutel die nu geldt.")
            % {"day": _day(certificate.not_valid_before_utc)}
        )
    if now > certificate.not_valid_after_utc:
        raise SealKeyFault(
            _("De sleutel van het portaal is sinds %(day)s niet meer geldig. Vraag de beheerder om een nieuwe.")
            % {"day": _day(certificate.not_valid_after_utc)}
        )


def _day(moment: dt.datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y")


def _name_of(certificate: x509.Certificate) -> str:
    """The common name and the organisation, as a reader knows them."""
    parts = [
        str(attribute.value)
        for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
        for attribute in certificate.subject.get_attributes_for_oid(oid)
    ]
    return (", ".join(parts) or certificate.subject.rfc4514_string())[:300]


def _demo(folder: Path) -> bytes:
    """Give the demonstration key of this machine, made when it is not there yet. Two may ask at once: one is kept."""
    file = folder / "demo.p12"
    try:
        return file.read_bytes()
    except FileNotFoundError:
        pass
    except OSError:
        raise SealKeyFault(_unwritable(folder)) from None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)  # for its owner only
        made = Path(name)
        try:
            with os.fdopen(handle, "wb") as whole:
                whole.write(_made_for_demo())
            file.hardlink_to(made)
        except FileExistsError:
            pass  # another process was first: its key is the key
        finally:
            made.unlink()
        return file.read_bytes()
    except OSError:
        raise SealKeyFault(_unwritable(folder)) from None


def _unwritable(folder: Path) -> str:
    return _("Het portaal kan in de map %(folder)s geen sleutel bewaren. Maak die map leesbaar en schrijfbaar.") % {
        "folder": folder
    }


def _made_for_demo() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, DEMO_ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, DEMO_NAME),
        ]
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(DEMO_VALID[0])
        .not_valid_after(DEMO_VALID[1])
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=False,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(b"demo", key, certificate, None, serialization.NoEncryption())
