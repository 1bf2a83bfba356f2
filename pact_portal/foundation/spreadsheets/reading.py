"""The door for spreadsheets that somebody sends us: xlsx and csv, decided by the content.

`check_sheet` is asked when the file comes in, and unpacks nothing. `opened` gives its rows, in the worker; what
really reads is a program of its own (parsing.py). A check of sizes alone would hold off the bomb, but not the shared
text of a sheet that becomes ten times as large in memory, nor a style sheet that keeps the library busy for minutes:
the worker also makes mails and documents, and must not fall for one file.
"""

import datetime
import json
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _

from pact_portal.foundation.spreadsheets.parsing import MOST_COLUMNS, MOST_ROWS, MOST_TEXT
from pact_portal.foundation.spreadsheets.quoting import unquoted
from pact_portal.foundation.uploads.files import MEGABYTE, CheckedFile, checked, read

LARGEST = 10 * MEGABYTE
MOST_UNPACKED = 100 * MEGABYTE
"""Bytes of all parts together; a sheet of 5,000 rows full of text has some 15 million."""
MOST_TIMES = 150
"""How many times as large as the file its parts may be, when they are large at all."""
LARGE = 20 * MEGABYTE
MOST_PARTS = 1_000

PARSING = Path(__file__).with_name("parsing.py")
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How files of Excel before 2007 begin, and those that are locked with a password."""

Value = str | int | Decimal | datetime.date | None


@dataclass(frozen=True)
class Unreadable:
    """What stands in a cell that has no plain value: "formula" or "error", with the text of the error."""

    kind: str
    text: str = ""


@dataclass(frozen=True)
class Row:
    """One row by the number that a spreadsheet program shows. Cells beyond the last filled one are left out."""

    number: int
    cells: list[Value | Unreadable]


@dataclass
class Sheet:
    """A sheet that is being read: `rows` once, in order. `total` is a guess until the last row has come."""

    header: Row
    total: int
    rows: Iterator[Row] = field(repr=False)


# --- At the door -----------------------------------------------------------------------------------------------------


def check_sheet(uploaded: File) -> CheckedFile:
    """The file as it is to be stored, with extension "xlsx" or "csv". At most 10 MB; nothing of it is unpacked.

    Raises ValidationError with a sentence that says what to do, with code "empty", "too_large", "wrong_type",
    "old_excel", "encrypted", "ods", "html", "macros", "broken" or "complex".
    """
    content = read(uploaded, at_most=LARGEST)
    kind = kind_of(content)
    return checked(content, TYPES[kind], kind)


def kind_of(content: bytes) -> str:
    """ "xlsx" or "csv". Raises ValidationError for anything else; see `check_sheet`."""
    if content.startswith(b"PK"):
        _check_parts(content)
        return "xlsx"
    if content.startswith(OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in content
        raise _refusal("encrypted" if locked else "old_excel")
    start = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta", b"mime-version:")):
        raise _refusal("html")
    if start.startswith((b"%pdf-", b"\x89png", b"\xff\xd8\xff", b"{\\rtf", b"gif8", b"rar!", b"\x1f\x8b", b"7z\xbc")):
        raise _refusal("wrong_type")
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refusal("wrong_type")
    return "csv"


def _check_parts(content: bytes) -> None:
    """Read the list of what is in the zip, and nothing more. What it says of sizes binds: no reader goes beyond."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error, zlib.error) as fault:
        raise _refusal("broken") from fault
    names = {part.filename.lower() for part in parts}
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED or (unpacked > LARGE and unpacked > MOST_TIMES * len(content)):
        raise _refusal("complex")
    if len(parts) > MOST_PARTS or len(names) != len(parts):
        raise _refusal("complex")
    if any(part.flag_bits & 1 for part in parts):
        raise _refusal("encrypted")
    if "mimetype" in names:
        raise _refusal("ods")
    if any(name.endswith(("vbaproject.bin", "workbook.bin")) for name in names):
        raise _refusal("macros")
    if "[content_types].xml" not in names or not any(name.startswith("xl/workbook") for name in names):
        raise _refusal("wrong_type")


