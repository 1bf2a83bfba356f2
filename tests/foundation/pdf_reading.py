"""What the tests of documents read in a PDF."""

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import page as page_validation
import pikepdf


def failures(content: bytes, folder: Path) -> list[str]:
    """What PDF/UA-1 and PDF/A-2a find wrong, by the validator and by qpdf; an empty list when nothing is."""
    file = folder / "checked.pdf"
    file.write_bytes(content)
    found = []
    for profile in ("ua1", "2a"):
        result = page_validation.validate_pdf(str(file), profile=profile)
        assert result.rules.total > 100, "the validator did not run its rules"
        found += [f"{profile} {failure.rule_id}: {failure.message}" for failure in result.failures]
    checked = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True, check=False)
    return found if checked.returncode == 0 else [*found, checked.stdout + checked.stderr]


def text_of(content: bytes, first: int = 1, last: int = 10_000) -> str:
    """The text of these pages (from 1), in the order of the file."""
    command = ["pdftotext", "-enc", "UTF-8", "-f", str(first), "-l", str(last), "-", "-"]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode()


def fonts_of(content: bytes) -> list[tuple[str, bool]]:
    """Each font with whether it is embedded."""
    book = pikepdf.open(io.BytesIO(content))
    return [
        (str(each.FontName), any(key in each for key in ("/FontFile", "/FontFile2", "/FontFile3")))
        for each in book.objects
        if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/FontDescriptor"
    ]


def elements(book: pikepdf.Pdf) -> Iterator[Any]:
    """Every structure element that can be reached from the root, in reading order."""
    pending = [book.Root.StructTreeRoot.K[0]]
    while pending:
        element = pending.pop()
        yield element
        kids = element.get("/K", [])
        kids = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
        pending.extend(kid for kid in reversed(kids) if isinstance(kid, pikepdf.Dictionary) and "/S" in kid)


def types(book: pikepdf.Pdf) -> list[str]:
    """The structure types in reading order."""
    return [str(element.S)[1:] for element in elements(book)]
