"""What a value must look like for each kind of evaluation question. Pure: what was typed in, columns of Answer out."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from evaluations.series.models import Topic

NO_VIEW = "no_view"
"""The value of a scale for "geen zicht op"."""

LONGEST_TEXT = 5000
LARGEST_NUMBER = Decimal("999999999999.99")

_NUMBER = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?|[+-]?\d+(?:[.,]\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Value:
    """One answer, in the columns of Answer; exactly one of them says something."""

    scale: int | None = None
    no_view: bool = False
    number: Decimal | None = None
    choice: str = ""
    text: str = ""


def read(topic: Topic, given: Any) -> Value | None:
    """The value of a topic as typed or handed over, or None when nothing was said.

    Raises ValidationError with a sentence for the reader.
    """
    if isinstance(given, str):
        given = plain(given)
    if given is None or given == "":
        return None
    match topic.kind:
        case Topic.Kind.SCALE:
            return _scale(given)
        case Topic.Kind.NUMBER:
            return Value(number=_number(given))
        case Topic.Kind.CHOICE:
            if given not in topic.options:
                raise ValidationError(_("Kies een van de mogelijkheden."))
            return Value(choice=given)
        case Topic.Kind.OPEN:
            return _open(given)
    raise ValueError(f"unknown kind {topic.kind}")


def checked(topic: Topic, given: Any) -> Value | None:
    """The same, where a scale must be answered: "geen zicht op" is an answer, silence is none."""
    value = read(topic, given)
    if value is None and topic.kind == Topic.Kind.SCALE:
        raise ValidationError(_("Kies een oordeel van 1 tot en met 5, of ‘geen zicht op’."))
    return value


def plain(text: str) -> str:
    """Text without control characters (tab and line end stay), halves of characters, and space around it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs")
    ).strip()


def _scale(given: Any) -> Value:
    if given == NO_VIEW:
        return Value(no_view=True)
    if str(given) not in {"1", "2", "3", "4", "5"}:
        raise ValidationError(_("Kies een oordeel van 1 tot en met 5, of ‘geen zicht op’."))
    return Value(scale=int(given))


def _number(given: Any) -> Decimal:
    """A number with a decimal comma or point; points between groups of three digits count when a comma follows or
    when there are several groups or exactly one group of three: "1.234" is one thousand two hundred and thirty-four.
    """
    text = str(given).replace(" ", "").replace("\u00a0", "").replace("\u202f", "").replace("−", "-")
    if isinstance(given, bool) or not _NUMBER.fullmatch(text):
        raise ValidationError(_("Vul een getal in, bijvoorbeeld 12 of 12,5."))
    if isinstance(given, str) and re.fullmatch(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?", text, re.ASCII):
        text = text.replace(".", "")
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation as fault:  # pragma: no cover - the pattern lets nothing through that is no number
        raise ValidationError(_("Vul een getal in, bijvoorbeeld 12 of 12,5.")) from fault
    if abs(number) > LARGEST_NUMBER:
        raise ValidationError(_("Dit getal is te groot."))
    if number != round(number, 2):
        raise ValidationError(_("Een getal heeft hooguit twee cijfers achter de komma."))
    return round(number, 2)


def _open(given: Any) -> Value:
    if not isinstance(given, str):
        raise ValidationError(_("Vul een tekst in."))
    if len(given) > LONGEST_TEXT:
        raise ValidationError(
            _("De tekst is %(length)s tekens lang. Houd het bij %(most)s tekens.")
            % {"length": len(given), "most": LONGEST_TEXT}
        )
    return Value(text=given)


def shown(topic: Topic, value: Any) -> Any:
    """What a form shows for a stored answer: the inverse of `read`. `value` has the columns of Answer."""
    match topic.kind:
        case Topic.Kind.SCALE:
            return NO_VIEW if value.no_view else str(value.scale)
        case Topic.Kind.NUMBER:
            return f"{value.number.normalize():f}".replace(".", ",")
        case Topic.Kind.CHOICE:
            return value.choice
    return value.text
