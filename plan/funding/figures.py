"""The charts of the money of a pact, for the page and for the plan: reads what they show and hands it to `chart`."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext as _

from pact_portal.foundation.charts.flow import Stop, Stream
from partners.organisations.models import Sector
from partners.pact.models import Pact
from plan.funding import chart, sums
from plan.funding.chart import Course, Figure, PackageBars, SectorPart
from plan.funding.models import Expenditure, SupportPackage
from plan.funding.sums import Entry, Money


def of_pact(pact: Pact, *, package: int | None = None, year: int | None = None) -> list[Figure]:
    """The charts of the money of a pact that have something to show, in a fixed number of queries.

    `package` is the number of one package, `year` a year of budgets: only what was given out of those counts then.
    """
    money = chosen(sums.read(pact, packages=None if package is None else [package]), year=year)
    return of_money(money, spending_of(pact, money, package=package, year=year))


def of_money(money: Money, spending: Course | None) -> list[Figure]:
    """The same, of what was read before."""
    found = [
        chart.of_packages(bars_of(money)),
        chart.of_flow(streams_of(money.entries)),
        chart.of_sectors(parts_of(money)),
        chart.of_course(spending) if spending else None,
    ]
    return [figure for figure in found if figure]


def chosen(money: Money, *, year: int | None) -> Money:
    """The money of one year of budgets; of all years when there is none given."""
    if year is None:
        return money
    return replace(
        money,
        budgets=[budget for budget in money.budgets if budget.year == year],
        entries=[entry for entry in money.entries if entry.year == year],
        pledges=[pledge for pledge in money.pledges if pledge.year == year],
    )


def bars_of(money: Money) -> list[PackageBars]:
    return [
        PackageBars(int(str(line.key)), line.label, line.sum.budget, line.sum.committed, line.sum.spent)
        for line in sums.per_package(money)
    ]


def parts_of(money: Money) -> list[SectorPart]:
    return [SectorPart(str(line.key), line.label, line.sum.allocated) for line in sums.per_sector(money)]


def streams_of(entries: Iterable[Entry]) -> list[Stream]:
    """Every entry as a stream from its package over its sector to its measure or share, by what tells those apart."""
    return [
        Stream(
            (
                Stop(f"package-{entry.package}", entry.package_label),
                Stop(f"sector-{entry.sector}", str(Sector(entry.sector).label)),
                _target(entry),
            ),
            entry.amount,
        )
        for entry in sorted(entries, key=lambda entry: (entry.package, entry.year, entry.allocation))
    ]


def _target(entry: Entry) -> Stop:
    if entry.measure is not None:
        return Stop(f"measure-{entry.measure}", entry.measure_title)
    if entry.partnership is not None:
        return Stop(f"partnership-{entry.partnership}", _("aandeel %(name)s") % {"name": entry.organisation})
    return Stop(f"share-{entry.sector}", _("aandeel %(name)s") % {"name": Sector(entry.sector).label})


def spending_of(
    pact: Pact, money: Money, *, package: int | None = None, year: int | None = None, on: date | None = None
) -> Course | None:
    """What was spent of this money per month until a day (today when not given), in two queries; without budgets None.

    Every month between the first and the last counts, also one in which nothing was spent.
    """
    numbers = {budget.package for budget in money.budgets}
    windows = list(
        SupportPackage.objects.in_pact(pact).filter(number__in=numbers).values_list("spend_from", "spend_until")
    )
    if not windows:
        return None
    booked = Expenditure.objects.in_pact(pact).filter(cancelled_at__isnull=True)
    if package is not None:
        booked = booked.filter(allocation__package_year__package__number=package)
    if year is not None:
        booked = booked.filter(allocation__package_year__year=year)
    per_month = booked.order_by().values_list(TruncMonth("spent_on")).annotate(Sum("amount"))
    today = on or timezone.localdate()
    whole = sums.total(money)
    return Course(
        months=months_of(dict(per_month), until=today),
        budget=whole.budget,
        committed=whole.committed,
        first=min(first for first, _last in windows),
        ends=[last for _first, last in windows],
        today=today,
    )


def months_of(spent: dict[date, Decimal], *, until: date) -> list[tuple[date, Decimal]]:
    """Amounts per first day of a month as all months in order, each by its last day, from the first with an amount."""
    found: list[tuple[date, Decimal]] = []
    if spent:
        month, last = min(spent), max(*spent, until.replace(day=1))
        while month <= last:
            days = monthrange(month.year, month.month)[1]
            found.append((month.replace(day=days), spent.get(month, Decimal(0))))
            month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return found
