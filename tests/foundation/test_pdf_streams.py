"""What is bound has no stream whose data ends in a carriage return: checkers of PDF/A take it for the end of a line."""

import io

import pikepdf
import pytest

from pact_portal.foundation.documents.binding import bind

ENDS_IN_RETURN = b"\r\nendstream"


def _book(serial: int) -> bytes:
    """A page with text of its own, and enough small objects that the writer gathers them in several streams."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    # The last byte of compressed data is that of the sum of the bytes: 13 for one of 256 of these.
    pdf.pages[0].Contents = pdf.make_stream(b"BT (" + b"a" * (serial % 20) + bytes([48 + serial // 20]) + b") Tj ET")
    pdf.Root.StructTreeRoot = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.StructTreeRoot,
            K=pikepdf.Array(
                [
                    pdf.make_indirect(
                        pikepdf.Dictionary(
                            S=pikepdf.Name.Document,
                            K=pikepdf.Array(
                                [pdf.make_indirect(pikepdf.String(f"{serial}-{one}")) for one in range(250)]
                            ),
                        )
                    )
                ]
            ),
            ParentTree=pdf.make_indirect(pikepdf.Dictionary(Nums=pikepdf.Array([]))),
        )
    )
    written = io.BytesIO()
    pdf.save(written, compress_streams=False)
    return written.getvalue()


def _as_the_writer_likes(content: bytes) -> bytes:
    """The same, written without looking how streams end."""
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.save(written, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return written.getvalue()


@pytest.fixture(scope="module")
def books() -> list[bytes]:
    return [_book(serial) for serial in range(400)]


def test_it_lets_no_stream_end_in_a_carriage_return(books: list[bytes]) -> None:
    assert not [serial for serial, book in enumerate(books) if ENDS_IN_RETURN in bind([book])]


def test_it_ends_such_a_stream_with_a_line_of_its_own_and_keeps_what_it_holds(books: list[bytes]) -> None:
    ended = 0
    for book in books:
        with pikepdf.open(io.BytesIO(book)) as before, pikepdf.open(io.BytesIO(bind([book]))) as after:
            contents = after.pages[0].Contents
            assert contents.read_bytes() == before.pages[0].Contents.read_bytes()
            ended += contents.read_raw_bytes().endswith(b"\r\n")
    assert ended


def test_its_twin_that_writes_as_it_comes_lets_some(books: list[bytes]) -> None:
    assert [serial for serial, book in enumerate(books) if ENDS_IN_RETURN in _as_the_writer_likes(book)]


def test_it_gives_the_same_bytes_again(books: list[bytes]) -> None:
    assert bind([books[0]]) == bind([books[0]])
