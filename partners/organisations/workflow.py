"""Changes of partners: an organisation joins a pact or leaves it, and what is known about it is kept right."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from partners.organisations.models import Organisation, Partnership, Sector
from partners.permissions import Role

ORGANISATION_FIELDS = ("name", "sector")
PARTNERSHIP_FIELDS = (
    *("kind", "position", "joined_on", "left_on", "municipality"),
    *("contact", "contact_email", "website", "description"),
)


@transaction.atomic
def add_partner(
    pact: models.Model,
    *,
    name: str,
    sector: str,
    kind: str,
    joined_on: Any,
    by: models.Model | None,
    position: int | None = None,
    municipality: Partnership | None = None,
    contact_email: str = "",
    website: str = "",
    description: str = "",
) -> Partnership:
    """Let an organisation take part in the pact, at the end of the signature sheet unless `position` is given.

    Raises ValidationError when an organisation of this name takes part already, and for a municipality (field
    "municipality") of another pact.
    """
    _lock(pact)
    _refuse_second(pact, name)
    if position is None:
        highest = Partnership.objects.in_pact(pact).aggregate(Max("position"))["position__max"]
        position = (highest or 0) + 1
    partnership = Partnership(
        pact_id=pact.pk,
        organisation=_organisation(name, sector),
        kind=kind,
        position=position,
        joined_on=joined_on,
        municipality=municipality,
        contact_email=contact_email,
        website=website,
        description=description,
    )
    partnership.full_clean()
    partnership.save()
    audit.record("partnership.added", partnership, by=by, kind=partnership.kind)
    return partnership


@transaction.atomic
def update_partner(partnership: Partnership, *, by: models.Model | None, **changes: Any) -> Partnership:
    """Change what is known of a partner: any of `ORGANISATION_FIELDS` and `PARTNERSHIP_FIELDS`.

    A new name or sector stays within this pact: where the organisation takes part in another pact as well, this
    partnership gets an organisation of its own. Raises ValidationError for values that cannot be, and TypeError for a
    field that does not exist.
    """
    if unknown := sorted(set(changes) - {*ORGANISATION_FIELDS, *PARTNERSHIP_FIELDS}):
        raise TypeError(f"a partner has no field {unknown[0]}")
    _lock(partnership.pact)
    current = _fresh(partnership)
    changed = sorted(
        name
        for name, value in changes.items()
        if value != getattr(current.organisation if name in ORGANISATION_FIELDS else current, name)
    )
    if not changed:
        return current
    if set(changed) & set(ORGANISATION_FIELDS):
        name = changes.get("name", current.organisation.name)
        _refuse_second(current.pact, name, apart_from=current)
        current.organisation = _renamed(current, name, changes.get("sector", current.organisation.sector))
    for field in set(changed) & set(PARTNERSHIP_FIELDS):
        setattr(current, field, changes[field])
    if "contact" in changed:
        _refuse_former(current)
    if "left_on" in changed:
        _refuse_without_coordinator(current)
    current.full_clean()
    # Only what was changed here: a signature or a hand-over may write another field meanwhile.
    current.save(update_fields=["organisation", *(set(changed) & set(PARTNERSHIP_FIELDS))])
    audit.record("partnership.updated", current, by=by, fields=changed)
    return current


@transaction.atomic
def leave(partnership: Partnership, *, left_on: date, by: models.Model | None) -> Partnership:
    """Let a partner take part until `left_on`; its members lose access from that day. What it did is kept.

    Raises ValidationError for a day that is not after the first one (field "left_on"), and when no coordinator of the
    pact would be left.
    """
    _lock(partnership.pact)
    current = _fresh(partnership)
    current.left_on = left_on
    _refuse_without_coordinator(current)
    try:
        current.full_clean()
    except ValidationError as fault:
        raise ValidationError({"left_on": fault.messages}) from fault
    current.save(update_fields=["left_on"])
    audit.record("partnership.left", current, by=by, left_on=left_on.isoformat())
    return current


@transaction.atomic
def stay(partnership: Partnership, *, by: models.Model | None) -> Partnership:
    """Let a partner that left, or was going to leave, take part again. Raises ValidationError when it never left."""
    _lock(partnership.pact)
    current = _fresh(partnership)
    if current.left_on is None:
        raise ValidationError(_("Deze organisatie doet al mee aan het pact."))
    current.left_on = None
    current.full_clean()
    current.save(update_fields=["left_on"])
    audit.record("partnership.returned", current, by=by)
    return current


def _lock(pact: models.Model) -> None:
    """Partners of one pact are added, renamed and let go one after the other.

    The key stays free (FOR NO KEY UPDATE): an audit record of somebody else's act in this pact does not wait.
    """
    type(pact)._default_manager.select_for_update(no_key=True).get(pk=pact.pk)


def _fresh(partnership: Partnership) -> Partnership:
    current: Partnership = (
        Partnership.objects.in_pact(partnership.pact_id).select_related("organisation", "pact").get(pk=partnership.pk)
    )
    return current


def _refuse_former(partnership: Partnership) -> None:
    """A new contact person takes part today. Who was one and left is passed over when mail is addressed."""
    contact = partnership.contact
    if contact is None:
        return
    manager: Any = partnership.memberships
    if not manager(manager="objects").in_pact(partnership.pact_id).current().filter(pk=contact.pk).exists():
        raise ValidationError({"contact": _("Kies iemand die meedoet namens deze organisatie.")})


def _refuse_without_coordinator(partnership: Partnership) -> None:
    """A pact keeps a coordinator: the partner of the last one cannot leave."""
    if partnership.left_on is None:
        return
    day = partnership.left_on
    held = Q(memberships__ended_on__isnull=True) | Q(memberships__ended_on__gt=day)
    takes_part = Q(left_on__isnull=True) | Q(left_on__gt=day)
    coordinating = Partnership.objects.in_pact(partnership.pact_id).filter(
        held, takes_part, memberships__role=Role.COORDINATOR, memberships__user__is_active=True
    )
    if coordinating.exclude(pk=partnership.pk).exists():
        return
    if partnership.memberships.filter(role=Role.COORDINATOR, ended_on=None, user__is_active=True).exists():
        raise ValidationError(
            _("Namens deze organisatie doet de laatste coördinator mee. Nodig eerst een andere coördinator uit.")
        )


def _refuse_second(pact: models.Model, name: str, apart_from: Partnership | None = None) -> None:
    same = Partnership.objects.in_pact(pact).filter(organisation__name__iexact=name.strip())
    if apart_from:
        same = same.exclude(pk=apart_from.pk)
    if same.exists():
        raise ValidationError({"name": _("Deze organisatie doet al mee aan het pact.")})


def _organisation(name: str, sector: str) -> Organisation:
    """The organisation of this name and sector, that other pacts may know already, or a new one."""
    wanted = Organisation(name=name.strip(), sector=Sector(sector) if sector in Sector.values else sector)
    wanted.full_clean()
    known = Organisation.objects.filter(name=wanted.name, sector=wanted.sector).first()
    if known:
        return known
    wanted.save()
    return wanted


def _renamed(partnership: Partnership, name: str, sector: str) -> Organisation:
    organisation = partnership.organisation
    if Partnership.objects.across_pacts().filter(organisation=organisation).exclude(pk=partnership.pk).exists():
        return _organisation(name, sector)
    organisation.name, organisation.sector = name.strip(), sector
    organisation.full_clean()
    organisation.save()
    return organisation
