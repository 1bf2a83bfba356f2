"""Keeping programmes, and judging their fit."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.fields import DutchDateField, EuroField
from pact_portal.foundation.forms.guarded import GuardedForm, RowsField
from partners.pact.forms import TestimonyForm
from partners.pact.models import Testimony
from plan.programmes.models import Fit, Programme
from plan.programmes.workflow import mark_of
from plan.questions.forms import AreasAndPlacesForm
from plan.questions.marked import MarkedForm

MOST_YOUNG_PEOPLE = 1_000_000


class ProgrammeForm(AreasAndPlacesForm):
    """A programme that exists."""

    owner = "provider"

    class Meta:
        model = Programme
        fields = [
            "provider",
            "name",
            "description",
            "amplitie",
            "preventie",
            "curatie",
            "areas",
            "age_from",
            "age_to",
            "municipalities",
            "reach_per_year",
            "starts_on",
            "ends_on",
            "funding_source",
            "yearly_cost",
            "nji_level",
            "link",
            "is_example",
            "example_reason",
        ]
        field_classes = {
            "areas": RowsField,
            "municipalities": RowsField,
            "starts_on": DutchDateField,
            "ends_on": DutchDateField,
            "yearly_cost": EuroField,
        }
        widgets = {
            "name": forms.TextInput(attrs={"class": "input-wide"}),
            "areas": forms.CheckboxSelectMultiple,
            "municipalities": forms.CheckboxSelectMultiple,
            "age_from": forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
            "age_to": forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
            "reach_per_year": forms.TextInput(attrs={"class": "input-short", "inputmode": "numeric"}),
            "link": forms.URLInput(attrs={"class": "input-wide", "inputmode": "url", "autocomplete": "off"}),
            "example_reason": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = {
            "description": _("Wat gebeurt er, voor wie, en wat levert het op?"),
            "areas": _("Kies een of meer thema's van het plan."),
            "age_from": _("In jaren, van 0 tot en met 23."),
            "age_to": _("In jaren, van 0 tot en met 23."),
            "municipalities": _("Waar is dit aanbod er? Kiest u niets, dan is het er in de hele regio."),
            "nji_level": _("Staat het in de databank Effectieve jeugdinterventies? Kies het niveau dat daar staat."),
            "link": _("Bijvoorbeeld een pagina of film. Begin met https://."),
            "is_example": _("Het komt dan op de pagina Voorbeelden, die alle partners zien."),
            "example_reason": _("Nodig bij een voorbeeld. Wat werkte, en waardoor? In een paar zinnen."),
        }

    SECTIONS: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (_("Wat is het?"), ("provider", "name", "description", "amplitie", "preventie", "curatie", "areas")),
        (_("Voor wie en waar?"), ("age_from", "age_to", "municipalities", "reach_per_year")),
        (_("Wanneer, en wie betaalt het?"), ("starts_on", "ends_on", "funding_source", "yearly_cost")),
        (_("Erkenning en voorbeeld"), ("nji_level", "link", "is_example", "example_reason")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["nji_level"]).choices = [
            ("", _("niet erkend, of niet bekend")),
            *Programme.NjiLevel.choices,
        ]
        link: Any = self.fields["link"]
        link.assume_scheme = "https"
        link.error_messages["invalid"] = _("Vul een webadres in dat begint met https://.")
        if self.instance.pk:
            self.initial["seen"] = mark_of(self.instance)

    def clean_reach_per_year(self) -> int | None:
        reach: int | None = self.cleaned_data["reach_per_year"]
        if reach is not None and reach > MOST_YOUNG_PEOPLE:
            raise ValidationError(_("Vul een aantal in van hooguit een miljoen jongeren."), code="too_many")
        return reach

    def clean_link(self) -> str:
        link: str = self.cleaned_data["link"]
        if link and not link.lower().startswith(("https://", "http://")):
            raise ValidationError(_("Vul een webadres in dat begint met https://."), code="scheme")
        return link

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        given = self.cleaned_data
        if given.get("is_example") and "example_reason" in given and not given["example_reason"]:
            fault = _("Schrijf op wat anderen van dit voorbeeld kunnen leren.")
            self.add_error("example_reason", ValidationError(fault, code="required"))
        return cleaned

    def sections(self) -> list[tuple[Any, list[Any]]]:
        """The fields under their headings; what has no section of its own comes last, without a heading."""
        placed = {name for _title, names in self.SECTIONS for name in names}
        rest = [field for field in self.visible_fields() if field.name not in placed]
        sections: list[tuple[Any, list[Any]]] = [
            (title, [self[name] for name in names]) for title, names in self.SECTIONS
        ]
        return [*sections, ("", rest)] if rest else sections


class VoiceForm(TestimonyForm):
    """What somebody said about a programme, with the consent to show it; it stands beside no section of the pact."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["section"]


