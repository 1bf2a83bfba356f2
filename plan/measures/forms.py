"""Proposing, deciding and finding measures."""

from collections.abc import Iterable
from typing import Any, cast

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.fields import DutchDateField, DutchNumberField, EuroField
from pact_portal.foundation.forms.guarded import RowsField
from partners.organisations.models import Partnership
from partners.pact.models import CollaborationArea, Pact
from plan.measures import indicators
from plan.measures.models import Indicator, Measure
from plan.measures.workflow import mark_of
from plan.programmes.models import Programme
from plan.questions.marked import MarkedForm
from plan.questions.models import SupportQuestion


class QuestionsField(RowsField):
    """The questions that a measure can answer; one that was merged says in which it lives on."""

    def label_from_instance(self, question: SupportQuestion) -> str:
        if question.merged_into is None:
            return str(question)
        return _("%(question)s (samengevoegd met %(root)s)") % {"question": question, "root": question.merged_into.code}


class MeasureForm(MarkedForm, forms.ModelForm):
    """A measure as its lead partner proposes it, and writes it anew until it is decided about."""

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    """The mark of the row as the writer got it: see plan.questions.marks."""

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
            "questions": QuestionsField,
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
            "questions": self._questions(pact),
            "programmes": Programme.objects.in_pact(pact).order_by("number"),
        }
        for name, rows in offered.items():
            cast("forms.ModelChoiceField", self.fields[name]).queryset = rows
        # A radio button for "nothing chosen" says nothing.
        cast("forms.ChoiceField", self.fields["kind"]).choices = Measure.Kind.choices
        cast("forms.ChoiceField", self.fields["line"]).choices = Measure.Line.choices
        if self.instance.pk:
            self.initial["seen"] = mark_of(self.instance)

    def _questions(self, pact: Pact) -> QuerySet:
        """The accepted ones, and those that the measure answers already and that were merged since."""
        every = SupportQuestion.objects.in_pact(pact).select_related("merged_into").order_by("number")
        may = Q(state=SupportQuestion.State.ACCEPTED)
        if self.instance.pk:
            answered = self.instance.questions.filter(state=SupportQuestion.State.MERGED).values("pk")
            may |= Q(pk__in=answered)
        return every.filter(may)

    def values(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class IndicatorForm(MarkedForm, forms.ModelForm):
    """A number that a measure should move, as somebody fills it in who does not measure for a living."""

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    """The mark of the row as the writer got it: see plan.questions.marks."""

    class Meta:
        model = Indicator
        fields = ["name", "unit", "direction", "baseline", "target", "every_months", "source", "counts_people"]
        field_classes = {"baseline": DutchNumberField, "target": DutchNumberField}
        widgets = {
            "name": forms.TextInput(attrs={"class": "input-wide"}),
            "direction": forms.RadioSelect,
            "every_months": forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
            "source": forms.TextInput(attrs={"class": "input-wide"}),
        }
        labels = {
            "name": _("Wat telt of meet u?"),
            "direction": _("Welke kant moet het op?"),
            "every_months": _("Om de hoeveel maanden meet u?"),
            "source": _("Waar komt het getal vandaan?"),
            "counts_people": _("Het getal telt jongeren"),
        }
        help_texts = {
            "name": _("Bijvoorbeeld: leerlingen die na een halfjaar nog op dezelfde opleiding zitten."),
            "unit": _("Bijvoorbeeld: procent, jongeren of dagen."),
            "baseline": _("Hoe is het nu? Weet u dat nog niet, laat dit dan leeg. Een komma mag: 7,5."),
            "target": _(
                "Waar wilt u naartoe? Bij omhoog is dit hoger dan de nulmeting, bij omlaag lager. "
                "Bij gelijk blijven is het wat u wilt houden."
            ),
            "every_months": _("Van 1 tot en met 24. Bijvoorbeeld 6: elk halfjaar."),
            "source": _("Bijvoorbeeld: de verzuimcijfers van de school. Schrijf geen namen van kinderen op."),
            "counts_people": _("Wij laten dan geen aantallen onder de vijf zien, zodat niemand te herkennen is."),
        }

    def __init__(self, *args: Any, measure: Measure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.measure = measure
        # A radio button for "nothing chosen" says nothing.
        cast("forms.ChoiceField", self.fields["direction"]).choices = Indicator.Direction.choices
        self.fields["every_months"].error_messages["invalid"] = _(
            "Vul een heel aantal maanden in, van 1 tot en met 24."
        )
        if self.instance.pk:
            self.initial["seen"] = indicators.mark_of(self.instance)

    def validate_constraints(self) -> None:
        """Left to the workflow, which says at the field what does not fit."""

    def values(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


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
