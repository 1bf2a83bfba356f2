"""Looking through a file: every row held against its register, every fault by row, column and reason."""

import hashlib
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from pact_portal.foundation.privacy import guard
from pact_portal.foundation.spreadsheets.reading import CannotRead, Row, Sheet, Unreadable, opened
from plan.imports.cells import as_text, fold, shown
from plan.imports.registers import CHANGED, CREATED, UNCHANGED, Column, RegisterResource, RowFaults, Step

MOST_TOLD = 200
"""Faults and warnings that are kept to be shown; all are counted."""
MOST_SHOWN = 20
"""Rows of the file that the preview shows as they will be."""
AT_A_TIME = 250
"""Rows between two tellings of how far it is."""
NEAR = 70

# What points at a person takes three digits at least, as in 1 mei '12, or the sign of an address. Any sign of which it
# is not certain that it stands for itself counts as a digit: there are many ways to write one.
_PLAIN = r"A-Za-zÀ-ÖØ-öø-ÿ\s.,;:!?'\"’‘“”–—/&%€+*=<>_-"
# Signs that are read as @ [ or ( are named with them; signs.py says which.
NOISE = re.compile(rf"[@＠﹫\[［﹇(（﹙︵⁽₍]|[^{_PLAIN}](?:[{_PLAIN}]*[^{_PLAIN}]){{2}}")

Progress = Callable[[int, int], None]
Cells = tuple[int, dict[str, Any]]
"""The number of a row of the file, and its values by the names of the columns."""


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
    sample: list[dict[str, Any]] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows do what. "handed_in" is a part of the changed ones, "rests" of the unchanged ones."""
        counts = dict.fromkeys((CREATED, CHANGED, UNCHANGED), 0)
        for step in self.steps:
            counts[step.action] += 1
        handed_in, rests = sum(step.hands_in for step in self.steps), sum(step.rests for step in self.steps)
        return {**counts, "handed_in": handed_in, "rests": rests, "warnings": self.warning_count}

    @property
    def changes_nothing(self) -> bool:
        return not self.fault_count and all(step.action == UNCHANGED for step in self.steps)

    def fault(self, row: int, column: str, reason: str) -> None:
        """Note what is wrong. A sentence that would repeat a citizen service number says that there is one instead."""
        self.fault_count += 1
        if len(self.faults) < MOST_TOLD:
            reason = _bsn_here() if guard.has_bsn(reason) else reason
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
    # Row by row, so that one is held against the register while the next is read.
    with closing(cleaned(resource, content, findings, sheet=sheet, progress=progress)) as rows:
        return held(resource, rows, findings)


def cleaned(
    resource: RegisterResource, content: bytes, findings: Findings, *, sheet: str, progress: Progress
) -> Generator[Cells]:
    """The rows of a file whose cells hold; what is wrong with the others goes into `findings`.

    Asks the names of the pact that `resource.read_names` read, and nothing else of the register.
    """
    try:
        with opened(content, sheet=sheet) as found:
            columns = _columns(resource, found.header, findings)
            if not findings.fault_count:
                yield from _rows(found, columns, findings, progress)
    except CannotRead as why:
        findings.fault(why.row, "", why.sentence)
    if not findings.fault_count and not findings.total:
        findings.fault(0, "", _("In dit bestand staan geen rijen. Vul het voorbeeldbestand in en kies dat."))


def held(resource: RegisterResource, rows: Iterable[Cells], findings: Findings) -> Findings:
    """Hold rows against the register as `resource.prepare` read it, and give `findings` with what they do."""
    rows_by_key: dict[Any, int] = {}
    for number, values in rows:
        try:
            step = resource.step(number, values)
        except RowFaults as wrong:
            for column, reason in wrong.faults:
                findings.fault(number, column, reason)
            continue
        key = step.known.pk if step.known else (values[resource.owner_key], fold(step.title))
        if key in rows_by_key:
            sentence = _("Deze rij staat ook in rij %(row)s. Haal een van beide weg.")
            name = str(resource.fields[resource.title_key].column_name)
            findings.fault(number, name, sentence % {"row": rows_by_key[key]})
        else:
            rows_by_key[key] = number
            findings.steps.append(step)
    marks = "".join(step.mark for step in findings.steps)
    findings.basis = hashlib.sha256(marks.encode()).hexdigest()
    findings.sample = _sample(resource, findings.steps)
    return findings


def _sample(resource: RegisterResource, steps: list[Step]) -> list[dict[str, Any]]:
    """The first rows that do something, those first that change what stands; see `Import.sample`."""
    chosen = [step for step in steps if step.action == CHANGED][:MOST_SHOWN]
    chosen += [step for step in steps if step.action == CREATED][: MOST_SHOWN - len(chosen)]
    told = []
    for step in chosen:
        row: dict[str, Any] = {"row": step.number, "action": step.action, "title": shown(step.title)}
        if step.known:
            row["code"] = f"{resource.model.CODE}{step.known.number}"
            row["hands_in"] = step.hands_in
            row["columns"] = [str(resource.fields[name].column_name) for name in step.differs]
            row["before"] = [
                {"column": str(resource.fields[name].column_name), "text": shown(resource.words_of(name, step.known))}
                for name in step.differs
                if name in (resource.title_key, resource.owner_key)
            ]
        told.append(row)
    return told


def _columns(resource: RegisterResource, header: Row, findings: Findings) -> list[tuple[str, Column] | None]:
    """For every cell of a row, the name of the column and the column; None for one that is left alone."""
    by_name = {fold(str(column.column_name)): (name, column) for name, column in resource.fields.items()}
    found: list[tuple[str, Column] | None] = []
    for at, cell in enumerate(header.cells, 1):
        heading = "" if isinstance(cell, Unreadable) else as_text(cell).strip()
        if not heading:
            found.append(None)
            continue
        known = by_name.get(fold(heading))
        if guard.has_bsn(heading):
            findings.fault(header.number, _("kolom %(at)s") % {"at": at}, _bsn_here())
        elif known is None:
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
    sheet: Sheet, columns: list[tuple[str, Column] | None], findings: Findings, progress: Progress
) -> Iterator[Cells]:
    progress(0, sheet.total)
    for row in sheet.rows:
        findings.total += 1
        values = _values(row, columns, findings)
        if values is not None:
            yield row.number, values
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
            # Also where no text is asked for: what is wrong with such a number is that it stands there.
            reason = _bsn_here() if guard.has_bsn(as_text(cell)) else " ".join(fault.messages)
            findings.fault(row.number, str(column.column_name), reason)
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


def _bsn_here() -> str:
    return _("Hier staat een burgerservicenummer. Haal het weg: het mag niet in het portaal.")


def _guard(row: int, column: str, text: str, findings: Findings) -> None:
    """A citizen service number is a fault; what else points at one person is to be looked at before going on."""
    # Most texts hold nothing of the kind; to look for each of them takes longer than reading the file.
    today = timezone.localdate()
    kinds = {found.kind for found in guard.find(text, today=today)} if NOISE.search(text) else set()
    if not kinds:
        return
    if "bsn" in kinds:
        findings.fault(row, column, _bsn_here())
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
