"""The doors for spreadsheets: what comes in is read safely or refused in words, what goes out holds no formula."""

import io
import re
import struct
import time
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from pact_portal.foundation.richtext.allowlist import clean
from pact_portal.foundation.spreadsheets import parsing, reading, writing
from pact_portal.foundation.spreadsheets.paragraphs import html_of, normal, text_of
from pact_portal.foundation.spreadsheets.quoting import quoted, unquoted
from tests.plan.import_samples import replaced, workbook

A_MOMENT = datetime(2026, 9, 1, 10, 30)  # noqa: DTZ001 - a spreadsheet knows no zones
SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def read(content: bytes, sheet: str = "") -> list[reading.Row]:
    """The header and the rows."""
    with reading.opened(content, sheet=sheet) as found:
        return [found.header, *found.rows]


def parsed(content: bytes, kind: str) -> list[list[Any]]:
    """The same without a process: what parsing.py says of the rows."""
    return [cells for line in parsing.parse(content, kind, "") for _number, cells in line.get("rows", [])]


def refusal(content: bytes) -> str:
    """The code with which the door refuses it."""
    with pytest.raises(ValidationError) as fault:
        reading.check_sheet(ContentFile(content, "bestand.xlsx"))
    assert fault.value.messages[0].endswith(".")
    return str(fault.value.code)


def stopped(content: bytes) -> tuple[int, str]:
    """Where and why reading stops."""
    with pytest.raises(reading.CannotRead) as why:
        read(content)
    return why.value.row, why.value.sentence


def zipped(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inside in parts.items():
            archive.writestr(name, inside)
    return made.getvalue()


# --- At the door -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"a;b\n" + b"x" * reading.LARGEST, "too_large"),
        (reading.OLE + b"\0" * 600, "old_excel"),
        (reading.OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"  <html><table><tr><td>a</td></tr></table>", "html"),
        (b'<?xml version="1.0"?><Workbook/>', "html"),
        (b"%PDF-1.7", "wrong_type"),
        (b"\x89PNG\r\n\x1a\n", "wrong_type"),
        (b"a;b\n\0\0", "wrong_type"),
        (b"PK\x03\x04 and no more", "broken"),
        (zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "ods"),
        (zipped({"word/document.xml": b"<w/>", "[Content_Types].xml": b"<t/>"}), "wrong_type"),
        (zipped({"xl/workbook.xml": b"", "[Content_Types].xml": b"", "xl/vbaProject.bin": b""}), "macros"),
        (zipped({f"xl/{number}": b"" for number in range(1001)}), "complex"),
    ],
)
def test_it_refuses_what_is_no_spreadsheet(content: bytes, code: str) -> None:
    assert refusal(content) == code


def bomb() -> bytes:
    """A workbook of 300 MB in 300 kB."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        with archive.open(SHEET, "w", force_zip64=True) as part:
            for _piece in range(300):
                part.write(b" " * 1_000_000)
    return made.getvalue()


def test_it_refuses_a_zip_bomb_without_unpacking_it(monkeypatch: pytest.MonkeyPatch) -> None:
    content = bomb()
    assert len(content) < 500_000
    unpacked = []
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda archive, *args, **how: unpacked.append(args))
    assert refusal(content) == "complex"
    assert not unpacked


def test_it_holds_off_a_bomb_that_lies_about_its_size() -> None:
    """The list says one kilobyte: no more is unpacked, so what is inside is broken."""
    content = bytearray(bomb())
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(SHEET.encode()))
    content[at + 24 : at + 28] = struct.pack("<I", 1000)
    start = time.perf_counter()
    assert stopped(bytes(content))[1].startswith("Dit bestand is beschadigd.")
    assert time.perf_counter() - start < 20


def test_it_holds_off_what_grows_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin of the check of sizes: without it the program of its own gives up, and the worker lives on."""
    monkeypatch.setattr(reading, "MOST_UNPACKED", 10**12)
    monkeypatch.setattr(reading, "MOST_TIMES", 10**6)
    assert stopped(bomb())[1].endswith("kies dat bestand.")


