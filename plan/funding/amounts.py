"""What an amount of money is: more than nothing, in whole cents, and no more than a column holds. Pure."""

from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from pact_portal.foundation.templatetags.portal import euro

CENT = Decimal("0.01")
HIGHEST = Decimal("9999999999.99")
"""What the columns hold: twelve digits, two of them behind the comma."""


def checked(amount: object, *, field: str = "amount") -> Decimal:
    """The amount as euros with two decimals.

    Takes a Decimal, an int or text with a point. Raises ValidationError on `field` that names the rule: a number,
    greater than zero, in whole cents, at most HIGHEST.
    """
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int | str):
        raise _refused(field, _("Vul een bedrag in, bijvoorbeeld 1.234,56."), "invalid")
    try:
        value = Decimal(amount)
    except InvalidOperation as fault:
        raise _refused(field, _("Vul een bedrag in, bijvoorbeeld 1.234,56."), "invalid") from fault
    if not value.is_finite():
        raise _refused(field, _("Vul een bedrag in, bijvoorbeeld 1.234,56."), "invalid")
    if value <= 0:
        raise _refused(field, _("Vul een bedrag in dat groter is dan nul."), "not_positive")
    # Compared, not shown: a number of a thousand digits has no place in a sentence.
    if value > HIGHEST:
        sentence = _("Dit bedrag is te groot. Het hoogste bedrag is %(highest)s.") % {"highest": euro(HIGHEST)}
        raise _refused(field, sentence, "too_large")
    in_cents = value.quantize(CENT)
    if in_cents != value:
        raise _refused(field, _("Vul een bedrag in hele centen in: hooguit twee cijfers achter de komma."), "cents")
    return in_cents


def _refused(field: str, sentence: str, code: str) -> ValidationError:
    return ValidationError({field: ValidationError(sentence, code=code)})
