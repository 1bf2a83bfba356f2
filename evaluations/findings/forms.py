"""Forms of findings and adjustments."""

import copy
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from evaluations.findings.models import STOP, Finding
from evaluations.findings.values import label_of
from evaluations.findings.workflow import ADJUSTED, mark_of
from pact_portal.foundation.forms.guarded import GuardedForm, Seen
from partners.pact.models import Pact
from plan.measures.forms import MeasureForm
from plan.measures.models import Measure
from plan.measures.workflow import ADJUSTABLE


class FindingForm(GuardedForm, forms.ModelForm):
    """What an evaluation showed, about a measure or the whole plan."""

    class Meta:
        model = Finding
        fields = ["measure", "text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 5})}
        help_texts = {
            "text": _("Schrijf op wat de evaluatie laat zien. Noem geen namen of gegevens van kinderen."),
        }

    def __init__(self, *args: Any, pact: Pact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        measures = cast("forms.ModelChoiceField", self.fields["measure"])
        measures.queryset = Measure.objects.in_pact(pact).in_force().order_by("number")
        measures.empty_label = str(_("het hele plan"))
        measures.help_text = _("Laat staan als de bevinding over het hele plan gaat.")

    def _get_validation_exclusions(self) -> set[str]:
        # The evaluation is set by the workflow, which checks the whole row.
        return {*super()._get_validation_exclusions(), "evaluation"}  # type: ignore[misc]


class CloseForm(GuardedForm, forms.Form):
    """Why nothing follows from a finding."""

    reason = forms.CharField(
        label=_("Waarom verandert er niets?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Schrijf op waarom er niets verandert.")},
    )


class ChoiceForm(forms.Form):
    """Which measure, and what of it changes: the first step of an adjustment, kept in the address."""

    measure = forms.ModelChoiceField(
        label=_("Maatregel"),
        queryset=Measure.unscoped.none(),
        to_field_name="number",
        empty_label=_("kies een maatregel"),
        error_messages={
            "required": _("Kies een maatregel."),
            "invalid_choice": _("Kies een maatregel die is goedgekeurd of in uitvoering is."),
        },
    )
    field = forms.ChoiceField(
        label=_("Wat verandert er?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Kies wat er verandert."),
            "invalid_choice": _("Kies wat er verandert uit de lijst."),
        },
    )

    def __init__(self, *args: Any, pact: Pact, takes_any_state: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = Measure.objects.in_pact(pact).order_by("number")
        if not takes_any_state:
            offered = offered.filter(state__in=ADJUSTED)
        cast("forms.ModelChoiceField", self.fields["measure"]).queryset = offered
        columns = [field.name for field in Measure._meta.concrete_fields if field.name in ADJUSTABLE]
        choices = [(name, label_of(name)[:1].upper() + label_of(name)[1:]) for name in [*columns, STOP]]
        cast("forms.ChoiceField", self.fields["field"]).choices = choices


class AdjustmentForm(GuardedForm, forms.Form):
    """The new value and the reason. The value is asked for by the field of the form of the measure, with its rules."""

    reason = forms.CharField(
        label=_("Waarom?"),
        help_text=_("Schrijf op wat de evaluatie of de praktijk liet zien."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Schrijf op waarom u dit wilt veranderen.")},
    )

    def __init__(self, *args: Any, measure: Measure, field: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field != STOP:
            after = copy.deepcopy(MeasureForm.base_fields[field])
            after.label = _("Wordt")
            after.initial = getattr(measure, field)
            self.fields = {"after": after, **self.fields}
        # Sent back, it tells whether what stands there is still what the writer read.
        self.fields["seen"] = Seen(mark_of(measure, field))

    def show_anew(self, measure: Measure, field: str) -> None:
        """Let the next press be about what stands there now: the page shows that."""
        self.fields["seen"] = Seen(mark_of(measure, field))
