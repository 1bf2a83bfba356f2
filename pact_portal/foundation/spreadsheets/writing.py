"""The door for spreadsheets that go out: xlsx and csv in which text is text, whatever it begins with."""

import csv
import datetime
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.text import slugify
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from pact_portal.foundation.spreadsheets.quoting import RISKY, quoted
from pact_portal.foundation.spreadsheets.reading import TYPES, Value

FORMATS = ("xlsx", "csv")
LONGEST_CELL = 32_767
"""Signs in a cell of xlsx; Excel refuses a file with more."""
LONGEST_LIST = 255
"""Signs of a list of allowed values that stands in the sheet itself."""
EARLIEST = datetime.date(1900, 3, 1)
"""Before this day a spreadsheet has no dates, or counts one that never was; such a day stands there as text."""
UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LINE_END = re.compile(r"\r\n|\r")


@dataclass(frozen=True)
class Heading:
    """A column of a file: its name, how wide it is (in signs), and which values may stand in it (none: any)."""

    name: str
    width: int = 24
    choices: Sequence[str] = ()


def xlsx(
    title: str, headings: Sequence[Heading], rows: Iterable[Sequence[Value]], explanation: Sequence[Sequence[str]] = ()
) -> bytes:
    """A workbook with the rows on the sheet `title`, and on a second sheet what the columns mean.

    Text is stored as text, never as a formula. Line ends become \\n, and signs that XML cannot hold are left out.
    """
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, heading in enumerate(headings, 1):
        sheet.column_dimensions[get_column_letter(number)].width = heading.width
    sheet.append([_cell(sheet, heading.name, bold=True) for heading in headings])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    for number, heading in enumerate(headings, 1):
        _offer(sheet, get_column_letter(number), heading.choices)
    if explanation:
        second: Any = book.create_sheet("Uitleg")
        second.column_dimensions["A"].width, second.column_dimensions["B"].width = 30, 100
        for at, line in enumerate(explanation):
            second.append([_cell(second, text, bold=at == 0) for text in line])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _cell(sheet: Any, value: Value, *, bold: bool = False) -> Any:
    if isinstance(value, datetime.date) and value < EARLIEST:
        value = _text(value)
    if isinstance(value, str):
        text = UNSTORABLE.sub("", LINE_END.sub("\n", value))[:LONGEST_CELL]
        cell = WriteOnlyCell(sheet, value=text)
        # Set anew: the library takes what begins with = for a formula, and #REF! for a fault.
        cell.data_type = "s"
        if RISKY.match(text):
            cell.quotePrefix = True
    else:
        cell = WriteOnlyCell(sheet, value=value)
        if isinstance(value, datetime.date):
            cell.number_format = "d-m-yyyy"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _offer(sheet: Any, letter: str, choices: Sequence[str]) -> None:
    """A list to choose from, where it fits in the sheet and holds no comma."""
    listed = ",".join(choices)
    if choices and len(listed) <= LONGEST_LIST and not any("," in choice or '"' in choice for choice in choices):
        # Something else may be typed, and is told when the file comes in: in words, rather than by a box in English.
        rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False)
        rule.add(f"{letter}2:{letter}5001")
        sheet.data_validations.append(rule)


def csv_file(headings: Sequence[Heading], rows: Iterable[Sequence[Value]]) -> bytes:
    """The rows with ; between the cells, as Excel in the Netherlands expects, in UTF-8 with its mark."""
    made = io.StringIO(newline="")
    writer = csv.writer(made, delimiter=";", quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow([quoted(heading.name) for heading in headings])
    for row in rows:
        writer.writerow([_text(value) for value in row])
    return made.getvalue().encode("utf-8-sig", "replace")


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return quoted(value.replace("\0", ""))
    if isinstance(value, datetime.date):
        return f"{value.day}-{value.month}-{value.year:04d}"
    return str(value).replace(".", ",") if isinstance(value, Decimal) else str(value)


def answer(content: bytes, *, form: str, name: str) -> HttpResponse:
    """The file as a download. `form` is "xlsx" or "csv"; `name` without extension, in words."""
    plain = unicodedata.normalize("NFKD", name)
    response = HttpResponse(content, content_type=TYPES[form] + ("; charset=utf-8" if form == "csv" else ""))
    response["Content-Disposition"] = f'attachment; filename="{slugify(plain) or "bestand"}.{form}"'
    # What a reader may see differs by who reads.
    response["Cache-Control"] = "private, no-store"
    return response


def name_of(*words: str) -> str:
    """The name of a file of today: pact, register and date."""
    return " ".join([*words, f"{timezone.localdate():%Y-%m-%d}"])
