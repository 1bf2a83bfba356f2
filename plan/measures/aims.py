"""How the numbers of an indicator are read: written the Dutch way, and as one sentence of what should happen."""

from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pact_portal.foundation.forms.fields import decimals_of
from plan.measures.models import Indicator


def written(number: Decimal | None) -> str:
    """A number as people here write it, without zeros that say nothing: 1.250,5. "" when it is not known."""
    if number is None:
        return ""
    return formats.number_format(number, decimal_pos=decimals_of(number), use_l10n=True, force_grouping=True)


def rhythm_of(indicator: Indicator) -> str:
    """How often it is read, such as "elke 6 maanden"."""
    months = indicator.every_months
    return ngettext("elke maand", "elke %(months)d maanden", months) % {"months": months}


def sentence_of(indicator: Indicator) -> str:
    """What should happen, such as "omhoog van 40 naar 60 procent"; reads nothing from the database."""
    words = {
        "from": written(indicator.baseline),
        "to": written(indicator.target),
        "unit": indicator.unit,
    }
    if indicator.direction == Indicator.Direction.HOLD:
        return _("gelijk blijven op %(to)s %(unit)s") % words
    if indicator.baseline is None:
        up, down = _("omhoog naar %(to)s %(unit)s"), _("omlaag naar %(to)s %(unit)s")
    else:
        up, down = (
            _("omhoog van %(from)s naar %(to)s %(unit)s"),
            _("omlaag van %(from)s naar %(to)s %(unit)s"),
        )
    return (up if indicator.direction == Indicator.Direction.UP else down) % words
