"""A word on the list of the language mirror, and a text to look at."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.guarded import GuardedForm, Seen
from partners.wording.models import MirrorTerm
from partners.wording.workflow import mark_of


class MirrorTermForm(GuardedForm, forms.ModelForm):
    """A word, why rather not, and what to write instead. The workflow checks and saves."""

    class Meta:
        model = MirrorTerm
        fields = ["term", "reason", "alternative"]
        widgets = {"reason": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "term": _("Eén vorm is genoeg: meervoud, verkleinwoord en samenstelling vindt de taalspiegel zelf."),
            "reason": _("In een of twee zinnen. Wie het woord schrijft, leest dit."),
            "alternative": _("Wat kan iemand in plaats hiervan schrijven?"),
        }
        error_messages = {
            "term": {"required": _("Vul het woord of de woordgroep in.")},
            "reason": {"required": _("Schrijf op waarom dit woord liever niet.")},
            "alternative": {"required": _("Vul in wat iemand beter kan schrijven.")},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["seen"] = Seen(mark_of(self.instance))

    def clean_term(self) -> str:
        term: str = self.cleaned_data["term"]
        if not any(sign.isalnum() for sign in term):
            raise ValidationError(_("Vul een woord met letters in."))
        return term

    def _get_validation_exclusions(self) -> set[str]:
        # The pact is known to the workflow.
        return {field.name for field in MirrorTerm._meta.fields}

    def _post_clean(self) -> None:
        """The row stays as it is: what was filled in goes to the workflow."""
