"""What every form refuses with a sentence, so that the database is never asked something that it chokes on."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

LONGEST_RICH_TEXT = 20_000
"""Signs of HTML; some ten pages."""
LONGEST_KEY = 18
"""Digits: everything shorter fits the 64 bits of a key in every database."""


def has_control_characters(text: str, *, several_lines: bool) -> bool:
    """Whether the text has signs that cannot be seen or printed; line ends and tabs may stand in several lines."""
    allowed = "\n\r\t" if several_lines else ""
    return any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in allowed for sign in text)


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows to choose from. A key that no database can hold is an unknown row, not a fault of the server."""

    default_error_messages = {
        "invalid_choice": _("Kies alleen uit de lijst: een van uw keuzes staat er niet in."),
        "invalid_pk_value": _("Kies alleen uit de lijst: een van uw keuzes staat er niet in."),
    }

    def clean(self, value: Any) -> Any:
        if isinstance(value, list | tuple) and any(len(str(key)) > LONGEST_KEY for key in value):
            raise ValidationError(self.error_messages["invalid_pk_value"], code="invalid_pk_value")
        return super().clean(value)


class GuardedForm(forms.BaseForm):
    """A form whose texts can be stored and printed, and that shows the faults which the workflow found.

    Stands before forms.Form or forms.ModelForm in the bases.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if (
                isinstance(field, forms.CharField)
                and isinstance(field.widget, forms.Textarea)
                and field.max_length is None
            ):
                field.validators.append(MaxLengthValidator(LONGEST_RICH_TEXT))

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]  # private in the stubs; the one place before clean() of subclasses
        for name, value in list(self.cleaned_data.items()):
            several_lines = isinstance(self.fields[name].widget, forms.Textarea)
            if isinstance(value, str) and has_control_characters(value, several_lines=several_lines):
                fault = _(
                    "In deze tekst staan tekens die niet te zien zijn. Typ de tekst opnieuw, of plak die zonder opmaak."
                )
                self.add_error(name, ValidationError(fault, code="control_characters"))

    def take(self, fault: ValidationError) -> None:
        """Show a fault of the workflow: at its field where the form has it, else above the form."""
        if not hasattr(fault, "error_dict"):
            self.add_error(None, fault)
            return
        for name, faults in fault.error_dict.items():
            self.add_error(name if name in self.fields and name != NON_FIELD_ERRORS else None, ValidationError(faults))
