"""What every form refuses with a sentence, so that the database is never asked something that it chokes on."""

import json
import unicodedata
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.html import escape
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.privacy.guard import Finding, address_has_bsn, find, plain
from pact_portal.foundation.privacy.wording import BSN_FAULT, named
from pact_portal.foundation.richtext.widgets import RichTextWidget

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


EVERY_FIELD = frozenset({"*"})
"""For `GuardedForm.privacy_exempt`: nobody but the writer reads any of the texts."""
CONFIRMED, SEEN = "privacy_confirmed", "privacy_seen"


class _Confirmation(forms.BooleanField):
    """The tick that personal data stand in a text on purpose. Stays ticked only for what it was ticked for."""

    def __init__(self, *, ticked: bool, found: str) -> None:
        label = _("Ja, dit mag iedereen in dit pact lezen")
        # In a hint HTML is shown as HTML, and what was found was typed by somebody.
        super().__init__(required=False, label=label, help_text=escape(capfirst(found)))
        self.ticked = ticked

    def bound_data(self, data: Any, initial: Any) -> Any:
        return self.ticked

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class Seen(forms.CharField):
    """The mark of what the writer is shown: new on every answer, whatever was sent. Its value is what was sent."""

    def __init__(self, mark: str) -> None:
        super().__init__(required=False, widget=forms.HiddenInput, initial=mark)
        self.mark = mark

    def bound_data(self, data: Any, initial: Any) -> Any:
        return self.mark

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class GuardedForm(forms.BaseForm):
    """A form whose texts can be stored, printed and read by others, and that shows the faults of the workflow.

    Stands before forms.Form or forms.ModelForm in the bases. Every free text is looked through for personal data: a
    BSN is refused, also in an address of a page or a mailbox; other kinds pass once the writer ticks that all may read
    them. What stands in the row already was confirmed then: the initial value of a field says so, but for a new row,
    where it is what somebody put in the address of the page. A text that nobody else reads, or a
    field meant for a telephone number or the like, is named in `privacy_exempt` (there a BSN is let through as well:
    the row itself still refuses it).
    """

    privacy_exempt: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if (
                isinstance(field, forms.CharField)
                and isinstance(field.widget, forms.Textarea)
                and field.max_length is None
            ):
                field.validators.append(MaxLengthValidator(LONGEST_RICH_TEXT))

    def is_read_by_others(self, name: str) -> bool:
        """Whether the field takes free text that others will read."""
        field = self.fields[name]
        if self.privacy_exempt & {name, "*"} or field.disabled:
            return False
        if isinstance(field.widget, forms.Textarea):
            return True
        if isinstance(field, forms.EmailField | forms.URLField | forms.SlugField | forms.UUIDField):
            return False
        # Addresses, passwords and numbers have widgets of their own, which are no TextInput or say what they take.
        return (
            isinstance(field, forms.CharField)
            and isinstance(field.widget, forms.TextInput)
            and field.widget.input_type == "text"
        )

    def _is_address(self, name: str) -> bool:
        """Whether the field takes the address of a page or of a mailbox, which others see."""
        field = self.fields[name]
        return (
            isinstance(field, forms.EmailField | forms.URLField)
            and not self.privacy_exempt & {name, "*"}
            and not field.disabled
        )

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]  # private in the stubs; the one place before clean() of subclasses
        for name, value in list(self.cleaned_data.items()):
            several_lines = isinstance(self.fields[name].widget, forms.Textarea)
            if isinstance(value, str) and has_control_characters(value, several_lines=several_lines):
                fault = _(
                    "In deze tekst staan tekens die niet te zien zijn. Typ de tekst opnieuw, of plak die zonder opmaak."
                )
                self.add_error(name, ValidationError(fault, code="control_characters"))
        self._guard_personal_data()

    def _guard_personal_data(self) -> None:
        """Refuse every BSN; ask once per form to confirm the rest, where it was not in the text before."""
        to_confirm: dict[str, list[Finding]] = {}
        for name, value in list(self.cleaned_data.items()):
            if self._is_address(name) and isinstance(value, str) and address_has_bsn(value):
                self.add_error(name, ValidationError(BSN_FAULT, code="bsn"))
        for name in [name for name in self.cleaned_data if self.is_read_by_others(name)]:
            findings = self._findings(name)
            if any(each.kind == "bsn" for each in findings):
                self.add_error(name, ValidationError(BSN_FAULT, code="bsn"))
            elif findings:
                to_confirm[name] = findings
        if not to_confirm:
            return
        mark = self._mark_of(to_confirm)
        ticked = bool(self.data.get(self.add_prefix(CONFIRMED))) and constant_time_compare(
            str(self.data.get(self.add_prefix(SEEN), "")), mark
        )
        every = named(each for findings in to_confirm.values() for each in findings)
        self.fields[CONFIRMED] = _Confirmation(ticked=ticked, found=every)
        self.fields[SEEN] = Seen(mark)
        if ticked:
            return
        for name, findings in to_confirm.items():
            fault = _(
                "In deze tekst staat %(found)s. Haal het weg, of bevestig onderaan dit formulier dat iedereen in dit "
                "pact het mag lezen."
            )
            self.add_error(name, ValidationError(fault, code="personal_data", params={"found": named(findings)}))

    def _findings(self, name: str) -> list[Finding]:
        """What stands in the text as it was cleaned or, where its field makes something else of it, as typed."""
        value = self.cleaned_data[name]
        findings = self._found_in(name, value if isinstance(value, str) else self[name].data)
        if not findings:
            return findings
        known = {each.text for each in self._found_in(name, self._stored(name))}
        return [each for each in findings if each.kind == "bsn" or each.text not in known]

    def _stored(self, name: str) -> Any:
        """The text as it stands, or None where nothing was stored."""
        instance = getattr(self, "instance", None)
        if not isinstance(instance, models.Model):
            return self.get_initial_for_field(self.fields[name], name)
        if instance.pk is None:
            return None
        column = next((field for field in instance._meta.concrete_fields if field.name == name), None)
        return column.value_from_object(instance) if column else self.get_initial_for_field(self.fields[name], name)

    def _found_in(self, name: str, text: Any) -> list[Finding]:
        if not isinstance(text, str):
            return []
        read = plain(text) if isinstance(self.fields[name].widget, RichTextWidget) else text
        return find(read, today=timezone.localdate())

    def _mark_of(self, to_confirm: dict[str, list[Finding]]) -> str:
        """Stands for what was found, and gives nothing of it away."""
        shown = sorted((name, each.kind, each.text) for name, findings in to_confirm.items() for each in findings)
        return salted_hmac("personal data that was confirmed", json.dumps(shown), algorithm="sha256").hexdigest()

    def take(self, fault: ValidationError) -> None:
        """Show a fault of the workflow: at its field where the form has it, else above the form."""
        if not hasattr(fault, "error_dict"):
            self.add_error(None, fault)
            return
        for name, faults in fault.error_dict.items():
            self.add_error(name if name in self.fields and name != NON_FIELD_ERRORS else None, ValidationError(faults))
