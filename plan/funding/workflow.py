"""Keeping packages, and dividing their money. Amounts are euros with at most two decimals.

Two locks keep a year within its budget. Here the row of the year is locked before it is read, so that a refusal can
say what is left; in the database a trigger keeps the sum and a CHECK refuses more than the budget (see the migrations
0002 and 0009), whatever door the money comes by. Locks are taken in one order: see holding.py.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pact_portal.foundation.audit.workflow import record
from pact_portal.foundation.templatetags.portal import euro
from partners.models import Pact, Partnership, Sector, User
from plan.funding import amounts, holding
from plan.funding.models import (
    Allocation,
    Expenditure,
    Intake,
    PackageSector,
    PackageYear,
    Reallocation,
    SupportPackage,
)
from plan.funding.receiving import allowed_sectors, carriers_of, names_of, receivers_among, refuse_ineligible
from plan.measures.models import Measure
from plan.questions.marks import refuse_unseen

State = Allocation.State

FIELDS = {
    *("name", "giver", "legal_form", "purpose", "earmark", "account_to", "accountability", "account_by"),
    *("spend_from", "spend_until"),
}
"""What is written about a package, besides its sectors and years."""

NO_MONEY_FOR = holding.NO_MONEY_FOR

NEVER_OVER_BUDGET = "package_year_never_over_budget"

Intakes = Mapping[int, Mapping[Partnership, Decimal]]
"""Per year what each organisation received of the budget, on its own account."""


def mark_of(package: SupportPackage) -> str:
    """A short text that changes when anything that is written about a package changes: fields, sectors, budgets.

    A page carries it in its form; handed back as `seen`, it tells that the package is still what the reader saw.
    """
    written = [str(getattr(package, name)) for name in sorted(FIELDS)]
    written += sorted(row.sector for row in package.sectors.all())
    for year in package.years.all():
        written.append(f"{year.year} {year.budget:.2f}")
        written += [f"{year.year} {row.partnership_id} {row.amount:.2f}" for row in year.intakes.all()]
    return hashlib.sha256(json.dumps(sorted(written)).encode()).hexdigest()[:32]


@transaction.atomic
def add_package(
    pact: Pact,
    *,
    by: User,
    sectors: Sequence[str],
    years: dict[int, Decimal],
    intakes: Intakes | None = None,
    **fields: Any,
) -> SupportPackage:
    """Put a package on the list and return it.

    `sectors` are codes of Sector that may receive it, `years` gives the budget per year, `intakes` how it came in,
    `fields` are those of FIELDS. Raises ValidationError when a field is wrong, no sector or year is given, a year lies
    outside the window, or more came in than the budget of the year.
    """
    package = SupportPackage(pact=pact)
    package.take_number()
    _write(package, fields, sectors, years)
    package.save()
    _save_sectors(package, sectors)
    rows = {year: PackageYear(package=package, year=year) for year in sorted(years)}
    for year, row in rows.items():
        _save_year(row, years[year])
    _save_intakes(package, rows, intakes or {})
    record("package.added", package, by=by, years=_as_text(years), sectors=sorted(sectors))
    return package


@transaction.atomic
def revise_package(
    package: SupportPackage,
    *,
    by: User,
    sectors: Sequence[str],
    years: dict[int, Decimal],
    intakes: Intakes | None = None,
    seen: str | None = None,
    **fields: Any,
) -> SupportPackage:
    """Change a package to what is given; a year that is not in `years` goes, and what came in stays when not given.

    Raises ValidationError as `add_package` does, when money that was already allocated would lose its budget, its
    year or its right to the package, when money was spent outside a new window, and when the package is no longer the
    one with the mark `seen`.
    """
    holding.hold_pact(package.pact_id)
    locked: SupportPackage = SupportPackage.objects.in_pact(package.pact_id).select_for_update().get(pk=package.pk)
    rows = PackageYear.objects.in_pact(locked.pact_id).filter(package=locked).select_for_update().order_by("pk")
    kept = {row.year: row for row in rows}
    refuse_unseen(mark_of(locked), seen)
    _write(locked, fields, sectors, years)
    _refuse_spent_outside(locked)
    _refuse_lost_sectors(locked, sectors)
    for year in sorted(kept.keys() - years.keys()):
        if kept[year].allocations.exists():
            raise ValidationError(
                {"years": _("Het jaar %(year)s kan niet weg: er zijn toewijzingen uit dit jaar.") % {"year": year}}
            )
        kept.pop(year).delete()
    locked.save()
    _save_sectors(locked, sectors)
    if intakes is not None:
        Intake.objects.in_pact(locked.pact_id).filter(package_year__package=locked).delete()
        for row in kept.values():
            row.came_in = Decimal(0)
    after = {year: kept.get(year) or PackageYear(package=locked, year=year) for year in sorted(years)}
    for year, row in after.items():
        _save_year(row, years[year])
    _save_intakes(locked, after, intakes or {})
    record("package.revised", locked, by=by, years=_as_text(years), sectors=sorted(sectors))
    return locked


@transaction.atomic
def allocate(
    package_year: PackageYear,
    *,
    amount: Decimal,
    by: User,
    measure: Measure | None = None,
    sector: str = "",
    partnership: Partnership | None = None,
    note: str = "",
) -> Allocation:
    """Propose an amount of one year for exactly one target: a measure, a sector's share or an organisation's share.

    Raises ValidationError that names the rule: one target, a positive amount in whole cents, a target of the same
    pact, a measure that is carried out, a sector that may receive the package, a year inside the spending window, and
    never more than what is left of the budget.
    """
    amount = amounts.checked(amount)
    pact_id = package_year.package.pact_id
    holding.hold_pact(pact_id)
    if measure is not None:
        measure = holding.hold_measure(pact_id, measure.pk)
    refuse_other_pact(pact_id, partnership)
    year = holding.hold_year(pact_id, package_year.pk)
    allocation = Allocation(
        package_year=year,
        amount=amount,
        measure=measure,
        sector=sector,
        partnership=partnership,
        note=note.strip(),
        created_by=by,
    )
    allocation.full_clean()
    _refuse_outside_window(year.package, year.year)
    refuse_ineligible(year.package, allocation)
    _refuse_over_budget(year, allocation.amount)
    with _net(year, allocation.amount):
        allocation.save()
    record("allocation.proposed", allocation, by=by, pact=year.package.pact, amount=str(allocation.amount))
    # The trigger has written the sum; the caller's row shows it too.
    package_year.refresh_from_db(fields=["allocated"])
    return allocation


@transaction.atomic
def commit(allocation: Allocation, *, by: User, decision: str = "") -> Allocation:
    """Promise the money of a proposed allocation; `decision` is the code of the decision that does it.

    A decision can also promise what was rejected, when it takes the place of the one that did so. Raises
    ValidationError when it is no longer possible: the allocation is in another state, its measure was rejected or
    stopped meanwhile, nobody who carries it out may still receive the package, or the budget went elsewhere.
    """
    held = _hold(allocation, with_measure=True)
    _refuse_move(held, State.COMMITTED, {State.PROPOSED, State.REJECTED} if decision else {State.PROPOSED})
    year = holding.hold_year(holding.pact_of(held), held.package_year_id)
    refuse_ineligible(year.package, held)
    taken_anew = held.amount if held.state == State.REJECTED else Decimal(0)
    _refuse_over_budget(year, taken_anew)
    with _net(year, taken_anew):
        return _move(held, State.COMMITTED, shown_on=allocation, by=by, decision=decision)


@transaction.atomic
def reject(allocation: Allocation, *, by: User, decision: str = "") -> Allocation:
    """Turn a proposed allocation down, or take back what was committed; its money returns to the year.

    Raises ValidationError when it was rejected or settled before, when committed money has no `decision`, was spent
    or is being reallocated.
    """
    held = _hold(allocation)
    _refuse_move(held, State.REJECTED, {State.PROPOSED, State.COMMITTED})
    if held.state == State.COMMITTED and not decision:
        raise ValidationError(
            _("Deze toewijzing van %(amount)s is toegezegd. Alleen een besluit kan dat terugdraaien.")
            % {"amount": euro(held.amount)},
            code="needs_decision",
        )
    _refuse_spent(held)
    refuse_while_moving(held)
    return _move(held, State.REJECTED, shown_on=allocation, by=by, decision=decision)


@transaction.atomic
def undo_commit(
    allocation: Allocation, *, by: User, decision: str, to: Allocation.State = State.REJECTED
) -> Allocation:
    """Take back what was committed, because the decision that did it was superseded.

    `to` is REJECTED, when the money returns to the year, or PROPOSED, when it waits for another decision. Raises
    ValidationError when it is not committed, was spent or is being reallocated.
    """
    held = _hold(allocation)
    _refuse_move(held, to, {State.COMMITTED})
    if to == State.REJECTED:
        return reject(allocation, by=by, decision=decision)
    _refuse_spent(held)
    refuse_while_moving(held)
    return _move(held, to, shown_on=allocation, by=by, decision=decision)


def _refuse_spent(allocation: Allocation) -> None:
    if allocation.spent:
        raise ValidationError(
            _("Van deze toewijzing is al %(spent)s besteed. Reken haar af: wat over is, valt dan vrij.")
            % {"spent": euro(allocation.spent)},
            code="spent",
        )


def refuse_while_moving(allocation: Allocation) -> None:
    """Raise ValidationError when a part of the allocation is proposed to go elsewhere: that is decided first."""
    waiting = Reallocation.objects.in_pact(holding.pact_of(allocation)).filter(
        source=allocation, state=Reallocation.State.PROPOSED
    )
    if amounts_waiting := [row.amount for row in waiting]:
        raise ValidationError(
            _("Er is een herverdeling van %(amount)s uit deze toewijzing voorgesteld. Handel die eerst af.")
            % {"amount": euro(sum(amounts_waiting, Decimal(0)))},
            code="moving",
        )


def refuse_other_pact(pact_id: int, partnership: Partnership | None) -> None:
    """Raise ValidationError when the partner takes part in another pact."""
    if partnership is not None and partnership.pact_id != pact_id:
        raise ValidationError({"partnership": _("Kies alleen uit wat bij dit pact hoort.")}, code="other_pact")


def _hold(allocation: Allocation, *, with_measure: bool = False) -> Allocation:
    pact_id = holding.pact_of(allocation)
    holding.hold_pact(pact_id)
    if with_measure and allocation.measure_id:
        holding.hold_measure(pact_id, allocation.measure_id)
    return holding.hold_allocation(allocation)


def _refuse_move(allocation: Allocation, to: Allocation.State, allowed: set[Allocation.State]) -> None:
    before = State(allocation.state)
    if before == to:
        raise ValidationError(
            _("Deze toewijzing is al %(state)s. Er is niets veranderd.") % {"state": before.label}, code="state"
        )
    if before not in allowed:
        raise ValidationError(
            _("Deze toewijzing is %(before)s en kan niet meer worden: %(after)s.")
            % {"before": before.label, "after": to.label},
            code="state",
        )


def _move(held: Allocation, to: Allocation.State, *, shown_on: Allocation, by: User, decision: str) -> Allocation:
    before = held.state
    held.state = to
    held.full_clean()
    held.save(update_fields=["state"])
    record(
        f"allocation.{to.value}",
        held,
        by=by,
        pact=held.package_year.package.pact,
        amount=str(held.amount),
        before=before,
        decision=decision,
    )
    holding.show(held, on=shown_on)
    return held


def _refuse_outside_window(package: SupportPackage, year: int) -> None:
    if not package.spend_from.year <= year <= package.spend_until.year:
        raise ValidationError(
            _("%(year)s valt buiten de periode waarin dit geld besteed mag worden: %(first)s tot en met %(last)s.")
            % {"year": year, "first": package.spend_from.year, "last": package.spend_until.year},
            code="outside_window",
        )


def _refuse_over_budget(year: PackageYear, amount: Decimal) -> None:
    if amount > year.remaining:
        raise _over_budget(year, amount)


def _over_budget(year: PackageYear, amount: Decimal) -> ValidationError:
    values = {"left": euro(year.remaining), "year": year.year, "package": year.package.name, "amount": euro(amount)}
    return ValidationError(
        {
            "amount": _(
                "Nooit meer dan het budget: van “%(package)s” is voor %(year)s nog %(left)s over. U vroeg %(amount)s."
            )
            % values
        },
        code="over_budget",
    )


@contextmanager
def _net(year: PackageYear, amount: Decimal) -> Iterator[None]:
    """Turn the database's own refusal to go over the budget into the sentence that the reader knows."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as fault:
        if NEVER_OVER_BUDGET not in str(fault):
            raise
        year.refresh_from_db(fields=["budget", "allocated"])
        raise _over_budget(year, amount) from fault


