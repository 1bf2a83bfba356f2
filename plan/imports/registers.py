"""A register as a spreadsheet sees it: its columns, and what a row of a file does to it.

A `RegisterResource` is a resource of django-import-export: its columns are that library's fields, which clean a cell
and write one. The library's own loop over the rows asks the database several times for each; here what is needed is
read once beforehand, and 5,000 rows are held against it in memory.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.resources import Resource

from pact_portal.foundation.spreadsheets.reading import Value
from pact_portal.foundation.spreadsheets.writing import Heading
from partners.access import Access
from partners.organisations.models import Partnership, Sector
from partners.pact.models import CollaborationArea, Pact
from partners.people.models import User
from partners.permissions import Permission
from plan.imports.cells import ChoiceCell, ManyChoicesCell, NameCell, TextCell, fold

CREATED, CHANGED, UNCHANGED = "created", "changed", "unchanged"


class HandsIn(StrEnum):
    """When a row of a file hands in the row of the register that it is about."""

    NEVER = ""
    WHEN_CHANGED = "when_changed"
    ALWAYS = "always"


class Column(Field):
    """A column: the library's field, with what a reader must know of it.

    `fallback` is the value of an empty cell; `required` means that a cell must be filled in, and that the column must
    be in the file. Names and hints are in Dutch whatever the language of the reader: the file is one for everybody.
    """

    def __init__(
        self,
        name: str,
        attribute: str,
        widget: Any,
        *,
        hint: str = "",
        required: bool = False,
        fallback: Any = None,
        width: int = 20,
        readonly: bool = False,
    ) -> None:
        super().__init__(attribute=attribute, column_name=name, widget=widget, readonly=readonly)
        self.hint, self.required, self.fallback, self.width = hint, required, fallback, width

    def value_of(self, cell: Value) -> Any:
        """The value of a cell. Raises ValidationError with a sentence."""
        value = None if cell is None else self.widget.clean(cell)
        if value is None or value in ("", frozenset()):
            if self.required:
                raise ValidationError(_("Vul deze cel in."), code="required")
            return self.fallback
        return value

    @property
    def is_text(self) -> bool:
        return isinstance(self.widget, TextCell)


@dataclass
class Known:
    """A row of the register as it stands: its values by the names of the columns, and why it may not change ("")."""

    pk: int
    number: int
    owner: int
    values: dict[str, Any]
    closed: str = ""
    hands_in: HandsIn = HandsIn.NEVER


@dataclass(frozen=True)
class Step:
    """What one row of the file does: `known` is None for a new row, `hands_in` says that a known one is handed in."""

    number: int
    action: str
    title: str
    values: dict[str, Any]
    known: Known | None = None
    hands_in: bool = False

    @property
    def differs(self) -> list[str]:
        """The names of the columns in which a known row changes."""
        if self.known is None:
            return []
        return [name for name, value in self.values.items() if value != self.known.values[name]]

    @property
    def rests(self) -> bool:
        """Whether the known row waits to be handed in, and this row leaves it so."""
        return self.known is not None and self.known.hands_in != HandsIn.NEVER and not self.hands_in

    @property
    def mark(self) -> str:
        """Changes when the register would be changed otherwise than by this step."""
        before = (
            ""
            if self.known is None
            else f"{self.known.pk} {sorted((k, _steady(v)) for k, v in self.known.values.items())}"
        )
        return hashlib.sha256(f"{self.number} {self.action} {self.hands_in} {before}".encode()).hexdigest()


def _steady(value: Any) -> str:
    return str(sorted(value)) if isinstance(value, frozenset) else str(value)


@dataclass
class RowFaults(Exception):
    """What is wrong with one row: pairs of the name of a column and a sentence."""

    faults: list[tuple[str, str]] = field(default_factory=list)


class RegisterResource(Resource):
    """One register of one pact, for one person. Subclasses say which columns, and how rows are made."""

    model: ClassVar[Any]
    owner_key: ClassVar[str]
    """The field with the partnership that a row belongs to."""
    title_key: ClassVar[str]
    permission: ClassVar[Permission]

    def __init__(self, pact: Pact, access: Access, by: User) -> None:
        super().__init__()
        self.pact, self.access, self.by = pact, access, by
        self.known: dict[int, Known] = {}
        self._by_number: dict[int, Known] = {}
        self._by_name: dict[tuple[int, str], list[Known]] = {}
        self._current: set[int] = set()

    # --- Columns ----------------------------------------------------------------------------------------------------

    @classmethod
    def columns(cls) -> dict[str, Column]:
        """All columns in order; those of an export only are `readonly`."""
        return cls.fields

    @classmethod
    def headings(cls, *, exported: bool) -> list[Heading]:
        with translation.override(settings.LANGUAGE_CODE):
            return [
                Heading(
                    name=column.column_name,
                    width=column.width,
                    choices=column.widget.labels()
                    if isinstance(column.widget, ChoiceCell) and not isinstance(column.widget, ManyChoicesCell)
                    else (),
                )
                for column in cls.columns().values()
                if exported or not column.readonly
            ]

    def explanation(self) -> list[list[str]]:
        """The lines of the sheet that says what may stand in each column, its head first."""
        with translation.override(settings.LANGUAGE_CODE):
            lines = [[_("Kolom"), _("Wat u invult")]]
            for column in self.fields.values():
                if column.readonly:
                    continue
                words = [_("Verplicht.") if column.required else _("Mag leeg blijven.")]
                words += [str(column.hint)] if column.hint else []
                if isinstance(column.widget, ChoiceCell):
                    words.append(_("Kies uit: %(choices)s.") % {"choices": "; ".join(column.widget.labels())})
                if isinstance(column.widget, NameCell):
                    names = "; ".join(self.names_of(column))
                    words.append(_("In dit pact: %(names)s.") % {"names": names})
                lines.append([column.column_name, " ".join(words)])
        return lines

    def names_of(self, column: Column) -> list[str]:
        return list(dict.fromkeys(column.widget.labels_by_name.values()))

    def cells_of(self, row: models.Model) -> list[Value]:
        """The row of the register as a row of an export."""
        return [column.export(row) for column in self.fields.values()]

    def complete(self, rows: Iterable[Any]) -> None:
        """Give rows of an export what only their columns need, for all of them at once."""

    # --- Reading what stands ----------------------------------------------------------------------------------------

    def prepare(self, *, lock: bool = False) -> None:
        """Read what rows are held against. With `lock`, inside a transaction, nobody else changes it until the end."""
        self.read_names()
        self._read_known(lock=lock)

    def read_names(self) -> None:
        """Hand the names of partners, areas and municipalities of the pact to the columns that take them."""
        today = {row.pk for row in Partnership.objects.in_pact(self.pact).current()}
        partners = list(Partnership.objects.in_pact(self.pact).select_related("organisation").order_by("pk"))
        self._current = today
        for name, column in self.fields.items():
            if not isinstance(column.widget, NameCell):
                continue
            if name == "areas":
                areas = CollaborationArea.objects.in_pact(self.pact)
                column.widget.hand_in({area.pk: [area.name] for area in areas})
            elif name == "municipalities":
                places = [row for row in partners if row.organisation.sector == Sector.MUNICIPALITY]
                column.widget.hand_in({row.pk: _names_of_place(row.organisation.name) for row in places})
            else:
                column.widget.hand_in({row.pk: [row.organisation.name] for row in partners})

    def _read_known(self, *, lock: bool) -> None:
        # Everything of the pact goes in one order, so that two who lock wait for each other rather than for ever.
        rows = self.model.unscoped.filter(pact=self.pact).order_by("pk")
        if lock:
            list(rows.select_for_update().values_list("pk", flat=True))
        links = {name: _links(self.model, name, self.pact) for name in ("areas", "municipalities")}
        for row in self.seen(rows):
            values = self.values_of(row)
            for name, by_row in links.items():
                values[name] = frozenset(by_row.get(row.pk, ()))
            owner = getattr(row, f"{self.owner_key}_id")
            known = Known(row.pk, row.number, owner, values, self.why_closed(row), self.hands_in(row))
            self.known[row.pk] = known
            self._by_number[row.number] = known
            self._by_name.setdefault((known.owner, fold(values[self.title_key])), []).append(known)

    def seen(self, rows: Any) -> Iterable[Any]:
        """Those of the rows that the person may know of."""
        return rows

    def words_of(self, name: str, known: Known) -> str:
        """What the row has in a column with a text or a name, as a reader sees it. After `read_names`."""
        value = known.values[name]
        widget = self.fields[name].widget
        return widget.label_of(value) if isinstance(widget, NameCell) else str(value)

    def values_of(self, row: Any) -> dict[str, Any]:
        """The values of a row of the register by the names of the columns, without areas and municipalities."""
        raise NotImplementedError

    def why_closed(self, row: Any) -> str:
        """The sentence why the row may not change, or ""."""
        return ""

    def hands_in(self, row: Any) -> HandsIn:
        """When a row of a file hands this row in."""
        return HandsIn.NEVER

    # --- Holding a row of the file against it -----------------------------------------------------------------------

    def step(self, number: int, values: dict[str, Any]) -> Step:
        """What a row with these values does. `values` may lack columns that are not in the file. Raises RowFaults."""
        owner, title = values[self.owner_key], values[self.title_key]
        owner_name, title_name = self._name(self.owner_key), self._name(self.title_key)
        known = self._find(values.get("number"), owner, title)
        faults: list[tuple[str, str]] = []
        kept = known.values if known else {}
        after = {
            name: values.get(name, kept.get(name, column.fallback))
            for name, column in self.fields.items()
            if not column.readonly and name != "number"
        }
        differs = known is None or after != known.values
        handed_in = known is not None and (
            known.hands_in == HandsIn.ALWAYS or (differs and known.hands_in == HandsIn.WHEN_CHANGED)
        )
        action = CREATED if known is None else CHANGED if differs or handed_in else UNCHANGED
        # The rows of others come along in a list that was taken out of the portal; as long as they stay as they are.
        whose = {owner, known.owner if known else owner}
        if action != UNCHANGED and not all(self.access.can(self.permission, each) for each in whose):
            faults.append((owner_name, _("U kunt alleen rijen van uw eigen organisatie aanleveren.")))
        placed = kept.get("municipalities", frozenset())
        if after["municipalities"] - self._current - placed:
            sentence = _("Een van deze gemeenten doet niet meer mee aan het pact. Haal die gemeente weg.")
            faults.append((self._name("municipalities"), sentence))
        if owner not in self._current and (known is None or known.owner != owner):
            faults.append((owner_name, _("Deze organisatie doet niet meer mee aan het pact.")))
        faults += self.faults_of(after)
        if action == CHANGED and known and known.closed:
            faults.append((title_name, known.closed))
        if faults:
            raise RowFaults(faults)
        return Step(number, action, title, after, known, handed_in)

    def _find(self, number: int | None, owner: int, title: str) -> Known | None:
        if number is not None:
            if number not in self._by_number:
                sentence = _("%(code)s kennen wij niet. Laat het nummer leeg als dit nieuw is.")
                raise RowFaults([(self._name("number"), sentence % {"code": f"{self.model.CODE}{number}"})])
            return self._by_number[number]
        alike = self._by_name.get((owner, fold(title)), [])
        # Of several by that name, the one that can still change is meant.
        meant = [known for known in alike if not known.closed] or alike
        if len(meant) > 1:
            codes = ", ".join(f"{self.model.CODE}{known.number}" for known in meant[:5])
            sentence = _("Er staan er al meer met deze tekst (%(codes)s). Vul in de kolom nummer in welke u bedoelt.")
            raise RowFaults([(self._name(self.title_key), sentence % {"codes": codes})])
        return meant[0] if meant else None

    def _name(self, key: str) -> str:
        return str(self.fields[key].column_name)

    def faults_of(self, values: dict[str, Any]) -> list[tuple[str, str]]:
        """What columns together have wrong: pairs of the name of a column and a sentence."""
        if values["age_from"] > values["age_to"]:
            return [(self._name("age_to"), _("De leeftijden staan omgekeerd. Zet de laagste leeftijd eerst."))]
        return []

    # --- Writing ----------------------------------------------------------------------------------------------------

    def fields_of(self, values: dict[str, Any]) -> dict[str, Any]:
        """The columns of the table, by attribute, for these values."""
        raise NotImplementedError

    def new_row(self) -> Any:
        """A row of the model with what an import gives it, besides its values."""
        return self.model(pact=self.pact, created_by=self.by)

    def write(self, steps: Iterable[Step]) -> None:
        """Write the steps. Inside a transaction that holds the lock on the pact, after `prepare(lock=True)`.

        Raises ValidationError when the model refuses a row, and IntegrityError when the database does.
        """
        fresh = [step for step in steps if step.action == CREATED]
        changed = [step for step in steps if step.action == CHANGED]
        rows = [(self.new_row(), step) for step in fresh]
        highest = self.model.unscoped.filter(pact=self.pact).aggregate(models.Max("number"))["number__max"] or 0
        for number, (row, step) in enumerate(rows, highest + 1):
            row.number = number
            self._fill(row, step)
        self.model.unscoped.bulk_create([row for row, _step in rows], batch_size=500)
        standing = self.model.unscoped.in_bulk([step.known.pk for step in changed if step.known])
        for step in changed:
            assert step.known is not None  # noqa: S101 - a changed row is one that was known
            row = standing[step.known.pk]
            self._fill(row, step)
            names = set(self.fields_of({name: step.values[name] for name in step.differs}))
            row.save(update_fields=[*names, *self.touch(row, step)])
            rows.append((row, step))
        for name in ("areas", "municipalities"):
            self._link(name, rows)

    def touch(self, row: Any, step: Step) -> tuple[str, ...]:
        """Set what a change brings along, and give the names of the fields that were set."""
        return ()

    def _fill(self, row: Any, step: Step) -> None:
        for name, value in self.fields_of(step.values).items():
            setattr(row, name, value)
        # Keys were found in this pact, and numbers are the database's to compare: each would be asked for again.
        keys = {each.name for each in row._meta.concrete_fields if each.is_relation}
        row.clean_fields(exclude=keys)

    def _link(self, name: str, rows: list[tuple[Any, Step]]) -> None:
        relation = self.model._meta.get_field(name)
        through = relation.remote_field.through
        source, target = relation.m2m_column_name(), relation.m2m_reverse_name()
        other = [
            (row, step) for row, step in rows if step.known is None or step.known.values[name] != step.values[name]
        ]
        stale = [row.pk for row, step in other if step.known is not None]
        if stale:
            through.objects.filter(**{f"{source}__in": stale}).delete()
        links = [through(**{source: row.pk, target: key}) for row, step in other for key in sorted(step.values[name])]
        through.objects.bulk_create(links, batch_size=1000)


def _names_of_place(name: str) -> list[str]:
    """ "Gemeente Heiloo" is also called Heiloo."""
    return list(dict.fromkeys([name, name.removeprefix("Gemeente ").removeprefix("gemeente ")]))


def _links(model: Any, name: str, pact: Pact) -> dict[int, list[int]]:
    """The keys of the areas or municipalities of every row of the pact."""
    relation = model._meta.get_field(name)
    through = relation.remote_field.through
    source, target = relation.m2m_column_name(), relation.m2m_reverse_name()
    found: dict[int, list[int]] = {}
    path = f"{source.removesuffix('_id')}__pact"
    for row, key in through.objects.filter(**{path: pact}).values_list(source, target):
        found.setdefault(row, []).append(key)
    return found
