"""The second factor: who needs one, who has one, and whether this session has shown it."""

from typing import Any
from uuid import uuid4

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from pact_portal.foundation.mail.workflow import queue
from partners.people import sessions
from partners.people.models import Membership, User
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


@transaction.atomic
def reset(user: User) -> int:
    """Wipe the second factor of somebody who lost it, end his sessions and tell him; how many were wiped.

    For the administrator, by `manage.py second_factor --reset`, who made sure first that it is really this person.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    number, _kinds = Authenticator.objects.filter(user=user).delete()
    sessions.end_all(user)
    audit.record("second_factor.reset", user, by=None, wiped=number)
    queue(
        key=f"second-factor-reset-{uuid4()}",
        to=user.email,
        subject=_("Uw tweede stap bij het inloggen is gewist"),
        template="second_factor_reset",
        context={"portal_url": settings.PORTAL_URL},
        user=user,
    )
    return number
