"""The PDF of a document: accessible, archivable, complete, and the same bytes every time."""

import dataclasses
import inspect
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pikepdf
import pydyf
import pytest
from weasyprint.pdf import tags as weasyprint_tags

from pact_portal.foundation.documents import press, tags
from pact_portal.foundation.documents.blocks import Chapter, Document, Fact, Narrative, Paragraph, Picture
from pact_portal.foundation.documents.render import LAYOUTS, context_of, html_of, parts, render_document, render_pdf
from tests.foundation.document_samples import FROZEN_AT, pact, plan
from tests.foundation.pdf_reading import elements, failures, fonts_of, text_of, types

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def plan_pdf() -> bytes:
    return render_document(plan())


@pytest.fixture(scope="module")
def pact_pdf() -> bytes:
    return render_document(pact())


def small(*blocks: Any, **changes: Any) -> Document:
    document = Document(
        kind="plan",
        title="Klein plan",
        pact_name="Pact",
        frozen_at=FROZEN_AT,
        chapters=[Chapter("een", "Eén", list(blocks) or [Paragraph("Tekst.")], "1")],
    )
    return dataclasses.replace(document, **changes)


def test_it_is_accessible_and_archivable_at_once(plan_pdf: bytes, pact_pdf: bytes, tmp_path: Path) -> None:
    assert failures(plan_pdf, tmp_path) == []
    assert failures(pact_pdf, tmp_path) == []


def test_the_check_of_both_standards_can_fail(plan_pdf: bytes, tmp_path: Path) -> None:
    """The twin: joining pages alone, as a library does, loses the tags and is found out."""
    naive = pikepdf.new()
    with pytest.warns(pikepdf.PageCopyWarning):
        naive.pages.extend(pikepdf.open(io.BytesIO(plan_pdf)).pages)
    naive.save(tmp_path / "naive.pdf")
    assert failures((tmp_path / "naive.pdf").read_bytes(), tmp_path)


def test_it_gives_the_same_bytes_for_the_same_document(plan_pdf: bytes) -> None:
    assert render_document(plan()) == plan_pdf
    assert render_document(Document.from_data(plan().to_data())) == plan_pdf


@pytest.mark.slow
def test_it_gives_the_same_bytes_in_another_process(pact_pdf: bytes) -> None:
    script = (
        "import sys, django; django.setup();"
        "from tests.foundation.document_samples import pact;"
        "from pact_portal.foundation.documents.render import render_document;"
        "sys.stdout.buffer.write(render_document(pact()))"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, check=True).stdout == pact_pdf


def test_it_holds_every_word_of_the_document(plan_pdf: bytes) -> None:
    text = " ".join(text_of(plan_pdf).replace("-\n", "").split())
    for block in plan().blocks():
        for row in getattr(block, "rows", []):
            assert row.cells[0].text in text
    for chapter in plan().chapters:
        assert chapter.title in text
    assert "Voorbeeldgegevens" in text
    assert "Concept voor de stuurgroep" in text
    assert plan().fingerprint in text.replace(" ", "")


def test_its_contents_name_the_pages_on_which_the_chapters_stand(plan_pdf: bytes) -> None:
    book = pikepdf.open(io.BytesIO(plan_pdf))
    contents = text_of(plan_pdf, 2, 2)
    with book.open_outline() as outline:
        bookmarks = {item.title: item for item in outline.root}
    numbers = {page.obj.objgen: at for at, page in enumerate(book.pages, start=1)}
    for chapter in plan().chapters:
        page = numbers[bookmarks[f"{chapter.number} {chapter.title}"].destination[0].objgen]
        assert chapter.title in text_of(plan_pdf, page, page)
        assert text_of(plan_pdf, page, page).rstrip("\f\n").splitlines()[-1] == str(page)
        assert f"\n{page}\n" in contents


def test_its_links_lead_to_rows_in_the_other_half(plan_pdf: bytes) -> None:
    book = pikepdf.open(io.BytesIO(plan_pdf))
    names = {str(name) for name in list(book.Root.Names.Dests.Names)[::2]}
    links = [note for page in book.pages for note in page.obj.get("/Annots", []) if note.Subtype == "/Link"]
    inside = [str(link.Dest) for link in links if "/Dest" in link]
    assert {"maatregel-1", "vraag-1", "vragen"} <= set(inside)
    assert set(inside) <= names
    assert all(str(link.A.URI).startswith("https://www.nji.nl/") for link in links if "/A" in link)
    assert all(link.get("/Contents") for link in links)
    listed = [str(name) for name in list(book.Root.Names.Dests.Names)[::2]]
    assert listed == sorted(listed, key=str.encode)


