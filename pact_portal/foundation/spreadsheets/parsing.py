"""Reads a spreadsheet from somewhere, as a program of its own: `python parsing.py kind sheet < file`.

The file comes from outside and is read by a large library: sixty kilobytes of it can say a hundred megabytes, and one
cell can name the million and first row. So this runs apart from the portal, with little memory and little time, and
what happens to it happens to nobody else; that it reads while the portal checks the rows before, is a gain besides.
Imports nothing of the portal. What comes out on stdout is JSON, a line each:

    {"total": 5000}               how many rows there are likely to be, the header not counted
    {"rows": [[2, [cell, …]], …]}  rows by the number that a spreadsheet shows, the header first
    {"end": true, "merged": ["A2:B3"]}
    {"refused": code, "row": 12}   instead of the end: "encoding", "quotes", "too_many_rows", "too_much_text",
                                   "too_wide", "no_sheet", "complex" or "broken"

A cell is text, a whole number, true or false, null, or an object: {"n": "1.5"} a number with decimals, {"d":
"2026-09-01"} a date, {"t": "10:30:00"} a time, {"f": 1} a formula, {"e": "#REF!"} a fault of the spreadsheet program.
"""

import codecs
import csv
import datetime
import io
import json
import re
import sys
import warnings
from collections.abc import Iterator
from typing import Any

MOST_MEMORY = 1024**3
MOST_SECONDS = 60
MOST_ROWS = 5_000
MOST_SEEN = 20_000
"""Rows looked at, the empty ones with them: a sheet that was coloured to its end has a million."""
MOST_COLUMNS = 60
MOST_TEXT = 20_000_000
"""Signs of all cells together. One text that a sheet shares among its cells counts for each: so it comes out here."""
AT_A_TIME = 100
LONGEST_CELL = 11_000_000

Row = tuple[int, list[Any]]


class Refused(Exception):
    """The file cannot be taken: a code of those above, and the row where that shows (0: the whole file)."""

    def __init__(self, code: str, row: int = 0) -> None:
        super().__init__(code)
        self.code, self.row = code, row


def limit() -> None:
    """Take away from this process what reading does not need, on systems that have such limits."""
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    for kind, most in ((resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, MOST_SECONDS)):
        try:
            resource.setrlimit(kind, (most, most))
        except (OSError, ValueError):
            continue


# --- xlsx ------------------------------------------------------------------------------------------------------------


