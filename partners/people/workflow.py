"""Changes of people: invited, accepted, withdrawn; accounts and memberships."""

import hashlib
import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from pact_portal.foundation.audit import workflow as audit
from pact_portal.foundation.mail import workflow as mail
from partners.organisations.models import Partnership
from partners.people.models import Invitation, Membership, User
from partners.permissions import Role

VALID_FOR = timedelta(days=14)


class InvitationRefused(ValidationError):
    """The invitation cannot be accepted: used, withdrawn or expired. The message says what to do."""


@transaction.atomic
def create_account(email: str, name: str, password: str | None) -> User:
    """An account whose address counts as verified; without a password one signs in by a mailed code.

    The caller knows that the address is the person's own: an invitation reached it. Raises ValidationError when there
    is an account with this address.
    """
    user = User.objects.create_user(email, password, name=name.strip())
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    audit.record("account.created", user, by=user)
    return user


@transaction.atomic
def join(user: User, partnership: Partnership, role: str, *, by: models.Model | None) -> Membership:
    """Let a user act for a partnership in a role; a membership that had ended starts again.

    Raises ValidationError when the role is held already, or the partner has left the pact.
    """
    _lock(partnership)
    membership = Membership.objects.in_pact(partnership.pact_id).filter(
        user=user, partnership=partnership, role=role
    ).first() or Membership(user=user, partnership=partnership, role=role)
    today = timezone.localdate()
    if membership.pk and (membership.ended_on is None or membership.ended_on > today):
        raise ValidationError(_("Deze persoon heeft deze rol al bij deze organisatie."))
    _refuse_left(partnership)
    membership.ended_on = None
    membership.full_clean()
    membership.save()
    audit.record("membership.started", membership, by=by, pact=partnership.pact, role=role)
    return membership


@transaction.atomic
def end(membership: Membership, *, by: models.Model | None) -> Membership:
    """End a membership today. Raises ValidationError when it has ended, or for the last coordinator of the pact."""
    pact = membership.partnership.pact
    type(pact)._default_manager.select_for_update().get(pk=pact.pk)
    memberships = Membership.objects.in_pact(pact)
    current = memberships.current().select_related("partnership__pact", "user").filter(pk=membership.pk).first()
    if current is None:
        raise ValidationError(_("Dit lidmaatschap is al beëindigd."))
    others = memberships.current().in_roles(Role.COORDINATOR).exclude(pk=current.pk)
    if current.role == Role.COORDINATOR and not others.exists():
        raise ValidationError(_("Dit is de laatste coördinator van het pact. Nodig eerst een andere coördinator uit."))
    current.ended_on = timezone.localdate()
    current.full_clean()
    current.save()
    audit.record("membership.ended", current, by=by, pact=pact, role=current.role)
    return current


@transaction.atomic
def invite(partnership: Partnership, *, email: str, name: str, role: str, by: models.Model) -> tuple[Invitation, str]:
    """Mail somebody a link to take part for a partnership in a role. Gives the invitation and the link's secret.

    Only the SHA-256 of the secret is kept, and the text of the mail is wiped once it was sent. An earlier invitation
    that ran out is withdrawn. Raises ValidationError when one is still open, or the role is held already.
    """
    _lock(partnership)
    _refuse_left(partnership)
    now = timezone.now()
    email = User.objects.normalize_email(email.strip()).lower()
    memberships = Membership.objects.in_pact(partnership.pact_id).current()
    if memberships.filter(user__email__iexact=email, partnership=partnership, role=role).exists():
        raise ValidationError({"email": _("Deze persoon heeft deze rol al bij deze organisatie.")})
    earlier = Invitation.objects.in_pact(partnership.pact_id).filter(
        partnership=partnership, email__iexact=email, role=role, accepted_at=None, withdrawn_at=None
    )
    earlier.filter(expires_at__lte=now).update(withdrawn_at=now)
    if earlier.filter(expires_at__gt=now).exists():
        raise ValidationError({"email": _("Voor dit e-mailadres staat al een uitnodiging open.")})
    secret = secrets.token_urlsafe(32)
    invitation = Invitation(
        partnership=partnership,
        email=email,
        name=name.strip(),
        role=role,
        secret_sha256=_digest(secret),
        invited_by=by,  # type: ignore[misc]  # the user model of this app
        expires_at=now + VALID_FOR,
    )
    invitation.full_clean()
    invitation.save()
    audit.record("invitation.sent", invitation, by=by, pact=partnership.pact, role=role)
    # Nobody knows yet which language the invited one reads.
    with override(settings.LANGUAGE_CODE):
        mail.queue(
            key=f"invitation-{invitation.pk}",
            to=email,
            subject=_("Uitnodiging voor %(pact)s") % {"pact": partnership.pact},
            template="invitation",
            context={
                "invitation": invitation,
                "pact": partnership.pact,
                "path": reverse("partners:accept", args=[secret]),
            },
            pact=partnership.pact,
            is_secret=True,
        )
    return invitation, secret


