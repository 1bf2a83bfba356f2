"""Changes of people: invitations and what becomes of them, accounts, memberships, the yearly review of rights.

Locks are taken in one order: pact, partnership, invitation. They leave keys free (FOR NO KEY UPDATE), so that somebody
else's audit record or membership of the same pact does not wait for them, and no two can wait for each other.
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from pact_portal.foundation.audit import workflow as audit
from pact_portal.foundation.mail import workflow as mail
from partners.organisations.models import Partnership
from partners.people import handover
from partners.people.correspondence import fallbacks_of
from partners.people.models import Invitation, Membership, ReplacedLink, RightsReview, User
from partners.people.review import Line, findings_of
from partners.permissions import Role

VALID_FOR = timedelta(days=14)


class InvitationRefused(ValidationError):
    """The invitation cannot be used: answered, withdrawn, expired or replaced. The message says what to do."""


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
    current = _lock(partnership)
    membership = Membership.objects.in_pact(partnership.pact_id).filter(
        user=user, partnership=partnership, role=role
    ).first() or Membership(user=user, partnership=partnership, role=role)
    today = timezone.localdate()
    if membership.pk and (membership.ended_on is None or membership.ended_on > today):
        raise ValidationError(_("Deze persoon heeft deze rol al bij deze organisatie."))
    _refuse_left(current)
    membership.ended_on = None
    membership.full_clean()
    membership.save()
    audit.record("membership.started", membership, by=by, pact=partnership.pact, role=role)
    return membership


@transaction.atomic
def end(
    membership: Membership,
    *,
    by: models.Model | None,
    successor: Membership | None = None,
    with_role: bool = False,
) -> Membership:
    """End a membership today; what stands on it moves to `successor`, or is let go when there is none.

    Tasks go by role: `with_role` gives the successor the role as well, and a mail that says so. What the leaver did
    stays theirs: who made, judged or signed something is history. Raises ValidationError when the membership has ended,
    for the last coordinator of the pact, and for a successor (field "successor") who is not somebody else of the same
    partner.
    """
    pact = membership.partnership.pact
    _lock_pact(pact)
    memberships = Membership.objects.in_pact(pact)
    people = memberships.current().select_related("partnership__pact", "user")
    current = people.filter(pk=membership.pk).first()
    if current is None:
        raise ValidationError(_("Dit lidmaatschap is al beëindigd."))
    heir = None
    if successor is not None:
        heir = people.filter(pk=successor.pk, partnership=current.partnership_id).exclude(user=current.user_id).first()
        if heir is None:
            raise ValidationError({"successor": _("Kies iemand anders die nu meedoet namens dezelfde organisatie.")})
        if with_role:
            _give_role(heir, current.role, by=by)
    # One who is going to leave is no coordinator to rely on.
    staying = memberships.current().filter(ended_on=None, partnership__left_on=None)
    others = staying.in_roles(Role.COORDINATOR).exclude(pk=current.pk)
    if current.role == Role.COORDINATOR and not others.exists():
        raise ValidationError(_("Dit is de laatste coördinator van het pact. Nodig eerst een andere coördinator uit."))
    moved = handover.move(current, heir, by)
    current.ended_on = timezone.localdate()
    current.full_clean()
    current.save()
    audit.record("membership.ended", current, by=by, pact=pact, role=current.role)
    if moved:
        audit.record("membership.handed_over", current, by=by, pact=pact, moved=moved, to=heir.pk if heir else None)
    return current


@transaction.atomic
def invite(partnership: Partnership, *, email: str, name: str, role: str, by: models.Model) -> tuple[Invitation, str]:
    """Mail somebody a link to take part for a partnership in a role. Gives the invitation and the link's secret.

    Only the SHA-256 of the secret is kept, and the text of the mail is wiped once it was sent. An earlier invitation
    that ran out is withdrawn. Raises ValidationError when one is still open, or the role is held already.
    """
    _refuse_left(_lock(partnership))
    now = timezone.now()
    email = User.objects.normalize_email(email.strip()).lower()
    _refuse_held(email, partnership, role)
    earlier = (
        Invitation.objects.in_pact(partnership.pact_id)
        .unanswered()
        .filter(partnership=partnership, email__iexact=email, role=role)
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
    _send(invitation, secret)
    return invitation, secret


@transaction.atomic
def send_again(invitation: Invitation, *, by: models.Model, after: int) -> tuple[Invitation, str]:
    """Mail an unanswered invitation once more, with a new link; the earlier link lets nobody in from now on.

    `after` is how many times it had been sent when the reader decided this: of two who press at once, one sends.
    Raises ValidationError when somebody else sent it meanwhile, when it was answered or withdrawn, when the role is
    held already, and when the partner has left the pact.
    """
    partnership = invitation.partnership
    _refuse_left(_lock(partnership))
    current = _locked(invitation)
    if sentence := _end_of(current):
        raise ValidationError(sentence)
    if current.times_sent != after:
        raise ValidationError(_("Deze uitnodiging is net al opnieuw verstuurd."))
    _refuse_held(current.email, partnership, current.role)
    now, secret = timezone.now(), secrets.token_urlsafe(32)
    ReplacedLink.unscoped.create(invitation=current, secret_sha256=current.secret_sha256, replaced_at=now)
    current.secret_sha256 = _digest(secret)
    current.times_sent += 1
    current.sent_at, current.expires_at = now, now + VALID_FOR
    current.full_clean()
    current.save(update_fields=["secret_sha256", "times_sent", "sent_at", "expires_at"])
    audit.record("invitation.sent_again", current, by=by, pact=partnership.pact, times=current.times_sent)
    _send(current, secret)
    return current, secret


@transaction.atomic
def withdraw(invitation: Invitation, *, by: models.Model | None) -> Invitation:
    """Make the link of an invitation worthless. Raises ValidationError when it was answered or withdrawn before."""
    _lock(invitation.partnership)
    current = _locked(invitation)
    if sentence := _end_of(current):
        raise ValidationError(sentence)
    current.withdrawn_at = timezone.now()
    current.save(update_fields=["withdrawn_at"])
    audit.record("invitation.withdrawn", current, by=by, pact=current.partnership.pact)
    return current


@transaction.atomic
def decline(secret: str, *, reason: str, by: models.Model | None = None) -> Invitation:
    """Say no to an invitation; who sent it is told, with the reason if one was given.

    Raises Invitation.DoesNotExist for an unknown secret, InvitationRefused when the invitation is no longer open, and
    ValidationError for a reason that is too long.
    """
    invitation = _held(secret)
    invitation.declined_at, invitation.decline_reason = timezone.now(), reason.strip()
    invitation.full_clean()
    invitation.save(update_fields=["declined_at", "decline_reason"])
    audit.record("invitation.declined", invitation, by=by, pact=invitation.partnership.pact)
    _tell_declined(invitation)
    return invitation


def find(secret: str) -> Invitation:
    """The invitation with this secret, whatever its state.

    Raises InvitationRefused for the link of an earlier mail, and Invitation.DoesNotExist for an unknown secret.
    """
    digest = _digest(secret)
    invitations = Invitation.objects.across_pacts().select_related(
        "partnership__pact", "partnership__organisation", "invited_by"
    )
    if invitation := invitations.filter(secret_sha256=digest).first():
        return invitation
    invitation = invitations.get(replaced_links__secret_sha256=digest)
    raise InvitationRefused(refusal(invitation) or _newer_mail(invitation))


def mail_key(invitation: Invitation) -> str:
    """The key of the last mail of this invitation: each sending is a mail of its own."""
    return f"invitation-{invitation.pk}-{invitation.times_sent}"


def refusal(invitation: Invitation) -> str:
    """Why this invitation cannot be accepted, in a sentence that says what to do; "" when it can be."""
    if invitation.accepted_at:
        return _("Deze uitnodiging is al gebruikt. Log in met uw e-mailadres om verder te gaan.")
    if invitation.declined_at:
        return _(
            "Deze uitnodiging is afgeslagen. Wilt u toch meedoen? Vraag de coördinator van het pact om een nieuwe."
        )
    if invitation.withdrawn_at:
        return _("Deze uitnodiging is ingetrokken. Vraag de coördinator van het pact om een nieuwe.")
    if invitation.expires_at <= timezone.now():
        return _("Deze uitnodiging is verlopen. Vraag de coördinator van het pact om een nieuwe.")
    left_on = invitation.partnership.left_on
    if left_on and left_on <= timezone.localdate():
        return _("Deze organisatie doet niet meer mee aan het pact. Vraag de coördinator van het pact wat u kunt doen.")
    return ""


def _newer_mail(invitation: Invitation) -> str:
    sent = timezone.localtime(invitation.sent_at)
    return _(
        "Deze link werkt niet meer. Op %(day)s is een nieuwere mail gestuurd. Gebruik de link in de laatste mail."
    ) % {"day": date_format(sent, "j F Y H:i")}


def account_of(invitation: Invitation) -> User | None:
    """The account with the address of the invitation among its confirmed ones, when there is one already."""
    confirmed = Q(emailaddress__email__iexact=invitation.email, emailaddress__verified=True)
    return User.objects.filter(Q(email__iexact=invitation.email) | confirmed).first()


@transaction.atomic
def accept(secret: str, *, password: str | None, by: User | None = None) -> User:
    """Use an invitation: a new account, or the one with this address, takes part in the pact.

    `by` is who is signed in: an account that exists takes part only when it is theirs, and nothing of it changes. The
    password is for a new account, and None means: sign in by mailed code. Raises Invitation.DoesNotExist for an unknown
    secret, InvitationRefused when the invitation is no longer open or the account is not the reader's, and
    ValidationError for a password that is too weak (field "password").
    """
    invitation = _held(secret)
    user = account_of(invitation)
    if user is None:
        user = _new_account(invitation, password)
    elif not user.is_active:
        raise InvitationRefused(_("Dit account is gesloten. Vraag de coördinator van het pact wat u kunt doen."))
    elif user != by:
        raise InvitationRefused(
            _("Er is al een account met dit e-mailadres. Log in met dat account en open de link in de mail opnieuw.")
        )
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


@transaction.atomic
def review_rights(pact: models.Model, *, by: models.Model, kept: Mapping[int, bool], note: str = "") -> RightsReview:
    """Record the yearly review of who may do what, and end the memberships that were not kept. All of it or nothing.

    `kept` says for every current membership, by its key, whether it stays. Raises ValidationError when it does not name
    exactly the memberships of this moment, and when the last coordinator would go.
    """
    _lock_pact(pact)
    lines = findings_of(pact)
    if {line.membership.pk for line in lines} != set(kept):
        raise ValidationError(_("De lijst van mensen is intussen veranderd. Kijk hem opnieuw na."))
    for line in lines:
        if not kept[line.membership.pk]:
            end(line.membership, by=by)
    review = RightsReview(
        pact_id=pact.pk,
        reviewed_by=by,  # type: ignore[misc]  # the user model of this app
        note=note.strip(),
        findings=[_finding(line, is_kept=kept[line.membership.pk]) for line in lines],
    )
    review.full_clean()
    review.save()
    audit.record("rights.reviewed", review, by=by, kept=sum(kept.values()), ended=len(kept) - sum(kept.values()))
    return review


@transaction.atomic
def choose_news(user: User, *, by_mail: bool) -> User:
    """Let somebody get, or no longer get, the news about the questions of the own organisation by mail.

    A choice of one's own about one's own mail: it concerns no pact, and stands in no log.
    """
    user.refresh_from_db(from_queryset=User.objects.select_for_update())
    user.news_by_mail = by_mail
    user.full_clean(exclude=["password"])
    user.save(update_fields=["news_by_mail"])
    return user


def _give_role(heir: Membership, role: str, *, by: models.Model | None) -> None:
    """Let the heir hold the role as well, for the same partner, and say so by mail. Nothing when it is held already."""
    pact = heir.partnership.pact
    held = Membership.objects.in_pact(pact).current().filter(user=heir.user_id, partnership=heir.partnership_id)
    if held.filter(role=role).exists():
        return
    given = join(heir.user, heir.partnership, role, by=by)
    with override(settings.LANGUAGE_CODE):
        mail.queue(
            key=f"role-given-{given.pk}-{timezone.localdate().isoformat()}",
            to=heir.user.email,
            subject=_("U hebt een rol erbij in %(pact)s") % {"pact": pact},
            template="role_given",
            context={"membership": given, "pact": pact, "url": settings.PORTAL_URL + pact.get_absolute_url()},
            user=heir.user,
            pact=pact,
            fallbacks=fallbacks_of(heir.partnership, apart_from=[heir.user.email]),
        )


def _finding(line: Line, *, is_kept: bool) -> dict[str, object]:
    """One line of a review as it is kept for good: no addresses, so that it can stand for ever."""
    membership = line.membership
    return {
        "membership": membership.pk,
        "who": str(membership.user),
        "organisation": str(membership.partnership),
        "role": membership.role,
        "last_login": membership.user.last_login.isoformat() if membership.user.last_login else None,
        "second_factor": line.has_second_factor,
        "outcome": "kept" if is_kept else "ended",
    }


def _send(invitation: Invitation, secret: str) -> None:
    """Queue the mail with the link. Nobody else ever gets the link: who stands behind the address reads a notice."""
    partnership = invitation.partnership
    pact = partnership.pact
    # Nobody knows yet which language the invited one reads.
    with override(settings.LANGUAGE_CODE):
        notice = _(
            "Het gaat om een uitnodiging om namens %(partner)s mee te doen in %(pact)s. Weet u het juiste e-mailadres? "
            "Geef het door aan de coördinator van het pact. Bent u de coördinator? Trek de uitnodiging dan in en stuur "
            "een nieuwe: %(url)s"
        ) % {
            "partner": partnership,
            "pact": pact,
            "url": settings.PORTAL_URL + reverse("partners:people_list", args=[pact.slug]),
        }
        mail.queue(
            key=mail_key(invitation),
            to=invitation.email,
            subject=_("Uitnodiging voor %(pact)s") % {"pact": pact},
            template="invitation",
            context={
                "invitation": invitation,
                "pact": pact,
                "path": reverse("partners:accept", args=[secret]),
                "is_again": invitation.times_sent > 1,
            },
            pact=pact,
            is_secret=True,
            fallbacks=fallbacks_of(partnership, apart_from=[invitation.email]),
            notice=notice,
        )


def _tell_declined(invitation: Invitation) -> None:
    """Mail the coordinator who sent it, or all of them when that one has left."""
    pact = invitation.partnership.pact
    memberships = Membership.objects.in_pact(pact).current().in_roles(Role.COORDINATOR)
    coordinators = list(User.objects.filter(memberships__in=memberships).distinct().order_by("pk"))
    told = [user for user in coordinators if user == invitation.invited_by] or coordinators
    with override(settings.LANGUAGE_CODE):
        for user in told:
            mail.queue(
                key=f"invitation-{invitation.pk}-declined-{user.pk}",
                to=user.email,
                subject=_("%(email)s doet niet mee in %(pact)s") % {"email": invitation.email, "pact": pact},
                template="invitation_declined",
                context={
                    "invitation": invitation,
                    "pact": pact,
                    "url": settings.PORTAL_URL + reverse("partners:people_list", args=[pact.slug]),
                },
                user=user,
                pact=pact,
                fallbacks=[other.email for other in coordinators if other not in told],
            )


def _held(secret: str) -> Invitation:
    """The open invitation with this secret, locked: answers to it come one after the other."""
    found = find(secret)
    _lock(found.partnership)
    _locked(found)
    invitation = find(secret)
    if sentence := refusal(invitation):
        raise InvitationRefused(sentence)
    return invitation


def _locked(invitation: Invitation) -> Invitation:
    """The invitation as it stands now, locked; its partnership has been locked before."""
    pact = invitation.partnership.pact_id
    invitations = Invitation.objects.in_pact(pact).select_related("partnership__pact", "partnership__organisation")
    current: Invitation = invitations.select_for_update(of=("self",), no_key=True).get(pk=invitation.pk)
    return current


def _end_of(invitation: Invitation) -> str:
    """What became of an invitation, for who manages it; "" while it is unanswered."""
    if invitation.accepted_at:
        return _("Deze uitnodiging is al aangenomen.")
    if invitation.declined_at:
        return _("Deze uitnodiging is al afgeslagen.")
    if invitation.withdrawn_at:
        return _("Deze uitnodiging is al ingetrokken.")
    return ""


def _new_account(invitation: Invitation, password: str | None) -> User:
    """The account of who is new here. Two invitations of one person, accepted at the same moment, make it once."""
    if password is not None:
        _demand_strong(password, User(email=invitation.email, name=invitation.name))
    try:
        with transaction.atomic():
            return create_account(invitation.email, invitation.name, password)
    except IntegrityError as fault:
        raise InvitationRefused(
            _("Er is net een account gemaakt met dit e-mailadres. Log in en open de link in de mail opnieuw.")
        ) from fault


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _demand_strong(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as fault:
        raise ValidationError({"password": fault.messages}) from fault


def _lock_pact(pact: models.Model) -> None:
    """Memberships of one pact end one after the other, or the last coordinator could go by twos."""
    type(pact)._default_manager.select_for_update(no_key=True).get(pk=pact.pk)


def _lock(partnership: Partnership) -> Partnership:
    """The partnership as it stands: its invitations and memberships are made one after the other."""
    partnerships = Partnership.objects.in_pact(partnership.pact_id)
    current: Partnership = partnerships.select_for_update(of=("self",), no_key=True).get(pk=partnership.pk)
    return current


def _refuse_left(partnership: Partnership) -> None:
    if partnership.left_on and partnership.left_on <= timezone.localdate():
        raise ValidationError(_("Deze organisatie doet niet meer mee aan het pact."))


def _refuse_held(email: str, partnership: Partnership, role: str) -> None:
    memberships = Membership.objects.in_pact(partnership.pact_id).current()
    if memberships.filter(user__email__iexact=email, partnership=partnership, role=role).exists():
        raise ValidationError({"email": _("Deze persoon heeft deze rol al bij deze organisatie.")})
