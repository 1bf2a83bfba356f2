"""The mails of signing: you are asked, you are reminded, everybody has signed, somebody made a reservation."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from pact_portal.foundation.mail import workflow as mail
from partners.people.correspondence import Addressee, Via, addressees_of, fallbacks_of
from partners.people.models import Membership
from partners.permissions import Role
from partners.signing.models import Deed, Reservation, SignaturePlace


def ask_all(deed: Deed) -> None:
    """Ask every partner of a deed to sign; `asked_at` says when."""
    places = SignaturePlace.objects.in_pact(deed.version.pact_id).unsigned().filter(deed=deed, asked_at=None)
    for place in places.select_related("partnership__organisation"):
        place.deed = deed
        place.asked_at = timezone.now()
        place.save(update_fields=["asked_at"])
        _to_signatories(place, key=f"signing-asked-{place.pk}", template="signing_asked", subject=_subject_of_asking)


def remind(place: SignaturePlace) -> None:
    """Remind one partner; `place.reminders` is the number of this reminder, and mails once."""
    _to_signatories(
        place,
        key=f"signing-reminder-{place.pk}-{place.reminders}",
        template="signing_reminder",
        subject=_subject_of_reminding,
    )


def tell_of_completion(deed: Deed) -> None:
    """Tell all signatories and coordinators that a deed was signed by all."""
    pact = deed.version.pact
    members = Membership.objects.in_pact(pact).current().in_roles(Role.COORDINATOR, Role.SIGNATORY)
    with override(settings.LANGUAGE_CODE):
        for user in _users(members):
            mail.queue(
                key=f"signing-completed-{deed.pk}-{user.pk}",
                to=user.email,
                subject=_("%(deed)s is door alle partners getekend") % {"deed": deed},
                template="signing_completed",
                context={
                    "deed": deed,
                    "pact": pact,
                    "path": reverse("partners:signing_progress", args=[pact.slug]),
                },
                user=user,
                pact=pact,
            )


def tell_of_reservation(reservation: Reservation) -> None:
    """Tell the coordinators that a partner does not sign yet, and why."""
    place = reservation.place
    pact = place.deed.version.pact
    members = Membership.objects.in_pact(pact).current().in_roles(Role.COORDINATOR)
    with override(settings.LANGUAGE_CODE):
        for user in _users(members):
            mail.queue(
                key=f"signing-reservation-{reservation.pk}-{user.pk}",
                to=user.email,
                subject=_("Voorbehoud van %(partner)s bij %(pact)s") % {"partner": place, "pact": pact},
                template="signing_reservation",
                context={
                    "reservation": reservation,
                    "partner": place.partnership,
                    "deed": place.deed,
                    "pact": pact,
                    "path": reverse("partners:signing_progress", args=[pact.slug]),
                },
                user=user,
                pact=pact,
            )


def _subject_of_asking(place: SignaturePlace) -> str:
    return _("%(pact)s: uw handtekening wordt gevraagd") % {"pact": place.deed.version.pact}


def _subject_of_reminding(place: SignaturePlace) -> str:
    return _("Herinnering: teken %(pact)s") % {"pact": place.deed.version.pact}


def _to_signatories(place: SignaturePlace, *, key: str, template: str, subject: Any) -> None:
    """One mail to each who signs for this partner; to whom else it goes when there is nobody."""
    deed = place.deed
    pact = deed.version.pact
    people = addressees_of(place.partnership, roles=[Role.SIGNATORY])
    fallbacks = fallbacks_of(place.partnership, apart_from=[person.email for person in people])
    with override(settings.LANGUAGE_CODE):
        for person in people:
            signs = person.via is Via.MEMBER
            mail.queue(
                key=f"{key}-{_short(person)}",
                to=person.email,
                fallbacks=fallbacks,
                subject=subject(place),
                template=template,
                context={
                    "place": place,
                    "partner": place.partnership,
                    "deed": deed,
                    "pact": pact,
                    "signs": signs,
                    "path": reverse("partners:sign", args=[pact.slug, place.pk])
                    if signs
                    else reverse("partners:signing_progress", args=[pact.slug]),
                },
                user=person.user,
                pact=pact,
            )


def _short(person: Addressee) -> str:
    """What tells this addressee from the others in the key of a mail, without the address itself."""
    return hashlib.sha256(person.email.lower().encode()).hexdigest()[:16]


def _users(memberships: Iterable[Membership]) -> list[Any]:
    """The people of these memberships, each once."""
    rows = memberships.select_related("user")  # type: ignore[attr-defined]
    return list({membership.user_id: membership.user for membership in rows}.values())