def test_its_parent_tree_knows_every_page_and_every_link(plan_pdf: bytes) -> None:
    book = pikepdf.open(io.BytesIO(plan_pdf))
    nums = list(book.Root.StructTreeRoot.ParentTree.Nums)
    tree = {int(key): value for key, value in zip(nums[::2], nums[1::2], strict=True)}
    reachable = {element.objgen for element in elements(book)}
    used = []
    for page in book.pages:
        used.append(int(page.obj.StructParents))
        assert all(parent.objgen in reachable for parent in tree[used[-1]] if parent is not None)
        used += [int(note.StructParent) for note in page.obj.get("/Annots", [])]
        for note in page.obj.get("/Annots", []):
            assert tree[int(note.StructParent)].S == "/Link"
    assert sorted(used) == sorted(tree)
    assert len(set(used)) == len(used)


def test_its_tables_say_which_header_belongs_to_what(plan_pdf: bytes) -> None:
    book = pikepdf.open(io.BytesIO(plan_pdf))
    headers = [element for element in elements(book) if element.S == "/TH"]
    assert {str(header.A.Scope) for header in headers} == {"/Row", "/Column"}
    ids = [str(header.ID) for header in headers]
    assert len(ids) == len(set(ids))


def test_its_ids_are_unique_and_found_by_the_tree_of_ids(plan_pdf: bytes) -> None:
    book = pikepdf.open(io.BytesIO(plan_pdf))
    ids = [str(element.ID) for element in elements(book) if "/ID" in element]
    listed = [str(name) for name in list(book.Root.StructTreeRoot.IDTree.Names)[::2]]
    assert sorted(ids, key=str.encode) == listed
    cells = [element for element in elements(book) if element.S == "/TD"]
    assert all(str(name) in set(ids) for cell in cells for name in cell.A.get("/Headers", []))


def test_its_footnotes_are_notes_at_the_foot_of_their_own_page(pact_pdf: bytes) -> None:
    found = types(pikepdf.open(io.BytesIO(pact_pdf)))
    assert found.count("Note") == 6
    assert found.count("Reference") >= 6
    for page in (3, 4, 5, 6, 8, 9):
        assert "1. Kuiper & Bannink" in text_of(pact_pdf, page, page)


def test_its_running_heads_are_not_read_out() -> None:
    content = render_document(small(Paragraph("Lopende tekst."), notice="Voorbeeldgegevens"))
    command = ["pdfinfo", "-struct-text", "-"]
    read = subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode()
    assert "Lopende tekst." in read
    assert "Klein plan · Pact" not in read
    assert "Klein plan · Pact" in text_of(content, 3, 3)
    assert read.count('"Voorbeeldgegevens"') == 1, "once on the cover, not at the foot of every page"


def test_its_figures_say_what_they_show(plan_pdf: bytes) -> None:
    book = pikepdf.open(io.BytesIO(plan_pdf))
    figures = [element for element in elements(book) if element.S == "/Figure"]
    assert len(figures) == 4
    for figure in figures:
        assert len(str(figure.Alt)) > 80
        left, bottom, right, top = map(float, figure.A.BBox)
        assert 0 < left < right < 596
        assert 0 < bottom < top < 842


def test_it_keeps_the_language_of_a_passage(tmp_path: Path) -> None:
    content = render_pdf(
        '<!doctype html><html lang="nl"><title>Proef</title><p>Het heet <span lang="en">learning</span>.</p>'
    )
    book = pikepdf.open(io.BytesIO(content))
    assert [str(element.Lang) for element in elements(book) if "/Lang" in element] == ["en"]
    assert str(book.Root.Lang) == "nl"
    assert failures(content, tmp_path) == []


def test_it_embeds_only_the_fonts_of_the_project(plan_pdf: bytes, pact_pdf: bytes) -> None:
    for content in (plan_pdf, pact_pdf):
        assert all(embedded and "Source-Sans-3" in name for name, embedded in fonts_of(content))


def test_it_carries_the_date_of_the_freezing(plan_pdf: bytes) -> None:
    book = pikepdf.open(io.BytesIO(plan_pdf))
    assert str(book.docinfo.CreationDate) == "D:20261123101500+01'00"
    assert b"2026-11-23T10:15:00+01:00" in book.Root.Metadata.read_bytes()
    assert b"<pdfuaid:part>1</pdfuaid:part>" in plan_pdf, "readable without unpacking"


