"""Who may receive money of a package: its giver named the sectors."""

from typing import Protocol

from django.core.exceptions import ValidationError
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from partners.models import Partnership, Sector
from plan.funding.models import SupportPackage
from plan.measures.models import Measure


class Target(Protocol):
    """What money is for: exactly one of a measure, the share of a sector, the share of an organisation."""

    measure: Measure | None
    sector: str
    partnership: Partnership | None


def allowed_sectors(package: SupportPackage) -> set[str]:
    """The sectors for which the giver gave it."""
    return {row.sector for row in package.sectors.all()}


def carriers_of(measure: Measure) -> list[Partnership]:
    """Who carries a measure out: the lead first, then the executing partners in their order, each once."""
    carriers = [measure.lead, *measure.executing.select_related("organisation")]
    return list({partner.pk: partner for partner in carriers}.values())


def receivers_among(partners: list[Partnership], allowed: set[str]) -> list[Partnership]:
    """Those of a sector that may receive, in the same order."""
    return [partner for partner in partners if partner.organisation.sector in allowed]


def refuse_ineligible(package: SupportPackage, target: Target) -> None:
    """Raise ValidationError on the field of the target when none of its sectors may receive the package.

    A joint project needs one partner of such a sector.
    """
    allowed = allowed_sectors(package)
    if target.measure is not None:
        field = "measure"
        receiving = {partner.organisation.sector for partner in carriers_of(target.measure)}
    elif target.partnership is not None:
        field, receiving = "partnership", {target.partnership.organisation.sector}
    else:
        field, receiving = "sector", {target.sector}
    if receiving & allowed:
        return
    sentence = _("“%(package)s” mag niet naar de sector %(receiving)s. Dit geld is bestemd voor: %(allowed)s.") % {
        "allowed": names_of(allowed),
        "receiving": names_of(receiving),
        "package": package.name,
    }
    raise ValidationError({field: ValidationError(sentence, code="sector_not_allowed")})


def names_of(sectors: set[str]) -> str:
    """The sectors in words, in their own order."""
    return get_text_list([str(sector.label) for sector in Sector if sector in sectors], _("en"))
