"""What stands on a membership and moves when it ends. Slices above hand in their own kinds; history never moves.

A kind describes what a membership has, for the page that asks who takes over, and moves it to the successor; without a
successor it lets go. Registered in `AppConfig.ready()`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _

from partners.organisations.models import Partnership
from partners.people.models import Membership

Describe = Callable[[Membership], list[str]]
"""What this membership has, each a short Dutch phrase for a list ("contactpersoon van …"); changes nothing."""
Move = Callable[[Membership, Membership | None, models.Model | None], int]
"""Moves it (membership, successor or None, by) and gives how many. Runs in the transaction of the ending."""


@dataclass(frozen=True)
class Kind:
    """One kind of thing that stands on a membership."""

    describe: Describe
    move: Move


_kinds: dict[str, Kind] = {}


def register(kind: str, describe: Describe, move: Move) -> None:
    """Add a kind; the last one registered under a name holds."""
    _kinds[kind] = Kind(describe, move)


def describe(membership: Membership) -> list[str]:
    """All that would move when this membership ends."""
    return [line for kind in _kinds.values() for line in kind.describe(membership)]


def move(membership: Membership, successor: Membership | None, by: models.Model | None) -> dict[str, int]:
    """Move all of it; gives how many of each kind, of those that had any. The caller holds the transaction."""
    moved = {name: kind.move(membership, successor, by) for name, kind in _kinds.items()}
    return {name: number for name, number in moved.items() if number}


def _describe_contact(membership: Membership) -> list[str]:
    if membership.partnership.contact_id != membership.pk:
        return []
    return [_("contactpersoon van %(partner)s") % {"partner": membership.partnership}]


def _move_contact(membership: Membership, successor: Membership | None, by: models.Model | None) -> int:
    contacts = Partnership.objects.in_pact(membership.partnership.pact_id).filter(contact=membership)
    return contacts.update(contact=successor)


register("contact", _describe_contact, _move_contact)
