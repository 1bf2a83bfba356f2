"""The sums of money: per package, year, sector, measure and organisation. All are sums over the same entries.

An entry is an allocation that counts; each stands in exactly one package, year, sector and organisation, so that a euro
is counted once however it is looked at. Pure, but for `read`. Amounts are euros with two decimals.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from django.db.models import Sum as SumOf
from django.utils.translation import gettext as _

from partners.models import Pact, Partnership, Sector
from plan.funding.models import Allocation, Contribution, Expenditure, PackageYear
from plan.funding.receiving import receivers_among

ZERO = Decimal(0)


class Target(StrEnum):
    """What an entry is for."""

    MEASURE = "measure"
    SECTOR = "sector"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Budget:
    """One year of one package: what may be given out, and how much of it came in."""

    package: int
    """The number of the package, as in S2."""
    package_label: str
    year: int
    amount: Decimal
    came_in: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Entry:
    """One allocation that counts: proposed, committed or settled; never a rejected one."""

    allocation: int
    """Its primary key."""
    package: int
    package_label: str
    year: int
    target: Target
    measure: int | None
    """The number of the measure, as in M3."""
    measure_title: str
    sector: str
    """The code of the sector in which it counts. A measure counts in that of its lead when that may receive the
    package, else in that of the first executing partner that may."""
    partnership: int | None
    """The primary key of who receives it: by the same rule. None for the share of a whole sector."""
    organisation: str
    amount: Decimal
    spent: Decimal
    state: str
    spenders: tuple[tuple[int, str, Decimal], ...] = ()
    """Who spent it: partnership, name, amount. Together `spent`."""

    @property
    def is_committed(self) -> bool:
        """Whether it was promised, or settled after that."""
        return self.state in (Allocation.State.COMMITTED, Allocation.State.SETTLED)


@dataclass(frozen=True, slots=True)
class Pledge:
    """What a partner adds to a measure from its own means; no part of any package, and of no sum of packages."""

    measure: int
    partnership: int
    organisation: str
    year: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Money:
    """All money of a pact."""

    budgets: Sequence[Budget] = ()
    entries: Sequence[Entry] = ()
    pledges: Sequence[Pledge] = ()


@dataclass(frozen=True, slots=True)
class Sum:
    """What was given out of a budget, promised of that, and spent of that.

    Where money is looked at by what it is for, there is no budget but what was given: `budget` is `allocated` then.
    """

    budget: Decimal = ZERO
    allocated: Decimal = ZERO
    committed: Decimal = ZERO
    spent: Decimal = ZERO

    @property
    def remaining(self) -> Decimal:
        """What has no target yet."""
        return self.budget - self.allocated

    @property
    def unspent(self) -> Decimal:
        """What was promised and not spent yet."""
        return self.committed - self.spent

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(
            self.budget + other.budget,
            self.allocated + other.allocated,
            self.committed + other.committed,
            self.spent + other.spent,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """The sum of one package, year, sector, measure or organisation."""

    key: Hashable
    label: str
    sum: Sum
    measures: tuple[int, ...] = field(default=())
    """The numbers of the measures for which there is an amount in it, proposed or committed."""


def total(money: Money) -> Sum:
    """Everything together, with the budgets."""
    return _added(map(_of_budget, money.budgets)) + _added(map(_of_entry, money.entries))


def total_pledged(money: Money) -> Decimal:
    return sum((pledge.amount for pledge in money.pledges), ZERO)


def per_package(money: Money) -> list[Line]:
    """A line per package, by number, also where nothing was given out; the key is the number."""
    return _lines(
        money.entries,
        lambda entry: (entry.package, entry.package_label),
        budgets=[((budget.package, budget.package_label), budget) for budget in money.budgets],
    )


def per_year(money: Money) -> list[Line]:
    """A line per year; the key is the year."""
    return _lines(
        money.entries,
        lambda entry: (entry.year, str(entry.year)),
        budgets=[((budget.year, str(budget.year)), budget) for budget in money.budgets],
    )


def per_package_year(money: Money) -> list[Line]:
    """A line per year of each package; the key is the pair of number and year."""
    return _lines(
        money.entries,
        lambda entry: ((entry.package, entry.year), f"{entry.package_label} – {entry.year}"),
        budgets=[
            (((budget.package, budget.year), f"{budget.package_label} – {budget.year}"), budget)
            for budget in money.budgets
        ],
    )


def per_sector(money: Money) -> list[Line]:
    """A line per sector that gets something, in the order of Sector; the key is its code."""
    order = {code: place for place, code in enumerate(Sector.values)}
    lines = _lines(money.entries, lambda entry: (entry.sector, str(Sector(entry.sector).label)))
    return sorted(lines, key=lambda line: order[str(line.key)])


def per_measure(money: Money) -> list[Line]:
    """A line per measure that gets something, by number, and last one for all shares, with the key 0."""
    shares = _("aandelen van sectoren en organisaties")
    lines = _lines(
        money.entries,
        lambda entry: (0, shares) if entry.measure is None else (entry.measure, entry.measure_title),
    )
    return sorted(lines, key=lambda line: (line.key == 0, line.key))


def per_organisation(money: Money) -> list[Line]:
    """A line per organisation that receives something, by name; the key is its partnership. Last the shares of whole
    sectors, with the code of the sector as key.
    """

    def place(entry: Entry) -> tuple[Hashable, str]:
        if entry.partnership is None:
            return entry.sector, _("%(sector)s (hele sector)") % {"sector": Sector(entry.sector).label}
        return entry.partnership, entry.organisation

    return sorted(_lines(money.entries, place), key=lambda line: (isinstance(line.key, str), line.label, str(line.key)))


def spent_per_organisation(money: Money) -> dict[int, Decimal]:
    """What each partnership really spent, of whosever share; together all that was spent."""
    return _totals((partnership, amount) for entry in money.entries for partnership, _name, amount in entry.spenders)


def pledged_per_measure(money: Money) -> dict[int, Decimal]:
    """What partners add from their own means, per number of a measure."""
    return _totals((pledge.measure, pledge.amount) for pledge in money.pledges)


def pledged_per_organisation(money: Money) -> dict[int, Decimal]:
    """What each partnership adds to measures from its own means."""
    return _totals((pledge.partnership, pledge.amount) for pledge in money.pledges)


def read(pact: Pact, *, packages: Collection[int] | None = None) -> Money:
    """All money of a pact, or of the packages with these numbers, in a handful of queries however much there is."""
    years = PackageYear.objects.in_pact(pact).select_related("package").prefetch_related("package__sectors")
    rows = Allocation.objects.in_pact(pact).counting()
    bookings = Expenditure.objects.in_pact(pact).filter(cancelled_at__isnull=True)
    if packages is not None:
        years = years.filter(package__number__in=packages)
        rows = rows.filter(package_year__package__number__in=packages)
        bookings = bookings.filter(allocation__package_year__package__number__in=packages)
    found = {year.pk: year for year in years}
    spenders: dict[int, list[tuple[int, str, Decimal]]] = defaultdict(list)
    names = ("allocation_id", "partnership_id", "partnership__organisation__name")
    for *place, amount in bookings.order_by(*names).values_list(*names).annotate(spent=SumOf("amount")):
        allocation, partnership, name = place
        spenders[allocation].append((partnership, name, amount))
    rows = rows.select_related("partnership__organisation", "measure__lead__organisation").prefetch_related(
        "measure__executing__organisation"
    )
    pledged = Contribution.objects.in_pact(pact).filter(withdrawn_at__isnull=True)
    return Money(
        budgets=[
            Budget(year.package.number, str(year.package), year.year, year.budget, year.came_in)
            for year in found.values()
        ],
        # A year that came after the first query has no place yet.
        entries=[
            _entry(row, found[row.package_year_id], tuple(spenders[row.pk]))
            for row in rows
            if row.package_year_id in found
        ],
        pledges=[
            Pledge(row.measure.number, row.partnership_id, str(row.partnership), row.year, row.amount)
            for row in pledged.select_related("measure", "partnership__organisation")
        ],
    )


def _entry(row: Allocation, year: PackageYear, spenders: tuple[tuple[int, str, Decimal], ...]) -> Entry:
    receiver = _receiver(row, {allowed.sector for allowed in year.package.sectors.all()})
    of_share = Target.SECTOR if receiver is None else Target.ORGANISATION
    return Entry(
        allocation=row.pk,
        package=year.package.number,
        package_label=str(year.package),
        year=year.year,
        target=of_share if row.measure is None else Target.MEASURE,
        measure=row.measure.number if row.measure else None,
        measure_title=str(row.measure) if row.measure else "",
        sector=receiver.organisation.sector if receiver else row.sector,
        partnership=receiver.pk if receiver else None,
        organisation=str(receiver) if receiver else "",
        amount=row.amount,
        spent=row.spent,
        state=row.state,
        spenders=spenders,
    )


def _receiver(row: Allocation, allowed: set[str]) -> Partnership | None:
    """Who receives it; when nobody who carries a measure out may any more, its lead. None for a sector's share."""
    if row.measure is None:
        return row.partnership
    carriers = [row.measure.lead, *row.measure.executing.all()]
    return next(iter(receivers_among(carriers, allowed)), row.measure.lead)


