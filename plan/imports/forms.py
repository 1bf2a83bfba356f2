"""Choosing a file to bring in, and saying that one looked."""

from django import forms
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.guarded import GuardedForm
from pact_portal.foundation.forms.uploads import SheetField


class ImportForm(GuardedForm, forms.Form):
    """A spreadsheet."""

    file = SheetField(label=_("Bestand"), help_text=_("Hooguit 5.000 rijen, met de kolomnamen in de eerste rij."))
