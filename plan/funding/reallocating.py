"""Moving a part of committed money to another target of the same package and year: proposed here, done by a decision.

A euro that moves leaves its old allocation and joins a new one in the same transaction; the year stays as it is.
"""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from pact_portal.foundation.audit.workflow import record
from pact_portal.foundation.templatetags.portal import euro
from partners.models import Partnership, User
from plan.funding import amounts, holding
from plan.funding.models import Allocation, Reallocation
from plan.funding.receiving import refuse_ineligible
from plan.funding.workflow import refuse_other_pact
from plan.measures.models import Measure

State = Reallocation.State


@transaction.atomic
def propose(
    source: Allocation,
    *,
    amount: Decimal,
    measure: Measure | None = None,
    sector: str = "",
    partnership: Partnership | None = None,
    reason: str,
    by: User,
) -> Reallocation:
    """Propose that an amount of a committed allocation serves another target, and return the proposal.

    Raises ValidationError that names the rule: committed money, a positive amount in whole cents and no more than was
    not spent yet, one other target of the same pact that may receive the package, and a reason.
    """
    amount = amounts.checked(amount)
    pact_id = holding.pact_of(source)
    holding.hold_pact(pact_id)
    if measure is not None:
        measure = holding.hold_measure(pact_id, measure.pk)
    refuse_other_pact(pact_id, partnership)
    held = holding.hold_allocation(source)
    reallocation = Reallocation(
        source=held,
        amount=amount,
        measure=measure,
        sector=sector,
        partnership=partnership,
        reason=reason.strip(),
        created_by=by,
    )
    reallocation.full_clean()
    _refuse_same_target(held, reallocation)
    _refuse_more_than_left(held, amount)
    refuse_ineligible(held.package_year.package, reallocation)
    reallocation.save()
    pact = held.package_year.package.pact
    record("reallocation.proposed", reallocation, by=by, pact=pact, amount=str(amount), source=held.pk)
    return reallocation


@transaction.atomic
def apply(reallocation: Reallocation, *, by: User, decision: str) -> Reallocation:
    """Move the money: a new committed allocation, in `result`. A source of which nothing stays becomes settled.

    `decision` is the code of the decision that does it; it can also apply what was rejected, when it takes the place of
    the one that did so. Raises ValidationError when it was applied before, or cannot be done any more: the source is
    not committed, too little is left of it, the target takes no money.
    """
    pact_id = holding.pact_of(reallocation.source)
    holding.hold_pact(pact_id)
    if reallocation.measure_id:
        holding.hold_measure(pact_id, reallocation.measure_id)
    source = holding.hold_allocation(reallocation.source)
    locked = _hold(reallocation)
    if locked.state != State.REJECTED or not decision:
        _refuse_handled(locked)
    _refuse_more_than_left(source, locked.amount)
    year = holding.hold_year(pact_id, source.package_year_id)
    refuse_ineligible(year.package, locked)
    source.amount -= locked.amount
    if not source.amount:
        source.state = Allocation.State.SETTLED
    source.save(update_fields=["amount", "state"])
    result = Allocation(
        package_year=year,
        amount=locked.amount,
        measure=locked.measure,
        sector=locked.sector,
        partnership=locked.partnership,
        state=Allocation.State.COMMITTED,
        created_by=by,
    )
    # The sum of the year is what it was: what the source gave up, this takes.
    result.full_clean(exclude=["package_year"])
    result.save()
    locked.state, locked.result = State.APPLIED, result
    locked.full_clean()
    locked.save(update_fields=["state", "result"])
    record(
        "reallocation.applied",
        locked,
        by=by,
        pact=year.package.pact,
        amount=str(locked.amount),
        source=source.pk,
        result=result.pk,
        decision=decision,
    )
    reallocation.state, reallocation.result = locked.state, result
    holding.show(source, on=reallocation.source)
    return locked


@transaction.atomic
def reject(reallocation: Reallocation, *, by: User, decision: str = "") -> Reallocation:
    """Turn a proposed reallocation down: the money stays where it is. Raises ValidationError when it was handled."""
    pact_id = holding.pact_of(reallocation.source)
    holding.hold_pact(pact_id)
    source = holding.hold_allocation(reallocation.source)
    locked = _hold(reallocation)
    _refuse_handled(locked)
    locked.state = State.REJECTED
    locked.full_clean()
    locked.save(update_fields=["state"])
    pact = source.package_year.package.pact
    record("reallocation.rejected", locked, by=by, pact=pact, amount=str(locked.amount), decision=decision)
    reallocation.state = locked.state
    return locked


def refuse_impossible(reallocation: Reallocation) -> None:
    """Raise ValidationError with the sentence why it could not be applied now. Reads only; nothing is held."""
    source = reallocation.source
    _refuse_handled(reallocation)
    _refuse_more_than_left(source, reallocation.amount)
    if reallocation.measure is not None and reallocation.measure.state in holding.NO_MONEY_FOR:
        raise holding.ended(reallocation.measure)
    refuse_ineligible(source.package_year.package, reallocation)


def _hold(reallocation: Reallocation) -> Reallocation:
    rows = Reallocation.objects.in_pact(holding.pact_of(reallocation.source))
    locked: Reallocation = rows.select_for_update(of=("self",)).get(pk=reallocation.pk)
    return locked


def _refuse_handled(reallocation: Reallocation) -> None:
    if reallocation.state != State.PROPOSED:
        raise ValidationError(
            _("Deze herverdeling van %(amount)s is al %(state)s.")
            % {"amount": euro(reallocation.amount), "state": reallocation.get_state_display()},
            code="state",
        )


def _refuse_same_target(source: Allocation, reallocation: Reallocation) -> None:
    if (source.measure_id, source.sector, source.partnership_id) == (
        reallocation.measure_id,
        reallocation.sector,
        reallocation.partnership_id,
    ):
        raise ValidationError(_("Het geld staat al bij deze bestemming. Kies een andere."), code="same_target")


def _refuse_more_than_left(source: Allocation, amount: Decimal) -> None:
    if source.state != Allocation.State.COMMITTED:
        raise ValidationError(
            _("De toewijzing waaruit dit geld komt is %(state)s. Alleen toegezegd geld wordt herverdeeld.")
            % {"state": source.get_state_display()},
            code="source_state",
        )
    if amount > source.unspent:
        sentence = _("Van deze toewijzing van %(amount)s is nog %(left)s niet besteed. U wilt %(asked)s herverdelen.")
        values = {"amount": euro(source.amount), "left": euro(source.unspent), "asked": euro(amount)}
        raise ValidationError({"amount": ValidationError(sentence % values, code="more_than_left")})