class PlaceVoiceForm(GuardedForm, forms.Form):
    """Words that were recorded before, to stand beside a programme too."""

    testimony = forms.ModelChoiceField(
        label=_("Stem die al is vastgelegd"),
        queryset=Testimony.unscoped.none(),
        empty_label=_("Kies een stem"),
        error_messages={
            "required": _("Kies een stem uit de lijst."),
            "invalid_choice": _("Kies een stem uit de lijst."),
        },
    )

    def __init__(self, *args: Any, testimonies: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField", self.fields["testimony"]).queryset = testimonies


class FitForm(MarkedForm, forms.Form):
    """How far a programme answers one question."""

    SHOWN = ("level", "reason", "evidence", "judged_by", "judged_on")

    seen = forms.IntegerField(required=False, min_value=0, max_value=2**62, widget=forms.HiddenInput)
    """The newest judgement that there was when the page was opened: see judgements.newest."""

    programme = forms.ModelChoiceField(
        label=_("Bestaand aanbod"),
        queryset=Programme.unscoped.none(),
        empty_label=_("Kies het aanbod"),
        error_messages={
            "required": _("Kies welk aanbod u beoordeelt."),
            "invalid_choice": _("Kies het aanbod uit de lijst."),
        },
    )
    level = forms.ChoiceField(
        label=_("Sluit het aan?"),
        choices=Fit.Level.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Kies hoe ver het aanbod aansluit.")},
    )
    reason = forms.CharField(
        label=_("Waarom?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Schrijf op waarom u dit vindt.")},
    )
    evidence = forms.CharField(
        label=_("Waar blijkt dat uit?"),
        max_length=300,
        help_text=_("Bijvoorbeeld een evaluatie, cijfers of een gesprek."),
        error_messages={"required": _("Schrijf op waar het oordeel uit blijkt.")},
    )
    expires_on = DutchDateField(
        label=_("Geldig tot"),
        required=False,
        help_text=_("Daarna geldt het oordeel als onbekend. Vult u niets in, dan geldt het een jaar."),
    )

    def __init__(self, *args: Any, programmes: QuerySet, suggested: Mapping[int, str] | None = None, **kwargs: Any):
        """`suggested` has the keys of the programmes that come first in the list, in order, each with the reasons."""
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField", self.fields["programme"])
        field.queryset = programmes
        if suggested:
            rows = {programme.pk: programme for programme in programmes}
            first = [(key, f"{rows[key]} ({reasons})") for key, reasons in suggested.items() if key in rows]
            rest = [(key, str(programme)) for key, programme in rows.items() if key not in suggested]
            field.widget.choices = [
                ("", field.empty_label),
                *([(_("Past er misschien bij"), first)] if first else []),
                *([(_("Ander aanbod"), rest)] if rest else []),
            ]

    def clean_expires_on(self) -> Any:
        day = self.cleaned_data["expires_on"]
        if day is not None and day <= timezone.localdate():
            raise ValidationError(_("Kies een dag na vandaag."), code="past")
        return day
