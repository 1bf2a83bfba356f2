"""The signs of which a word on the list may be made. Pure."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

OTHER_SIGNS = " -'\u2019"
"""What may stand in a word beside letters and digits."""


def refuse_unfindable(term: str) -> None:
    """Raise ValidationError, at `term`, for a word in which a sign stands that parts words: no text would hold it."""
    for sign in unicodedata.normalize("NFC", " ".join(term.split())):
        if not sign.isalnum() and sign not in OTHER_SIGNS:
            sentence = _(
                "Gebruik alleen letters, cijfers, spaties, koppeltekens en apostroffen: met “%(sign)s” erin vindt de "
                "taalspiegel het woord niet."
            )
            raise ValidationError({"term": sentence % {"sign": sign}})