# --- xlsx ------------------------------------------------------------------------------------------------------------


def test_it_reads_plain_values_with_the_numbers_of_the_rows() -> None:
    content = workbook(
        ["naam", "getal"],
        ["één", 12, 12.5, date(2026, 9, 1), A_MOMENT, True, None, "slot"],
        [],
        [None, "  "],
        ["twee"],
    )
    assert read(content) == [
        reading.Row(1, ["naam", "getal"]),
        reading.Row(2, ["één", 12, Decimal("12.5"), date(2026, 9, 1), date(2026, 9, 1), "ja", None, "slot"]),
        reading.Row(5, ["twee"]),
    ]


def test_it_reads_a_file_as_excel_writes_it() -> None:
    """The texts stand in a table of their own; a part of a text may have marks."""
    head = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    types = b"application/vnd.openxmlformats-officedocument.spreadsheetml."
    package = b"http://schemas.openxmlformats.org/package/2006/"
    content = zipped(
        {
            "[Content_Types].xml": head
            + b'<Types xmlns="%scontent-types"><Default Extension="xml" ContentType="application/xml"/>' % package
            + b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            + b'<Override PartName="/xl/workbook.xml" ContentType="%ssheet.main+xml"/>' % types
            + b'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="%sworksheet+xml"/>' % types
            + b'<Override PartName="/xl/sharedStrings.xml" ContentType="%ssharedStrings+xml"/></Types>' % types,
            "_rels/.rels": head
            + b'<Relationships xmlns="%srelationships"><Relationship Id="rId1" Target="xl/workbook.xml" ' % package
            + b'Type="%s/officeDocument"/></Relationships>' % office,
            "xl/workbook.xml": head
            + b'<workbook xmlns="%s" xmlns:r="%s"><sheets>' % (main, office)
            + b'<sheet name="Blad1" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": head
            + b'<Relationships xmlns="%srelationships">' % package
            + b'<Relationship Id="rId1" Target="worksheets/sheet1.xml" Type="%s/worksheet"/>' % office
            + b'<Relationship Id="rId2" Target="sharedStrings.xml" Type="%s/sharedStrings"/></Relationships>' % office,
            "xl/sharedStrings.xml": head
            + b'<sst xmlns="%s"><si><t>naam</t></si><si><r><t>=een </t></r><r><t>twee</t></r></si></sst>' % main,
            SHEET: head
            + b'<worksheet xmlns="%s"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row>' % main
            + b'<row r="3"><c r="A3" t="s"><v>1</v></c><c r="C3"><v>12.0</v></c></row></sheetData></worksheet>',
        }
    )
    assert read(content) == [reading.Row(1, ["naam"]), reading.Row(3, ["=een twee", None, 12])]


def test_it_tells_a_formula_from_text_that_looks_like_one() -> None:
    formula = read(workbook(["naam"], ["=1+1"]))[1].cells
    assert formula == [reading.Unreadable("formula")]
    text = read(writing.xlsx("Blad", [writing.Heading("naam")], [["=1+1"]]))[1].cells
    assert text == ["=1+1"]


def test_it_tells_of_the_faults_of_a_spreadsheet_program() -> None:
    content = replaced(
        workbook(["naam"], ["hier"]), SHEET, b't="inlineStr"><is><t>hier</t></is>', b't="e"><v>#REF!</v>'
    )
    assert read(content)[1].cells == [reading.Unreadable("error", "#REF!")]


