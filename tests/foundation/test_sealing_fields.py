"""The places for signatures: there before the first signature, over the room of their party, and told by ear."""

import io
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.template.loader import render_to_string
from PIL import Image

from pact_portal.foundation.documents.blocks import Chapter, Party, SignatureSheet
from pact_portal.foundation.documents.fields import CERTIFICATION, TIMESTAMP
from pact_portal.foundation.documents.render import LAYOUTS, context_of, render_document, render_pdf
from pact_portal.foundation.sealing import keys
from pact_portal.foundation.sealing import stamp as stamping
from pact_portal.foundation.sealing.sealing import certify, sign
from tests.foundation.document_samples import MUNICIPALITIES, OTHERS, pact, plan
from tests.foundation.pdf_reading import elements, failures, fonts_of, text_of
from tests.foundation.sealing_samples import FOURTEEN, sheet, stamp, widgets

LONG = "Samenwerkingsverband voor praktijkonderwijs en middelbaar beroepsonderwijs in een regio met een lange naam"

INSIDE = -1.5
"""So many points within a box, to leave out the round corners of the room."""


@pytest.fixture(scope="module")
def pact_pdf() -> bytes:
    return render_document(pact())


def crop(content: bytes, page: int, box: list[float], folder: Path, beyond: float = 0) -> Image.Image:
    """What is seen in this box of the page, and so many points around it, in grey, four pixels to a point."""
    book = pikepdf.open(io.BytesIO(content))
    height = float(book.pages[page].mediabox[3])
    left, bottom, right, top = box[0] - beyond, box[1] - beyond, box[2] + beyond, box[3] + beyond
    where = [str(round(4 * size)) for size in (left, height - top, right - left, top - bottom)]
    command = ["pdftoppm", "-r", "288", "-gray", "-f", str(page + 1), "-l", str(page + 1)]
    command += [part for pair in zip(("-x", "-y", "-W", "-H"), where, strict=True) for part in pair]
    drawn = subprocess.run([*command, "-"], input=content, capture_output=True, check=True, cwd=folder).stdout
    return Image.open(io.BytesIO(drawn))


def places(content: bytes) -> dict[str, tuple[int, list[float]]]:
    """Page (from 0) and box of every field."""
    book = pikepdf.open(io.BytesIO(content))
    numbers = {page.obj.objgen: at for at, page in enumerate(book.pages)}
    return {
        name: (numbers[field.P.objgen], [float(side) for side in field.Rect]) for name, field in widgets(book).items()
    }


def test_it_gives_every_party_with_a_key_its_field(pact_pdf: bytes) -> None:
    book = pikepdf.open(io.BytesIO(pact_pdf))
    fields = widgets(book)
    assert list(fields) == [CERTIFICATION, *MUNICIPALITIES, *OTHERS, TIMESTAMP]
    assert {str(field.FT) for field in fields.values()} == {"/Sig"}
    assert not any("/V" in field for field in fields.values())
    assert str(fields["Heiloo"].TU) == "Handtekening van Gemeente Heiloo"
    assert int(book.Root.AcroForm.SigFlags) == 3


