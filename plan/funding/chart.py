"""The chart of the packages: what came in and what was given out. Pure: figures in, words and a drawing out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from pact_portal.foundation.charts import bars
from pact_portal.foundation.templatetags.portal import euro, share
from plan.funding.models import PackageYear


@dataclass(frozen=True, slots=True)
class Total:
    """A package with its euros over all the years that are looked at."""

    number: int
    label: str
    budget: Decimal
    allocated: Decimal

    @property
    def remaining(self) -> Decimal:
        return self.budget - self.allocated


def totals_of(years: Iterable[PackageYear]) -> list[Total]:
    """Years added up per package, in the order in which the packages come; `package` is at hand on each year."""
    found: dict[int, Total] = {}
    for year in years:
        before = found.get(year.package_id) or Total(year.package.number, str(year.package), Decimal(0), Decimal(0))
        found[year.package_id] = replace(
            before, budget=before.budget + year.budget, allocated=before.allocated + year.allocated
        )
    return list(found.values())


def finding(totals: Sequence[Total]) -> str:
    """What the chart shows, as a sentence."""
    budget = sum((total.budget for total in totals), Decimal(0))
    allocated = sum((total.allocated for total in totals), Decimal(0))
    if not allocated:
        return _("Van de %(budget)s is nog niets toegewezen") % {"budget": euro(budget, 0)}
    values = {"budget": euro(budget, 0), "share": share(allocated, budget)}
    if allocated == budget:
        return _("Alles is toegewezen: %(budget)s") % values
    most = max(totals, key=lambda total: total.remaining)
    return _("Van de %(budget)s is %(share)s%% toegewezen; het meest is over in %(package)s") % {
        **values,
        "package": most.label,
    }


def drawing(totals: Sequence[Total]) -> str:
    """The chart as an SVG: per package a bar for the budget and one for what was allocated."""
    return bars.grouped(
        finding(totals),
        headings()[1:3],
        [bars.Line(total.label, [total.budget, total.allocated]) for total in totals],
        shown_as=lambda value: euro(str(value), 0),
    )


def headings() -> list[str]:
    """The heads of the columns of the table behind the chart."""
    return [_("Steunpakket"), _("Budget"), _("Toegewezen"), _("Over")]


def rows(totals: Sequence[Total]) -> list[list[str]]:
    """The figures behind the chart as text, a row per package."""
    return [[total.label, euro(total.budget), euro(total.allocated), euro(total.remaining)] for total in totals]