def test_it_refuses_too_much_text() -> None:
    # One text of 30,000 signs that 700 cells share: small as a file, large in all that comes after.
    with zipfile.ZipFile(io.BytesIO(workbook(["naam"], ["a"]))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    rows = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(2, 702)).encode()
    parts[SHEET] = re.sub(rb'<row r="2".*?</row>', rows, parts[SHEET])
    name = "xl/sharedStrings.xml"
    parts[name] = f'<sst xmlns="{MAIN}" count="700" uniqueCount="1"><si><t>{"a" * 30_000}</t></si></sst>'.encode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"</Types>", f'<Override PartName="/{name}" ContentType="{kind}"/></Types>'.encode()
    )
    content = zipped(parts)
    assert len(content) < 100_000
    assert stopped(content) == (
        0,
        "Dit bestand heeft te veel tekst: alle cellen samen mogen hooguit 20.000.000 tekens hebben. Knip het in delen.",
    )
    lines = list(parsing.parse(content, "xlsx", ""))
    assert lines[-1] == {"refused": "too_much_text", "row": 0}
    assert sum(len(cells[0]) for line in lines for _row, cells in line.get("rows", [])) <= parsing.MOST_TEXT


def test_it_reads_no_number_without_an_end() -> None:
    for number in ("1e400", "-1e400"):
        content = replaced(workbook(["naam"], [77.5]), SHEET, b"<v>77.5</v>", f"<v>{number}</v>".encode())
        (cell,) = read(content)[1].cells
        assert isinstance(cell, reading.Unreadable)
        assert cell.kind == "error"


def test_it_writes_a_day_before_the_first_of_a_spreadsheet_as_text() -> None:
    for day in (date(26, 9, 1), date(1900, 2, 28), date(1900, 3, 1)):
        (cell,) = read(writing.xlsx("Blad1", [writing.Heading("dag")], [[day]]))[1].cells
        assert cell == (day if day.year == 1900 and day.month == 3 else f"{day.day}-{day.month}-{day.year:04d}")


def test_it_refuses_merged_cells() -> None:
    row, sentence = stopped(workbook(["naam", "tekst"], ["a", "b"], ["c", "d"], merged="A2:A3"))
    assert (row, sentence) == (2, "A2:A3: Hier zijn cellen samengevoegd. Splits de cellen en vul ze elk in.")


def test_it_takes_the_sheet_of_that_name_else_the_first() -> None:
    book = Workbook()
    first: Any = book.active
    first.append(["eerste"])
    second: Any = book.create_sheet("Vragen")
    second.append(["tweede"])
    made = io.BytesIO()
    book.save(made)
    assert read(made.getvalue(), sheet="Vragen")[0].cells == ["tweede"]
    assert read(made.getvalue(), sheet="Iets anders")[0].cells == ["eerste"]


def test_it_does_not_believe_where_a_sheet_says_that_it_ends() -> None:
    content = replaced(workbook(["naam"], ["een"], ["twee"]), SHEET, b'ref="A1:A3"', b'ref="A1:A1"')
    assert len(read(content)) == 3
    far = replaced(workbook(["naam"], ["een"]), SHEET, b'<row r="2"', b'<row r="1048576"')
    far = replaced(far, SHEET, b'r="A2"', b'r="A1048576"')
    start = time.perf_counter()
    assert [row.number for row in read(far)] == [1, 1048576]
    assert time.perf_counter() - start < 20


def test_it_refuses_fifty_thousand_rows_quickly() -> None:
    book = Workbook(write_only=True)
    page: Any = book.create_sheet()
    for number in range(50_000):
        page.append([f"Vraag {number}", number])
    made = io.BytesIO()
    book.save(made)
    start = time.perf_counter()
    row, sentence = stopped(made.getvalue())
    assert time.perf_counter() - start < 20
    assert (row, sentence[:67]) == (0, "Dit bestand heeft te veel rijen: het mogen er hooguit 5.000 zijn. K")


def test_it_takes_five_thousand_rows_and_no_more() -> None:
    lines = "naam\n" + "\n".join(f"rij {number}" for number in range(5_000))
    assert len(read(lines.encode())) == 5_001
    assert "te veel rijen" in stopped(f"{lines}\nnog een".encode())[1]


def test_it_refuses_too_many_columns() -> None:
    row, sentence = stopped(workbook(["naam"], ["x"] * 61))
    assert (row, "hooguit 60" in sentence) == (2, True)
    assert len(read(workbook(["naam"], ["x"] * 60))[1].cells) == 60


