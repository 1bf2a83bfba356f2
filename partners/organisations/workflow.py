"""Changes of partners: an organisation joins a pact, and what is known about it is kept right."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from partners.organisations.models import Organisation, Partnership, Sector

ORGANISATION_FIELDS = ("name", "sector")
PARTNERSHIP_FIELDS = ("kind", "position", "joined_on", "left_on", "contact_email", "website", "description")


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
    contact_email: str = "",
    website: str = "",
    description: str = "",
) -> Partnership:
    """Let an organisation take part in the pact, at the end of the signature sheet unless `position` is given.

    Raises ValidationError when an organisation of this name takes part already.
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
    current = (
        Partnership.objects.in_pact(partnership.pact_id).select_related("organisation", "pact").get(pk=partnership.pk)
    )
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
    current.full_clean()
    current.save()
    audit.record("partnership.updated", current, by=by, fields=changed)
    return current


def _lock(pact: models.Model) -> None:
    """Partners of one pact are added and renamed one after the other."""
    type(pact)._default_manager.select_for_update().get(pk=pact.pk)


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
