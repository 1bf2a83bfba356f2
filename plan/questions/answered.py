"""How far questions are answered, as a condition on a query of questions.

Judgements of programmes stand in the slice above, so they are named here by their relation alone. The rule is that of
`plan.programmes.coverage`: a judgement counts before the day on which it expires, as long as its programme has not
ended; where a municipality or ages are looked at, only when the programme is there, and is for those ages.
"""

from datetime import date

from django.db.models import Exists, OuterRef, Q

from partners.organisations.models import Partnership
from plan.questions.models import SupportQuestion
from plan.questions.phases import Ages

SUFFICIENT = "sufficient"


def judged(*, on: date, level: str = "", municipality: Partnership | None = None, ages: Ages | None = None) -> Exists:
    """Whether a judgement counts on a day: one of this level, or any when no level is given."""
    counts = Q(fits__expires_on__gt=on)
    counts &= Q(fits__programme__ends_on__isnull=True) | Q(fits__programme__ends_on__gte=on)
    if level:
        counts &= Q(fits__level=level)
    if ages is not None:
        counts &= Q(fits__programme__age_from__lte=ages.last, fits__programme__age_to__gte=ages.first)
    if municipality is not None:
        counts &= Q(fits__programme__municipalities=municipality) | Q(fits__programme__municipalities__isnull=True)
    return Exists(SupportQuestion.unscoped.filter(counts, pk=OuterRef("pk")))


def sufficient(*, on: date, municipality: Partnership | None = None, ages: Ages | None = None) -> Exists:
    """Whether a judgement that counts on a day calls the question sufficiently answered; if none does, it is a gap."""
    return judged(on=on, level=SUFFICIENT, municipality=municipality, ages=ages)