def test_its_fields_stand_exactly_in_the_room_of_their_party(pact_pdf: bytes, tmp_path: Path) -> None:
    found = places(pact_pdf)
    for name in ("Alkmaar", "Uitgeest", "SKOA/Kiddies"):
        page, box = found[name]
        assert crop(pact_pdf, page, box, tmp_path, INSIDE).getextrema() == (255, 255), "nothing is printed in it"
        around = crop(pact_pdf, page, box, tmp_path, beyond=1.2)
        width, height = around.size
        middles = [(0, height // 2, 6, height // 2 + 1), (width - 6, height // 2, width, height // 2 + 1)]
        middles += [(width // 2, 0, width // 2 + 1, 6), (width // 2, height - 6, width // 2 + 1, height)]
        assert all(around.crop(side).getextrema()[0] < 200 for side in middles), "the line of the room is around it"
    assert f"Gemeente {MUNICIPALITIES[0]}" in text_of(pact_pdf, found["Alkmaar"][0] + 1, found["Alkmaar"][0] + 1)


def test_its_invisible_fields_have_no_size_on_the_last_page(pact_pdf: bytes) -> None:
    last = len(pikepdf.open(io.BytesIO(pact_pdf)).pages) - 1
    assert places(pact_pdf)[CERTIFICATION] == places(pact_pdf)[TIMESTAMP] == (last, [0, 0, 0, 0])


def test_its_fields_are_forms_in_the_tags_next_to_the_name_of_their_party(pact_pdf: bytes) -> None:
    book = pikepdf.open(io.BytesIO(pact_pdf))
    nums = list(book.Root.StructTreeRoot.ParentTree.Nums)
    parents = {int(key): value for key, value in zip(nums[::2], nums[1::2], strict=True)}
    reachable = [element for element in elements(book) if element.S == "/Form"]
    assert len(reachable) == 16
    for name, field in widgets(book).items():
        form = parents[int(field.StructParent)]
        assert form.objgen in [element.objgen for element in reachable]
        # The reference itself: with an array pyHanko takes its own signature for a change of the tags.
        assert form.K.Type == "/OBJR"
        assert form.K.Obj.objgen == field.objgen
        assert str(form.Alt) == str(field.TU)
        assert any(annotation.objgen == field.objgen for annotation in field.P.Annots), name
        assert field.P.Tabs == "/S"


def test_it_is_accessible_and_archivable_with_its_fields(pact_pdf: bytes, tmp_path: Path) -> None:
    assert failures(pact_pdf, tmp_path) == []
    assert render_document(pact()) == pact_pdf, "the same bytes for the same document"


def test_the_check_of_the_fields_can_fail(pact_pdf: bytes, tmp_path: Path) -> None:
    """The twin: a field that is not in the tags and has no name is found out."""
    book = pikepdf.open(io.BytesIO(pact_pdf))
    field = widgets(book)["Heiloo"]
    del field.StructParent
    del field.TU
    book.save(tmp_path / "untagged.pdf")
    assert failures((tmp_path / "untagged.pdf").read_bytes(), tmp_path)


@pytest.mark.parametrize("count", [1, 8, 14, 23])
def test_it_finds_a_place_for_any_number_of_parties_with_any_name(count: int, tmp_path: Path) -> None:
    parties = [
        Party(LONG * 2 if number % 3 else "Kort", key=f"partnership-{number}", signatory=LONG, function=LONG)
        for number in range(count)
    ]
    document = sheet(chapters=[Chapter("twee", "Ondertekening", [SignatureSheet("Partners", parties, place=LONG)])])
    content = render_document(document)
    assert failures(content, tmp_path) == []
    found = places(content)
    boxes = [found[party.key] for party in parties]
    assert len({(page, *map(round, box)) for page, box in boxes}) == count
    assert all(0 < box[0] < box[2] < 842 and 0 < box[1] < box[3] < 596 and box[3] - box[1] > 40 for _, box in boxes)


def test_it_makes_no_fields_where_nobody_signs() -> None:
    keyless = sheet(chapters=[Chapter("x", "Blad", [SignatureSheet("", [Party("Zonder sleutel")])])])
    for content in (render_document(keyless), render_pdf('<!doctype html><html lang="nl"><title>x</title><p>x</p>')):
        assert "/AcroForm" not in pikepdf.open(io.BytesIO(content)).Root
    assert "Zo controleert u" not in text_of(render_document(keyless))


def test_it_marks_no_places_on_a_page_that_gets_no_fields(tmp_path: Path) -> None:
    """A sheet to print is made by render_pdf, of the same blocks."""
    document = sheet(FOURTEEN[:2])
    content = render_pdf(render_to_string("pdf/small.html", context_of(document)), styles=LAYOUTS["pact"])
    assert not [element for element in elements(pikepdf.open(io.BytesIO(content))) if element.S == "/Form"]
    assert failures(content, tmp_path) == []


@pytest.mark.parametrize("names", [["a", "a"], ["a.b"], [CERTIFICATION]])
def test_it_refuses_keys_that_cannot_name_a_field(names: list[str]) -> None:
    with pytest.raises(ValueError, match="cannot name fields"):
        render_document(sheet(names))


def test_it_prints_the_hash_of_the_content_on_every_sheet_and_says_how_to_check(pact_pdf: bytes) -> None:
    document = pact()
    for key in ("Alkmaar", "SKOA/Kiddies"):
        page = places(pact_pdf)[key][0] + 1
        assert f"Kenmerk van de inhoud (SHA-256): {document.fingerprint}" in text_of(pact_pdf, page, page)
    last = len(pikepdf.open(io.BytesIO(pact_pdf)).pages)
    said = " ".join(text_of(pact_pdf, last, last).split())
    assert "/verify/" in said
    assert "gewone elektronische handtekeningen met het zegel van het portaal" in said
    assert "/verify/" not in text_of(render_document(plan()))


def test_it_keeps_both_sheets_to_one_page_each(pact_pdf: bytes) -> None:
    assert len({places(pact_pdf)[name][0] for name in MUNICIPALITIES}) == 1
    assert len({places(pact_pdf)[name][0] for name in OTHERS}) == 1
    for key in ("Alkmaar", "SKOA/Kiddies"):
        page = places(pact_pdf)[key][0] + 1
        said = text_of(pact_pdf, page, page)
        assert "Ondertekening door" in said
        assert "Aldus ondertekend" in said


@pytest.fixture
def seal(settings: Any, tmp_path: Path) -> keys.SealKey:
    settings.DATA_DIR = tmp_path
    return keys.load()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"mandate": ""},
        {"name": "Ţ" * 160, "function": LONG, "organisation": LONG * 2, "mandate": LONG * 3, "place": LONG},
    ],
)
def test_its_stamp_shows_in_its_field_and_nowhere_else(
    changes: dict[str, str], seal: keys.SealKey, tmp_path: Path
) -> None:
    before = certify(render_document(sheet(FOURTEEN[:2])), seal)
    page, box = places(before)[FOURTEEN[0]]
    after = sign(before, field=FOURTEEN[0], stamp=stamp(**changes), key=seal)
    assert crop(before, page, box, tmp_path, INSIDE).getextrema() == (255, 255)
    inked = crop(after, page, box, tmp_path, INSIDE)
    assert inked.getextrema()[0] < 100
    other = places(before)[FOURTEEN[1]]
    assert crop(after, *other, tmp_path, INSIDE).getextrema() == (255, 255)
    right = inked.crop((round(inked.width * 0.62), 0, inked.width, inked.height))
    assert right.getextrema()[0] < 100, "place, moment and level are there, however long the names are"
    assert all(embedded and "Source-Sans-3" in name for name, embedded in fonts_of(after))


def test_its_stamp_says_what_it_is_worth() -> None:

    said = " ".join(text_of(stamping.drawn(stamp(), width=332, height=54, is_demo=False)).split())
    for words in (
        "Bestuurder 1",
        "Voorzitter van het college van bestuur",
        "Partner 1",
        "Mandaat: Besluit van het bestuur van 2 november 2026",
        "Alkmaar, 23 november 2026, 10:15 uur",
        "Gewone elektronische handtekening met zegel van het portaal.",
    ):
        assert words in said
    assert "demonstratiezegel" in text_of(stamping.drawn(stamp(), width=332, height=54, is_demo=True))


def test_its_stamp_escapes_what_people_typed() -> None:
    hostile = '<img src="http://example.invalid/x"><style>p{display:none}</style>'
    drawn = stamping.drawn(stamp(name=hostile), width=332, height=54, is_demo=False)
    assert hostile.replace(" ", "") in "".join(text_of(drawn).split())
