"""Proposing, deciding and finding measures."""

from collections.abc import Iterable
from typing import Any, cast

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.fields import DutchDateField, EuroField
from pact_portal.foundation.forms.guarded import GuardedForm, RowsField
from partners.organisations.models import Partnership
from partners.pact.models import CollaborationArea, Pact
from plan.measures.models import Measure
from plan.measures.workflow import MOVES
from plan.programmes.models import Programme
from plan.questions.models import SupportQuestion


class MeasureForm(GuardedForm, forms.ModelForm):
    """A measure as its lead partner proposes it."""

    class Meta:
        model = Measure
        fields = [
            "title",
            "kind",
            "line",
            "areas",
            "questions",
            "programmes",
            "reason_not_broaden",
            "lead",
            "executing",
            "starts_on",
            "ends_on",
            "goal",
            "learning_question",
            "budget",
            "remains_after",
        ]
        field_classes = {
            "areas": RowsField,
            "questions": RowsField,
            "programmes": RowsField,
            "executing": RowsField,
            "starts_on": DutchDateField,
            "ends_on": DutchDateField,
            "budget": EuroField,
        }
        widgets = {
            "title": forms.TextInput(attrs={"class": "input-wide"}),
            "kind": forms.RadioSelect,
            "line": forms.RadioSelect,
            "areas": forms.CheckboxSelectMultiple,
            "questions": forms.CheckboxSelectMultiple,
            "programmes": forms.CheckboxSelectMultiple,
            "executing": forms.CheckboxSelectMultiple,
            "learning_question": forms.TextInput(attrs={"class": "input-wide"}),
        }
        help_texts = {
            "title": _("Bijvoorbeeld: de transfercoach blijft, en gaat ook naar de kleine scholen."),
            "kind": _(
                "Bestaand gaat voor nieuw. Nieuw starten kan pas als voor elke vraag is beoordeeld of bestaand aanbod "
                "aansluit, en geen daarvan voldoende is."
            ),
            "questions": _("Hier staan de vragen die zijn aangenomen."),
            "programmes": _("Verplicht bij voortzetten en verbreden."),
            "reason_not_broaden": _("Verplicht bij nieuw starten."),
            "executing": _("De partners die het uitvoeren, naast de trekker."),
            "goal": _("Wat is er straks anders voor jongeren? Schrijf geen namen of gegevens van kinderen op."),
            "learning_question": _("Wat wilt u van deze maatregel leren?"),
        }

    def __init__(self, *args: Any, pact: Pact, leads: Iterable[Partnership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.pact = pact
        partners = Partnership.objects.in_pact(pact).current().select_related("organisation")
        offered: dict[str, QuerySet] = {
            "lead": partners.filter(pk__in=[lead.pk for lead in leads]),
            "executing": partners,
            "areas": CollaborationArea.objects.in_pact(pact),
            "questions": SupportQuestion.objects.in_pact(pact).accepted().order_by("number"),
            "programmes": Programme.objects.in_pact(pact).order_by("number"),
        }
        for name, rows in offered.items():
            cast("forms.ModelChoiceField", self.fields[name]).queryset = rows
        # A radio button for "nothing chosen" says nothing.
        cast("forms.ChoiceField", self.fields["kind"]).choices = Measure.Kind.choices
        cast("forms.ChoiceField", self.fields["line"]).choices = Measure.Line.choices

    def values(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class DecisionForm(GuardedForm, forms.Form):
    """What was decided about one measure; offers the outcomes that its state allows."""

    outcome = forms.TypedChoiceField(label=_("Besluit"), coerce=Measure.State, widget=forms.RadioSelect)
    on = DutchDateField(label=_("Besloten op"), help_text=_("De dag van het overleg, bijvoorbeeld 14-3-2027."))
    reason = forms.CharField(
        label=_("Reden"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Schrijf op waarom dit besluit is genomen.")},
    )

    def __init__(self, *args: Any, measure: Measure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = MOVES.get(Measure.State(measure.state), set())
        # All of them when nothing is allowed any more, so that the workflow can say why a late post is refused.
        outcomes = {to for moves in MOVES.values() for to in moves}
        cast("forms.ChoiceField", self.fields["outcome"]).choices = [
            (state.value, state.label) for state in Measure.State if state in (allowed or outcomes)
        ]
        self.fields["on"].initial = timezone.localdate


class MeasureFilter(django_filters.FilterSet):
    """The filters of the list, from the query string."""

    kind = django_filters.ChoiceFilter(choices=Measure.Kind.choices, label=_("Soort"), empty_label=_("elke soort"))
    line = django_filters.ChoiceFilter(
        choices=Measure.Line.choices, label=_("Programmalijn"), empty_label=_("alle programmalijnen")
    )
    area = django_filters.ModelChoiceFilter(
        field_name="areas",
        queryset=CollaborationArea.unscoped.none(),
        label=_("Gebied"),
        empty_label=_("alle gebieden"),
    )
    state = django_filters.ChoiceFilter(choices=Measure.State.choices, label=_("Status"), empty_label=_("elke status"))
    lead = django_filters.ModelChoiceFilter(
        queryset=Partnership.unscoped.none(), label=_("Trekker"), empty_label=_("alle trekkers")
    )

    class Meta:
        model = Measure
        fields: list[str] = []

    def __init__(self, data: Any, queryset: QuerySet, *, request: HttpRequest, pact: Pact) -> None:
        super().__init__(data, queryset=queryset, request=request)
        self.filters["area"].queryset = CollaborationArea.objects.in_pact(pact)
        self.filters["lead"].queryset = (
            Partnership.objects.in_pact(pact)
            .filter(pk__in=Measure.objects.in_pact(pact).values("lead"))
            .select_related("organisation")
            .order_by("organisation__name")
        )