def _of_budget(budget: Budget) -> Sum:
    return Sum(budget=budget.amount)


def _of_entry(entry: Entry) -> Sum:
    return Sum(allocated=entry.amount, committed=entry.amount if entry.is_committed else ZERO, spent=entry.spent)


def _added(sums: Iterable[Sum]) -> Sum:
    return sum(sums, Sum())


def _lines(
    entries: Iterable[Entry],
    place: Callable[[Entry], tuple[Hashable, str]],
    *,
    budgets: Iterable[tuple[tuple[Hashable, str], Budget]] | None = None,
) -> list[Line]:
    """Entries added up per place (key and label), by key. Without budgets, a place has what was given as its budget."""
    sums: dict[Hashable, Sum] = defaultdict(Sum)
    labels: dict[Hashable, str] = {}
    measures: dict[Hashable, set[int]] = defaultdict(set)
    for (key, label), budget in budgets or ():
        labels.setdefault(key, label)
        sums[key] += _of_budget(budget)
    for entry in entries:
        key, label = place(entry)
        labels.setdefault(key, label)
        sums[key] += _of_entry(entry)
        if budgets is None:
            sums[key] += Sum(budget=entry.amount)
        if entry.measure is not None and entry.amount:
            measures[key].add(entry.measure)
    lines = [Line(key, labels[key], found, tuple(sorted(measures[key]))) for key, found in sums.items()]
    return sorted(lines, key=lambda line: (isinstance(line.key, str), line.key))


def _totals(parts: Iterable[tuple[int, Decimal]]) -> dict[int, Decimal]:
    found: dict[int, Decimal] = defaultdict(Decimal)
    for key, amount in parts:
        found[key] += amount
    return dict(found)
