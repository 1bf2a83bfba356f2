"""Writing and curating support questions."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.guarded import GuardedForm, RowsField
from partners.organisations.models import Partnership
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
