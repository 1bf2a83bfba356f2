"""A new section of the text of the pact."""

from django import forms
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.guarded import GuardedForm
from partners.pact.models import PactSection


class SectionForm(GuardedForm, forms.Form):
    """Only its title: the text is written in place afterwards."""

    title = forms.CharField(
        label=_("Titel van het onderdeel"),
        max_length=PactSection._meta.get_field("title").max_length,
        error_messages={"required": _("Vul een titel in.")},
    )
