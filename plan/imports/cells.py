"""What may stand in a cell, and how a value is written in one: the widgets of the registers' columns.

`clean` takes what the reading door gives (text, whole number, Decimal, date, None) and raises ValidationError with a
sentence for the reader; `render` gives what the writing door takes. No widget asks the database: names are handed in.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from import_export.widgets import Widget
from rapidfuzz import fuzz, process

from pact_portal.foundation.forms.fields import DutchDateField, EuroField, plain_number
from pact_portal.foundation.forms.guarded import LONGEST_RICH_TEXT
from pact_portal.foundation.privacy.guard import has_bsn
from pact_portal.foundation.spreadsheets.paragraphs import html_of, normal, text_of
from pact_portal.foundation.spreadsheets.reading import Value

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
LONGEST_SHOWN = 60
NEAR = 60
"""From which likeness (0-100) a name is suggested for one that is unknown."""


def fold(text: str) -> str:
    """The same text without regard to capitals and spaces: what two names are compared by."""
    return " ".join(text.split()).casefold()


def shown(text: str) -> str:
    """The text as a sentence can quote it: not too long, and never with a citizen service number in it."""
    if has_bsn(text):
        return "…"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def as_text(value: Value) -> str:
    """A cell of any kind as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, datetime.date):
        return f"{value.day}-{value.month}-{value.year:04d}"
    return str(value)


class TextCell(Widget):
    """A text of one line, at most `longest` signs."""

    several_lines = False

    def __init__(self, longest: int) -> None:
        super().__init__()
        self.longest = longest

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = as_text(value).strip()
        if (CONTROL_IN_LINES if self.several_lines else CONTROL).search(text):
            raise ValidationError(_("Hier staan tekens die niet te zien zijn. Typ de tekst opnieuw."), code="control")
        if len(text) > self.longest:
            sentence = _("Deze tekst is te lang: %(length)s tekens. Het mogen er hooguit %(longest)s zijn.")
            raise ValidationError(sentence % {"length": len(text), "longest": self.longest}, code="too_long")
        return text

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Value:
        return str(value) if value else None


class RichCell(TextCell):
    """A text of several lines, plain in the cell. The value is that text, `normal`; `html_of` makes it rich text."""

    several_lines = True

    def __init__(self) -> None:
        super().__init__(LONGEST_RICH_TEXT)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = normal(super().clean(value))
        if len(text) > self.longest / 2 and len(html_of(text)) > self.longest:
            raise ValidationError(_("Deze tekst is te lang. Kort de tekst in."), code="too_long")
        return text

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Value:
        return text_of(value) or None


class LinkCell(TextCell):
    """The address of a page, at most 300 signs."""

    def __init__(self) -> None:
        super().__init__(300)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = super().clean(value)
        if text:
            try:
                URLValidator(schemes=["http", "https"])(text)
            except ValidationError as fault:
                sentence = _("Dit is geen webadres. Begin met https://, bijvoorbeeld https://www.voorbeeld.nl.")
                raise ValidationError(sentence, code="link") from fault
        return text


