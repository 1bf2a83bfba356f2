"""What is filled in about the route, about a proposal, and about what a step said."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.fields import DutchDateField
from pact_portal.foundation.forms.guarded import LONGEST_RICH_TEXT, GuardedForm
from pact_portal.foundation.richtext.fields import RichTextFormField
from partners.bodies.models import Body, Meeting
from partners.organisations.models import Partnership
from partners.pact.models import Pact
from plan.decisions.deciding import MOST_CONDITIONS, day_of
from plan.decisions.kinds import Kind, Shown
from plan.decisions.models import Decision, Outcome, Proposal, ProposalStep, StepKind
from plan.decisions.route import MOST_STEPS, StepRow

LONGEST_CONDITION = 2000
MOST_MEETINGS = 25
"""Of the body of a step, the last ones: who looks for an older one leaves it empty."""
DAYS = 28
LAST = 1000
"""Where a step without a number goes."""


class BodyField(forms.ModelChoiceField):
    """A body of the pact that still meets, with its kind where its name does not say it."""

    def label_from_instance(self, obj: Any) -> str:
        kind = obj.get_kind_display()
        return str(obj) if kind in obj.name.lower() else f"{obj} ({kind})"


# --- The route -------------------------------------------------------------------------------------------------------


class StepForm(GuardedForm, forms.Form):
    """One step of the route. A line without name and body counts for nothing."""

    position = forms.IntegerField(
        label=_("Volgorde"),
        required=False,
        min_value=1,
        max_value=99,
        widget=forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
        error_messages={
            "invalid": _("Vul een heel getal in, bijvoorbeeld 2."),
            "min_value": _("Vul een getal in van 1 tot en met 99."),
            "max_value": _("Vul een getal in van 1 tot en met 99."),
        },
    )
    name = forms.CharField(label=_("Naam van de stap"), required=False, max_length=120)
    body = BodyField(
        label=_("Welk overleg"),
        required=False,
        queryset=Body.unscoped.none(),
        empty_label=_("kies een overleg"),
        error_messages={"invalid_choice": _("Kies een overleg uit de lijst.")},
    )
    kind = forms.ChoiceField(
        label=_("Wat het overleg doet"),
        required=False,
        choices=[("", _("kies wat het doet")), *StepKind.choices],
        error_messages={"invalid_choice": _("Kies: bereidt voor, adviseert of besluit.")},
    )
    days = forms.IntegerField(
        label=_("Dagen om te behandelen"),
        required=False,
        min_value=1,
        max_value=365,
        initial=DAYS,
        widget=forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
        error_messages={
            "invalid": _("Vul een heel aantal dagen in, bijvoorbeeld 28."),
            "min_value": _("Geef 1 tot en met 365 dagen."),
            "max_value": _("Geef 1 tot en met 365 dagen."),
        },
    )
    remove = forms.BooleanField(label=_("Haal deze stap weg"), required=False)

    def __init__(self, *args: Any, bodies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField", self.fields["body"]).queryset = bodies

    @property
    def is_blank(self) -> bool:
        """Whether the line says nothing, or is taken away."""
        filled = getattr(self, "cleaned_data", {})
        return bool(filled.get("remove")) or not (filled.get("name") or filled.get("body") or filled.get("kind"))

    def clean(self) -> dict[str, Any] | None:
        filled = self.cleaned_data
        if filled.get("remove"):
            self._errors = self.error_class()  # what is taken away need not be right
            return filled
        if self.is_blank:
            return filled
        missing = {
            "name": _("Geef de stap een naam."),
            "body": _("Kies welk overleg deze stap neemt."),
            "kind": _("Kies wat het overleg doet."),
            "days": _("Vul in hoeveel dagen het overleg heeft."),
        }
        for name, sentence in missing.items():
            if not filled.get(name) and name not in self.errors:
                self.add_error(name, ValidationError(sentence, code="required"))
        return filled


StepFormSet = forms.formset_factory(
    StepForm, extra=2, max_num=MOST_STEPS, validate_max=True, absolute_max=MOST_STEPS + 8
)


def rows_of(formset: forms.BaseFormSet) -> list[StepRow]:
    """The steps in the order of their numbers; with the same number, or none, as they stand. Only after is_valid()."""
    forms_filled = [form for form in formset.forms if form.cleaned_data and not form.is_blank]
    in_order = sorted(forms_filled, key=lambda form: form.cleaned_data.get("position") or LAST)
    return [
        StepRow(name=row["name"], body=row["body"], kind=StepKind(row["kind"]), days=row["days"])
        for row in (form.cleaned_data for form in in_order)
    ]


# --- A proposal ------------------------------------------------------------------------------------------------------


def short(shown: Shown, most: int = 3) -> str:
    """The first lines of a row, for beside its tick."""
    return " · ".join(f"{label}: {text}" for label, text in shown.lines[:most])


class ProposalForm(GuardedForm, forms.Form):
    """What is asked, and which rows of the registers it is about."""

    title = forms.CharField(
        label=_("Wat vraagt u, in één zin?"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input-wide"}),
        help_text=_("Bijvoorbeeld: stel maatregel M3 vast en leg het geld ervoor vast."),
        error_messages={"required": _("Schrijf in één zin op wat u vraagt.")},
    )
    explanation = RichTextFormField(
        label=_("Toelichting"),
        max_length=LONGEST_RICH_TEXT,
        help_text=_("Wat moet een overleg weten om te kunnen besluiten?"),
        error_messages={"required": _("Leg uit wat het overleg moet weten.")},
    )
    partnership = forms.ModelChoiceField(
        label=_("Namens"),
        queryset=Partnership.unscoped.none(),
        empty_label=_("kies een partner"),
        error_messages={
            "required": _("Kies namens wie u dit inbrengt."),
            "invalid_choice": _("Kies een partner uit de lijst."),
        },
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, pact: Pact, offered: Sequence[tuple[Kind, dict[int, Shown]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partners = Partnership.objects.in_pact(pact).current().select_related("organisation")
        cast("forms.ModelChoiceField", self.fields["partnership"]).queryset = partners.order_by("organisation__name")
        self.offered_fields: list[str] = []
        for kind, rows in offered:
            if not rows:
                continue
            name = f"rows_{kind.name}"
            self.offered_fields.append(name)
            choices = [(str(pk), _choice(shown)) for pk, shown in rows.items()]
            self.fields[name] = forms.TypedMultipleChoiceField(
                label=capfirst(str(kind.label)),
                choices=choices,
                coerce=int,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                error_messages={
                    "invalid_choice": _(
                        "Kies alleen uit de lijst: een van uw keuzes kan niet (meer) worden ingebracht."
                    )
                },
            )

    @property
    def offered(self) -> list[forms.BoundField]:
        """The fields with what can be put in the proposal, one per kind."""
        return [self[name] for name in self.offered_fields]

    def items(self) -> list[tuple[str, int]]:
        """The rows that were ticked: the name of their kind and their key."""
        return [
            (name.removeprefix("rows_"), key) for name in self.offered_fields for key in self.cleaned_data.get(name, [])
        ]

    def values(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        filled = self.cleaned_data
        return {
            "title": filled["title"],
            "explanation": filled["explanation"],
            "partnership": filled["partnership"],
            "items": self.items(),
        }


def _choice(shown: Shown) -> str:
    below = " · ".join(part for part in (short(shown), shown.problem) if part)
    return format_html('{} {}<span class="sub">{}</span>', shown.code, shown.title, below)


class WithdrawForm(GuardedForm, forms.Form):
    """Why a proposal is taken back."""

    reason = forms.CharField(
        label=_("Waarom trekt u dit voorstel in?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Alle partners kunnen dit lezen."),
        error_messages={"required": _("Schrijf op waarom u het voorstel intrekt.")},
    )

    def __init__(self, *args: Any, is_draft: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A draft was seen by nobody: nobody asks why it goes.
        self.fields["reason"].required = not is_draft


# --- What a step said ------------------------------------------------------------------------------------------------


def outcome_field() -> forms.TypedChoiceField:
    """What a body said; the form gives the outcomes that the step can have."""
    return forms.TypedChoiceField(
        label=_("Uitkomst"),
        coerce=Outcome,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Kies wat het overleg heeft gezegd."),
            "invalid_choice": _("Kies een uitkomst uit de lijst: deze past niet bij deze stap."),
        },
    )


def conditions_field() -> forms.CharField:
    """Several conditions, one on a line."""
    return forms.CharField(
        label=_("Voorwaarden"),
        required=False,
        max_length=MOST_CONDITIONS * 500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Zet elke voorwaarde op een eigen regel. Leeg: zonder voorwaarden."),
    )


def conditions_in(text: str) -> list[str]:
    """The lines with something on them. Raises ValidationError for more than there can be, or a longer one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_CONDITIONS:
        raise ValidationError(_("Geef hooguit %(most)s voorwaarden.") % {"most": MOST_CONDITIONS})
    if any(len(line) > LONGEST_CONDITION for line in lines):
        raise ValidationError(_("Een voorwaarde kan hooguit %(most)s tekens lang zijn.") % {"most": LONGEST_CONDITION})
    return lines


