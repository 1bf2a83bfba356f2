"""The values of an adjustment: kept as text, validated as on the form of the measure, shown the Dutch way."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations.findings.models import STOP
from pact_portal.foundation.privacy.guard import plain
from pact_portal.foundation.richtext.fields import RichTextField
from pact_portal.foundation.templatetags.portal import euro
from plan.measures.models import Measure


def column(name: str) -> models.Field:
    """The column of Measure with this name; FieldDoesNotExist for another."""
    return cast("models.Field", Measure._meta.get_field(name))


def label_of(name: str) -> str:
    """What an adjustment of this field changes, in words."""
    return _("de maatregel stopt") if name == STOP else str(column(name).verbose_name)


def as_text(value: Any) -> str:
    """A value as it is kept: dates as 2027-03-14, euros as 1234.50, rich text as HTML."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value)


def from_text(name: str, text: str) -> Any:
    """The value that was kept as text, as the column takes it. Raises ValueError for text that is no such value."""
    field = column(name)
    if isinstance(field, models.DateField):
        return date.fromisoformat(text)
    if isinstance(field, models.DecimalField):
        try:
            return Decimal(text)
        except ArithmeticError as fault:
            raise ValueError(text) from fault
    return text


def in_words(name: str, text: str) -> str:
    """A kept value for a reader: plain text, in the language that is active. What cannot be read stays as it is."""
    if not text:
        return _("niets")
    if name == STOP:
        return str(dict(Measure.State.choices).get(text, text))
    try:
        value = from_text(name, text)
    except ValueError:
        return text
    if isinstance(value, date):
        return date_format(value, "j F Y")
    if isinstance(value, Decimal):
        return str(euro(value))
    return " ".join(plain(value).split()) if is_rich(name) else str(value)


def is_rich(name: str) -> bool:
    """Whether the field holds rich text."""
    return name != STOP and isinstance(column(name), RichTextField)


STOPPED = Measure.State.STOPPED.value
"""What an adjustment that stops its measure has in `after`."""

NOTHING_CHANGES = gettext_lazy("Dit staat er al zo. Vul in wat er moet veranderen, of kies iets anders.")
