"""To whom a mail for a partner goes: members, else the contact person, the organisation, the coordinators.

Nobody's question is lost because an organisation has no account yet, or because somebody left.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from partners.organisations.models import Partnership
from partners.people.models import Membership, MembershipQuerySet, User
from partners.permissions import Role


class Via(Enum):
    """In which capacity somebody is written to."""

    MEMBER = "member"
    CONTACT = "contact"
    ORGANISATION = "organisation"
    COORDINATOR = "coordinator"


@dataclass(frozen=True)
class Addressee:
    """One address to write to. `user` is None for the general address of an organisation."""

    email: str
    user: User | None
    name: str
    via: Via


def addressees_of(partnership: Partnership, *, roles: Iterable[Role] = ()) -> list[Addressee]:
    """Who is written to on behalf of `partnership`, each address once, by name.

    The members that hold one of `roles` today; when there are none (or no roles are given) the contact person, else
    the general address of the organisation, else the coordinators of the pact. Empty only when nobody is left at all.
    """
    wanted = list(roles)
    members = Membership.objects.in_pact(partnership.pact_id).current().filter(partnership=partnership)
    found = _each_once(members.in_roles(*wanted), Via.MEMBER) if wanted else []
    return found or next((group for group in _fallback_groups(partnership) if group), [])


def fallbacks_of(partnership: Partnership, *, apart_from: Iterable[str] = ()) -> list[str]:
    """The addresses that a mail to this partner falls back to, in order: contact person, organisation, coordinators.

    For `fallbacks=` of `mail.queue`. `apart_from` are addresses that are written to already.
    """
    tried = {address.lower() for address in apart_from}
    found: dict[str, str] = {}
    for group in _fallback_groups(partnership):
        for addressee in group:
            if addressee.email.lower() not in tried:
                found.setdefault(addressee.email.lower(), addressee.email)
    return list(found.values())


def _fallback_groups(partnership: Partnership) -> Iterable[list[Addressee]]:
    """The groups that stand behind the members, one after the other; a group may be empty."""
    memberships = Membership.objects.in_pact(partnership.pact_id).current()
    contact = memberships.filter(pk=partnership.contact_id) if partnership.contact_id else memberships.none()
    yield _each_once(contact.filter(partnership=partnership), Via.CONTACT)
    email = partnership.contact_email
    yield [Addressee(email, None, partnership.organisation.name, Via.ORGANISATION)] if email else []
    yield _each_once(memberships.in_roles(Role.COORDINATOR), Via.COORDINATOR)


def _each_once(memberships: MembershipQuerySet, via: Via) -> list[Addressee]:
    """The people of these memberships, each once however many roles they hold."""
    rows = memberships.select_related("user").order_by("user__name", "user_id")
    users = {membership.user_id: membership.user for membership in rows}
    return [Addressee(user.email, user, user.name, via) for user in users.values()]
