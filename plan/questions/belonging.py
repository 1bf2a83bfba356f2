"""Rows that hang together belong to one pact. What a form offers is no guard: the workflow asks again."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.organisations.models import Partnership, Sector
from partners.pact.models import CollaborationArea, Pact


def refuse_strangers(pact: Pact, *, field: str, rows: Iterable[models.Model | None]) -> None:
    """Raise ValidationError on `field` when one of the rows is of another pact (trust.md, "never" 1).

    The rows have a `pact_id`; None, for a choice left open, belongs anywhere. The sentence does not name the row:
    that it exists is not the reader's business.
    """
    if any(row is not None and getattr(row, "pact_id", None) != pact.pk for row in rows):
        raise ValidationError({field: ValidationError(_("Kies alleen uit wat bij dit pact hoort."), code="other_pact")})


def check_areas(pact: Pact, areas: Sequence[CollaborationArea], *, required: bool = True) -> None:
    """Raise ValidationError when an area is of another pact, or when there is none and one is required."""
    refuse_strangers(pact, field="areas", rows=areas)
    if required and not areas:
        raise ValidationError(
            {"areas": ValidationError(_("Kies ten minste één samenwerkingsgebied."), code="required")}
        )


def check_municipalities(pact: Pact, municipalities: Sequence[Partnership]) -> None:
    """Raise ValidationError when one is of another pact, or is no municipality."""
    refuse_strangers(pact, field="municipalities", rows=municipalities)
    if any(partnership.organisation.sector != Sector.MUNICIPALITY for partnership in municipalities):
        raise ValidationError({"municipalities": ValidationError(_("Kies alleen gemeenten."), code="no_municipality")})