@transaction.atomic
def withdraw(invitation: Invitation, *, by: models.Model | None) -> Invitation:
    """Make the link of an invitation worthless. Raises ValidationError when it was used or withdrawn before."""
    pact = invitation.partnership.pact
    current = Invitation.objects.in_pact(pact).select_for_update(of=("self",)).get(pk=invitation.pk)
    if current.accepted_at:
        raise ValidationError(_("Deze uitnodiging is al aangenomen."))
    if current.withdrawn_at:
        raise ValidationError(_("Deze uitnodiging is al ingetrokken."))
    current.withdrawn_at = timezone.now()
    current.save(update_fields=["withdrawn_at"])
    audit.record("invitation.withdrawn", current, by=by, pact=pact)
    return current


def find(secret: str) -> Invitation:
    """The invitation with this secret, whatever its state. Raises Invitation.DoesNotExist."""
    return (
        Invitation.objects.across_pacts()
        .select_related("partnership__pact", "partnership__organisation", "invited_by")
        .get(secret_sha256=_digest(secret))
    )


def refusal(invitation: Invitation) -> str:
    """Why this invitation cannot be accepted, in a sentence that says what to do; "" when it can be."""
    if invitation.accepted_at:
        return _("Deze uitnodiging is al gebruikt. Log in met uw e-mailadres om verder te gaan.")
    if invitation.withdrawn_at:
        return _("Deze uitnodiging is ingetrokken. Vraag de coördinator van het pact om een nieuwe.")
    if invitation.expires_at <= timezone.now():
        return _("Deze uitnodiging is verlopen. Vraag de coördinator van het pact om een nieuwe.")
    left_on = invitation.partnership.left_on
    if left_on and left_on <= timezone.localdate():
        return _("Deze organisatie doet niet meer mee aan het pact. Vraag de coördinator van het pact wat u kunt doen.")
    return ""


def account_of(invitation: Invitation) -> User | None:
    """The account with the address of the invitation among its confirmed ones, when there is one already."""
    confirmed = Q(emailaddress__email__iexact=invitation.email, emailaddress__verified=True)
    return User.objects.filter(Q(email__iexact=invitation.email) | confirmed).first()


@transaction.atomic
def accept(secret: str, *, password: str | None) -> User:
    """Use an invitation: a new account, or the one with this address, takes part in the pact.

    Of an account that exists nothing changes; the password is for a new one, and None means: sign in by mailed code.
    Raises Invitation.DoesNotExist for an unknown secret, InvitationRefused when the invitation is no longer open, and
    ValidationError for a password that is too weak (field "password").
    """
    pk = find(secret).pk
    Invitation.objects.across_pacts().select_for_update(of=("self",)).get(pk=pk)
    invitation = find(secret)
    if sentence := refusal(invitation):
        raise InvitationRefused(sentence)
    user = account_of(invitation)
    if user is None:
        if password is not None:
            _demand_strong(password, User(email=invitation.email, name=invitation.name))
        user = create_account(invitation.email, invitation.name, password)
    elif not user.is_active:
        raise InvitationRefused(_("Dit account is gesloten. Vraag de coördinator van het pact wat u kunt doen."))
    held = (
        Membership.objects.in_pact(invitation.partnership.pact_id)
        .current()
        .filter(user=user, partnership=invitation.partnership, role=invitation.role)
    )
    if not held.exists():
        join(user, invitation.partnership, invitation.role, by=user)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.full_clean()
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    audit.record("invitation.accepted", invitation, by=user, pact=invitation.partnership.pact)
    return user


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _demand_strong(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as fault:
        raise ValidationError({"password": fault.messages}) from fault


def _lock(partnership: Partnership) -> None:
    """Invitations and memberships of one partnership are made one after the other."""
    Partnership.objects.in_pact(partnership.pact_id).select_for_update(of=("self",)).get(pk=partnership.pk)


def _refuse_left(partnership: Partnership) -> None:
    if partnership.left_on and partnership.left_on <= timezone.localdate():
        raise ValidationError(_("Deze organisatie doet niet meer mee aan het pact."))
