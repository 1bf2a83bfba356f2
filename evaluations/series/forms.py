"""Planning a series: when, by whom, and what is asked."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evaluations.series.models import EvaluationSeries, Topic
from evaluations.series.workflow import MOST_TOPICS
from pact_portal.foundation.forms.fields import DutchDateField
from pact_portal.foundation.forms.guarded import GuardedForm, RowsField
from partners.organisations.models import Partnership
from partners.pact.models import Pact

ROWS_AT_FIRST = 4
ROWS_MORE = 3


class SeriesForm(GuardedForm, forms.ModelForm):
    class Meta:
        model = EvaluationSeries
        fields = ["name", "starts_on", "ends_on", "every_months", "open_days", "participants"]
        field_classes = {"starts_on": DutchDateField, "ends_on": DutchDateField, "participants": RowsField}
        widgets = {
            "every_months": forms.TextInput({"class": "input-short", "inputmode": "numeric"}),
            "open_days": forms.TextInput({"class": "input-short", "inputmode": "numeric"}),
            "participants": forms.CheckboxSelectMultiple,
        }
        help_texts = {
            "starts_on": _("Bijvoorbeeld 1-3-2027. Op deze dag gaan de eerste uitnodigingen uit."),
            "ends_on": _("Na deze dag komen er geen evaluaties meer bij."),
            "every_months": _("Bijvoorbeeld 6 voor twee keer per jaar."),
            "participants": _("Wie bij de opening nog meedoet aan het pact, krijgt een uitnodiging."),
        }

    def __init__(self, *args: Any, pact: Pact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.pact = pact
        partners = Partnership.objects.in_pact(pact).current().select_related("organisation")
        field = self.fields["participants"]
        field.queryset = partners  # type: ignore[attr-defined]  # a ModelMultipleChoiceField
        if not self.is_bound and "participants" not in self.initial:
            self.initial["participants"] = [partner.pk for partner in partners]

    def clean_starts_on(self) -> Any:
        """History is kept by import, not typed in here: an evaluation in the past would open at once."""
        day = self.cleaned_data["starts_on"]
        if day < timezone.localdate():
            raise ValidationError(_("Kies vandaag of een latere dag."))
        return day


class OptionsField(forms.CharField):
    """A list of options, typed one to a line."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        """Whether a list is needed depends on the kind: the model says."""

    def run_validators(self, value: Any) -> None:
        for option in value:
            super().run_validators(option)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class TopicForm(GuardedForm, forms.ModelForm):
    options = OptionsField(
        label=_("Keuzes"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Alleen bij een keuze: elke mogelijkheid op een eigen regel."),
    )

    class Meta:
        model = Topic
        fields = ["text", "kind", "options", "counts_people"]
        help_texts = {
            "counts_people": _("Alleen bij een getal. Het verslag toont dan geen getallen onder de vijf."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = Topic.Kind.choices  # type: ignore[attr-defined]  # no empty choice
        self.fields["kind"].initial = Topic.Kind.SCALE

    def has_changed(self) -> bool:
        """A row in which nothing is written is no topic, whatever kind it shows."""
        return any(name != "kind" for name in self.changed_data)


class TopicFormSetBase(forms.BaseFormSet):
    def initial_form_count(self) -> int:
        """None: every row may stay empty, also one that was shown again after "more rows"."""
        return 0

    def asked(self) -> list[dict[str, Any]]:
        """The topics that were written, in order, as `workflow.plan_series` takes them. Only after is_valid()."""
        return [form.cleaned_data for form in self.forms if form.has_changed()]

    def clean(self) -> None:
        if not any(self.errors) and not self.asked():
            raise ValidationError(_("Stel ten minste één evaluatievraag."))


TopicFormSet = forms.formset_factory(
    TopicForm,
    formset=TopicFormSetBase,
    extra=ROWS_AT_FIRST,
    max_num=MOST_TOPICS,
    absolute_max=MOST_TOPICS + 1,
    validate_max=True,
)
