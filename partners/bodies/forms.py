"""What is filled in about a body, about who sits in it, and about a meeting."""

import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.fields import DutchDateField, DutchTimeField
from pact_portal.foundation.forms.guarded import LONGEST_RICH_TEXT, GuardedForm
from pact_portal.foundation.richtext.fields import RichTextFormField
from partners.bodies.models import Body, Meeting, Seat
from partners.people.models import Membership


class BodyForm(GuardedForm, forms.ModelForm):
    """What a body is called, of which kind it is and what it is about."""

    class Meta:
        model = Body
        fields = ["name", "kind", "purpose"]
        labels = {"name": _("Naam van het overleg")}
        widgets = {"kind": forms.RadioSelect, "purpose": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"name": _("Bijvoorbeeld: Stuurgroep, of Projectgroep overgangen.")}
        error_messages = {
            "name": {"required": _("Vul de naam van het overleg in.")},
            "kind": {"required": _("Kies het soort overleg.")},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["kind"]).choices = Body.Kind.choices

    def _get_validation_exclusions(self) -> set[str]:
        # What needs the pact is checked by the workflow, which knows it.
        return {field.name for field in Body._meta.fields}


class MemberField(forms.ModelChoiceField):
    """A member of the pact, with the organisation for which this one acts."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.user} – {obj.partnership} ({obj.get_role_display()})"


class SeatForm(GuardedForm, forms.Form):
    """Who comes to sit in a body, and as what."""

    membership = MemberField(
        label=_("Wie komt erbij?"),
        queryset=Membership.objects.none(),
        empty_label=_("kies iemand"),
        help_text=_("Hier staan de mensen die meedoen aan dit pact en nog niet in dit overleg zitten."),
        error_messages={
            "required": _("Kies wie erbij komt."),
            "invalid_choice": _("Kies iemand uit de lijst: deze persoon doet niet mee, of zit al in dit overleg."),
        },
    )
    part = forms.ChoiceField(
        label=_("Als"),
        choices=Seat.Part.choices,
        initial=Seat.Part.MEMBER,
        widget=forms.RadioSelect,
        error_messages={"required": _("Kies als wat deze persoon erbij komt.")},
    )
    started_on = DutchDateField(
        label=_("Vanaf"),
        help_text=_("Bijvoorbeeld 16-6-2026. Leeg betekent: vanaf vandaag."),
        required=False,
    )

    def __init__(self, *args: Any, body: Body, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sitting = Seat.objects.in_pact(body.pact_id).current().filter(body=body).values("membership__user_id")
        members = Membership.objects.in_pact(body.pact_id).current().exclude(user_id__in=sitting)
        field = cast("forms.ModelChoiceField", self.fields["membership"])
        field.queryset = members.select_related("user", "partnership__organisation").order_by(
            "user__name", "partnership__organisation__name", "role"
        )


class MeetingForm(GuardedForm, forms.Form):
    """When, where and about what; a day and two times, as they are in the Netherlands."""

    title = forms.CharField(
        label=_("Onderwerp"),
        max_length=Meeting._meta.get_field("title").max_length,
        error_messages={"required": _("Vul het onderwerp in.")},
    )
    day = DutchDateField(
        label=_("Datum"),
        help_text=_("Bijvoorbeeld 14-3-2027."),
        error_messages={"required": _("Vul de datum in.")},
    )
    begins = DutchTimeField(
        label=_("Begint om"),
        help_text=_("Bijvoorbeeld 9:30."),
        error_messages={"required": _("Vul in hoe laat de bijeenkomst begint.")},
    )
    ends = DutchTimeField(
        label=_("Eindigt om"),
        help_text=_("Bijvoorbeeld 11:00."),
        error_messages={"required": _("Vul in hoe laat de bijeenkomst eindigt.")},
    )
    place = forms.CharField(
        label=_("Plaats"),
        help_text=_("Een adres, of: online. Zet een link om mee te doen in de agenda."),
        max_length=Meeting._meta.get_field("place").max_length,
        error_messages={"required": _("Vul de plaats in.")},
    )
    agenda = RichTextFormField(label=_("Agenda"), required=False, max_length=LONGEST_RICH_TEXT)
    base = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, meeting: Meeting | None = None, **kwargs: Any) -> None:
        if meeting:
            starts, ends = timezone.localtime(meeting.starts_at), timezone.localtime(meeting.ends_at)
            kwargs["initial"] = {
                "title": meeting.title,
                "day": starts.date(),
                "begins": starts.time(),
                "ends": ends.time(),
                "place": meeting.place,
                "agenda": meeting.agenda,
                "base": meeting.sequence,
            }
        super().__init__(*args, **kwargs)

    def clean_begins(self) -> datetime.datetime | None:
        return self._moment("begins")

    def clean_ends(self) -> datetime.datetime | None:
        return self._moment("ends")

    def clean(self) -> dict[str, Any] | None:
        starts_at, ends_at = self.cleaned_data.get("begins"), self.cleaned_data.get("ends")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends", ValidationError(_("Het einde moet na het begin liggen.")))
        return self.cleaned_data

    def take(self, fault: ValidationError) -> None:
        """The workflow speaks of moments, this form of a day and times."""
        if hasattr(fault, "error_dict"):
            names = {"starts_at": "day", "ends_at": "ends"}
            fault = ValidationError({names.get(name, name): faults for name, faults in fault.error_dict.items()})
        super().take(fault)

    def values(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        filled = self.cleaned_data
        return {
            "title": filled["title"],
            "starts_at": filled["begins"],
            "ends_at": filled["ends"],
            "place": filled["place"],
            "agenda": filled["agenda"],
        }

    def _moment(self, name: str) -> datetime.datetime | None:
        """The time on the day, in the Netherlands. Refuses the hour that the night of summer time leaves out."""
        day, time = self.cleaned_data.get("day"), self.cleaned_data[name]
        if day is None or time is None:
            return None
        try:
            moment = datetime.datetime.combine(day, time, timezone.get_default_timezone())
            exists = moment.astimezone(datetime.UTC).astimezone(moment.tzinfo).time() == time
        except OverflowError:
            exists = False
        if not exists:
            raise ValidationError(_("Deze tijd bestaat niet op deze dag. Kies een andere tijd."))
        return moment
