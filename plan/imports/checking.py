"""Looking through a file: every row held against its register, every fault by row, column and reason."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from pact_portal.foundation.privacy import guard
from pact_portal.foundation.spreadsheets.reading import CannotRead, Row, Sheet, Unreadable, opened
from plan.imports.cells import as_text, fold, shown
from plan.imports.registers import CHANGED, CREATED, UNCHANGED, Column, RegisterResource, RowFaults, Step

MOST_TOLD = 200
"""Faults and warnings that are kept to be shown; all are counted."""
MOST_SHOWN = 10
"""Rows of the file that the preview shows as they will be."""
AT_A_TIME = 250
"""Rows between two tellings of how far it is."""
NEAR = 70

# What points at a person takes three digits at least, as in 1 mei '12, or the sign of an address. Any sign of which it
# is not certain that it stands for itself counts as a digit: there are many ways to write one.
_PLAIN = r"A-Za-zÀ-ÖØ-öø-ÿ\s.,;:!?'\"’‘“”–—/&%€+*=<>_-"
NOISE = re.compile(rf"[@\[(]|[^{_PLAIN}](?:[{_PLAIN}]*[^{_PLAIN}]){{2}}")

Progress = Callable[[int, int], None]


@dataclass
class Findings:
    """What a file holds. Without faults, `steps` say what is to be done, in the order of the rows."""

    total: int = 0
    steps: list[Step] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    fault_count: int = 0
    warnings: list[dict[str, Any]] = field(default_factory=list)
    warning_count: int = 0
    basis: str = ""

    @property
    def counts(self) -> dict[str, int]:
        counts = dict.fromkeys((CREATED, CHANGED, UNCHANGED), 0)
        for step in self.steps:
            counts[step.action] += 1
        return {**counts, "warnings": self.warning_count}

    @property
    def changes_nothing(self) -> bool:
        return not self.fault_count and all(step.action == UNCHANGED for step in self.steps)

    @property
    def sample(self) -> list[dict[str, Any]]:
        """The first rows that do something, else the first rows."""
        doing = [step for step in self.steps if step.action != UNCHANGED] or self.steps
        return [{"row": step.number, "action": step.action, "title": shown(step.title)} for step in doing[:MOST_SHOWN]]

    def fault(self, row: int, column: str, reason: str) -> None:
        self.fault_count += 1
        if len(self.faults) < MOST_TOLD:
            self.faults.append({"row": row, "column": shown(column), "reason": reason})

    def warn(self, row: int, column: str, reason: str) -> None:
        self.warning_count += 1
        if len(self.warnings) < MOST_TOLD:
            self.warnings.append({"row": row, "column": shown(column), "reason": reason})


def look_through(resource: RegisterResource, content: bytes, *, sheet: str, progress: Progress) -> Findings:
    """Hold the rows of a file against the register. `resource` is prepared; `progress` is told of rows done and in all.

    A file that cannot be read to its end has a fault for that too, beside those of the rows before.
    """
    findings = Findings()
    try:
        with opened(content, sheet=sheet) as found:
            columns = _columns(resource, found.header, findings)
            if not findings.fault_count:
                _rows(resource, found, columns, findings, progress)
    except CannotRead as why:
        findings.fault(why.row, "", why.sentence)
    if not findings.fault_count and not findings.total:
        findings.fault(0, "", _("In dit bestand staan geen rijen. Vul het voorbeeldbestand in en kies dat."))
    marks = "".join(step.mark for step in findings.steps)
    findings.basis = hashlib.sha256(marks.encode()).hexdigest()
    return findings


def _columns(resource: RegisterResource, header: Row, findings: Findings) -> list[tuple[str, Column] | None]:
    """For every cell of a row, the name of the column and the column; None for one that is left alone."""
    by_name = {fold(str(column.column_name)): (name, column) for name, column in resource.fields.items()}
    found: list[tuple[str, Column] | None] = []
    for cell in header.cells:
        heading = "" if isinstance(cell, Unreadable) else as_text(cell).strip()
        if not heading:
            found.append(None)
            continue
        known = by_name.get(fold(heading))
        if known is None:
            findings.fault(header.number, heading, _unknown_column(heading, list(by_name)))
        elif known in found:
            findings.fault(header.number, heading, _("Deze kolom staat er twee keer. Haal er een weg."))
        found.append(known)
    names = {known[0] for known in found if known}
    for name, column in resource.fields.items():
        if column.required and name not in names:
            sentence = _("Deze kolom ontbreekt. Zet de naam ervan in de eerste rij, zoals in het voorbeeldbestand.")
            findings.fault(header.number, str(column.column_name), sentence)
    return found


def _unknown_column(heading: str, names: list[str]) -> str:
    nearest = process.extractOne(fold(heading[:200]), names, scorer=fuzz.ratio, score_cutoff=NEAR)
    if nearest:
        return _("Deze kolom kennen wij niet. Bedoelt u “%(name)s”? Pas de naam aan.") % {"name": nearest[0]}
    return _("Deze kolom kennen wij niet. Haal de kolom weg, of gebruik het voorbeeldbestand.")


def _rows(
    resource: RegisterResource,
    sheet: Sheet,
    columns: list[tuple[str, Column] | None],
    findings: Findings,
    progress: Progress,
) -> None:
    rows_by_key: dict[Any, int] = {}
    progress(0, sheet.total)
    for row in sheet.rows:
        findings.total += 1
        values = _values(row, columns, findings)
        if values is not None:
            try:
                step = resource.step(row.number, values)
            except RowFaults as wrong:
                for column, reason in wrong.faults:
                    findings.fault(row.number, column, reason)
            else:
                key = step.known.pk if step.known else (values[resource.owner_key], fold(step.title))
                if key in rows_by_key:
                    sentence = _("Deze rij staat ook in rij %(row)s. Haal een van beide weg.")
                    name = str(resource.fields[resource.title_key].column_name)
                    findings.fault(row.number, name, sentence % {"row": rows_by_key[key]})
                else:
                    rows_by_key[key] = row.number
                    findings.steps.append(step)
        if findings.total % AT_A_TIME == 0:
            progress(findings.total, max(sheet.total, findings.total))
    progress(findings.total, findings.total)


def _values(row: Row, columns: list[tuple[str, Column] | None], findings: Findings) -> dict[str, Any] | None:
    """The values of a row by the names of the columns, or None when one of the cells is at fault."""
    before = findings.fault_count
    values: dict[str, Any] = {}
    cells = row.cells
    for at, known in enumerate(columns):
        cell = cells[at] if at < len(cells) else None
        if known is None:
            continue
        name, column = known
        if column.readonly:
            continue
        if isinstance(cell, Unreadable):
            findings.fault(row.number, str(column.column_name), _unreadable(cell))
            continue
        try:
            value = values[name] = column.value_of(cell)
        except ValidationError as fault:
            findings.fault(row.number, str(column.column_name), " ".join(fault.messages))
            continue
        if column.is_text and value:
            _guard(row.number, str(column.column_name), value, findings)
    if len(cells) > len(columns) or any(known is None for known in columns):
        for at, cell in enumerate(cells):
            if (at >= len(columns) or columns[at] is None) and as_words(cell):
                sentence = _("Boven deze cel staat geen kolomnaam. Geef de kolom een naam of maak de cel leeg.")
                findings.fault(row.number, _("kolom %(at)s") % {"at": at + 1}, sentence)
    return values if findings.fault_count == before else None


def as_words(cell: Any) -> str:
    """What stands in a cell, also when it has no plain value."""
    return "formula" if isinstance(cell, Unreadable) else as_text(cell).strip()


def _unreadable(cell: Unreadable) -> str:
    if cell.kind == "formula":
        return _("Hier staat een formule. Plak de uitkomst als waarde.")
    sentence = _("Hier staat een fout van het werkblad (%(text)s). Vul de waarde in.")
    return sentence % {"text": shown(cell.text)}


def _guard(row: int, column: str, text: str, findings: Findings) -> None:
    """A citizen service number is a fault; what else points at one person is to be looked at before going on."""
    # Most texts hold nothing of the kind; to look for each of them takes longer than reading the file.
    kinds = {found.kind for found in guard.find(text)} if NOISE.search(text) else set()
    if not kinds:
        return
    if "bsn" in kinds:
        findings.fault(row, column, _("Hier staat een burgerservicenummer. Haal het weg: het mag niet in het portaal."))
        return
    words = {
        "phone": _("een telefoonnummer"),
        "email": _("een e-mailadres"),
        "birth_date": _("een geboortedatum"),
        "iban": _("een rekeningnummer"),
    }
    for kind in sorted(kinds):
        sentence = _("Hier staat misschien %(what)s. Iedereen in het pact kan dit lezen.")
        findings.warn(row, column, sentence % {"what": words[kind]})
