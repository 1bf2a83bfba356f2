"""Where a partner stands on a proposal, and what became of a condition."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.guarded import GuardedForm
from plan.decisions.models import Condition, Position

Stance, Mandate = Position.Stance, Position.Mandate


class PositionForm(GuardedForm, forms.Form):
    """Three short fields, so that a board member finishes them on a telephone."""

    stance = forms.TypedChoiceField(
        label=_("Bent u het ermee eens?"),
        coerce=Stance,
        choices=Stance.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Kies hoe u erin staat.")},
    )
    mandate = forms.TypedChoiceField(
        label=_("Op welk besluit steunt dit?"),
        coerce=Mandate,
        choices=Mandate.choices,
        required=False,
        empty_value=Mandate.NONE,
        initial=Mandate.NONE.value,
        widget=forms.RadioSelect,
        help_text=_("Zonder mandaat kiest u: geen."),
    )
    text = forms.CharField(
        label=_("Voorwaarde of toelichting"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Verplicht bij een voorwaarde en bij een bezwaar. Alle partners kunnen dit lezen."),
    )

    def clean(self) -> dict[str, Any] | None:
        filled = self.cleaned_data
        stance = filled.get("stance")
        if stance in (Stance.AGREE_IF, Stance.OBJECT) and not filled.get("text") and "text" not in self.errors:
            sentence = (
                _("Schrijf op welke voorwaarde u stelt.")
                if stance == Stance.AGREE_IF
                else _("Schrijf op welk bezwaar u hebt.")
            )
            self.add_error("text", ValidationError(sentence, code="required"))
        if stance == Stance.NO_MANDATE and filled.get("mandate") not in (None, Mandate.NONE):
            self.add_error("mandate", ValidationError(_("Zonder mandaat kiest u bij mandaat: geen."), code="mandate"))
        return filled

    def values(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        return {name: self.cleaned_data[name] for name in ("stance", "mandate", "text")}


class ConditionForm(GuardedForm, forms.Form):
    """What was done with a condition."""

    state = forms.TypedChoiceField(
        label=_("Wat is ermee gebeurd?"),
        coerce=Condition.State,
        widget=forms.RadioSelect,
        error_messages={"required": _("Kies wat er met de voorwaarde is gebeurd.")},
    )
    answer = forms.CharField(
        label=_("Wat is ermee gedaan?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Alle partners kunnen dit lezen."),
        error_messages={"required": _("Schrijf op wat er met de voorwaarde is gedaan.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answers = [Condition.State.MET, Condition.State.DROPPED]
        cast("forms.ChoiceField", self.fields["state"]).choices = [(each.value, each.label) for each in answers]

    def values(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        return {name: self.cleaned_data[name] for name in ("state", "answer")}