class MeetingField(forms.ModelChoiceField):
    """A meeting by its day and title."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{date_format(timezone.localdate(obj.starts_at), 'j F Y')}: {obj.title}"


def meetings_of_bodies(bodies: Any, pact: Pact) -> Any:
    """The meetings of these bodies that began, and were not called off; the last one first."""
    held = Meeting.objects.in_pact(pact).filter(body__in=bodies, cancelled_at=None, starts_at__lte=timezone.now())
    return held.order_by("-starts_at")


class OutcomeForm(GuardedForm, forms.Form):
    """What one step said about a proposal; offers the outcomes that the step can give."""

    outcome = outcome_field()
    meeting = MeetingField(
        label=_("In welke bijeenkomst?"),
        required=False,
        queryset=Meeting.unscoped.none(),
        empty_label=_("geen van deze bijeenkomsten"),
        error_messages={"invalid_choice": _("Kies een bijeenkomst van dit overleg uit de lijst.")},
    )
    decided_on = DutchDateField(
        label=_("Op welke dag?"),
        required=False,
        help_text=_("Bijvoorbeeld 14-3-2027. Leeg: de dag van de bijeenkomst die u koos."),
        error_messages={"required": _("Vul de dag van het overleg in.")},
    )
    reason = forms.CharField(
        label=_("Reden"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Waarom kwam het overleg hierop uit? Dit komt in het besluitenregister."),
        error_messages={"required": _("Schrijf op waarom het overleg hierop uitkwam.")},
    )
    conditions = conditions_field()
    step = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**62)

    def __init__(self, *args: Any, step: ProposalStep, pact: Pact, outcomes: Iterable[Outcome], **kwargs: Any) -> None:
        kwargs["initial"] = {"step": step.pk}
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["outcome"]).choices = [(each.value, each.label) for each in outcomes]
        newest = meetings_of_bodies([step.body_id], pact).values("pk")[:MOST_MEETINGS]
        meetings = Meeting.objects.in_pact(pact).filter(pk__in=newest).order_by("-starts_at")
        cast("forms.ModelChoiceField", self.fields["meeting"]).queryset = meetings
        if not meetings.exists():
            # Nothing to choose from: then the day alone says when it was.
            self.fields["meeting"].widget = forms.HiddenInput()
            self.fields["decided_on"].required = True
            self.fields["decided_on"].help_text = _("De dag van het overleg, bijvoorbeeld 14-3-2027.")

    def clean_conditions(self) -> list[str]:
        return conditions_in(self.cleaned_data["conditions"])

    def clean(self) -> dict[str, Any] | None:
        filled = self.cleaned_data
        if not filled.get("decided_on") and not {"decided_on", "meeting"} & self.errors.keys():
            if filled.get("meeting"):
                filled["decided_on"] = day_of(filled["meeting"])
            else:
                fault = ValidationError(_("Kies een bijeenkomst, of vul de dag van het overleg in."), code="required")
                self.add_error("decided_on", fault)
        return filled


class MeetingRowForm(GuardedForm, forms.Form):
    """What a meeting said about one proposal. Without an outcome it was not treated."""

    outcome = forms.TypedChoiceField(
        label=_("Uitkomst"),
        coerce=Outcome,
        required=False,
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Kies een uitkomst uit de lijst: deze past niet bij deze stap.")},
    )
    reason = forms.CharField(
        label=_("Reden"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    conditions = conditions_field()

    def __init__(self, *args: Any, outcomes: Iterable[Outcome], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["outcome"]).choices = [
            ("", _("niet behandeld")),
            *((each.value, each.label) for each in outcomes),
        ]

    def clean_conditions(self) -> list[str]:
        return conditions_in(self.cleaned_data["conditions"])

    def clean(self) -> dict[str, Any] | None:
        filled = self.cleaned_data
        if filled.get("outcome") and not filled.get("reason") and "reason" not in self.errors:
            fault = ValidationError(_("Schrijf op waarom het overleg hierop uitkwam."), code="required")
            self.add_error("reason", fault)
        said = filled.get("reason") or filled.get("conditions")
        if said and not filled.get("outcome") and "outcome" not in self.errors:
            fault = ValidationError(
                _("Kies ook een uitkomst, of maak de reden en de voorwaarden leeg."), code="outcome"
            )
            self.add_error("outcome", fault)
        return filled


class SupersedeForm(GuardedForm, forms.Form):
    """The decision that takes the place of an earlier one of the same step."""

    outcome = outcome_field()
    decided_on = DutchDateField(
        label=_("Op welke dag?"),
        help_text=_("De dag van het overleg, bijvoorbeeld 14-3-2027."),
        error_messages={"required": _("Vul de dag van het overleg in.")},
    )
    reason = forms.CharField(
        label=_("Reden"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Wat klopte er niet, of wat is er nu anders? Het oude besluit blijft leesbaar."),
        error_messages={"required": _("Schrijf op waarom dit besluit in de plaats komt van het vorige.")},
    )

    conditions = conditions_field()

    def __init__(
        self, *args: Any, decision: Decision, outcomes: Iterable[Outcome], conditions: Iterable[str], **kwargs: Any
    ) -> None:
        kwargs["initial"] = {
            "outcome": decision.outcome,
            "decided_on": decision.decided_on,
            "conditions": "\n".join(" ".join(text.split()) for text in conditions),
        }
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["outcome"]).choices = [(each.value, each.label) for each in outcomes]

    def clean_conditions(self) -> list[str]:
        return conditions_in(self.cleaned_data["conditions"])

    def values(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        return {name: self.cleaned_data[name] for name in ("outcome", "decided_on", "reason", "conditions")}


def proposal_initial(proposal: Proposal, items: Iterable[tuple[str, int]], seen: str) -> dict[str, Any]:
    """What the form of an existing proposal begins with."""
    initial: dict[str, Any] = {
        "title": proposal.title,
        "explanation": proposal.explanation,
        "partnership": proposal.partnership_id,
        "seen": seen,
    }
    for kind, key in items:
        initial.setdefault(f"rows_{kind}", []).append(str(key))
    return initial
