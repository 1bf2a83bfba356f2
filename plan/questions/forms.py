"""Writing and curating support questions."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.guarded import GuardedForm, RowsField
from partners.organisations.models import Partnership
from partners.pact.models import CollaborationArea, Pact
from plan.questions.marked import MarkedForm
from plan.questions.models import SupportQuestion
from plan.questions.workflow import mark_of


class AreasAndPlacesForm(MarkedForm, forms.ModelForm):
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


class QuestionStepForm(MarkedForm, forms.ModelForm):
    """One step of writing a question: a few of its fields. What the other steps ask stays as it is.

    With `unfinished` a draft is kept that may lack what a submitted question must have.
    """

    may_lack: frozenset[str] = frozenset()

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    """The mark of the row as the writer got it: see marks.py."""

    def __init__(
        self, *args: Any, pact: Pact, partnerships: Iterable[Partnership], unfinished: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.pact = pact
        self.instance.pact = pact
        self.partnerships = list(partnerships)
        if unfinished:
            for name in self.may_lack & self.fields.keys():
                self.fields[name].required = False
        if self.instance.pk:
            self.initial["seen"] = mark_of(self.instance)

    def values(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    def _offer(self, name: str, rows: QuerySet) -> None:
        cast("forms.ModelChoiceField", self.fields[name]).queryset = rows


class QuestionTextForm(QuestionStepForm):
    """Step 1: who asks, and what."""

    class Meta:
        model = SupportQuestion
        fields = ["partnership", "title", "description"]
        widgets = {"title": forms.TextInput(attrs={"class": "input-wide"})}
        help_texts = {
            "title": _("Bijvoorbeeld: hoe helpen wij leerlingen die de overstap naar het vo spannend vinden?"),
            "description": _("Wat ziet u, en wat zou helpen? Schrijf geen namen of gegevens van kinderen op."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What was chosen before may stay, also when that partner takes part no longer.
        kept = self.instance.partnership_id
        offered = {kept, *(partnership.pk for partnership in self.partnerships)} - {None}
        self.only = offered.pop() if len(offered) == 1 else None
        if self.only:
            del self.fields["partnership"]
        else:
            partners = Partnership.objects.in_pact(self.pact).select_related("organisation")
            self._offer("partnership", partners.filter(pk__in=offered))

    def values(self) -> dict[str, Any]:
        values = super().values()
        if self.only:
            values["partnership"] = Partnership.objects.in_pact(self.pact).get(pk=self.only)
        return values


class QuestionAudienceForm(QuestionStepForm):
    """Step 2: for which young people."""

    class Meta:
        model = SupportQuestion
        fields = ["age_from", "age_to", "transition", "municipalities", "young_people"]
        field_classes = {"municipalities": RowsField}
        widgets = {
            "municipalities": forms.CheckboxSelectMultiple,
            "age_from": forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
            "age_to": forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
            "young_people": forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
        }
        help_texts = {
            "age_from": _("In jaren, van 0 tot en met 23."),
            "age_to": _("In jaren, van 0 tot en met 23."),
            "young_people": _("Een schatting is genoeg."),
            "municipalities": _("Waar wonen deze jongeren? Kiest u niets, dan geldt de vraag voor de hele regio."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["transition"]).choices = [
            ("", _("gaat niet over een overgang")),
            *SupportQuestion.Transition.choices,
        ]
        for name in ("age_from", "age_to"):
            self.fields[name].error_messages["invalid"] = _("Vul een hele leeftijd in, van 0 tot en met 23.")
        partners = Partnership.objects.in_pact(self.pact).select_related("organisation")
        placed = [place.pk for place in self.instance.municipalities.all()] if self.instance.pk else []
        self._offer(
            "municipalities", partners.current().municipalities() | partners.municipalities().filter(pk__in=placed)
        )


class QuestionThemeForm(QuestionStepForm):
    """Step 3: which theme it belongs to, and how much haste it has."""

    may_lack = frozenset({"areas", "protective_level"})

    class Meta:
        model = SupportQuestion
        fields = ["areas", "protective_level", "urgency", "source"]
        field_classes = {"areas": RowsField}
        widgets = {
            "areas": forms.CheckboxSelectMultiple,
            "protective_level": forms.RadioSelect,
            "urgency": forms.RadioSelect,
        }
        help_texts = {"areas": _("Kies een of meer thema's van het plan.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Without the empty choice that a column without a default brings along.
        cast("forms.ChoiceField", self.fields["protective_level"]).choices = SupportQuestion.Level.choices
        self._offer("areas", CollaborationArea.objects.in_pact(self.pact))


class EndorseForm(GuardedForm, forms.Form):
    """On whose behalf a question is endorsed, and how it is there."""

    partnership = forms.ModelChoiceField(
        queryset=Partnership.unscoped.none(),
        label=_("Namens"),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Kies namens welke organisatie."),
            "invalid_choice": _("Kies een organisatie waarvoor u meedoet."),
        },
    )
    note = forms.CharField(
        label=_("Hoe is dat bij u?"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Bijvoorbeeld: bij ons gaat het om twee scholen in Heiloo. Alle partners kunnen dit lezen."),
    )

    def __init__(self, *args: Any, partnerships: Iterable[Partnership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = list(partnerships)
        self.only = offered[0] if len(offered) == 1 else None
        if self.only:
            del self.fields["partnership"]
        else:
            field = cast("forms.ModelChoiceField", self.fields["partnership"])
            field.queryset = Partnership.unscoped.filter(pk__in=[each.pk for each in offered]).select_related(
                "organisation"
            )

    @property
    def chosen(self) -> Partnership:
        """The partnership that was chosen, or the only one that there is."""
        partnership: Partnership = self.only or self.cleaned_data["partnership"]
        return partnership


class WithdrawForm(MarkedForm, forms.Form):
    """Why a question is taken back."""

    reason = forms.CharField(
        label=_("Waarom trekt u de vraag in?"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Wie de vraag eerder kon lezen, kan ook deze reden lezen."),
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class SendBackForm(GuardedForm, forms.Form):
    """Why a question goes back to its submitter."""

    remark = forms.CharField(
        label=_("Wat moet de indiener aanpassen?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("De indiener krijgt deze tekst per mail."),
        error_messages={"required": _("Schrijf op wat de indiener moet aanpassen.")},
    )
