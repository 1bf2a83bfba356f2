"""The ages that questions and programmes are about, and the phases into which they fall. Pure."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Ages:
    """From and to which age, in years, both included."""

    first: int
    last: int

    def overlap(self, other: "Ages") -> bool:
        return self.first <= other.last and other.first <= self.last


PHASES: dict[str, Ages] = {"0-4": Ages(0, 3), "4-12": Ages(4, 11), "12-18": Ages(12, 17), "18-23": Ages(18, 23)}
"""The age phases of domain.md: a child of four is in the second."""

PHASE_NAMES: dict[str, Promise] = {
    "0-4": _("0 tot 4 jaar"),
    "4-12": _("4 tot 12 jaar"),
    "12-18": _("12 tot 18 jaar"),
    "18-23": _("18 tot en met 23 jaar"),
}
