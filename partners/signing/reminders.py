"""Reminding who has not signed yet: every week, and two days before the day itself; never after signing."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from partners.signing import letters
from partners.signing.models import Deed, SignaturePlace

EVERY = timedelta(days=7)
LAST_CALL = timedelta(days=2)
"""So long before the day to sign by comes one more."""


def remind_all(*, now: datetime | None = None) -> int:
    """Remind every partner for which it is time, in all pacts. May run twice, or be missed. Gives how many."""
    now = now or timezone.now()
    waiting = SignaturePlace.objects.across_pacts().unsigned().filter(deed__state=Deed.State.OPEN)
    candidates = waiting.exclude(asked_at=None).select_related("deed").order_by("pk")
    return sum(_remind(place.pk, now) for place in candidates if is_due(place, now))


def is_due(place: SignaturePlace, now: datetime) -> bool:
    """Whether it is time to remind, by what was sent before."""
    last = place.reminded_at or place.asked_at
    if last is None:
        return False
    if now - last >= EVERY:
        return True
    sign_by = place.deed.sign_by
    if sign_by is None:
        return False
    today = timezone.localdate(now)
    return sign_by - LAST_CALL <= today <= sign_by and timezone.localdate(last) < sign_by - LAST_CALL


@transaction.atomic
def _remind(place_id: int, now: datetime) -> bool:
    """Remind one partner, when nobody else just did, and it has neither signed, withdrawn nor made a reservation."""
    place = (
        SignaturePlace.objects.across_pacts()
        .select_for_update(no_key=True, of=("self",))
        .select_related("deed__version__pact", "partnership__organisation")
        .get(pk=place_id)
    )
    still = SignaturePlace.objects.across_pacts().unsigned().filter(pk=place_id, deed__state=Deed.State.OPEN)
    if not still.exists() or still.reserved().exists() or not is_due(place, now):
        return False
    left_on = place.partnership.left_on
    if left_on and left_on <= timezone.localdate(now):
        return False
    place.reminded_at, place.reminders = now, place.reminders + 1
    place.save(update_fields=["reminded_at", "reminders"])
    letters.remind(place)
    return True
