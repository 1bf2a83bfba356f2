"""What is typed about the text of the pact, apart from the text itself."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.fields import DutchDateField
from pact_portal.foundation.forms.guarded import GuardedForm
from pact_portal.foundation.forms.uploads import ImageField
from partners.pact.models import Pact, PactSection, SectionPicture, Testimony


def _longest(model: Any, field: str) -> int:
    length: int = model._meta.get_field(field).max_length
    return length


class SectionForm(GuardedForm, forms.Form):
    """Only its title: the text is written in place."""

    title = forms.CharField(
        label=_("Titel van het onderdeel"),
        max_length=_longest(PactSection, "title"),
        error_messages={"required": _("Vul een titel in.")},
    )


class MoveForm(forms.Form):
    """To which side something moves."""

    direction = forms.ChoiceField(choices=[("up", "up"), ("down", "down")])


class RestoreForm(forms.Form):
    """Which revision comes back, and which was the newest when that was chosen."""

    number = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    base = forms.IntegerField(min_value=0, max_value=2**31 - 1)


class ChooseTwoForm(GuardedForm, forms.Form):
    """Two of the same kind to lay side by side: `choices` are numbers with their label, newest first."""

    def __init__(self, *args: Any, choices: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="compare-%s", **kwargs)
        faults = {
            "required": _("Kies twee uit de lijst."),
            "invalid_choice": _("Deze is er niet. Kies er een uit de lijst."),
        }
        for name, label in (("from", _("Vergelijk")), ("to", _("met"))):
            self.fields[name] = forms.TypedChoiceField(
                label=label, choices=choices, coerce=int, error_messages={**faults}
            )


class PictureTextForm(GuardedForm, forms.Form):
    """What is said about a picture."""

    alt = forms.CharField(
        label=_("Beschrijving voor wie de afbeelding niet ziet"),
        help_text=_("Zeg wat er te zien is en waarom dat hier staat."),
        max_length=_longest(SectionPicture, "alt"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Beschrijf de afbeelding voor wie die niet ziet.")},
    )
    caption = forms.CharField(
        label=_("Bijschrift"),
        help_text=_("Staat onder de afbeelding, bijvoorbeeld met de naam van de maker."),
        max_length=_longest(SectionPicture, "caption"),
        required=False,
    )

    def clean_alt(self) -> str:
        return " ".join(str(self.cleaned_data["alt"]).split())


class PictureForm(PictureTextForm):
    """A new picture with what is said about it."""

    image = ImageField(label=_("Afbeelding"), help_text=_("Staan er mensen op? Vraag hun eerst toestemming."))

    field_order = ("image", "alt", "caption")


class TestimonyForm(GuardedForm, forms.Form):
    """What somebody said, and the consent to show it; of one that stands in a version, only where it is placed."""

    quotation = forms.CharField(
        label=_("Citaat"),
        max_length=_longest(Testimony, "quotation"),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Schrijf op wat er is gezegd.")},
    )
    source = forms.CharField(
        label=_("Van wie"),
        help_text=_("Zonder naam, bijvoorbeeld: student mbo, 18 jaar."),
        max_length=_longest(Testimony, "source"),
        error_messages={"required": _("Vul in wie dit zei, zonder naam.")},
    )
    link = forms.URLField(
        label=_("Link naar film of verhaal"),
        required=False,
        assume_scheme="https",
        error_messages={"invalid": _("Vul een webadres in dat begint met https://.")},
    )
    section = forms.ModelChoiceField(
        label=_("Naast welk onderdeel"),
        queryset=PactSection.objects.none(),
        required=False,
        empty_label=_("Nog nergens"),
        error_messages={"invalid_choice": _("Dit onderdeel staat niet meer in de tekst. Kies een ander.")},
    )
    consent_on = DutchDateField(
        label=_("Toestemming gegeven op"),
        error_messages={"required": _("Vul in wanneer toestemming is gegeven.")},
    )
    consent_note = forms.CharField(
        label=_("Hoe toestemming is gegeven"),
        help_text=_("Door wie, en waar het bewijs ligt. Dit staat nergens in het pact."),
        max_length=_longest(Testimony, "consent_note"),
        error_messages={"required": _("Leg vast hoe toestemming is gegeven.")},
    )

    def __init__(self, *args: Any, pact: Pact, only_place: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        section = cast("forms.ModelChoiceField", self.fields["section"])
        section.queryset = PactSection.objects.in_pact(pact).in_text()
        if only_place:
            self.fields = {"section": section}
