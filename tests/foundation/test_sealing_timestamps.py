"""Timestamps from a server that speaks RFC 3161, in this process; and one sentence when it does not."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import asn1crypto.keys
import asn1crypto.x509
import pytest
from asn1crypto import tsp
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper, HTTPTimeStamper

from pact_portal.foundation.documents.registry import CannotRender
from pact_portal.foundation.documents.render import render_document
from pact_portal.foundation.sealing import keys
from pact_portal.foundation.sealing.checking import check
from pact_portal.foundation.sealing.sealing import certify, sign
from tests.foundation.sealing_samples import FOURTEEN, certificate_of, pdfsig, rsa_key, sheet, stamp

STAMPED_AT = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)
REPLY = "application/timestamp-reply"


def authority() -> DummyTimeStamper:
    """A timestamp authority with a clock that stands still."""
    key = rsa_key()
    der, pkcs8 = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8
    certificate = certificate_of(key, "Tijdstempels", stamps_time=True)
    return DummyTimeStamper(
        tsa_cert=asn1crypto.x509.Certificate.load(certificate.public_bytes(der)),
        tsa_key=asn1crypto.keys.PrivateKeyInfo.load(key.private_bytes(der, pkcs8, serialization.NoEncryption())),
        fixed_dt=STAMPED_AT,
    )


Answer = Callable[[bytes], tuple[int, str, bytes]]


@contextmanager
def server(answer: Answer) -> Iterator[str]:
    """A server on this machine that gives this answer to every request; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, kind, body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}/stempel"
        finally:
            listening.shutdown()
            thread.join()


def granted(request: bytes) -> tuple[int, str, bytes]:
    """What a good server answers."""
    return 200, REPLY, AUTHORITY.request_tsa_response(tsp.TimeStampReq.load(request)).dump()


def for_something_else(request: bytes) -> tuple[int, str, bytes]:
    """A true timestamp, over another hash than was asked for."""
    asked = tsp.TimeStampReq.load(request)
    asked["message_imprint"]["hashed_message"] = bytes(32)
    return 200, REPLY, AUTHORITY.request_tsa_response(tsp.TimeStampReq.load(asked.dump(force=True))).dump()


def refused(request: bytes) -> tuple[int, str, bytes]:
    """A server that understands, and will not."""
    return 200, REPLY, tsp.TimeStampResp({"status": {"status": "rejection"}}).dump()


AUTHORITY = authority()
BROKEN: dict[str, Answer] = {
    "an error": lambda request: (500, "text/plain", b"stuk"),
    "a page": lambda request: (200, "text/html", b"<p>Welkom"),
    "nonsense": lambda request: (200, REPLY, b"nonsense"),
    "nothing": lambda request: (200, REPLY, b""),
    "a refusal": refused,
    "another hash": for_something_else,
}


@pytest.fixture(scope="module")
def unsigned() -> bytes:
    return render_document(sheet())


@pytest.fixture(autouse=True)
def machine(settings: Any, tmp_path: Path) -> None:
    """A demo with a key of its own."""
    settings.DATA_DIR = tmp_path


def test_it_stamps_every_signature_with_the_time_of_the_server(unsigned: bytes, settings: Any, tmp_path: Path) -> None:
    with server(granted) as address:
        settings.TIMESTAMP_URL = address
        key = keys.load()
        content = sign(certify(unsigned, key), field=FOURTEEN[0], stamp=stamp(), key=key)
    (tmp_path / "stamped.pdf").write_bytes(content)
    with (tmp_path / "stamped.pdf").open("rb") as file:
        embedded = list(PdfFileReader(file).embedded_signatures)
        attributes = [each for signature in embedded for each in signature.signer_info["unsigned_attrs"]]
    tokens = [each["values"][0] for each in attributes if each["type"].native == "signature_time_stamp_token"]
    moments = [token["content"]["encap_content_info"]["content"].parsed["gen_time"].native for token in tokens]
    assert moments == [STAMPED_AT, STAMPED_AT]
    assert check(content, certificates=[key.certificate_pem]).is_whole
    assert list(pdfsig(content, tmp_path).values()).count("Signature is Valid.") == 2


def test_it_has_no_timestamps_unless_a_server_is_named(unsigned: bytes) -> None:
    key = keys.load()
    assert key.timestamper is None
    assert certify(unsigned, key)


@pytest.mark.parametrize("what", BROKEN)
def test_it_says_in_a_sentence_that_the_server_gives_no_timestamp(what: str, unsigned: bytes, settings: Any) -> None:
    key = keys.load()
    certified = certify(unsigned, key)
    with server(BROKEN[what]) as address:
        settings.TIMESTAMP_URL = address
        key = keys.load()
        with pytest.raises(CannotRender, match=r"geeft nu geen tijdstempel\. Het portaal probeert het later opnieuw\."):
            certify(unsigned, key)
        with pytest.raises(keys.SealKeyFault):
            sign(certified, field=FOURTEEN[0], stamp=stamp(), key=key)


def test_it_says_so_when_the_server_is_away(unsigned: bytes, settings: Any) -> None:
    with server(granted) as address:
        settings.TIMESTAMP_URL = address
    key = keys.load()
    with pytest.raises(CannotRender, match="geen tijdstempel"):
        certify(unsigned, key)
    settings.TIMESTAMP_URL = ""
    assert certify(unsigned, keys.load()), "and nothing stands in the way of the next try"


def test_a_timestamp_over_something_else_would_be_taken_without_a_look(
    unsigned: bytes, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: pyHanko itself puts whatever token it gets into the file."""
    with server(for_something_else) as address:
        settings.TIMESTAMP_URL = address
        key = keys.load()
        monkeypatch.setattr(type(key.timestamper), "async_timestamp", HTTPTimeStamper.async_timestamp)
        assert certify(unsigned, key)