def rows_of_xlsx(content: bytes, sheet: str, merged: list[str]) -> Iterator[int | Row]:
    """First the likely number of rows, then the rows. `merged` is filled with the ranges of merged cells."""
    # Slow to import, and csv does without. The reader below openpyxl's own sheet: that one believes where a sheet says
    # that it ends, and fills every gap between two rows, so that one cell at the bottom costs a million rows.
    from openpyxl import load_workbook  # noqa: PLC0415
    from openpyxl.worksheet._reader import WorkSheetParser  # noqa: PLC0415

    book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    sheets = {each.title: each for each in book.worksheets}
    if not sheets:
        raise Refused("no_sheet")
    page: Any = sheets.get(sheet) or next(iter(sheets.values()))
    with page._get_source() as source:
        yield _counted(source)
    with page._get_source() as source:
        parser = WorkSheetParser(
            source,
            page._shared_strings,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, cells in parser.parse():
            if cells and cells[-1]["column"] > MOST_COLUMNS:
                if any(cell["column"] > MOST_COLUMNS and cell["value"] is not None for cell in cells):
                    raise Refused("too_wide", number)
                cells = [cell for cell in cells if cell["column"] <= MOST_COLUMNS]  # noqa: PLW2901
            values: list[Any] = [None] * (cells[-1]["column"] if cells else 0)
            for cell in cells:
                values[cell["column"] - 1] = _plain(cell["value"], cell["data_type"])
            yield number, values
    if parser.merged_cells is not None:
        merged += [str(cells.ref) for cells in parser.merged_cells.mergeCell][:10]


def _counted(source: Any) -> int:
    """How often a row begins, piece by piece and without reading what is in it; the header is not counted."""
    count, tail = 0, b""
    while piece := source.read(1 << 20):
        # A name of another element, such as rowBreaks, begins alike.
        count += len(re.findall(rb"<row[\s>]", tail + piece))
        tail = piece[-4:]
    return max(count - 1, 0)


def _plain(value: Any, kind: str) -> Any:
    if kind == "f":
        return {"f": 1}
    if kind == "e":
        return {"e": str(value)}
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return {"n": repr(value)}
    if isinstance(value, datetime.datetime):
        return {"d": value.date().isoformat()}
    if isinstance(value, datetime.date):
        return {"d": value.isoformat()}
    return {"t": str(value)}


# --- csv -------------------------------------------------------------------------------------------------------------


def decoded(content: bytes) -> str:
    """The text of a csv: utf-16 by its mark, utf-8 with or without one, else windows-1252. Raises Refused."""
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            text = content.decode("utf-16")
        else:
            try:
                text = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = content.decode("cp1252")
    except UnicodeDecodeError as fault:
        raise Refused("encoding") from fault
    if "\0" in text:
        raise Refused("encoding")
    return text


def separator_of(header: str) -> str:
    """The sign between the cells: that of ; , and tab which stands most often in the header, outside of quotes."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(";,\t", key=bare.count)


def rows_of_csv(content: bytes) -> Iterator[int | Row]:
    """First the likely number of rows, then the rows; a row counts as one however many lines its cells have."""
    text = decoded(content)
    skipped = 0
    # With which line Excel tells itself what parts the cells.
    if told := re.match(r"sep=([;,\t])\r?\n", text):
        text, skipped = text[told.end() :], 1
    separator = told[1] if told else separator_of(re.split(r"\r\n|\r|\n", text.lstrip("\r\n"), maxsplit=1)[0])
    yield max(len(re.findall(r"\r\n|\r|\n", text.rstrip())), 0)
    csv.field_size_limit(LONGEST_CELL)
    number = skipped
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            number += 1
            while cells and not cells[-1]:
                cells.pop()
            if len(cells) > MOST_COLUMNS:
                raise Refused("too_wide", number)
            yield number, [cell or None for cell in cells]
    except csv.Error as fault:
        raise Refused("quotes", number + 1) from fault


# --- Both ------------------------------------------------------------------------------------------------------------


def is_blank(cells: list[Any]) -> bool:
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)


def parse(content: bytes, kind: str, sheet: str) -> Iterator[dict[str, Any]]:
    """What the lines of the answer say, in order."""
    merged: list[str] = []
    found = rows_of_xlsx(content, sheet, merged) if kind == "xlsx" else rows_of_csv(content)
    # The first is a count.
    yield {"total": next(found)}
    rows: list[Row] = []
    taken = seen = signs = 0
    try:
        for row in found:
            assert not isinstance(row, int)  # noqa: S101 - for the reader and for mypy: only the first is a count
            seen += 1
            signs += sum(len(cell) for cell in row[1] if isinstance(cell, str))
            if signs > MOST_TEXT:
                yield {"refused": "too_much_text", "row": 0}
                return
            blank = is_blank(row[1])
            taken += not blank
            # The header is a row too.
            if taken > MOST_ROWS + 1 or seen > MOST_SEEN:
                yield {"refused": "too_many_rows", "row": 0}
                return
            if blank:
                continue
            rows.append(row)
            if len(rows) == AT_A_TIME:
                yield {"rows": rows}
                rows = []
    except Refused as why:
        yield {"rows": rows}
        yield {"refused": why.code, "row": why.row}
        return
    yield {"rows": rows}
    yield {"end": True, "merged": merged}


def main(kind: str, sheet: str) -> None:
    """Write the answer for the file on stdin. Ends without an end where it cannot go on."""
    warnings.simplefilter("ignore")
    try:
        for line in parse(sys.stdin.buffer.read(), kind, sheet):
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
    except Refused as why:
        sys.stdout.write(json.dumps({"refused": why.code, "row": why.row}) + "\n")
    except MemoryError:
        sys.stdout.write(json.dumps({"refused": "complex", "row": 0}) + "\n")
    except Exception:  # noqa: BLE001 - the library raises anything for a file that is not what it seems
        sys.stdout.write(json.dumps({"refused": "broken", "row": 0}) + "\n")


if __name__ == "__main__":
    limit()
    main(sys.argv[1], sys.argv[2])
