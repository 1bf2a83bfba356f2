"""Forms that carry the mark of a row as their writer got it, and carry on with the new one when that holds no more."""

from copy import copy
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from pact_portal.foundation.forms.guarded import GuardedForm
from pact_portal.foundation.richtext.fields import RichTextField
from plan.questions import marks


class MarkedForm(GuardedForm):
    """A form with a hidden field `seen`: see marks.py.

    A bound form shows what was sent, and so the mark that holds no more: the page would be refused for ever.
    """

    SHOWN: ClassVar[tuple[str, ...]] = ("title", "description")
    """What a stale page shows of its row when the form itself does not write that row."""

    stands: list[tuple[str, Any, bool]] | None = None
    """On a stale page what is stored now: label, value, and whether the value is rich text. None on any other."""

    def take_for(self, fault: ValidationError, row: Any, mark: object) -> None:
        """Show a fault of the workflow. On a stale page carry on with `mark`, that of `row` as it is stored now.

        What was typed stays: sent once more, it replaces what `stands` shows.
        """
        self.take(fault)
        if not marks.is_stale(fault):
            return
        self.stands = [stored(row, name) for name in self._names_shown()]
        sent: Any = copy(self.data)
        sent[self.add_prefix("seen")] = str(mark)
        self.data = sent

    def _names_shown(self) -> list[str]:
        """Of a form that writes the row: where what was typed differs from what is stored."""
        if not isinstance(self, forms.ModelForm):
            return list(self.SHOWN)
        return [name for name in self.changed_data if name in (self._meta.fields or ())]


def stored(row: Any, name: str) -> tuple[str, Any, bool]:
    """The label of one field, its value as a reader sees it ("" when empty), and whether that is rich text."""
    field = row._meta.get_field(name)
    value: Any
    if isinstance(field, models.ManyToManyField):
        value = ", ".join(str(each) for each in getattr(row, name).all())
    elif isinstance(field, models.BooleanField):
        value = _("ja") if getattr(row, name) else _("nee")
    elif field.choices:
        value = getattr(row, f"get_{name}_display")()
    else:
        value = getattr(row, name)
    return str(field.verbose_name), "" if value is None else value, isinstance(field, RichTextField)
