"""Fields that take what people in the Netherlands type: dates and amounts of money."""

import datetime
import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext_lazy as _

MONTHS = {
    "jan": 1,
    "feb": 2,
    "mrt": 3,
    "maa": 3,
    "apr": 4,
    "mei": 5,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "okt": 10,
    "nov": 11,
}
MONTHS |= {"dec": 12, "mar": 3, "may": 5, "oct": 10}
ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
DUTCH_DATE = re.compile(r"(\d{1,2})[-/. ]+(\d{1,2}|[a-z]{3,9})\.?[-/. ]+(\d{4})", re.IGNORECASE)


class DutchDateInput(forms.DateInput):
    """One text box for a date: no browser-made picker in another language, no browser-made message."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "input-short", "autocomplete": "off", **(attrs or {})}, format="%d-%m-%Y")

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, datetime.date):
            return f"{value.day}-{value.month}-{value.year}"
        return super().format_value(value)


class DutchDateField(forms.DateField):
    """A date as "14-3-2027", "14/03/2027", "14 maart 2027" or "2027-03-14"."""

    widget = DutchDateInput
    default_error_messages = {
        "invalid": _("Vul een datum in als dag, maand en jaar, bijvoorbeeld 14-3-2027."),
    }

    def to_python(self, value: Any) -> datetime.date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime.datetime):
            return value.date()
        if isinstance(value, datetime.date):
            return value
        text = str(value).strip()
        try:
            if found := ISO_DATE.fullmatch(text):
                year, month, day = (int(part) for part in found.groups())
                return datetime.date(year, month, day)
            if found := DUTCH_DATE.fullmatch(text):
                day_text, month_text, year_text = found.groups()
                month = int(month_text) if month_text.isdigit() else MONTHS[month_text[:3].lower()]
                return datetime.date(int(year_text), month, int(day_text))
        except (ValueError, KeyError) as fault:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from fault
        raise ValidationError(self.error_messages["invalid"], code="invalid")


class DutchNumberInput(forms.TextInput):
    """Text box for a number as people here write it, with a keyboard of digits on a telephone."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "input-short", "inputmode": "decimal", "autocomplete": "off", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        if value is None or value == "":
            return None
        # A text that was refused comes back as typed.
        if isinstance(value, str):
            return value
        number = Decimal(str(value))
        # "140,000" could be read as a hundred and forty: with a comma between thousands, none is written.
        by_dots = formats.get_format("THOUSAND_SEPARATOR") == "."
        return formats.number_format(number, decimal_pos=self.decimals(number), use_l10n=True, force_grouping=by_dots)

    def decimals(self, number: Decimal) -> int:
        """How many decimals are written: those that say something."""
        return decimals_of(number)


class EuroInput(DutchNumberInput):
    """The same with a euro sign before it."""

    template_name = "forms/euro.html"

    def decimals(self, number: Decimal) -> int:
        return 0 if number == number.to_integral_value() else 2


class DutchNumberField(forms.DecimalField):
    """A number with at most two decimals, as "7,5", "7.5", "1.234,5" or "-3"."""

    widget = DutchNumberInput
    default_error_messages = {
        "invalid": _("Vul alleen een getal in, bijvoorbeeld 60 of 7,5."),
        "max_decimal_places": _("Een getal heeft hooguit twee cijfers achter de komma."),
        "max_digits": _("Dit getal is te groot."),
        "max_whole_digits": _("Dit getal is te groot."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 14, "decimal_places": 2, **kwargs})

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override] # the stubs derive it from a whole number
        if isinstance(value, str):
            if not value.strip():
                return None
            # A word processor writes a minus of its own.
            plain = plain_number(value.replace("\N{MINUS SIGN}", "-"))
            if plain is None:
                raise ValidationError(self.error_messages["invalid"], code="invalid")
            value = plain
        return super().to_python(value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        # DecimalField would add min, max and step, which a text box does not know.
        return {}


class EuroField(DutchNumberField):
    """An amount in euros with at most two decimals, as "1234,50", "1.234,50", "1234.50" or "€ 1.234"."""

    widget = EuroInput
    default_error_messages = {
        "invalid": _("Vul een bedrag in euro's in, bijvoorbeeld 1.250 of 1.250,50."),
        "min_value": _("Het bedrag mag niet lager zijn dan %(limit_value)s euro."),
        "max_value": _("Het bedrag mag niet hoger zijn dan %(limit_value)s euro."),
        "max_decimal_places": _("Een bedrag heeft hooguit twee cijfers achter de komma."),
        "max_digits": _("Dit bedrag is te groot."),
        "max_whole_digits": _("Dit bedrag is te groot."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 12, "min_value": 0, **kwargs})


def decimals_of(number: Decimal) -> int:
    """How many of two decimals say something: 0 for 60.00, 1 for 7.50."""
    return max(0, -int(number.quantize(Decimal("0.01")).normalize().as_tuple().exponent))


# In Dutch a dot parts thousands, so "1.234" is one thousand two hundred and thirty-four.
DUTCH_NUMBER = re.compile(r"-?[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?")
ENGLISH_NUMBER = re.compile(r"-?[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+\.[0-9]+|(?:,[0-9]{3}){2,})")
SIMPLE_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")


def plain_number(text: str) -> str | None:
    """An amount as typed, written as Python reads it: "€ 1.234,50" gives "1234.50". None when it is no amount."""
    bare = re.sub(r"[\s\u00a0€]|EUR", "", text, flags=re.IGNORECASE)
    bare = re.sub(r",(?:-|--|=)$", "", bare)
    if DUTCH_NUMBER.fullmatch(bare):
        return bare.replace(".", "").replace(",", ".")
    if ENGLISH_NUMBER.fullmatch(bare):
        return bare.replace(",", "")
    return bare.replace(",", ".") if SIMPLE_NUMBER.fullmatch(bare) else None


TIME = re.compile(r"([01]?[0-9]|2[0-3])(?:\s*(?:[:.]|u(?:ur)?)\s*([0-5][0-9])?|\s*)(?:\s*uur)?", re.IGNORECASE)


class DutchTimeInput(forms.TimeInput):
    """One text box for a time of day, for the same reasons as that for a date."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "input-short", "autocomplete": "off", **(attrs or {})}, format="%H:%M")


class DutchTimeField(forms.TimeField):
    """A time of day as "9:30", "9.30", "9u30", "14 uur" or "14"."""

    widget = DutchTimeInput
    default_error_messages = {"invalid": _("Vul een tijd in als uren en minuten, bijvoorbeeld 9:30 of 14:00.")}

    def to_python(self, value: Any) -> datetime.time | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime.time):
            return value
        found = TIME.fullmatch(str(value).strip())
        if not found:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return datetime.time(int(found[1]), int(found[2] or 0))
