"""The yearly "is this still right?": one mail per provider, with a link by which one click says yes.

The link lets its reader do this one thing without signing in. It names who was asked, for which partner and about
which programmes, and holds for 60 days; the page asks anew whether that person may still say so.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from pact_portal.foundation.mail import workflow as mail
from partners.access import Access
from partners.organisations.models import Partnership
from partners.pact.models import Pact
from partners.people.correspondence import Addressee, addressees_of, fallbacks_of
from partners.people.models import Membership, User
from partners.permissions import Permission, Role
from plan.programmes.models import Programme

AGAIN_AFTER = timedelta(days=30)
"""A provider that did not answer is asked again so long after it was asked about any of its programmes."""
MOST_AT_ONCE = 100
"""So many programmes stand in one mail; its link names them all, and an address has its limits."""
LINK_HOLDS = timedelta(days=60)
SALT = "plan.programmes.checking"
_NEVER_MADE = gettext_lazy("Deze link klopt niet. Gebruik de hele link uit de mail, of meld u aan.")


def ask_all(*, now: datetime | None = None) -> int:
    """Ask every provider for which it is time, in all pacts. May run twice, at once, or be missed. Gives how many."""
    today = timezone.localdate(now)
    due = Programme.objects.across_pacts().check_due(today).order_by().values_list("provider", flat=True)
    return sum(_ask(provider, today) for provider in sorted(set(due)))


@transaction.atomic
def _ask(provider_id: int, today: date) -> bool:
    """Ask one provider, unless somebody else is doing so, it left, or it was asked not long ago."""
    # The row of the partner is the queue: who finds it taken leaves it to the other.
    provider = (
        Partnership.objects.across_pacts()
        .current()
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
        .select_related("pact", "organisation")
        .filter(pk=provider_id)
        .first()
    )
    if provider is None:
        return False
    own = Programme.objects.in_pact(provider.pact_id).filter(provider=provider)
    if own.filter(asked_on__gt=today - AGAIN_AFTER).exists():
        return False
    # Somebody may be confirming one of them at this moment: wait for that, and leave it out.
    due = list(own.check_due(today).select_for_update(of=("self",), no_key=True).order_by("pk"))
    asked = sorted(due, key=lambda programme: (programme.confirmed_on, programme.number))[:MOST_AT_ONCE]
    if not asked:
        return False
    people = addressees_of(provider, roles=[Role.REPRESENTATIVE])
    own.filter(pk__in=[programme.pk for programme in asked]).update(asked_on=today)
    for person in people:
        _write_to(person, people, provider, asked, today)
    return True


def _write_to(
    person: Addressee, people: Sequence[Addressee], provider: Partnership, asked: Sequence[Programme], today: date
) -> None:
    own_page = reverse("plan:programme_own", args=[provider.pact.slug])
    path, by_link = own_page, person.user is not None and may_say(person.user, provider)
    if by_link and person.user is not None:
        path = reverse("plan:programme_check", args=[provider.pact.slug, token_for(person.user, provider, asked)])
    digest = hashlib.sha256(person.email.lower().encode()).hexdigest()[:16]
    with override(settings.LANGUAGE_CODE):
        mail.queue(
            key=f"programme-check-{provider.pk}-{today:%Y%m%d}-{digest}",
            to=person.email,
            fallbacks=fallbacks_of(provider, apart_from=[one.email for one in people]),
            subject=_("Klopt uw aanbod in %(pact)s nog?") % {"pact": provider.pact.name},
            template="programme_check",
            context={
                "pact": provider.pact,
                "partner": provider.organisation.name,
                "programmes": asked,
                "path": path,
                "by_link": by_link,
                "days": LINK_HOLDS.days,
            },
            user=person.user,
            pact=provider.pact,
            # The link acts in the name of this one person: nobody else gets it, and no copy stays behind.
            is_secret=by_link,
            notice=_(
                "%(partner)s houdt in het pactportaal aanbod bij dat langer dan een jaar niet is nagekeken. "
                "Meld u aan en kijk na of het nog klopt: %(address)s"
            )
            % {"partner": provider.organisation.name, "address": settings.PORTAL_URL + own_page},
        )


def may_say(user: User, provider: Partnership) -> bool:
    """Whether this person may say today that programmes of this provider are still right."""
    today = timezone.localdate()
    if provider.joined_on > today or (provider.left_on and provider.left_on <= today):
        return False
    memberships = Membership.objects.in_pact(provider.pact_id).current().filter(user=user)
    access = Access(provider.pact, list(memberships.select_related("partnership")))
    return access.can(Permission.KEEP_PROGRAMMES, provider)


# --- The link --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Request:
    """What a link asks: of whom, for which partner, about which of its programmes as they are now."""

    user: User
    provider: Partnership
    programmes: list[Programme]


class NotUsable(Exception):
    """A link that says nothing (any more); the text is for its reader."""


class Forged(NotUsable):
    """A link that the portal never made for this pact: its reader is a stranger, who is not told what pact it is."""


def token_for(user: User, provider: Partnership, programmes: Sequence[Programme]) -> str:
    """The part of the address that names who is asked about what."""
    asked = {"user": user.pk, "partner": provider.pk, "programmes": [programme.pk for programme in programmes]}
    return signing.dumps(asked, salt=SALT, compress=True)


def read(token: str, *, pact: Pact) -> Request:
    """What a link of this pact asks. Raises NotUsable when it is forged or old, or its reader may no longer say so.

    Programmes that meanwhile went to another provider are left out; when none is left there is nothing to ask.
    """
    try:
        asked = signing.loads(token, salt=SALT, max_age=LINK_HOLDS)
    except signing.SignatureExpired as old:
        raise NotUsable(_("Deze link is verlopen. Meld u aan en kijk uw aanbod na op de pagina Ons aanbod.")) from old
    except signing.BadSignature as forged:
        raise Forged(_NEVER_MADE) from forged
    provider = (
        Partnership.objects.in_pact(pact).select_related("pact", "organisation").filter(pk=asked["partner"]).first()
    )
    if provider is None:
        raise Forged(_NEVER_MADE)
    user = User.objects.filter(pk=asked["user"], is_active=True).first()
    if user is None or not may_say(user, provider):
        raise NotUsable(
            _("U houdt het aanbod van deze organisatie niet meer bij. Klopt dat niet? Vraag de coördinator.")
        )
    programmes = Programme.objects.in_pact(pact).filter(pk__in=asked["programmes"], provider=provider)
    found = list(
        programmes.select_related("provider__organisation", "pact")
        .prefetch_related("areas", "municipalities__organisation")
        .order_by("number")
    )
    if not found:
        raise NotUsable(_("Dit aanbod staat niet meer bij uw organisatie. U hoeft niets te doen."))
    return Request(user, provider, found)
