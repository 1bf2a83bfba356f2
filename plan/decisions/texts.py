"""The plain texts of this slice: a reason, a condition, an answer. The database holds them, whatever their length."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 2000


def written(field: str, text: str, *, missing: str = "") -> str:
    """The text without the spaces around it. Raises ValidationError on `field` when it is longer than 2000 signs.

    `missing` is the sentence for a text that must be there and is not; without it the text may be empty.
    """
    text = text.strip()
    if missing and not text:
        raise ValidationError({field: ValidationError(missing, code="required")})
    if len(text) > LONGEST:
        fault = _("Dit zijn %(count)s tekens. Schrijf het in ten hoogste %(most)s tekens.")
        raise ValidationError(
            {field: ValidationError(fault % {"count": len(text), "most": LONGEST}, code="max_length")}
        )
    return text