def test_it_refuses_a_file_without_rows() -> None:
    assert stopped(workbook())[1].startswith("In dit bestand staan geen rijen.")
    assert stopped(b"\n\n")[1].startswith("In dit bestand staan geen rijen.")


@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET, "xl/styles.xml", "[Content_Types].xml"])
def test_it_refuses_a_broken_part(part: str) -> None:
    content = replaced(workbook(["naam"], ["een"]), part, b"<", b"<<")
    assert stopped(content)[1].startswith("Dit bestand is beschadigd.")


def test_it_does_not_fall_for_entities_in_entities() -> None:
    """A billion laughs: the reader stops, or shows nothing of it, and either way soon."""
    laughs = b'<!DOCTYPE x [<!ENTITY a "haha">' + b"".join(
        b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(ord("b"), ord("k"))
    )
    content = replaced(workbook(["naam"], ["een"]), SHEET, b"<worksheet", laughs + b"]><worksheet")
    content = replaced(content, SHEET, b't="inlineStr"><is><t>een</t></is>', b't="str"><v>&j;</v>')
    start = time.perf_counter()
    with pytest.raises(reading.CannotRead):
        read(content)
    assert time.perf_counter() - start < 20


def test_it_leaves_no_program_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    programs: list[Any] = []
    real = reading.subprocess.Popen
    monkeypatch.setattr(
        reading.subprocess, "Popen", lambda *args, **how: programs.append(real(*args, **how)) or programs[-1]
    )
    lines = ("naam\n" + "rij\n" * 4_000).encode()
    with reading.opened(lines) as sheet:
        next(sheet.rows)
    assert programs[0].returncode is not None


def test_it_refuses_when_the_program_falls_silent(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    silent = tmp_path / "parsing.py"
    silent.write_text('print(\'{"total": 3}\'); print(\'{"rows": [[1, ["naam"]]]}\')')
    monkeypatch.setattr(reading, "PARSING", silent)
    assert "veel te groot" in stopped(b"naam\nrij\n")[1]


# --- csv -------------------------------------------------------------------------------------------------------------

TEXT = "naam{s}tekst\r\n“één”{s}€ 5\r\n"


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_it_reads_every_usual_csv(encoding: str, separator: str) -> None:
    content = TEXT.format(s=separator).encode(encoding)
    assert reading.check_sheet(ContentFile(content, "a.csv")).extension == "csv"
    assert parsed(content, "csv") == [["naam", "tekst"], ["“één”", "€ 5"]]


def test_it_reads_utf_16_of_either_order() -> None:
    content = b"\xfe\xff" + TEXT.format(s=";").encode("utf-16-be")
    assert parsed(content, "csv")[1] == ["“één”", "€ 5"]


def test_it_takes_the_word_of_excel_for_the_separator() -> None:
    assert read(b"sep=,\r\na,b;c\r\n1,2\r\n")[1] == reading.Row(3, ["1", "2"])


def test_it_reads_cells_of_several_lines() -> None:
    assert read(b'naam;tekst\n"een\ntwee; drie";"zegt ""ja"""\n')[1].cells == ["een\ntwee; drie", 'zegt "ja"']


def test_it_names_the_row_of_a_quote_that_does_not_close() -> None:
    row, sentence = stopped(b'naam;tekst\na;b\n"c;d\ne;f\n')
    assert (row, sentence[:39]) == (3, "In deze rij staat een aanhalingsteken d")


def test_it_refuses_signs_that_no_encoding_has() -> None:
    assert stopped(b"naam\n\x81\x8d\n")[1].startswith("De tekens in dit bestand kunnen wij niet lezen.")
    assert stopped("naam\n\0\n".encode("utf-16"))[1].startswith("De tekens in dit bestand kunnen wij niet lezen.")


def test_it_reads_ten_megabytes_of_text_in_one_cell() -> None:
    content = b"naam\n" + b"x" * (reading.LARGEST - 10)
    assert len(str(read(content)[1].cells[0])) == reading.LARGEST - 10


# --- Out -------------------------------------------------------------------------------------------------------------

RISKY = ["=1+1", "+31 6", "-5", "@SUM(A1)", "\tx", "\rx", "'=1", "''=1", "＝1", '=HYPERLINK("http://x")', "#REF!"]


@pytest.mark.parametrize("text", RISKY)
def test_it_writes_no_formulas(text: str) -> None:
    book = load_workbook(io.BytesIO(writing.xlsx("Blad", [writing.Heading("a")], [[text]])))
    cell: Any = book["Blad"]["A2"]
    assert cell.data_type == "s"
    line = writing.csv_file([writing.Heading("a")], [[text]]).decode("utf-8-sig").split("\r\n", 1)[1]
    assert line.lstrip('"').startswith("'") or text == "#REF!"


def test_it_would_write_a_formula_without_the_door() -> None:
    """The twin: openpyxl itself, and csv without the apostrophe."""
    book = load_workbook(io.BytesIO(workbook(["a"], ["=1+1"])))
    cell: Any = book.worksheets[0]["A2"]
    assert cell.data_type == "f"
    assert not "=1+1".startswith("'")


# What a cell of xlsx can hold: XML has no other signs, and its only line end is \n.
STORABLE = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40).filter(lambda text: text.strip())


