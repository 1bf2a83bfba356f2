"""The accounts of the packages for their givers: per package and year, and per organisation. Amounts are in euros.

Made of the entries of `sums`, so that both add up to the cent. A euro stands on one line: money for a measure stands
with its lead when that may receive the package, else with the first executing partner that may. What is the share of a
whole sector belongs to no organisation, and has lines of its own.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from partners.organisations.models import Partnership, Sector
from partners.pact.models import Pact
from plan.funding import sums
from plan.funding.models import Allocation, Intake, SupportPackage
from plan.measures.models import Measure

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, order=True)
class Served:
    """A measure that got money."""

    number: int
    title: str
    """With its code: "M3 Mentoren"."""

    @property
    def code(self) -> str:
        return f"{Measure.CODE}{self.number}"

    @property
    def name(self) -> str:
        """The title alone, for behind the code."""
        return self.title.removeprefix(f"{self.code} ")


@dataclass(slots=True)
class Account:
    """The figures of one year of a package, or of several together.

    `allocated` is all but what was rejected, `committed` the part of it that was promised or settled; `released` went
    back to the year when something was settled below its amount, and is no part of the others. `measures` are those to
    which something was committed: a proposal serves nobody yet.
    """

    budget: Decimal = ZERO
    came_in: Decimal = ZERO
    allocated: Decimal = ZERO
    committed: Decimal = ZERO
    spent: Decimal = ZERO
    released: Decimal = ZERO
    measures: list[Served] = field(default_factory=list)

    @property
    def remaining(self) -> Decimal:
        """What has no destination yet."""
        return self.budget - self.allocated

    @property
    def unspent(self) -> Decimal:
        """What was not spent yet, with a destination or without."""
        return self.budget - self.spent


@dataclass(slots=True)
class PackageAccount:
    """A package with the account of each of its years, in order."""

    number: int
    code: str
    name: str
    giver: str
    account_to: str
    years: dict[int, Account] = field(default_factory=dict)

    @property
    def total(self) -> Account:
        return together(self.years.values())


@dataclass(slots=True)
class HolderAccount:
    """What one organisation got of a package and did with it; without `organisation` the share of a whole sector.

    `received` came in on its own account, `shares` were given to it, `measures_amount` came to it for measures;
    `committed` is the part of both that was promised or settled. `spent` is what it spent itself, of its own shares and
    of others; `open` is what is left of what was committed: on a proposal nobody may spend.
    """

    key: str
    """Tells it from others of the same name."""
    organisation: str
    sector: str
    received: Decimal = ZERO
    shares: Decimal = ZERO
    measures_amount: Decimal = ZERO
    committed: Decimal = ZERO
    spent: Decimal = ZERO
    open: Decimal = ZERO
    measures: list[Served] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.organisation or _("%(sector)s (hele sector)") % {"sector": self.sector}


@dataclass(slots=True)
class Settlement:
    packages: list[PackageAccount]
    holders: dict[int, list[HolderAccount]]
    """Per number of a package, by the name of the organisation; the shares of whole sectors come last."""

    @property
    def total(self) -> Account:
        return together(package.total for package in self.packages)

    @property
    def organisations(self) -> list[HolderAccount]:
        """The accounts of every organisation over all packages."""
        found: dict[str, list[HolderAccount]] = defaultdict(list)
        for accounts in self.holders.values():
            for account in accounts:
                found[account.key].append(account)
        return _in_order(holders_together(accounts) for accounts in found.values())

    @property
    def of_all(self) -> HolderAccount:
        """Every organisation together, for the last line."""
        return holders_together([account for accounts in self.holders.values() for account in accounts])


def together(accounts: Iterable[Account]) -> Account:
    """Accounts added up; a measure that several of them serve is named once."""
    whole, served = Account(), set()
    for account in accounts:
        whole.budget += account.budget
        whole.came_in += account.came_in
        whole.allocated += account.allocated
        whole.committed += account.committed
        whole.spent += account.spent
        whole.released += account.released
        served.update(account.measures)
    whole.measures = sorted(served)
    return whole


def holders_together(accounts: Collection[HolderAccount]) -> HolderAccount:
    """Accounts of organisations added up, under the name of the first."""
    first = next(iter(accounts), None)
    whole = HolderAccount(*(first.key, first.organisation, first.sector) if first else ("", "", ""))
    served: set[Served] = set()
    for account in accounts:
        whole.received += account.received
        whole.shares += account.shares
        whole.measures_amount += account.measures_amount
        whole.committed += account.committed
        whole.spent += account.spent
        whole.open += account.open
        served.update(account.measures)
    whole.measures = sorted(served)
    return whole


def read(pact: Pact, *, package: int | None = None, money: sums.Money | None = None) -> Settlement:
    """The accounts of the pact, or of the package with this number. A dozen queries, whatever the number of rows.

    `money` is what was read before, where it is at hand.
    """
    given = money or sums.read(pact, packages=None if package is None else [package])
    packages = SupportPackage.objects.in_pact(pact).filter(number__in={budget.package for budget in given.budgets})
    released = Allocation.objects.in_pact(pact).counting().filter(released__gt=0).values_list("pk", "released")
    number = "package_year__package__number"
    intakes = Intake.objects.in_pact(pact).order_by().values_list(number, "partnership_id").annotate(Sum("amount"))
    received = list(intakes)
    # Last, so that whoever is named above is among them.
    partners = Partnership.objects.in_pact(pact).select_related("organisation")
    return of_money(
        given,
        packages={row.number: row for row in packages},
        released=dict(released),
        received=received,
        partners={row.pk: row for row in partners},
    )


def of_money(
    money: sums.Money,
    *,
    packages: Mapping[int, SupportPackage],
    released: Mapping[int, Decimal],
    received: Iterable[tuple[int, int, Decimal]],
    partners: Mapping[int, Partnership],
) -> Settlement:
    """The accounts of the money. Packages by number, what was released per allocation, what each partnership received
    per package, and partnerships with their organisation by key. No queries.
    """
    accounts = {
        number: PackageAccount(number, row.code, row.name, row.giver, row.account_to)
        for number, row in sorted(packages.items())
    }
    for budget in sorted(money.budgets, key=lambda budget: budget.year):
        if budget.package in accounts:
            accounts[budget.package].years[budget.year] = Account(budget=budget.amount, came_in=budget.came_in)
    holders = _Holders(partners)
    for entry in money.entries:
        if entry.package in accounts:
            account = accounts[entry.package].years[entry.year]
            account.released += released.get(entry.allocation, ZERO)
            _add(entry, account, holders.of(entry))
            for partner, _name, amount in entry.spenders:
                holders.get(entry.package, partner).spent += amount
    for number, partner, amount in received:
        if number in accounts:
            holders.get(number, partner).received += amount
    return Settlement(list(accounts.values()), {number: holders.in_order(number) for number in accounts})


def _add(entry: sums.Entry, account: Account, holder: HolderAccount) -> None:
    account.allocated += entry.amount
    account.spent += entry.spent
    if entry.is_committed:
        account.committed += entry.amount
        holder.committed += entry.amount
        holder.open += entry.amount - entry.spent
    if entry.measure is None:
        holder.shares += entry.amount
        return
    holder.measures_amount += entry.amount
    # What was settled at nothing, or moved away, serves no measure either.
    if not entry.is_committed or not entry.amount:
        return
    served = Served(entry.measure, entry.measure_title)
    for measures in (account.measures, holder.measures):
        if served not in measures:
            measures.append(served)
            measures.sort()


class _Holders:
    """The accounts per package of who holds money, made when they are asked for."""

    def __init__(self, partners: Mapping[int, Partnership]) -> None:
        self.partners = partners
        self.found: dict[int, dict[str, HolderAccount]] = defaultdict(dict)

    def get(self, number: int, partner: int) -> HolderAccount:
        organisation = self.partners[partner].organisation
        key = f"organisation-{organisation.pk}"
        named = HolderAccount(key, organisation.name, organisation.get_sector_display())
        return self.found[number].setdefault(key, named)

    def of(self, entry: sums.Entry) -> HolderAccount:
        """Who holds the money of an entry: the organisation that receives it, or a whole sector."""
        if entry.partnership is not None:
            return self.get(entry.package, entry.partnership)
        key = f"sector-{entry.sector}"
        return self.found[entry.package].setdefault(key, HolderAccount(key, "", str(Sector(entry.sector).label)))

    def in_order(self, number: int) -> list[HolderAccount]:
        return _in_order(self.found[number].values())


def _in_order(accounts: Iterable[HolderAccount]) -> list[HolderAccount]:
    return sorted(accounts, key=lambda account: (not account.organisation, account.organisation, account.sector))
