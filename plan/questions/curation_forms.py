"""Finding, merging and discussing what waits for a coordinator."""

from collections.abc import Sequence
from typing import Any, cast

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.guarded import GuardedForm
from partners.pact.models import Pact
from plan.questions.curation import number_of
from plan.questions.filters import SORTS, QuestionFilter
from plan.questions.marked import MarkedForm
from plan.questions.models import CurationNote, SupportQuestion

WAITING_LONGEST = ["submitted_at", "number"]


class QueueFilter(QuestionFilter):
    """Those that wait: by the filters of the list, but not by what only accepted questions have."""

    state = None
    coverage = None
    sort = django_filters.ChoiceFilter(
        choices=[
            ("waiting", _("wacht het langst")),
            *((name, SORTS[name][0]) for name in ("newest", "urgency", "title")),
        ],
        method="in_order",
        label=_("Volgorde"),
        empty_label=None,
        null_label=None,
    )

    def in_order(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.order_by(*WAITING_LONGEST) if value == "waiting" else super().in_order(queryset, name, value)


class TargetForm(MarkedForm, forms.Form):
    """Into which question another goes: one of those that look alike, or any by its number."""

    target = forms.ChoiceField(
        label=_("Vragen die er het meest op lijken"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Kies de vraag waarin deze opgaat."),
            "invalid_choice": _("Kies een vraag uit de lijst, of typ hieronder een nummer."),
        },
    )
    code = forms.CharField(
        label=_("Nummer van de vraag"),
        required=False,
        max_length=12,
        help_text=_("Bijvoorbeeld V12."),
        widget=forms.TextInput(attrs={"class": "input-short", "autocomplete": "off"}),
        error_messages={"required": _("Typ het nummer van de vraag waarin deze opgaat.")},
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    into: SupportQuestion
    """The question that was chosen; after is_valid()."""

    def __init__(self, *args: Any, pact: Pact, similar: Sequence[tuple[SupportQuestion, str]], **kwargs: Any) -> None:
        """`similar` are the questions to choose from, each with its label; one of them or a number is needed."""
        super().__init__(*args, **kwargs)
        self.pact = pact
        choices = [(str(question.number), label) for question, label in similar]
        cast("forms.ChoiceField", self.fields["target"]).choices = choices
        if choices:
            self.fields["code"].label = _("Of een andere vraag, met haar nummer")
        else:
            del self.fields["target"]
            self.fields["code"].required = True

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        code = cleaned.get("code", "")
        # What was typed goes before what was ticked, which cannot be put off. The next page names the question.
        if code:
            self.errors.pop("target", None)
        number = number_of(code or cleaned.get("target") or "")
        if code and number is None:
            self.add_error("code", ValidationError(_("Typ het nummer van een vraag, bijvoorbeeld V12."), code="code"))
        elif number is not None and not self.errors:
            # What was never handed in is its owner's alone: it is as unknown as a question of another pact.
            known = SupportQuestion.objects.in_pact(self.pact).filter(submitted_at__isnull=False)
            into = known.select_related("partnership__organisation", "merged_into").filter(number=number).first()
            if into is None:
                unknown = _("Vraag V%(number)s kennen wij niet in dit pact. Kijk het nummer na.") % {"number": number}
                self.add_error("code", ValidationError(unknown, code="unknown"))
            else:
                self.into = into
        return cleaned


class RemarkForm(GuardedForm, forms.Form):
    """One remark for all the questions that go back."""

    remark = forms.CharField(
        label=_("Wat moeten de indieners aanpassen?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Elke indiener krijgt deze tekst per mail."),
        error_messages={"required": _("Schrijf op wat de indieners moeten aanpassen.")},
    )


class NoteForm(GuardedForm, forms.ModelForm):
    """What coordinators tell each other."""

    class Meta:
        model = CurationNote
        fields = ["text"]
        labels = {"text": _("Nieuwe notitie")}
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"text": _("Alleen coördinatoren lezen dit. Het komt niet in het plan en niet in een export.")}
        error_messages = {"text": {"required": _("Schrijf eerst een notitie.")}}

    def __init__(self, *args: Any, question: SupportQuestion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.question = question
