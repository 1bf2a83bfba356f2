"""What the money adds to the plan besides the registers: charts, own contributions and what needs attention."""

from collections import defaultdict
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pact_portal.foundation.documents import blocks
from pact_portal.foundation.documents.blocks import Block, Cell, Column, Heading, Items, Paragraph, Row, Table
from pact_portal.foundation.templatetags.portal import euro
from partners.pact.models import Pact
from plan.funding import chart, figures, settlement, sums
from plan.funding.attention import attention_of
from plan.funding.settlement import PackageAccount, Settlement
from plan.measures.models import Measure

MOST_TARGETS = 8
"""Destinations in the flow of the plan; the register beside it has them all."""
MOST_PACKAGES = 8
"""Packages in a drawing of the plan, so that it fits on one sheet; the table below it has them all."""
FLOW_HIGH = 130
"""How thick the flow of the plan is, in units of the drawing: it stands between registers, not on a page alone."""
MOST_POINTS = 6


def chart_blocks(pact: Pact) -> list[Block]:
    """The money per package, how far the spending is, where it flows to and per sector; no packages, no blocks.

    What the registers beside it say already is not drawn again: a reader prints this, and waits for it.
    """
    money = sums.read(pact)
    packages = chart.of_packages(figures.bars_of(money), most=MOST_PACKAGES)
    if packages is None:
        return []
    accounts = settlement.read(pact, money=money)
    found: list[Block] = [
        Heading(_("Budget, toegezegd en besteed"), anchor="geld-per-pakket"),
        _figure(packages, _settlement(accounts)),
        Paragraph(f"{packages.note} {_('Vrijgevallen geld ging terug naar het jaar.')}"),
    ]
    spending = figures.spending_of(pact, money)
    course = chart.of_course(spending) if spending else None
    if spending and course:
        found.append(Paragraph(_spent(spending, course)))
    flowing = chart.of_flow(
        figures.streams_of(money.entries), most=MOST_TARGETS, most_packages=MOST_PACKAGES, high=FLOW_HIGH
    )
    if flowing:
        note = " ".join(filter(None, [flowing.note, _("Alle bedragen staan bij “Toewijzingen”.")]))
        found += [_figure(flowing), Paragraph(note)]
    sectors = chart.of_sectors(figures.parts_of(money))
    if sectors:
        found += [_sectors(sectors), Paragraph(sectors.note)]
    return found


def _spent(spending: chart.Course, course: chart.Figure) -> str:
    """How far the spending is against its end, and what was spent in each year."""
    years: dict[int, Decimal] = defaultdict(Decimal)
    for month, amount in spending.months:
        years[month.year] += amount
    said = "; ".join(
        _("in %(year)s %(amount)s") % {"year": year, "amount": euro(amount)} for year, amount in sorted(years.items())
    )
    return f"{course.title}." + (" " + _("Besteed: %(years)s.") % {"years": said} if said else "")


def _sectors(sectors: chart.Figure) -> Table:
    """The share of each sector as a table: the flow above it draws the same already."""
    name, amount, part = sectors.headings
    return Table(
        caption=sectors.title,
        columns=[Column(name, weight=8), Column(amount, "euro"), Column(part, "number")],
        rows=[Row(key=line.key, cells=[Cell(cell) for cell in line.cells]) for line in sectors.lines],
    )


def contribution_blocks(pact: Pact) -> list[Block]:
    """What partners add from their own means, a row per measure; nobody adds anything, no blocks."""
    pledges = sums.read(pact, packages=[]).pledges
    if not pledges:
        return []
    amounts = sums.pledged_per_measure(sums.Money(pledges=pledges))
    partners: dict[int, set[str]] = defaultdict(set)
    for pledge in pledges:
        partners[pledge.measure].add(pledge.organisation)
    titles = dict(Measure.objects.in_pact(pact).filter(number__in=amounts).values_list("number", "title"))
    in_force = set(Measure.objects.in_pact(pact).in_force().filter(number__in=amounts).values_list("number", flat=True))
    total = sum(amounts.values(), Decimal(0))
    return [
        Heading(_("Eigen bijdragen"), anchor="eigen-bijdragen"),
        Paragraph(
            _("Partners leggen zelf %(total)s bij. Dat is geen deel van de steunpakketten.") % {"total": euro(total)}
        ),
        Table(
            caption=_("Eigen bijdragen per maatregel"),
            columns=[Column(_("Maatregel"), weight=8), Column(_("Partners"), weight=8), Column(_("Bedrag"), "euro")],
            rows=[
                Row(
                    key=f"contribution-{number}",
                    cells=[
                        Cell(
                            f"{Measure.CODE}{number} {titles[number]}",
                            to=f"maatregel-{number}" if number in in_force else None,
                        ),
                        Cell("; ".join(sorted(partners[number]))),
                        Cell(euro(amounts[number])),
                    ],
                )
                for number in sorted(amounts)
            ],
        ),
    ]


def attention_blocks(pact: Pact) -> list[Block]:
    """What about the money asks for attention today; nothing, no blocks.

    Money without a destination is no part of it: the chapter with the loose ends names it.
    """
    found = [each for each in attention_of(pact, on=timezone.localdate()) if each.kind != "no_target"]
    if not found:
        return []
    shown = [each.text for each in found[:MOST_POINTS]]
    if more := len(found) - len(shown):
        shown.append(ngettext("En nog %(count)s punt.", "En nog %(count)s punten.", more) % {"count": more})
    return [Heading(_("Aandachtspunten bij het geld"), anchor="aandacht-geld"), Items(shown)]


def _figure(figure: chart.Figure, table: Table | None = None) -> blocks.Figure:
    """A chart for the plan. Without a table who cannot see it is told the same figures in words."""
    return blocks.Figure(
        title=figure.title, svg=figure.draw(), description=figure.title if table else figure.words, table=table
    )


def _settlement(accounts: Settlement) -> Table:
    """The account of every package over its years, with the measures that it serves."""
    amounts = [_("Budget"), _("Ontvangen"), _("Toegezegd"), _("Besteed"), _("Vrijgevallen"), _("Niet besteed")]
    return Table(
        caption=_("Verantwoording per steunpakket"),
        columns=[
            # Wide enough for a name on two lines, and for codes beside each other.
            Column(_("Steunpakket"), weight=10),
            *(Column(heading, "euro") for heading in amounts),
            Column(_("Maatregelen"), weight=5),
        ],
        rows=[_account(package) for package in accounts.packages],
    )


def _account(package: PackageAccount) -> Row:
    total = package.total
    amounts = [total.budget, total.came_in, total.committed, total.spent, total.released, total.unspent]
    return Row(
        key=f"package-total-{package.number}",
        cells=[
            Cell(f"{package.code} {package.name}", to=f"pakket-{package.number}"),
            *(Cell(euro(amount)) for amount in amounts),
            Cell(
                ", ".join(measure.code for measure in total.measures) or "–",
                to=f"maatregel-{total.measures[0].number}" if total.measures else None,
            ),
        ],
    )