def test_it_says_how_far_it_is() -> None:
    steps: list[tuple[int, str]] = []
    render_document(small(), progress=lambda percent, step: steps.append((percent, step)))
    assert [percent for percent, _ in steps] == sorted({percent for percent, _ in steps})
    assert all(0 <= percent <= 100 and step for percent, step in steps)


def test_it_writes_a_small_document_whole(tmp_path: Path) -> None:
    document = small(
        Narrative("<h4>Kop</h4><p>Tekst &amp; meer.</p>"), language="en", glossary=[Fact("Term", "Meaning")]
    )
    content = render_document(document)
    assert len(parts(document)) == 1
    assert failures(content, tmp_path) == []
    assert str(pikepdf.open(io.BytesIO(content)).Root.Lang) == "en"


def test_it_shows_a_picture_that_was_handed_in(tmp_path: Path) -> None:
    content = render_document(small(Picture("foto.png", "Twee jongeren", "Op school")), files={"foto.png": PIXEL})
    book = pikepdf.open(io.BytesIO(content))
    figures = [element for element in elements(book) if element.S == "/Figure"]
    assert [str(figure.Alt) for figure in figures] == ["Twee jongeren"]
    assert failures(content, tmp_path) == []


def test_it_puts_long_contents_on_as_many_pages_as_they_take() -> None:
    chapters = [
        Chapter(f"hoofdstuk-{number}", f"Hoofdstuk {number}", [Paragraph("Tekst.")], str(number))
        for number in range(1, 61)
    ]
    content = render_document(small(chapters=chapters))
    pages = len(pikepdf.open(io.BytesIO(content)).pages)
    assert text_of(content, pages - 1, pages).count("Hoofdstuk 60") >= 1
    front = next(page for page in range(2, 9) if "Tekst." in text_of(content, page, page)) - 1
    assert front > 2
    assert f"\n{front + 60}\n" in text_of(content, 2, front)


def test_it_breaks_no_line_before_it_is_full() -> None:
    """WeasyPrint 70 does so at a word whose hyphens `hyphenate-limit-chars` all refuses: the width decides when."""
    text = (
        "Niet de jongere is kwetsbaar: het is de omgeving die iemand kwetsbaar kan maken. Wat beschermt, ligt bij de "
        "jongere zelf, in het gezin en in de omgeving. Daarom werken wij samen aan <strong>een veerkrachtig netwerk "
        "voor iedere jongere</strong>."
    )
    for margin in range(70, 100):
        style = f"html {{ font-size: 11.6pt }} p {{ margin-right: {margin}mm }}"
        page = f"<html lang='nl'><title>Proef</title><style>{style}</style><p>{text}</p></html>"
        lines = text_of(render_pdf(page, styles=LAYOUTS["pact"])).split("\n")
        assert "beschermt," not in [line.strip() for line in lines], margin


def test_it_escapes_what_people_typed() -> None:
    hostile = '<script>alert(1)</script>"&'
    html = html_of(context_of(small(Paragraph(hostile), title=hostile)), parts(small(Paragraph(hostile)))[0])
    assert "<script" not in html


def test_it_does_without_the_second_press(monkeypatch: pytest.MonkeyPatch, plan_pdf: bytes) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("no more processes")

    press._dismiss()
    monkeypatch.setattr(press.subprocess, "Popen", refuse)
    assert render_document(plan()) == plan_pdf


def test_it_survives_the_death_of_the_second_press(monkeypatch: pytest.MonkeyPatch, plan_pdf: bytes) -> None:
    here = press.typeset_here

    def kill_meanwhile(job: press.Job) -> Any:
        if press._press is not None:
            press._press._process.kill()
            press._press._process.wait()
        return here(job)

    render_document(plan())
    monkeypatch.setattr(press, "typeset_here", kill_meanwhile)
    assert render_document(plan()) == plan_pdf


def test_the_private_parts_of_the_typesetter_are_as_tags_expects() -> None:
    """When this fails after an upgrade: read what changed in WeasyPrint or pydyf before touching tags.py."""
    assert list(inspect.signature(tags._build_box_tree).parameters) == [
        "box",
        "parent",
        "pdf",
        "page_number",
        "nums",
        "annotations",
        "tags",
    ]
    assert weasyprint_tags._build_box_tree is tags._repaired_box_tree
    pdf = pydyf.PDF()
    for _ in range(3):
        pdf.add_page(pydyf.Dictionary({"Type": "/Page", "Parent": pdf.pages.reference}))
    assert pdf.page_references == [b"%d 0 R" % number for number in pdf.pages["Kids"][::3]]