@given(st.lists(st.lists(STORABLE, min_size=2, max_size=2), min_size=1, max_size=5))
@example([["=1", "'=1"], ["''@x", "\t-"]])
@example([['a"b', "a;b\nc"], ["\r", "x"]])
@hypothesis_settings(max_examples=300)
def test_it_reads_back_from_csv_what_it_wrote(rows: list[list[str]]) -> None:
    rows = [row for row in rows if row[0].strip()] or [["x", "y"]]
    content = writing.csv_file([writing.Heading("een"), writing.Heading("twee")], rows)
    found = [[unquoted(cell) for cell in cells] for cells in parsed(content, "csv")[1:]]
    assert found == rows


@given(st.lists(st.lists(STORABLE, min_size=2, max_size=2), min_size=1, max_size=5))
@example([["=1", "'=1"], [" x ", "a\r\nb"]])
@hypothesis_settings(max_examples=100)
def test_it_reads_back_from_xlsx_what_it_wrote(rows: list[list[str]]) -> None:
    plain = [[writing.UNSTORABLE.sub("", writing.LINE_END.sub("\n", text)) for text in row] for row in rows]
    content = writing.xlsx("Blad", [writing.Heading("een"), writing.Heading("twee")], plain)
    found = parsed(content, "xlsx")[1:]
    assert found == [[text or None for text in row] for row in plain if any(text.strip() for text in row)]


def test_it_reads_back_numbers_and_days() -> None:
    row = [12, Decimal("12.50"), date(2026, 9, 1), None, "x"]
    headings = [writing.Heading(name) for name in "abcde"]
    assert read(writing.xlsx("Blad", headings, [row]))[1].cells == row
    assert read(writing.csv_file(headings, [row]))[1].cells == ["12", "12,50", "1-9-2026", None, "x"]


@given(st.text())
@example("'=1")
def test_it_takes_off_the_apostrophe_that_it_put_on(text: str) -> None:
    assert unquoted(quoted(text)) == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t")))
@example("a\n\n\n  b\nc &lt; <b>")
@hypothesis_settings(max_examples=300)
def test_it_makes_paragraphs_of_text_and_text_of_paragraphs(text: str) -> None:
    assert normal(normal(text)) == normal(text)
    html = html_of(text)
    assert text_of(html) == normal(text)
    if normal(text).replace("\u00a0", " ").strip():
        assert text_of(clean(html)) == normal(text)


def test_it_keeps_the_words_of_what_a_person_made() -> None:
    html = "<h3>Kop</h3><p>Een <strong>vet</strong> woord<br>hier.</p><ul><li><p>a</p></li><li>b &amp; c</li></ul>"
    assert text_of(html) == "Kop\n\nEen vet woord\nhier.\n\na\n\nb & c"