def _write(package: SupportPackage, fields: dict[str, Any], sectors: Sequence[str], years: dict[int, Decimal]) -> None:
    """Set and check the package itself; its sectors and years are checked against it. Nothing is saved."""
    if unknown := fields.keys() - FIELDS:
        raise TypeError(f"a package has no {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(package, name, value)
    package.full_clean()
    if not sectors or not set(sectors) <= set(Sector.values):
        raise ValidationError({"sectors": _("Kies ten minste één sector die dit geld mag ontvangen.")})
    if not years:
        raise ValidationError({"years": _("Vul voor ten minste één jaar een budget in.")})
    for year in years:
        _refuse_outside_window(package, year)


def _save_sectors(package: SupportPackage, sectors: Sequence[str]) -> None:
    # What comes first, what goes after it: money of a measure may stay with the one for the other.
    present = {row.sector for row in package.sectors.all()}
    PackageSector.objects.bulk_create(
        PackageSector(package=package, sector=sector) for sector in sorted(set(sectors) - present)
    )
    package.sectors.exclude(sector__in=sectors).delete()


def _save_year(year: PackageYear, budget: Decimal) -> None:
    """Write the budget of a year, never below what was already allocated or came in."""
    year.budget = amounts.checked(budget, field="years")
    if year.budget < year.allocated:
        sentence = _("Uit %(year)s is al %(allocated)s toegewezen. Het budget kan niet lager worden dan dat.")
        raise ValidationError(
            {"years": sentence % {"year": year.year, "allocated": euro(year.allocated)}}, code="over_budget"
        )
    if year.budget < year.came_in:
        sentence = _("Van %(year)s is al %(came_in)s binnengekomen. Het budget kan niet lager worden dan dat.")
        raise ValidationError(
            {"years": sentence % {"year": year.year, "came_in": euro(year.came_in)}}, code="over_budget"
        )
    try:
        year.full_clean()
    except ValidationError as fault:
        raise ValidationError({"years": fault.messages}) from fault
    if year.pk:
        year.save(update_fields=["budget"])
    else:
        year.save()


def _save_intakes(package: SupportPackage, years: Mapping[int, PackageYear], intakes: Intakes) -> None:
    """Write what came in per year and organisation: in all never more than the budget of the year."""
    for number, received in sorted(intakes.items()):
        if not received:
            continue
        if number not in years:
            raise ValidationError(
                {"intakes": _("%(year)s is geen jaar van dit steunpakket.") % {"year": number}}, code="other_year"
            )
        year, total = years[number], Decimal(0)
        for partnership, amount in received.items():
            if partnership.pact_id != package.pact_id:
                raise ValidationError({"intakes": _("Kies alleen uit wat bij dit pact hoort.")}, code="other_pact")
            checked = amounts.checked(amount, field="intakes")
            total += checked
            if total > year.budget:
                sentence = _("In %(year)s kan niet meer binnenkomen dan het budget van %(budget)s.")
                raise ValidationError(
                    {"intakes": sentence % {"year": number, "budget": euro(year.budget)}}, code="over_budget"
                )
            Intake.unscoped.create(package_year=year, partnership=partnership, amount=checked)


def _refuse_spent_outside(package: SupportPackage) -> None:
    """What was spent stays inside the window. Who books holds the package too (see the guard in the database)."""
    spent = Expenditure.objects.in_pact(package.pact_id).filter(
        allocation__package_year__package=package, cancelled_at__isnull=True
    )
    outside = spent.exclude(spent_on__range=(package.spend_from, package.spend_until)).order_by("spent_on").first()
    if outside is not None:
        sentence = _("Op %(day)s is al %(amount)s besteed. Die dag moet binnen de bestedingsperiode blijven.") % {
            "day": date_format(outside.spent_on),
            "amount": euro(outside.amount),
        }
        raise ValidationError({"spend_until": ValidationError(sentence, code="outside_window")})


def _refuse_lost_sectors(package: SupportPackage, sectors: Sequence[str]) -> None:
    """A sector that received a share keeps its right to the package; of who carries out a measure that gets money of
    it, somebody does.
    """
    counting = Allocation.objects.in_pact(package.pact_id).counting().filter(package_year__package=package)
    shares = counting.filter(measure__isnull=True).values_list("sector", "partnership__organisation__sector")
    lost = {own or of_partner for own, of_partner in shares} - set(sectors)
    if lost:
        raise ValidationError(
            {
                "sectors": _("Er is al geld toegewezen aan: %(sectors)s. Deze sectoren moeten erbij blijven.")
                % {"sectors": names_of(lost)}
            }
        )
    before = allowed_sectors(package)
    for_measures = Measure.objects.in_pact(package.pact_id).filter(pk__in=counting.order_by().values("measure"))
    for measure in for_measures.select_related("lead__organisation").order_by("number"):
        carriers = carriers_of(measure)
        keeping = receivers_among(carriers, before)
        if keeping and not receivers_among(carriers, set(sectors)):
            sentence = _(
                "Maatregel %(code)s krijgt geld van dit steunpakket. Laat één van deze sectoren staan: %(sectors)s."
            )
            values = {"code": measure.code, "sectors": names_of({partner.organisation.sector for partner in keeping})}
            raise ValidationError({"sectors": sentence % values})


def _as_text(years: dict[int, Decimal]) -> dict[str, str]:
    return {str(year): str(budget) for year, budget in sorted(years.items())}