class WholeCell(Widget):
    """A whole number from `least` to `most`, as number or as text; None when nothing was filled in."""

    def __init__(self, least: int, most: int, sentence: Any) -> None:
        super().__init__()
        self.least, self.most, self.sentence = least, most, sentence

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        if isinstance(value, str):
            value = value.strip()
            if not value:
                return None
            # Of any length that a number can have here; longer ones Python would take its time for.
            plain = plain_number(value) if len(value) <= 20 else None
            value = Decimal(plain) if plain else "no number"
        if value is None:
            return None
        # The bounds first: only what lies between them can always be made a whole number.
        is_number = isinstance(value, int) or (isinstance(value, Decimal) and value.is_finite())
        if not is_number or not self.least <= value <= self.most or value != int(value):
            raise ValidationError(str(self.sentence), code="number")
        return int(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Value:
        return None if value is None else int(value)


class CodeCell(Widget):
    """The number of a row of the register, as "V12", "v 12" or 12."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        text = as_text(value).strip()
        if not text:
            return None
        found = re.fullmatch(rf"{self.code}?\s*([0-9]{{1,9}})", text, re.IGNORECASE | re.ASCII)
        if not found:
            sentence = _("Dit is geen nummer. Vul een nummer in als %(code)s12, of laat het leeg voor iets nieuws.")
            raise ValidationError(sentence % {"code": self.code}, code="number")
        return int(found[1])

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Value:
        return f"{self.code}{value}"


class DateCell(Widget):
    """A day, as a date of the spreadsheet or as text such as 1-9-2026."""

    field = DutchDateField(required=False)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> datetime.date | None:
        day: datetime.date | None = self.field.to_python(as_text(value).strip())
        return day

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Value:
        return value


class EuroCell(Widget):
    """An amount in euros, as number or as text such as 1.250,50."""

    field = EuroField(required=False)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal | None:
        if isinstance(value, datetime.date) or (isinstance(value, str) and len(value) > 40):
            raise ValidationError(self.field.error_messages["invalid"], code="invalid")
        amount: Decimal | None = self.field.clean(value)
        return amount

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Value:
        return value


class ChoiceCell(Widget):
    """One of a list, by its label. `choices` are pairs of value and label; nothing filled in gives None."""

    def __init__(self, choices: Iterable[tuple[Any, Any]]) -> None:
        super().__init__()
        # The labels are texts of the portal's own language once somebody asks: a file reads the same for everybody.
        self.choices = [(value, label) for value, label in choices if value not in ("", None)]
        self._cleaned: dict[str, Any] = {}

    def labels(self) -> list[str]:
        return [str(label) for _value, label in self.choices]

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = fold(as_text(value))
        if not text:
            return None
        if not self._cleaned:
            self._cleaned = {fold(str(label)): choice for choice, label in self.choices}
        if text not in self._cleaned:
            raise ValidationError(_unknown(as_text(value), self.labels(), _("Kies een van:")), code="unknown")
        return self._cleaned[text]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Value:
        return next((str(label) for choice, label in self.choices if choice == value), None)


class ManyChoicesCell(ChoiceCell):
    """Several of a list, with ; or , between them; the value is a frozenset."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        parts = [part for part in re.split("[;,]", as_text(value)) if part.strip()]
        return frozenset(super(ManyChoicesCell, self).clean(part) for part in parts)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Value:
        return "; ".join(str(label) for choice, label in self.choices if choice in value) or None


class NameCell(Widget):
    """One row of the pact by its name; the value is its key. `hand_in` the names before anything is cleaned."""

    def __init__(self, unknown: Any) -> None:
        super().__init__()
        self.unknown = unknown
        self.names: dict[str, set[int]] = {}
        self.labels_by_name: dict[str, str] = {}
        self._labels: dict[int, str] = {}
        # The same few names come thousands of times.
        self._cleaned: dict[str, Any] = {}

    def hand_in(self, names: Mapping[int, Iterable[str]]) -> None:
        """The names by which each key is known, the one to show first."""
        for key, known in names.items():
            for name in known:
                self._labels.setdefault(key, name)
                self.names.setdefault(fold(name), set()).add(key)
                self.labels_by_name.setdefault(fold(name), name)

    def label_of(self, key: int) -> str:
        """The name of a row by its key; "" for one that was not handed in."""
        return self._labels.get(key, "")

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = as_text(value)
        if text not in self._cleaned:
            try:
                self._cleaned[text] = self._read(text)
            except ValidationError as fault:
                self._cleaned[text] = fault
        cleaned = self._cleaned[text]
        if isinstance(cleaned, ValidationError):
            raise cleaned
        return cleaned

    def _read(self, text: str) -> Any:
        return self._one(text) if text.strip() else None

    def _one(self, text: str) -> int:
        found = self.names.get(fold(text), set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            sentence = _("“%(name)s” is de naam van meer dan één. Vraag de coördinator om een naam aan te passen.")
            raise ValidationError(sentence % {"name": shown(text)}, code="ambiguous")
        raise ValidationError(
            _unknown(text.strip(), list(self.labels_by_name.values()), str(self.unknown)), code="unknown"
        )

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Value:
        return None if value is None else str(value)


class NamesCell(NameCell):
    """Several rows of the pact, with ; between the names; the value is a frozenset of keys."""

    def _read(self, text: str) -> Any:
        if self.names.get(fold(text)):
            return frozenset({self._one(text)})
        return frozenset(self._one(part) for part in text.split(";") if part.strip())

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Value:
        return "; ".join(str(row) for row in value.all()) or None


class ShownCell(Widget):
    """Export only: what `write` makes of the value."""

    def __init__(self, write: Callable[[Any], Value] = lambda value: value) -> None:
        super().__init__()
        self.write = write

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Value:
        return self.write(value)


def _unknown(text: str, names: list[str], otherwise: str) -> str:
    """That we do not know it, and what comes nearest."""
    start = _("“%(name)s” kennen wij niet.") % {"name": shown(text)}
    nearest = process.extractOne(fold(text[:200]), names, processor=fold, scorer=fuzz.WRatio, score_cutoff=NEAR)
    if nearest:
        return start + " " + _("Bedoelt u “%(name)s”?") % {"name": nearest[0]}
    return f"{start} {otherwise} {', '.join(names[:8])}." if names else start
