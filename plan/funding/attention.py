"""What about the money asks for attention: without a target, short of money, running out, stranded, not come in.

Money is named once: what has no target, what waits to be spent, and what is held for a measure that is over are three
different parts of a package.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import cast

from django.db.models import F, Sum
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pact_portal.foundation.templatetags.portal import euro
from partners.models import Pact
from plan.funding.holding import NO_MONEY_FOR
from plan.funding.models import Allocation, PackageYear, SupportPackage
from plan.measures.models import Measure

SOON = timedelta(days=180)
"""How long before the end of its window a package with unspent money is named."""


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing to look at: `kind` is "no_target", "short", "runs_out", "stranded" or "not_in"."""

    kind: str
    subject: str
    """The code of the package or measure of which it is said: several things may be said of one."""
    text: str
    url: str
    amount: Decimal
    """What it is about."""
    due_on: date | None = None


def attention_of(pact: Pact, *, on: date) -> list[Attention]:
    """What asks for attention on a day: first what has a date, the earliest first. In a handful of queries."""
    found = [
        *_without_target(pact, on),
        *_short(pact),
        *_running_out(pact, on),
        *_stranded(pact),
        *_not_come_in(pact, on),
    ]
    return sorted(found, key=lambda each: (each.due_on is None, each.due_on or on, each.kind, each.text))


def _page(pact: Pact, package: SupportPackage) -> str:
    return reverse("plan:package_detail", args=[pact.slug, package.number])


def _without_target(pact: Pact, on: date) -> list[Attention]:
    """Budget of a package that can still be spent, of which nobody said what it is for."""
    years = PackageYear.objects.in_pact(pact).filter(package__spend_until__gte=on, budget__gt=F("allocated"))
    return [
        Attention(
            "no_target",
            year.package.code,
            _("%(amount)s van “%(package)s” voor %(year)s heeft nog geen bestemming.")
            % {"amount": euro(year.remaining), "package": year.package.name, "year": year.year},
            _page(pact, year.package),
            year.remaining,
            year.package.spend_until,
        )
        for year in years.select_related("package")
    ]


def _short(pact: Pact) -> list[Attention]:
    """Measures that were approved and have less money than they cost. What was left when their money was settled is
    no shortage: they needed less.
    """
    measures = Measure.objects.in_pact(pact).filter(state__in=[Measure.State.APPROVED, Measure.State.RUNNING])
    rows = Allocation.objects.in_pact(pact).filter(measure__in=measures).order_by().values_list("measure")
    released = dict(rows.annotate(sum=Sum("released")))
    undecided = dict(rows.filter(state=Allocation.State.PROPOSED).annotate(sum=Sum("amount")))
    found = []
    for measure in measures.with_funding():
        covered = measure.funded + released.get(measure.pk, 0)
        waiting = undecided.get(measure.pk, 0)
        if covered >= measure.budget:
            continue
        sentence = (
            _(
                "Maatregel %(code)s komt %(amount)s tekort: begroot is %(budget)s, er is %(funded)s, waarvan "
                "%(undecided)s nog niet is toegezegd."
            )
            if waiting
            else _("Maatregel %(code)s komt %(amount)s tekort: begroot is %(budget)s, er is %(funded)s.")
        )
        values = {
            "code": measure.code,
            "amount": euro(measure.budget - covered),
            "budget": euro(measure.budget),
            "funded": euro(covered),
            "undecided": euro(waiting),
        }
        page = reverse("plan:measure_detail", args=[pact.slug, measure.number])
        found.append(Attention("short", measure.code, sentence % values, page, measure.budget - covered))
    return found


def _running_out(pact: Pact, on: date) -> list[Attention]:
    """Packages of which the window ends soon while something of what was allocated was not spent; and those of which
    it ended, until everything of them is settled.
    """
    open_still = Allocation.objects.in_pact(pact).filter(
        state__in=[Allocation.State.PROPOSED, Allocation.State.COMMITTED],
        package_year__package__spend_until__lte=on + SOON,
    )
    rows = open_still.exclude(measure__state__in=NO_MONEY_FOR).order_by().values_list("package_year__package")
    left = dict(rows.annotate(left=Sum(F("amount") - F("spent"))))
    found = []
    for package in SupportPackage.objects.in_pact(pact).filter(pk__in=left):
        amount = left[package.pk]
        if package.spend_until >= on:
            if not amount:
                continue
            sentence = _(
                "Van “%(package)s” is %(amount)s toegewezen en nog niet besteed. Besteden kan tot en met %(day)s."
            )
        elif amount:
            sentence = _(
                "De bestedingsperiode van “%(package)s” eindigde op %(day)s. Van wat is toegewezen, is %(amount)s niet "
                "besteed. Reken af."
            )
        else:
            sentence = _("De bestedingsperiode van “%(package)s” eindigde op %(day)s. Alles is besteed. Reken af.")
        values = {"package": package.name, "amount": euro(amount), "day": date_format(package.spend_until)}
        page = _page(pact, package)
        found.append(Attention("runs_out", package.code, sentence % values, page, amount, package.spend_until))
    return found


def _stranded(pact: Pact) -> list[Attention]:
    """Money that is held for a measure that is not carried out (any more), and that nobody else can use."""
    rows = Allocation.objects.in_pact(pact).filter(
        state__in=[Allocation.State.PROPOSED, Allocation.State.COMMITTED],
        measure__state__in=NO_MONEY_FOR,
        amount__gt=F("spent"),
    )
    found = []
    for row in rows.select_related("measure", "package_year__package"):
        package, measure = row.package_year.package, cast("Measure", row.measure)
        sentence = (
            _(
                "Voor maatregel %(code)s is %(amount)s uit “%(package)s” voorgesteld, maar zij is %(state)s. Trek dat "
                "voorstel in."
            )
            if row.state == Allocation.State.PROPOSED
            else _(
                "Maatregel %(code)s is %(state)s en houdt %(amount)s uit “%(package)s” vast. Reken af, of herverdeel "
                "dit geld."
            )
        )
        values = {
            "code": measure.code,
            "amount": euro(row.unspent),
            "package": package.name,
            "state": measure.get_state_display(),
        }
        page = reverse("plan:allocation_detail", args=[pact.slug, row.pk])
        found.append(Attention("stranded", measure.code, sentence % values, page, row.unspent, package.spend_until))
    return found


def _not_come_in(pact: Pact, on: date) -> list[Attention]:
    """Budgets of this year and before of which less came in."""
    years = PackageYear.objects.in_pact(pact).filter(year__lte=on.year, came_in__lt=F("budget"))
    return [
        Attention(
            "not_in",
            year.package.code,
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
