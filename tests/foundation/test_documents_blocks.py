"""The structure of a document: stored and read back without loss, and refused when it is something else."""

import dataclasses
import json

import pytest
from django.template.loader import get_template
from hypothesis import given, settings
from hypothesis import strategies as st

from pact_portal.foundation.documents.blocks import (
    Cell,
    Chapter,
    Column,
    Document,
    Fact,
    Facts,
    Figure,
    Heading,
    Items,
    Narrative,
    Paragraph,
    Party,
    Picture,
    Quote,
    Row,
    SignatureSheet,
    Table,
    UnreadableDocument,
)
from pact_portal.foundation.templatetags.documents import block_template, nested_headings, with_notes
from tests.foundation.document_samples import pact, plan

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
optional = st.none() | words
columns = st.lists(
    st.builds(Column, words, st.sampled_from(["text", "key", "number", "euro", "date"]), st.integers(0, 9)),
    min_size=1,
    max_size=4,
)
rows = st.lists(st.builds(Row, words, st.lists(st.builds(Cell, words, optional), max_size=4), optional), max_size=3)
tables = st.builds(Table, words, columns, rows, words)
facts = st.lists(st.builds(Fact, words, words), max_size=3)
blocks = st.one_of(
    st.builds(Narrative, words),
    st.builds(Heading, words, optional),
    st.builds(Paragraph, words),
    st.builds(Facts, facts, st.sampled_from(["list", "key"])),
    st.builds(Items, st.lists(words, max_size=3), st.booleans()),
    st.builds(Quote, words, words),
    tables,
    st.builds(Figure, words, words, words, st.none() | tables),
    st.builds(Picture, words, words, words),
    st.builds(SignatureSheet, words, st.lists(st.builds(Party, words, words), max_size=3)),
)
documents = st.builds(
    Document,
    kind=words,
    title=words,
    pact_name=words,
    frozen_at=words,
    version=st.integers(),
    chapters=st.lists(st.builds(Chapter, words, words, st.lists(blocks, max_size=3), words), max_size=3),
    summary=st.lists(blocks, max_size=2),
    glossary=facts,
)


@given(documents)
@settings(max_examples=60, deadline=None)
def test_it_reads_back_what_it_stored(document: Document) -> None:
    stored = json.loads(document.canonical())
    assert Document.from_data(stored) == document
    assert Document.from_data(stored).fingerprint == document.fingerprint


@given(columns)
def test_it_divides_the_whole_width_over_the_columns(each: list[Column]) -> None:
    widths = Table("", each, []).widths()
    assert sum(widths) == 100
    assert all(0 < width <= 100 for width in widths)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"schema": 99}, "schema"),
        ({"title": 3}, "document.title"),
        ({"unknown": ""}, "unknown"),
        ({"chapters": [{"key": "a", "title": "b"}]}, "document.chapters"),
        ({"summary": [{"block": "script", "text": ""}]}, "document.summary"),
        ({"summary": [{"block": "paragraph", "text": ["a"]}]}, "document.summary"),
        ({"summary": [{"block": "facts", "items": [], "style": "loud"}]}, "document.summary"),
    ],
)
def test_it_refuses_what_is_no_document_and_names_the_place(change: dict[str, object], place: str) -> None:
    with pytest.raises(UnreadableDocument, match=place.replace(".", r"\.")):
        Document.from_data({**plan(rows_per_area=1).to_data(), **change})


def test_it_changes_its_fingerprint_with_any_change() -> None:
    first = plan(rows_per_area=2)
    assert plan(rows_per_area=2).fingerprint == first.fingerprint
    assert dataclasses.replace(first, state="Definitief").fingerprint != first.fingerprint


def test_it_links_only_to_places_that_it_has() -> None:
    document = plan(rows_per_area=2)
    targets = {
        cell.to for block in document.blocks() if isinstance(block, Table) for row in block.rows for cell in row.cells
    }
    assert targets - {None} <= document.anchors()


def test_it_has_a_template_for_every_block() -> None:
    for block in [*plan().blocks(), *pact().blocks(), Picture("a", "b")]:
        get_template(block_template(block))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h3>a</h3><h4>b</h4><h3>c</h3>", "<h3>a</h3><h4>b</h4><h3>c</h3>"),
        ("<h4>a</h4><p>t</p><h4>b</h4>", "<h3>a</h3><p>t</p><h4>b</h4>"),
        ("<p>no <em>headings</em></p>", "<p>no <em>headings</em></p>"),
    ],
)
def test_it_never_skips_a_level_of_headings(html: str, expected: str) -> None:
    assert nested_headings(html) == expected


def test_it_puts_footnotes_below_the_text_of_a_page() -> None:
    html = with_notes(
        '<p>Een<span class="footnote">Bron <em>een</em>.</span> twee<span class="footnote">Bron twee.</span></p>',
        "vragen",
    )
    assert html.count('role="doc-noteref"') == html.count('role="doc-backlink"') == 2
    assert 'href="#vragen-noot-2"' in html
    assert 'id="vragen-noot-2"' in html
    assert "<span" not in html
