"""Booking what was spent, reallocating money to another target, and what a partner adds of its own."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.fields import DutchDateField
from pact_portal.foundation.forms.guarded import GuardedForm
from pact_portal.foundation.forms.uploads import ScanField
from partners.organisations.models import Partnership
from partners.pact.models import Pact
from plan.funding.forms import TargetForm, amount_field, offer_measures, year_field
from plan.measures.models import Measure


class OnceField(forms.UUIDField):
    """The mark of one filling in: the same form sent twice does its work once.

    A mark that was lost or mangled on the way is refused once, and the page that says so brings a new one.
    """

    widget = forms.HiddenInput
    default_error_messages = {
        "required": _("Er ging iets mis bij het versturen. Controleer wat er staat, en verstuur het nog een keer."),
        "invalid": _("Er ging iets mis bij het versturen. Controleer wat er staat, en verstuur het nog een keer."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"initial": uuid4, **kwargs})

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return str(UUID(str(data)))
        except ValueError:
            return str(initial)


class PartnerField(forms.ModelChoiceField):
    """One of a few partners; when there is but one, it is chosen already."""

    default_error_messages = {
        "required": _("Kies een partner."),
        "invalid_choice": _("Kies een partner uit de lijst."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"queryset": Partnership.unscoped.none(), "empty_label": _("kies een partner"), **kwargs})

    def offer(self, partners: Sequence[Partnership]) -> None:
        # The keys were found before; what is asked of the database is one row, and only on a POST.
        self.queryset = Partnership.unscoped.filter(pk__in=[row.pk for row in partners]).select_related("organisation")
        first = [] if len(partners) == 1 else [("", self.empty_label)]
        self.choices = [*first, *((row.pk, str(row)) for row in partners)]


class BookForm(GuardedForm, forms.Form):
    """What was spent of an allocation, by whom, when and on what."""

    # Given out by the sender of the invoice, often in nine digits: see Expenditure.TECHNICAL_TEXTS.
    privacy_exempt = frozenset({"reference"})

    partnership = PartnerField(label=_("Wie gaf het uit?"))
    amount = amount_field(label=_("Bedrag, in euro"), help_text=_("Bijvoorbeeld 12.500 of 1.234,56."))
    spent_on = DutchDateField(
        label=_("Datum van de uitgave"), help_text=_("De datum die op de factuur staat, bijvoorbeeld 14-3-2027.")
    )
    description = forms.CharField(
        label=_("Waaraan is het uitgegeven?"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input-wide"}),
        help_text=_("Bijvoorbeeld: begeleiding van de mentoren, eerste kwartaal. Noem geen namen van jongeren."),
    )
    reference = forms.CharField(label=_("Factuurnummer of kenmerk"), max_length=80, required=False)
    receipt = ScanField(
        label=_("Bewijsstuk"),
        required=False,
        help_text=_(
            "Bijvoorbeeld de factuur; u kunt die ook later toevoegen. Alle leden van het pact kunnen het bewijsstuk "
            "openen: zorg dat er geen gegevens van jongeren op staan."
        ),
    )
    once = OnceField()

    def __init__(self, *args: Any, partners: Sequence[Partnership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("PartnerField", self.fields["partnership"]).offer(partners)


class CancelForm(GuardedForm, forms.Form):
    """Why a booked amount was wrong."""

    reason = forms.CharField(
        label=_("Waarom trekt u deze besteding in?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Alle leden van het pact kunnen dit lezen."),
        error_messages={"required": _("Schrijf op waarom u de besteding intrekt.")},
    )


class ReceiptForm(GuardedForm, forms.Form):
    """The proof of an expenditure that was booked without."""

    receipt = ScanField(label=_("Bewijsstuk"), error_messages={"required": _("Kies het bewijsstuk.")})


class ReallocationForm(TargetForm):
    """A part of an allocation that should serve another target, and why."""

    reason = forms.CharField(
        label=_("Waarom?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Wie erover besluit, leest dit. Bijvoorbeeld: uit de evaluatie blijkt dat het geld hier overblijft."
        ),
        error_messages={"required": _("Schrijf op waarom het geld een andere bestemming moet krijgen.")},
    )


class ContributionForm(GuardedForm, forms.Form):
    """What a partner adds to a measure from its own means."""

    measure = forms.ModelChoiceField(
        queryset=Measure.unscoped.none(), label=_("Maatregel"), empty_label=_("kies een maatregel")
    )
    partnership = PartnerField(label=_("Welke partner draagt bij?"))
    year = year_field()
    amount = amount_field(
        label=_("Bedrag, in euro"),
        help_text=_("Alleen eigen geld. Geld uit een steunpakket wordt toegewezen, zodat elke euro één keer telt."),
    )
    note = forms.CharField(label=_("Toelichting"), required=False, max_length=300)

    def __init__(self, *args: Any, pact: Pact, partners: Sequence[Partnership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("PartnerField", self.fields["partnership"]).offer(partners)
        offer_measures(cast("forms.ModelChoiceField", self.fields["measure"]), pact)
