"""The second factor: who needs one, who has one, and whether this session has shown it."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from partners.people.models import Membership
from partners.permissions import Role

KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
WRITING_ROLES = set(Role) - {Role.READER}
TRUSTED_SIGN_ON = "second_factor_of_sign_on"


def kinds(user: Any) -> set[str]:
    """The kinds of second factor that the user has set up; recovery codes are no factor of their own."""
    found = Authenticator.objects.filter(user_id=user.pk, type__in=KINDS).values_list("type", flat=True)
    return set(found)


def is_needed(user: Any) -> bool:
    """Whether the user writes somewhere: as a member with a writing role, or as administrator of the portal."""
    if not settings.SECOND_FACTOR or not user.is_authenticated:
        return False
    return (
        user.is_site_administrator
        or Membership.objects.across_pacts().current().in_roles(*WRITING_ROLES).filter(user=user).exists()
    )


def is_last_needed(user: Any, key: int) -> bool:
    """Whether taking the authenticator with this key away leaves somebody who needs a second factor without any."""
    own = Authenticator.objects.filter(user_id=user.pk, type__in=KINDS)
    return own.filter(pk=key).exists() and not own.exclude(pk=key).exists() and is_needed(user)


def is_shown(request: HttpRequest) -> bool:
    """Whether this session showed a second factor: to the portal, or to an organisation that answers for it."""
    trusted = request.session.get(TRUSTED_SIGN_ON)
    user: Any = request.user
    return any(
        record.get("method") == "mfa"
        or (
            trusted is not None
            and record.get("method") == "socialaccount"
            and [record.get("provider"), record.get("uid")] == trusted
        )
        for record in get_authentication_records(request, user)
    )
