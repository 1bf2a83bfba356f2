"""How many partners stand where, in words. Pure: no queries."""

from collections import Counter
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plan.decisions.models import Position


def in_words(stances: Iterable[str], *, silent: int) -> str:
    """Such as "2 akkoord, 1 bezwaar; 3 partners zeiden nog niets"; `silent` is how many said nothing yet."""
    numbers = Counter(stances)
    said = ", ".join(f"{numbers[each.value]} {each.label}" for each in Position.Stance if numbers[each.value])
    unsaid = ngettext("%(count)d partner zei nog niets", "%(count)d partners zeiden nog niets", silent)
    return "; ".join(part for part in (said, unsaid % {"count": silent} if silent else "") if part) or _("niemand")
