"""What about the money asks for attention: without a target, short of money, running out, not come in."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import DecimalField, F, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pact_portal.foundation.templatetags.portal import euro
from partners.models import Pact
from plan.funding.models import Allocation, PackageYear, SupportPackage
from plan.measures.models import Measure

SOON = timedelta(days=180)
"""How long before the end of its window a package with unspent money is named."""


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing to look at: `kind` is "no_target", "short", "runs_out" or "not_in"; `amount` is what it is about."""

    kind: str
    text: str
    url: str
    amount: Decimal
    due_on: date | None = None


def attention_of(pact: Pact, *, on: date) -> list[Attention]:
    """What asks for attention on a day: first what has a date, the earliest first. In a handful of queries."""
    found = [*_without_target(pact, on), *_short(pact), *_running_out(pact, on), *_not_come_in(pact, on)]
    return sorted(found, key=lambda each: (each.due_on is None, each.due_on or on, each.kind, each.text))


def _page(pact: Pact, package: SupportPackage) -> str:
    return reverse("plan:package_detail", args=[pact.slug, package.number])


def _without_target(pact: Pact, on: date) -> list[Attention]:
    """Budget of a package that can still be spent, of which nobody said what it is for."""
    years = PackageYear.objects.in_pact(pact).filter(package__spend_until__gte=on, budget__gt=F("allocated"))
    return [
        Attention(
            "no_target",
            _("%(amount)s van “%(package)s” voor %(year)s heeft nog geen bestemming.")
            % {"amount": euro(year.remaining), "package": year.package.name, "year": year.year},
            _page(pact, year.package),
            year.remaining,
            year.package.spend_until,
        )
        for year in years.select_related("package")
    ]


def _short(pact: Pact) -> list[Attention]:
    """Measures that were approved and have less money than they cost."""
    measures = Measure.objects.in_pact(pact).filter(state__in=[Measure.State.APPROVED, Measure.State.RUNNING])
    return [
        Attention(
            "short",
            _("Maatregel %(code)s komt %(amount)s tekort: begroot is %(budget)s, er is %(funded)s.")
            % {
                "code": measure.code,
                "amount": euro(measure.budget - measure.funded),
                "budget": euro(measure.budget),
                "funded": euro(measure.funded),
            },
            reverse("plan:measure_detail", args=[pact.slug, measure.number]),
            measure.budget - measure.funded,
        )
        for measure in measures.with_funding()
        if measure.funded < measure.budget
    ]


def _running_out(pact: Pact, on: date) -> list[Attention]:
    """Packages of which the window ends soon, or ended, while money of them was not spent."""
    packages = SupportPackage.objects.in_pact(pact).filter(spend_until__lte=on + SOON)
    none = Value(Decimal(0), DecimalField(max_digits=14, decimal_places=2))
    budgets = packages.annotate(budget=Coalesce(Sum("years__budget"), none))
    counting = Allocation.objects.in_pact(pact).counting().filter(package_year__package__in=packages)
    spent = dict(counting.order_by().values_list("package_year__package").annotate(Sum("spent")))
    found = []
    for package in budgets:
        left = package.budget - spent.get(package.pk, Decimal(0))
        if left > 0:
            sentence = (
                _("Van “%(package)s” is %(amount)s niet besteed. De bestedingsperiode eindigde op %(day)s.")
                if package.spend_until < on
                else _("Van “%(package)s” is %(amount)s nog niet besteed. Dat kan tot en met %(day)s.")
            )
            values = {"package": package.name, "amount": euro(left), "day": date_format(package.spend_until)}
            found.append(Attention("runs_out", sentence % values, _page(pact, package), left, package.spend_until))
    return found


def _not_come_in(pact: Pact, on: date) -> list[Attention]:
    """Budgets of this year and before of which less came in."""
    years = PackageYear.objects.in_pact(pact).filter(year__lte=on.year, came_in__lt=F("budget"))
    return [
        Attention(
            "not_in",
            _("Van “%(package)s” voor %(year)s is %(came_in)s van de %(budget)s binnengekomen.")
            % {
                "package": year.package.name,
                "year": year.year,
                "came_in": euro(year.came_in),
                "budget": euro(year.budget),
            },
            _page(pact, year.package),
            year.budget - year.came_in,
        )
        for year in years.select_related("package")
    ]
