"""What can stand in the way of a seal."""

from pact_portal.foundation.documents.registry import CannotRender


class SealKeyFault(CannotRender):
    """No seal can be put now; the message says to the reader why, and who can mend it."""


class TimestampFault(SealKeyFault):
    """The timestamp server that the settings ask for gives no timestamp now."""


class FieldTaken(ValueError):
    """The field holds a signature already."""


class UnknownField(ValueError):
    """The file has no such place for a signature."""


class NotCertified(ValueError):
    """The file was not certified, so that it could change after it was signed."""
