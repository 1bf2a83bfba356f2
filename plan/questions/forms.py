"""Writing, curating and finding support questions."""

from collections.abc import Iterable
from typing import Any, cast

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.guarded import GuardedForm, RowsField
from partners.organisations.models import Partnership, Sector
from partners.pact.models import CollaborationArea, Pact
from plan.questions.models import SupportQuestion
from plan.questions.workflow import mark_of


class AreasAndPlacesForm(GuardedForm, forms.ModelForm):
    """What questions and programmes share: areas, ages and municipalities of one pact, and who it is of."""

    owner: str
    """The name of the field with the partnership that the row belongs to."""

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    """The mark of the row as the writer got it: see marks.py."""

    def __init__(self, *args: Any, pact: Pact, partnerships: Iterable[Partnership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pact = pact
        self.instance.pact = pact
        partners = Partnership.objects.in_pact(pact).select_related("organisation")
        # What was chosen before may stay, also when that partner takes part no longer.
        kept = getattr(self.instance, f"{self.owner}_id")
        placed = [place.pk for place in self.instance.municipalities.all()] if self.instance.pk else []
        self._offer(
            self.owner, partners.filter(pk__in={kept, *(partnership.pk for partnership in partnerships)} - {None})
        )
        self._offer("areas", CollaborationArea.objects.in_pact(pact))
        self._offer(
            "municipalities", partners.current().municipalities() | partners.municipalities().filter(pk__in=placed)
        )
        for name in ("age_from", "age_to"):
            self.fields[name].error_messages["invalid"] = _("Vul een hele leeftijd in, van 0 tot en met 23.")

    def values(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    def _offer(self, name: str, rows: QuerySet) -> None:
        cast("forms.ModelChoiceField", self.fields[name]).queryset = rows


class QuestionForm(AreasAndPlacesForm):
    """A support question. A draft may lack what a submitted one must have."""

    owner = "partnership"

    class Meta:
        model = SupportQuestion
        fields = [
            "partnership",
            "title",
            "description",
            "areas",
            "age_from",
            "age_to",
            "transition",
            "protective_level",
            "municipalities",
            "young_people",
            "urgency",
            "source",
        ]
        field_classes = {"areas": RowsField, "municipalities": RowsField}
        widgets = {
            "title": forms.TextInput(attrs={"class": "input-wide"}),
            "areas": forms.CheckboxSelectMultiple,
            "municipalities": forms.CheckboxSelectMultiple,
            "age_from": forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
            "age_to": forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
            "young_people": forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
            "protective_level": forms.RadioSelect,
            "urgency": forms.RadioSelect,
        }
        help_texts = {
            "title": _("Bijvoorbeeld: hoe helpen wij leerlingen die de overstap naar het vo spannend vinden?"),
            "description": _("Wat ziet u, en wat zou helpen? Schrijf geen namen of gegevens van kinderen op."),
            "areas": _("Kies een of meer thema's van het plan. Nodig om de vraag in te dienen."),
            "protective_level": _("Nodig om de vraag in te dienen."),
            "age_from": _("In jaren, van 0 tot en met 23."),
            "age_to": _("In jaren, van 0 tot en met 23."),
            "young_people": _("Een schatting is genoeg."),
            "municipalities": _("Waar wonen deze jongeren? Kiest u niets, dan geldt de vraag voor de hele regio."),
        }

    def __init__(self, *args: Any, drafting: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Without the empty choice that a column without a default brings along.
        cast("forms.ChoiceField", self.fields["protective_level"]).choices = SupportQuestion.Level.choices
        cast("forms.ChoiceField", self.fields["transition"]).choices = [
            ("", _("gaat niet over een overgang")),
            *SupportQuestion.Transition.choices,
        ]
        if drafting:
            for name in ("areas", "protective_level"):
                self.fields[name].required = False
        if self.instance.pk:
            self.initial["seen"] = mark_of(self.instance)


class SendBackForm(GuardedForm, forms.Form):
    """Why a question goes back to its submitter."""

    remark = forms.CharField(
        label=_("Wat moet de indiener aanpassen?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("De indiener krijgt deze tekst per mail."),
        error_messages={"required": _("Schrijf op wat de indiener moet aanpassen.")},
    )


SORTS = {
    "newest": (_("nieuwste eerst"), ["-number"]),
    "oldest": (_("oudste eerst"), ["number"]),
    "urgency": (_("meest dringend eerst"), ["-urgency", "-number"]),
    "title": (_("op titel"), ["title", "number"]),
}


class AreasAndPlacesFilter(django_filters.FilterSet):
    """What the lists of questions and programmes share: words, an area, a municipality, and who it is of.

    Filters come from the query string. What is not known filters nothing, and says so at its field.
    """

    owner: str
    """The name of the filter with the partnership that the rows belong to."""

    searched: tuple[str, ...]
    """The columns in which words are sought, beside the code."""

    words = django_filters.CharFilter(method="with_words", label=_("Zoek op woorden"), max_length=200)
    area = django_filters.ModelChoiceFilter(
        field_name="areas",
        queryset=CollaborationArea.unscoped.none(),
        label=_("Gebied"),
        empty_label=_("alle gebieden"),
    )
    municipality = django_filters.ModelChoiceFilter(
        method="in_municipality",
        queryset=Partnership.unscoped.none(),
        label=_("Gemeente"),
        empty_label=_("alle gemeenten"),
    )

    def __init__(self, data: Any, queryset: QuerySet, *, request: HttpRequest, pact: Pact) -> None:
        super().__init__(data, queryset=queryset, request=request)
        partners = Partnership.objects.in_pact(pact).select_related("organisation")
        self.filters["area"].queryset = CollaborationArea.objects.in_pact(pact)
        self.filters["municipality"].queryset = partners.municipalities()
        self.filters[self.owner].queryset = partners.order_by("organisation__name")

    def with_words(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Every word stands in one of the columns, or is the code of the row, such as V12."""
        code = self._meta.model.CODE
        for word in value.split():
            condition = Q()
            for column in self.searched:
                condition |= Q(**{f"{column}__icontains": word})
            if word[:1].upper() == code and word[1:].isascii() and word[1:].isdigit():
                condition |= Q(number=int(word[1:]))
            queryset = queryset.filter(condition)
        return queryset

    def in_municipality(self, queryset: QuerySet, _name: str, value: Partnership) -> QuerySet:
        """Those of the municipality, and those of the whole region, which name none."""
        return queryset.filter(Q(municipalities=value) | Q(municipalities__isnull=True)).distinct()


class QuestionFilter(AreasAndPlacesFilter):
    owner = "partner"
    searched = ("title", "description")

    state = django_filters.ChoiceFilter(
        choices=[choice for choice in SupportQuestion.State.choices if choice[0] != SupportQuestion.State.MERGED],
        label=_("Status"),
        empty_label=_("elke status"),
    )
    sector = django_filters.ChoiceFilter(
        field_name="partnership__organisation__sector",
        choices=Sector.choices,
        label=_("Sector"),
        empty_label=_("alle sectoren"),
    )
    partner = django_filters.ModelChoiceFilter(
        field_name="partnership",
        queryset=Partnership.unscoped.none(),
        label=_("Organisatie"),
        empty_label=_("alle organisaties"),
    )
    urgency = django_filters.ChoiceFilter(
        choices=SupportQuestion.Urgency.choices, label=_("Urgentie"), empty_label=_("elke urgentie")
    )
    sort = django_filters.ChoiceFilter(
        choices=[(name, label) for name, (label, _fields) in SORTS.items()],
        method="in_order",
        label=_("Volgorde"),
        empty_label=None,
        null_label=None,
    )

    class Meta:
        model = SupportQuestion
        fields: list[str] = []

    def in_order(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        return queryset.order_by(*SORTS[value][1])
