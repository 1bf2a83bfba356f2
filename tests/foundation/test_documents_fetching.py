"""A document fetches nothing but the project's own files, whatever somebody wrote into it."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import weasyprint

from pact_portal.foundation.documents.fetcher import ProjectFetcher, RefusedAddress
from pact_portal.foundation.documents.letters import printable
from pact_portal.foundation.documents.render import render_pdf
from tests.foundation.pdf_reading import fonts_of, text_of

PAGE = '<!doctype html><html lang="nl"><head><title>Proef</title>{head}</head><body><p>Tekst</p>{body}</body></html>'

# {trap} is an address of a server that writes down every visit.
VECTORS = {
    "stylesheet": ('<link rel="stylesheet" href="{trap}">', ""),
    "import": ("<style>@import url({trap});</style>", ""),
    "import in layer": ("<style>@import '{trap}' layer(a);</style>", ""),
    "font": ("<style>@font-face{{font-family:x;src:url({trap})}} p{{font-family:x}}</style>", ""),
    "background": ("<style>body{{background:url({trap})}}</style>", ""),
    "list marker": ("<style>li{{list-style-image:url({trap})}}</style>", "<ul><li>a</li></ul>"),
    "border image": ("<style>p{{border:1px solid;border-image:url({trap}) 1}}</style>", ""),
    "generated content": ("<style>p::before{{content:url({trap})}}</style>", ""),
    "page margin": ("<style>@page{{@top-left{{content:url({trap})}}}}</style>", ""),
    "attachment": ('<link rel="attachment" href="{trap}">', ""),
    "attachment by link": ("", '<a rel="attachment" href="{trap}">bijlage</a>'),
    "image": ("", '<img src="{trap}" alt="x">'),
    "image by base": ('<base href="{trap}">', '<img src="x.png" alt="x">'),
    "object": ("", '<object data="{trap}"></object>'),
    "embed": ("", '<embed src="{trap}">'),
    "svg image": ("", '<svg viewBox="0 0 9 9"><image href="{trap}" width="9" height="9"/></svg>'),
    "svg use": ("", '<svg viewBox="0 0 9 9"><use href="{trap}#a"/></svg>'),
    "svg style": ("", '<svg viewBox="0 0 9 9"><style>@import url({trap});</style><rect width="9" height="9"/></svg>'),
    "redirect": ("", '<img src="{trap}redirect" alt="x">'),
}
LEAKY = {"stylesheet", "import", "background", "image", "svg image", "attachment", "redirect", "font"}
ELSEWHERE = [
    "http://169.254.169.254/latest/meta-data/",
    "https://example.org/x.png",
    "ftp://example.org/x",
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "data:text/css,p{color:red}",
    "static:../pact_portal/settings.py",
    "static:/etc/passwd",
    "static:%2e%2e/pact_portal/settings.py",
    "static:no-such-file.css",
    "stored:another.jpg",
    "gopher://example.org",
    "",
]


class Trap(http.server.BaseHTTPRequestHandler):
    """Answers everything and keeps what was asked."""

    visits: list[str] = []

    def do_GET(self) -> None:
        """Write the visit down."""
        self.visits.append(self.path)
        redirected = self.path.endswith("redirect")
        self.send_response(302 if redirected else 200)
        if redirected:
            self.send_header("Location", "/target")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def trap() -> Iterator[str]:
    Trap.visits.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Trap)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def page_with(vector: str, trap: str) -> str:
    head, body = VECTORS[vector]
    return PAGE.format(head=head.format(trap=trap), body=body.format(trap=trap))


@pytest.mark.logs_errors  # the typesetter says that something could not be loaded, and goes on
def test_it_never_visits_an_address_that_stands_in_the_document(trap: str) -> None:
    for vector in VECTORS:
        assert "Tekst" in text_of(render_pdf(page_with(vector, trap))), vector
        assert Trap.visits == [], vector


@pytest.mark.logs_errors
def test_the_trap_springs_for_a_fetcher_that_does_not_refuse(trap: str) -> None:
    """The twin: without the lock the same pages do visit, so the test above can fail."""
    leaked = set()
    for vector in LEAKY:
        Trap.visits.clear()
        weasyprint.HTML(string=page_with(vector, trap)).write_pdf()
        if Trap.visits:
            leaked.add(vector)
    assert leaked == LEAKY


@pytest.mark.parametrize("address", ELSEWHERE)
def test_it_refuses_every_address_but_its_own(address: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(RefusedAddress):
        ProjectFetcher({"photo.jpg": b"x"}).fetch(address)
    assert "Left out of the document" in caplog.text


def test_it_hands_out_static_files_and_what_was_handed_in() -> None:
    fetcher = ProjectFetcher({"photo 1.jpg": b"bytes"})
    assert fetcher.fetch("static:css/pdf/document.css").content_type == "text/css"
    assert fetcher.fetch("stored:photo%201.jpg").read() == b"bytes"


def test_only_the_documents_slice_knows_weasyprint() -> None:
    root = Path(__file__).parents[2]
    allowed = {"typeset.py", "tags.py", "fetcher.py"}
    for app in ("pact_portal", "partners", "plan", "evaluations"):
        for file in (root / app).rglob("*.py"):
            if "weasyprint" in file.read_text() and file.name != "settings.py":
                importing = [
                    line for line in file.read_text().splitlines() if "import" in line and "weasyprint" in line
                ]
                assert not importing or (file.parent.name == "documents" and file.name in allowed), file


def test_it_uses_no_font_of_the_machine(caplog: pytest.LogCaptureFixture) -> None:
    body = "<p>Łódź, ongewoon: ≥ 5 → 日本 🙂 Ελλάδα e\u0301</p>"
    content = render_pdf(PAGE.format(head="", body=body))
    assert fonts_of(content)
    assert all(embedded and "Source-Sans-3" in name for name, embedded in fonts_of(content))
    assert "Łódź, ongewoon: >= 5 -> ?? ? ?????? é" in text_of(content)
    assert "U+1F642" in caplog.text


def test_it_leaves_letters_alone_that_the_fonts_have() -> None:
    assert printable("<p>é € – … “x” ± • Ș\n</p>") == "<p>é € – … “x” ± • Ș\n</p>"
    assert printable("<b>≤</b>") == "<b>&lt;=</b>"
