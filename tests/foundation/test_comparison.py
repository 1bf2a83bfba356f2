"""Comparing two documents: laws that hold for any two, and what a reader is told of some."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pact_portal.foundation.documents.blocks import (
    Cell,
    Chapter,
    Column,
    Document,
    Fact,
    Items,
    Narrative,
    Paragraph,
    Party,
    Picture,
    Quote,
    Row,
    SignatureSheet,
    Table,
)
from pact_portal.foundation.documents.comparison import Comparison, compare
from pact_portal.foundation.richtext import wording
from pact_portal.foundation.richtext.wording import (
    Change,
    Passage,
    Piece,
    compare_passages,
    compare_texts,
    compare_words,
    passages_of,
    words_of,
)

WORDS = st.lists(st.sampled_from(["jongeren", "zijn", "samen", "sterk", "de", "en"]), max_size=12)
TEXTS = WORDS.map(" ".join)
PASSAGES = st.lists(
    st.builds(Passage, st.sampled_from(["p", "li"]), WORDS.filter(bool).map(tuple)),
    max_size=8,
)
TABLES = st.lists(st.tuples(st.sampled_from("abcd"), TEXTS, TEXTS), max_size=5).map(
    lambda rows: Table(
        "Register", [Column("Nr."), Column("Naam")], [Row(key, [Cell(one), Cell(two)]) for key, one, two in rows]
    )
)
BLOCKS = st.one_of(
    TEXTS.map(lambda text: Narrative(f"<p>{text}</p>")),
    TEXTS.map(Paragraph),
    st.lists(TEXTS, max_size=3).map(Items),
    st.builds(Quote, TEXTS, TEXTS),
    st.builds(Picture, st.sampled_from(["een.png", "twee.png"]), TEXTS),
    st.builds(lambda names: SignatureSheet("Blad", [Party(name, name) for name in names]), st.lists(TEXTS, max_size=3)),
    TABLES,
)
# Keys that are their own title: a chapter is found again by its key alone.
CHAPTERS = st.lists(st.sampled_from("pqrs"), unique=True).flatmap(
    lambda keys: st.tuples(
        *(st.builds(Chapter, st.just(key), st.just(key), st.lists(BLOCKS, max_size=4)) for key in keys)
    )
)


def document(*chapters, **fields):
    return Document(
        **{
            "kind": "pact",
            "title": "Pact",
            "pact_name": "Pact",
            "frozen_at": "2026-03-02T10:00:00+01:00",
            "chapters": list(chapters),
            **fields,
        }
    )


DOCUMENTS = st.builds(
    lambda chapters, motto, cover: document(*chapters, motto=motto, cover=cover),
    CHAPTERS,
    TEXTS,
    st.lists(st.builds(Fact, st.sampled_from(["Looptijd", "Partners"]), TEXTS), max_size=3),
)

MIRROR = {Change.ADDED: Change.REMOVED, Change.REMOVED: Change.ADDED}


def mirrored(change):
    return MIRROR.get(change, change)


def lots(pieces, lot=lambda change: change):
    """Which words have which lot, whatever their order."""
    return Counter((lot(piece.change), word) for piece in pieces for word in piece.text.split())


def pieces_of(comparison: Comparison):
    for table in [comparison.front, *(table for chapter in comparison.chapters for table in chapter.tables)]:
        for row in table.rows:
            for field in row.fields:
                yield from field.pieces
    for chapter in comparison.chapters:
        yield from chapter.title
        for passage in chapter.passages:
            yield from passage.pieces


def rebuilt(pieces, without):
    return [word for piece in pieces if piece.change is not without for word in piece.text.split()]


@given(WORDS, WORDS)
def test_it_finds_both_texts_in_the_marked_words(old, new):
    pieces = compare_words(old, new)
    assert rebuilt(pieces, Change.ADDED) == old
    assert rebuilt(pieces, Change.REMOVED) == new


@given(WORDS, WORDS)
def test_it_marks_the_same_words_whichever_text_comes_first(old, new):
    assert lots(compare_words(old, new)) == lots(compare_words(new, old), mirrored)


@given(PASSAGES, PASSAGES)
def test_it_finds_both_rows_of_passages_in_the_marked_ones(old, new):
    marked = compare_passages(old, new)
    of_old = [p for p in marked if p.change is not Change.ADDED]
    of_new = [p for p in marked if p.change is not Change.REMOVED]
    assert [tuple(rebuilt(p.pieces, Change.ADDED)) for p in of_old] == [p.words for p in old]
    assert [tuple(rebuilt(p.pieces, Change.REMOVED)) for p in of_new] == [p.words for p in new]
    assert [p.style for p in of_new] == [p.style for p in new]


@given(DOCUMENTS)
def test_it_finds_nothing_between_a_document_and_itself(one):
    comparison = compare(one, Document.from_data(one.to_data()))
    assert comparison.is_empty
    assert {piece.change for piece in pieces_of(comparison)} <= {Change.SAME}


@given(DOCUMENTS, DOCUMENTS)
def test_it_tells_the_same_whichever_document_comes_first(one, other):
    there, back = compare(one, other), compare(other, one)
    assert there.is_empty == back.is_empty
    assert lots(pieces_of(there)) == lots(pieces_of(back), mirrored)
    assert {(c.key, c.change, c.is_moved) for c in there.chapters} == {
        (c.key, mirrored(c.change), c.is_moved) for c in back.chapters
    }


@given(DOCUMENTS, DOCUMENTS)
def test_it_leaves_no_word_of_either_document_out(one, other):
    """A document compared with nothing shows all its words; so much of each must be in the comparison of the two."""
    pieces = list(pieces_of(compare(one, other)))
    nothing = document(title="")
    for each, lot in ((one, Change.ADDED), (other, Change.REMOVED)):
        whole = Counter(word for piece in pieces_of(compare(nothing, each)) for word in piece.text.split())
        found = Counter(word for piece in pieces if piece.change is not lot for word in piece.text.split())
        assert found == whole


def test_it_would_show_a_comparison_that_leaves_out_what_was_removed():
    """The twin of the law above: on a comparison that forgets what went, its check fails."""
    one, other = document(Chapter("a", "Een", [Paragraph("weg ermee")])), document(Chapter("a", "Een", []))
    kept = [piece for piece in pieces_of(compare(one, other)) if piece.change is not Change.REMOVED]
    assert "weg" not in rebuilt(kept, Change.ADDED)
    assert "weg" in rebuilt(pieces_of(compare(one, other)), Change.ADDED)


def test_it_takes_a_text_apart_into_what_a_reader_sees():
    html = (
        '<h3>Kop</h3><p>Wij <strong>willen</strong><span class="footnote">Bron: zie daar.</span> dit.</p>'
        '<ul><li><p>Een <a href="https://voorbeeld.nl">link</a></p></li></ul><blockquote><p>Zo is het.</p></blockquote>'
        "<table><tbody><tr><th>Wie</th><td>School &amp; gemeente</td></tr></tbody></table>"
    )
    assert [(passage.style, passage.text) for passage in passages_of(html)] == [
        ("h3", "Kop"),
        ("p", "Wij willen dit."),
        ("footnote", "Bron: zie daar."),
        ("li", "Een link (https://voorbeeld.nl)"),
        ("quote", "Zo is het."),
        ("cell", "Wie"),
        ("cell", "School & gemeente"),
    ]


def test_it_marks_words_within_a_rewritten_paragraph():
    (passage,) = compare_texts("<p>Wij helpen jongeren in de regio</p>", "<p>Wij helpen alle jongeren in de wijk</p>")
    assert passage.pieces == (
        Piece(Change.SAME, "Wij helpen"),
        Piece(Change.ADDED, "alle"),
        Piece(Change.SAME, "jongeren in de"),
        Piece(Change.REMOVED, "regio"),
        Piece(Change.ADDED, "wijk"),
    )


def test_it_keeps_apart_paragraphs_that_have_little_in_common():
    marked = compare_texts("<p>Geheel iets anders hier</p>", "<p>Wij helpen alle jongeren</p>")
    assert [passage.change for passage in marked] == [Change.REMOVED, Change.ADDED]


def test_it_tells_that_a_link_leads_elsewhere():
    marked = compare_texts(
        '<p>Zie <a href="https://een.nl">hier</a></p>', '<p>Zie <a href="https://twee.nl">hier</a></p>'
    )
    assert [piece.text for piece in marked[0].pieces if piece.change is Change.ADDED] == ["(https://twee.nl)"]


def test_it_gives_up_on_texts_that_would_take_minutes(monkeypatch):
    monkeypatch.setattr(wording, "LARGEST", 10)
    assert compare_words(["a", "b", "c", "d"], ["d", "c", "b", "a"]) == (
        Piece(Change.REMOVED, "a b c d"),
        Piece(Change.ADDED, "d c b a"),
    )


def test_it_knows_a_chapter_by_its_key_under_another_title():
    old, new = document(Chapter("section-1", "Aanleiding", [])), document(Chapter("section-1", "De aanleiding", []))
    (chapter,) = compare(old, new).changed_chapters
    assert (chapter.change, chapter.name) == (Change.CHANGED, "De aanleiding")


def test_it_knows_a_chapter_of_an_old_version_by_its_title():
    old = document(
        Chapter("onderdeel-1", "Aanleiding", [Paragraph("Een tekst")]), Chapter("onderdeel-2", "Ambitie", [])
    )
    new = document(Chapter("section-7", "Ambitie", []), Chapter("section-9", "Aanleiding", [Paragraph("Een woord")]))
    changes = {chapter.name: (chapter.change, chapter.is_moved) for chapter in compare(old, new).chapters}
    assert changes["Aanleiding"][0] is Change.CHANGED
    assert changes["Ambitie"][0] is Change.SAME
    assert sum(is_moved for _change, is_moved in changes.values()) == 1


def test_it_says_which_chapter_moved_came_and_went():
    old = document(*(Chapter(key, key, [Paragraph(f"Tekst {key}")]) for key in "abc"))
    new = document(*(Chapter(key, key, [Paragraph(f"Tekst {key}")]) for key in "cad"))
    changes = {chapter.key: (chapter.change, chapter.is_moved) for chapter in compare(old, new).chapters}
    assert changes["b"] == (Change.REMOVED, False)
    assert changes["d"] == (Change.ADDED, False)
    assert [changes["a"][1], changes["c"][1]].count(True) == 1


@pytest.mark.parametrize(
    ("rows", "change", "label"),
    [
        ([("q1", "Een", "10"), ("q2", "Twee", "20")], Change.ADDED, "Nr."),
        ([], Change.REMOVED, "Nr."),
        ([("q1", "Een", "15")], Change.CHANGED, "Bedrag"),
    ],
)
def test_it_compares_rows_by_their_key(rows, change, label):
    def table(rows):
        cells = [Row(key, [Cell(name), Cell(amount)]) for key, name, amount in rows]
        return document(Chapter("a", "A", [Table("Vragen", [Column("Nr."), Column("Bedrag")], cells)]))

    (chapter,) = compare(table([("q1", "Een", "10")]), table(rows)).changed_chapters
    (row,) = [row for row in chapter.tables[0].rows if row.change is not Change.SAME]
    assert row.change is change
    assert next(field.label for field in row.fields if not field.is_same) == label


def test_it_tells_another_image_with_the_same_words_apart():
    old, new = (document(Chapter("a", "A", [Picture(name, "Een klas")])) for name in ("een.png", "twee.png"))
    assert [passage.change for passage in compare(old, new).chapters[0].passages] == [Change.REMOVED, Change.ADDED]


def test_it_tells_a_partner_on_the_sheets_from_one_that_is_not():
    old, new = (
        document(
            Chapter("a", "A", [SignatureSheet("Gemeenten", [Party(name, f"partnership-{name}") for name in names])])
        )
        for names in (["Bergen"], ["Bergen", "Heiloo"])
    )
    rows = compare(old, new).chapters[0].tables[0].rows
    assert [row.name for row in rows if row.change is Change.ADDED] == ["Heiloo"]


def test_it_leaves_out_the_number_and_the_moment_of_a_version():
    old = document(Chapter("a", "A", []), motto="Samen")
    assert compare(old, replace(old, version=2, frozen_at="2027-01-01T00:00:00+01:00")).is_empty
    assert not compare(old, replace(old, motto="Samen sterk")).is_empty


def test_it_splits_words_at_white_space_only():
    assert words_of(" een\n twee\u00a0drie ") == ("een", "twee", "drie")
