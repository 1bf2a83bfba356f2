"""Files for the tests of imports: good ones, and every kind of bad one."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from django.core.files.base import ContentFile
from openpyxl import Workbook

from pact_portal.foundation.spreadsheets.reading import check_sheet
from pact_portal.foundation.spreadsheets.writing import Heading, csv_file, xlsx
from partners.models import Pact, User
from plan.imports import running, workflow
from plan.imports.kinds import kind_of
from plan.imports.models import Import
from plan.questions.exchange import QuestionResource

QUESTION = {
    "nummer": None,
    "namens": "Schoolbestuur Hier",
    "vraag in één zin": "Hoe helpen wij kinderen die naar het vo gaan?",
    "toelichting": "Wij zien spanning.\n\nEen bezoek vooraf helpt.",
    "gebieden": "Soepele overgangen; onderwijs en  Jeugdhulp",
    "leeftijd vanaf": 10,
    "leeftijd tot en met": "13",
    "overgang": "primair naar voortgezet onderwijs",
    "wat moet sterker worden": "in de omgeving",
    "gemeenten": "Hier",
    "aantal jongeren": 120,
    "urgentie": "zo snel mogelijk",
    "bron": "gesprek",
}
PROGRAMME = {
    "nummer": None,
    "aanbieder": "Schoolbestuur Hier",
    "naam": "Schakelklas",
    "omschrijving": "Voor kinderen van groep 8.",
    "lagen": "amplitie; preventie",
    "gebieden": "Soepele overgangen",
    "leeftijd vanaf": 11,
    "leeftijd tot en met": 13,
    "gemeenten": "Gemeente Hier",
    "bereik per jaar": "1.200",
    "loopt vanaf": "1-9-2026",
    "loopt tot en met": "31 juli 2028",
    "wie betaalt het": "Schoolbestuur en gemeente",
    "kosten per jaar": "€ 12.500,50",
    "erkenning NJi": "goed onderbouwd",
    "link": "https://www.voorbeeld.example/klas",
}


def sheet(rows: Sequence[dict[str, Any]], *, form: str = "xlsx", like: dict[str, Any] = QUESTION) -> bytes:
    """A file with these rows; each says what it has otherwise than `like`. Columns that only rows have are added."""
    names = list(dict.fromkeys([*like, *(name for row in rows for name in row)]))
    headings = [Heading(name) for name in names]
    cells = [[{**like, **row}.get(name) for name in names] for row in rows]
    return csv_file(headings, cells) if form == "csv" else xlsx("Blad1", headings, cells)


def workbook(*rows: Sequence[Any], merged: str = "") -> bytes:
    """A file as openpyxl itself writes it: text that begins with = is a formula."""
    book = Workbook()
    page: Any = book.active
    for row in rows:
        page.append(list(row))
    if merged:
        page.merge_cells(merged)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def replaced(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The xlsx with one part changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            inside = source.read(name)
            if name == part:
                assert old in inside
                inside = inside.replace(old, new, 1)
            target.writestr(name, inside)
    return made.getvalue()


def bring(pact: Pact, by: User, content: bytes, *, kind: str = "questions", name: str = "vragen.xlsx") -> Import:
    """The import after a worker looked through it."""
    register = kind_of(kind)
    assert register
    row = workflow.upload(pact, kind=register, file=check_sheet(ContentFile(content, name)), filename=name, by=by)
    running.work(row.pk)
    row.refresh_from_db()
    return row


def take_over(row: Import, by: User) -> Import:
    """The import after it was confirmed and a worker did it."""
    workflow.confirm(row, by=by, has_looked=True)
    running.work(row.pk)
    row.refresh_from_db()
    return row


def reasons(row: Import) -> list[str]:
    """The faults as "4 titel: reden"."""
    return [f"{fault['row']} {fault['column']}: {fault['reason']}" for fault in row.faults]


HEADINGS = [str(column.column_name) for column in QuestionResource.columns().values() if not column.readonly]
