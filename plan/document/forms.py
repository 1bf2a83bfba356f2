"""Forms of the plan."""

from django import forms
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.guarded import GuardedForm
from plan.document.models import PlanVersion


class FreezeForm(GuardedForm, forms.ModelForm):
    """The optional name of the version that is about to be frozen."""

    class Meta:
        model = PlanVersion
        fields = ["label"]
        help_texts = {"label": _("Bijvoorbeeld: voor de stuurgroep van 3 december.")}
