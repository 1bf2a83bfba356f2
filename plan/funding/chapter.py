"""What the money adds to the plan document besides the registers: the chart of the packages."""

from pact_portal.foundation.documents.blocks import Block, Cell, Column, Figure, Row, Table
from partners.pact.models import Pact
from plan.funding import chart
from plan.funding.models import PackageYear


def chart_blocks(pact: Pact) -> list[Block]:
    """The chart of budget and allocated per package, its finding as title, with the figures as a table behind it."""
    totals = chart.totals_of(PackageYear.objects.in_pact(pact).select_related("package"))
    if not totals:
        return []
    title = chart.finding(totals)
    package, *euros = chart.headings()
    return [
        Figure(
            title=title,
            svg=chart.drawing(totals),
            description=title,
            table=Table(
                caption=title,
                columns=[Column(package, weight=8), *(Column(heading, "euro") for heading in euros)],
                rows=[
                    Row(
                        key=f"package-total-{total.number}",
                        cells=[Cell(cells[0], to=f"pakket-{total.number}"), *(Cell(text) for text in cells[1:])],
                    )
                    for total, cells in zip(totals, chart.rows(totals), strict=True)
                ],
            ),
        )
    ]
