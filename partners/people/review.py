"""The yearly review of rights: who holds which role today, and when this was last looked at."""

from dataclasses import dataclass
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.db import models
from django.utils import timezone

from partners.people.models import Membership, RightsReview
from partners.people.second_factor import KINDS

HOLDS_FOR = timedelta(days=365)


@dataclass(frozen=True)
class Line:
    """One membership in the review."""

    membership: Membership
    has_second_factor: bool


def findings_of(pact: models.Model) -> list[Line]:
    """Every current membership of the pact, by organisation and name, with whether its user has a second factor."""
    memberships = list(
        Membership.objects.in_pact(pact)
        .current()
        .select_related("user", "partnership__organisation", "partnership__pact")
        .order_by("partnership__organisation__name", "user__name", "role", "pk")
    )
    # Recovery codes stand beside a second factor; alone they are none.
    factors = Authenticator.objects.filter(type__in=KINDS)
    users = {membership.user_id for membership in memberships}
    secured = set(factors.filter(user__in=users).values_list("user_id", flat=True))
    return [Line(membership, membership.user_id in secured) for membership in memberships]


def rights_review_due(pact: models.Model) -> bool:
    """Whether nobody reviewed the rights of this pact in the last 365 days."""
    since = timezone.now() - HOLDS_FOR
    return not RightsReview.objects.in_pact(pact).filter(reviewed_at__gt=since).exists()
