"""What partners add to a measure from their own means. It stands beside the packages, so that a euro counts once."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pact_portal.foundation.audit.workflow import record
from pact_portal.foundation.templatetags.portal import euro
from partners.models import Partnership, User
from plan.funding import amounts, holding
from plan.funding.models import Contribution
from plan.funding.workflow import refuse_other_pact
from plan.measures.models import Measure


@transaction.atomic
def pledge(
    measure: Measure, *, partnership: Partnership, year: int, amount: Decimal, note: str = "", by: User
) -> Contribution:
    """Write down what a partner adds to a measure in a year, and return it.

    Raises ValidationError that names the rule: a measure that is carried out, a partner of the same pact, a year of
    the measure, a positive amount in whole cents, one contribution per partner and year.
    """
    amount = amounts.checked(amount)
    held = holding.hold_measure(measure.pact_id, measure.pk)
    refuse_other_pact(held.pact_id, partnership)
    if not held.starts_on.year <= year <= held.ends_on.year:
        sentence = _("Maatregel %(code)s loopt van %(first)s tot en met %(last)s. %(year)s valt daarbuiten.") % {
            "code": held.code,
            "first": held.starts_on.year,
            "last": held.ends_on.year,
            "year": year,
        }
        raise ValidationError({"year": ValidationError(sentence, code="outside_measure")})
    standing = Contribution.objects.in_pact(held.pact_id).filter(
        measure=held, partnership=partnership, year=year, withdrawn_at__isnull=True
    )
    if (before := standing.first()) is not None:
        sentence = _("%(partner)s draagt in %(year)s al %(amount)s bij. Trek die bijdrage eerst in.")
        values = {"partner": partnership, "year": year, "amount": euro(before.amount)}
        raise ValidationError(sentence % values, code="pledged_before")
    contribution = Contribution(
        measure=held, partnership=partnership, year=year, amount=amount, note=note.strip(), added_by=by
    )
    contribution.full_clean()
    contribution.save()
    record("contribution.pledged", contribution, by=by, pact=held.pact, amount=str(amount), year=year)
    return contribution


@transaction.atomic
def withdraw(contribution: Contribution, *, by: User) -> Contribution:
    """Take a contribution back; the row stays as a trace. Raises ValidationError when that was done before."""
    rows = Contribution.objects.in_pact(contribution.measure.pact_id).select_for_update(of=("self",))
    locked: Contribution = rows.get(pk=contribution.pk)
    if locked.withdrawn_at:
        raise ValidationError(
            _("Deze bijdrage van %(amount)s is al ingetrokken.") % {"amount": euro(locked.amount)}, code="withdrawn"
        )
    locked.withdrawn_at = timezone.now()
    locked.save(update_fields=["withdrawn_at"])
    pact = locked.measure.pact
    record("contribution.withdrawn", locked, by=by, pact=pact, amount=str(locked.amount), year=locked.year)
    contribution.withdrawn_at = locked.withdrawn_at
    return locked