def _refusal(code: str) -> ValidationError:
    return ValidationError(
        {
            "old_excel": _("Dit is een Excel-bestand in het oude formaat. Sla het op als .xlsx en kies dat bestand."),
            "encrypted": _("Dit bestand is beveiligd met een wachtwoord. Sla het op zonder wachtwoord en kies dat."),
            "ods": _("Dit is geen Excel-bestand maar een ander werkblad. Sla het op als .xlsx en kies dat bestand."),
            "html": _("Dit is een webpagina met de naam van een werkblad. Open die, sla op als .xlsx en kies dat."),
            "macros": _("Dit bestand bevat macro's. Sla het op als gewoon .xlsx en kies dat bestand."),
            "broken": _("Dit bestand is beschadigd. Sla het opnieuw op als .xlsx en kies dat bestand."),
            "complex": _(
                "Dit bestand is uitgepakt veel te groot. Zet alleen de rijen in een nieuw bestand en kies dat."
            ),
            "wrong_type": _("Dit is geen .xlsx of .csv. Sla het werkblad op als .xlsx en kies dat bestand."),
            "encoding": _("De tekens in dit bestand kunnen wij niet lezen. Sla het op als .xlsx en kies dat bestand."),
            "quotes": _("In deze rij staat een aanhalingsteken dat niet sluit. Verbeter de rij, of sla op als .xlsx."),
            "too_many_rows": _(
                "Dit bestand heeft te veel rijen: het mogen er hooguit %(rows)s zijn. Knip het in delen, en haal lege "
                "rijen onderaan weg."
            )
            % {"rows": f"{MOST_ROWS:,}".replace(",", ".")},
            "too_much_text": _(
                "Dit bestand heeft te veel tekst: alle cellen samen mogen hooguit %(signs)s tekens hebben. Knip het in "
                "delen."
            )
            % {"signs": f"{MOST_TEXT:,}".replace(",", ".")},
            "too_wide": _("Deze rij heeft te veel kolommen: het mogen er hooguit %(columns)s zijn. Haal de rest weg.")
            % {"columns": MOST_COLUMNS},
            "no_sheet": _("In dit bestand staat geen werkblad met rijen. Kies een ander bestand."),
            "no_rows": _("In dit bestand staan geen rijen. Vul het voorbeeldbestand in en kies dat."),
            "merged": _("Hier zijn cellen samengevoegd. Splits de cellen en vul ze elk in."),
        }[code],
        code=code,
    )


# --- In the worker ---------------------------------------------------------------------------------------------------


class CannotRead(Exception):
    """The file cannot be read to its end: the row where that shows (0: the file as a whole), and a Dutch sentence."""

    def __init__(self, row: int, sentence: str) -> None:
        super().__init__(sentence)
        self.row, self.sentence = row, sentence


@contextmanager
def opened(content: bytes, *, sheet: str = "") -> Iterator[Sheet]:
    """The sheet of that name, else the first one, while it is being read.

    `content` has passed the door. Raises CannotRead here or from `rows`, at the place where it shows; blank rows are
    left out. At most 5,000 rows, 60 columns and 20 million signs.
    """
    try:
        kind = kind_of(content)
    except ValidationError as fault:
        raise CannotRead(0, fault.messages[0]) from fault
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        program = subprocess.Popen(
            [sys.executable, "-I", str(PARSING), kind, sheet],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            # It need not wait while the rows before are checked.
            pipesize=MEGABYTE,
        )
        try:
            lines = _lines(program, kind)
            total = next(lines)
            header = next(lines, None)
            if header is None:
                raise CannotRead(0, _refusal("no_rows").messages[0])
            yield Sheet(header=header, total=total, rows=lines)
        finally:
            # Whoever stops halfway leaves nothing running.
            program.kill()
            program.wait()
            if program.stdout:
                program.stdout.close()


def _lines(program: Any, kind: str) -> Iterator[Any]:
    """The likely total, then the rows, as parsing.py says them."""
    for line in program.stdout:
        said = json.loads(line)
        if "total" in said:
            yield said["total"]
        elif "rows" in said:
            for number, cells in said["rows"]:
                yield Row(number, [_value(cell, kind) for cell in cells])
        elif "refused" in said:
            raise CannotRead(said["row"], _refusal(said["refused"]).messages[0])
        else:
            if said["merged"]:
                place = said["merged"][0]
                raise CannotRead(_first_row(place), f"{place}: {_refusal('merged').messages[0]}")
            return
    # It fell silent: the system took it down for its memory or its time.
    raise CannotRead(0, _refusal("complex").messages[0])


def _first_row(place: str) -> int:
    digits = "".join(sign for sign in place.partition(":")[0] if sign.isdigit())
    return int(digits or 0)


def _value(cell: Any, kind: str) -> Value | Unreadable:
    if cell is None or isinstance(cell, str):
        return unquoted(cell) if cell and kind == "csv" else cell
    if isinstance(cell, bool):
        return _("ja") if cell else _("nee")
    if isinstance(cell, int):
        return cell
    (name, value), *_rest = cell.items()
    if name == "n":
        number = Decimal(value)
        if not number.is_finite():
            # 1e400 is more than a spreadsheet program can hold, and so is no number.
            return Unreadable("error", value)
        return int(number) if abs(number) < 1e15 and number == number.to_integral_value() else number
    if name == "d":
        return datetime.date.fromisoformat(value)
    if name == "t":
        return str(value)
    return Unreadable("formula") if name == "f" else Unreadable("error", str(value))
