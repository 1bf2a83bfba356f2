"""The charts of the money in words and drawings. Pure: figures in euros in, findings, drawings and tables out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pact_portal.foundation.charts import bars, course, flow
from pact_portal.foundation.charts.drawing import Number
from pact_portal.foundation.charts.flow import Stream
from pact_portal.foundation.templatetags.portal import euro, share

ZERO = Decimal(0)
MOST_TARGETS = 12
"""Destinations that a flow can hold and still be read."""
MOST_PER_PACKAGE = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table behind a chart: its cells as they are read, the first of which names it.

    `key` tells it from the others, whatever version of the plan it stands in.
    """

    key: str
    cells: list[str]


@dataclass(frozen=True, slots=True)
class PackageBars:
    """A package over the years that are looked at. `committed` includes what was settled."""

    number: int
    label: str
    budget: Decimal
    committed: Decimal
    spent: Decimal


@dataclass(frozen=True, slots=True)
class SectorPart:
    """What was allocated to a sector: its shares, those of its organisations, and its measures."""

    key: str
    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Course:
    """What was spent in time. `months` are the last days of months with what was spent in each, in order."""

    months: list[tuple[date, Decimal]]
    budget: Decimal
    committed: Decimal
    first: date
    """The first day on which money may be spent."""
    ends: list[date]
    """The last days on which money of a package may be spent, at least one."""
    today: date

    @property
    def spent(self) -> Decimal:
        return sum((amount for _on, amount in self.months), ZERO)


@dataclass(frozen=True)
class Figure:
    """A chart: what it shows as a sentence, how it is drawn for wide and for narrow, and the table behind it."""

    key: str
    label: str
    title: str
    headings: list[str]
    lines: list[Line]
    draw: Callable[[], str]
    draw_narrow: Callable[[], str]
    note: str = ""

    @property
    def words(self) -> str:
        """The table in words, for where there is no room for it."""
        return " ".join(
            "; ".join(f"{heading}: {cell}" for heading, cell in zip(self.headings, line.cells, strict=True)) + "."
            for line in self.lines
        )

    @property
    def rows(self) -> list[list[str]]:
        return [line.cells for line in self.lines]


def of_packages(packages: Sequence[PackageBars], *, most: int | None = None) -> Figure | None:
    """Budget, committed and spent per package; nothing without packages.

    Of more than `most` packages the smallest are drawn together, for where a drawing must fit on one sheet. The table
    has them all.
    """
    if not packages:
        return None
    budget = sum((each.budget for each in packages), ZERO)
    committed = sum((each.committed for each in packages), ZERO)
    spent = sum((each.spent for each in packages), ZERO)
    title = _("Van de %(budget)s is nog niets toegezegd") % {"budget": _whole(budget)}
    if committed:
        title = _("Van de %(budget)s is %(committed)s%% toegezegd en %(spent)s%% besteed") % {
            "budget": _whole(budget),
            "committed": share(committed, budget),
            "spent": share(spent, budget),
        }
    # After the amount, in small letters: behind each bar.
    series = [_("budget"), _("toegezegd"), _("besteed")]
    drawn = _fewer(packages, most)
    lines = [bars.Line(each.label, [each.budget, each.committed, each.spent]) for each in drawn]
    note = _("Toegezegd is met wat al is afgerekend.")
    if len(drawn) < len(packages):
        note += " " + _("De %(count)s kleinste steunpakketten staan in de grafiek samen onder “overige”.") % {
            "count": len(packages) - len(drawn) + 1
        }
    return Figure(
        key="packages",
        label=_("Per steunpakket"),
        title=title,
        headings=[_("Steunpakket"), _("Budget"), _("Toegezegd"), _("Besteed"), _("Niet besteed")],
        lines=[
            Line(
                f"package-total-{each.number}",
                [
                    each.label,
                    *(euro(amount) for amount in (each.budget, each.committed, each.spent, each.budget - each.spent)),
                ],
            )
            for each in packages
        ],
        draw=partial(bars.grouped, title, series, lines, shown_as=_whole, named=True),
        draw_narrow=partial(bars.narrow_grouped, title, series, lines, shown_as=_whole),
        note=note,
    )


def _fewer(packages: Sequence[PackageBars], most: int | None) -> list[PackageBars]:
    """At most `most`: the largest budgets in the order in which they came, and the others added up in one."""
    if most is None or len(packages) <= most:
        return list(packages)
    # The order in which they came decides between equals.
    ranked = sorted(range(len(packages)), key=lambda at: -packages[at].budget)
    kept = set(ranked[: most - 1])
    rest = [each for at, each in enumerate(packages) if at not in kept]
    others = PackageBars(
        number=0,
        label=_others(len(rest)),
        budget=sum((each.budget for each in rest), ZERO),
        committed=sum((each.committed for each in rest), ZERO),
        spent=sum((each.spent for each in rest), ZERO),
    )
    return [*(packages[at] for at in sorted(kept)), others]


def of_flow(
    streams: Sequence[Stream],
    *,
    most: int = MOST_TARGETS,
    most_packages: int | None = None,
    high: float = flow.HIGH,
) -> Figure | None:
    """From package over sector to measure or share; `streams` have three stops. Nothing when nothing flows.

    Of more than `most` destinations the smallest stand together, in the drawing and in the table; so do packages where
    `most_packages` is given. `high` is how thick all of it is drawn together.
    """
    streams = [stream for stream in streams if stream.value]
    if not streams:
        return None
    small = flow.smallest(streams, 2, most)
    together = flow.gathered(streams, 2, most, _others)
    small_packages = flow.smallest(streams, 0, most_packages) if most_packages else []
    if most_packages:
        together = flow.gathered(together, 0, most_packages, _others)
    total = sum((Decimal(stream.value) for stream in streams), ZERO)
    most_of_all = max(_per_stop(streams, 2).items(), key=lambda item: item[1])
    title = _("Van de %(total)s gaat het grootste bedrag naar %(target)s: %(amount)s") % {
        "total": _whole(total),
        "target": most_of_all[0].label,
        "amount": _whole(most_of_all[1]),
    }
    heads = [_("Steunpakket"), _("Sector"), _("Bestemming")]
    notes = []
    if small:
        text = ngettext(
            "De kleinste bestemming staat onder “overige”.",
            "De %(count)s kleinste bestemmingen staan samen onder “overige”.",
            len(small),
        )
        notes.append(text % {"count": len(small)})
    if small_packages:
        text = ngettext(
            "Het kleinste steunpakket staat onder “overige”.",
            "De %(count)s kleinste steunpakketten staan samen onder “overige”.",
            len(small_packages),
        )
        notes.append(text % {"count": len(small_packages)})
    return Figure(
        key="flow",
        label=_("Van steunpakket naar bestemming"),
        title=title,
        headings=[*heads, _("Toegewezen")],
        lines=[
            Line("flow-" + "-".join(stop.key for stop in stops), [*(stop.label for stop in stops), euro(amount)])
            for stops, amount in _added(together).items()
        ],
        draw=partial(flow.flow, title, heads, together, shown_as=_whole, high=high),
        draw_narrow=partial(flow.narrow, title, streams, most=MOST_PER_PACKAGE, rest=_others, shown_as=_whole),
        note=" ".join(notes),
    )


def of_sectors(sectors: Sequence[SectorPart]) -> Figure | None:
    """The share of each sector in what was allocated, the largest first; nothing when nothing was."""
    parts = sorted((part for part in sectors if part.amount), key=lambda part: -part.amount)
    if not parts:
        return None
    total = sum((part.amount for part in parts), ZERO)
    highest = [part for part in parts if part.amount == parts[0].amount]
    title = _("Het meeste geld gaat naar: %(sector)s (%(share)s%% van %(total)s)") % {
        "sector": parts[0].label,
        "share": share(parts[0].amount, total),
        "total": _whole(total),
    }
    if len(highest) > 1:
        title = _("%(count)s sectoren krijgen het meest, elk %(share)s%% van %(total)s") % {
            "count": len(highest),
            "share": share(parts[0].amount, total),
            "total": _whole(total),
        }

    def shown_as(value: Number) -> str:
        return f"{_whole(value)} ({share(Decimal(str(value)), total)}%)"

    lines = [bars.Line(part.label, [part.amount]) for part in parts]
    return Figure(
        key="sectors",
        label=_("Per sector"),
        title=title,
        headings=[_("Sector"), _("Toegewezen"), _("Aandeel")],
        lines=[
            Line(f"sector-{part.key}", [part.label, euro(part.amount), f"{share(part.amount, total)}%"])
            for part in parts
        ],
        draw=partial(bars.single, title, _("toegewezen"), lines, shown_as=shown_as),
        draw_narrow=partial(bars.narrow, title, _("toegewezen"), lines, shown_as=shown_as),
        note=_(
            "Geld voor een maatregel telt bij de sector van de trekker, of bij die van de eerste uitvoerder die het"
            " steunpakket mag ontvangen."
        ),
    )


def of_course(spending: Course) -> Figure | None:
    """What was spent in time, per month, against what was committed and budgeted; nothing without a budget."""
    if not spending.budget:
        return None
    last = max(spending.ends)
    values = {
        "committed": _whole(spending.committed),
        "share": share(spending.spent, spending.committed),
        "spent": _whole(spending.spent),
        "last": date_format(last, "j F Y"),
    }
    if not spending.committed:
        title = _("Er is nog niets toegezegd, en dus nog niets besteed")
    elif spending.today > last:
        title = _("Van de %(committed)s die is toegezegd, is %(share)s%% besteed; de periode eindigde op %(last)s")
    elif not spending.spent:
        title = _("Van de %(committed)s die is toegezegd, is nog niets besteed; besteden kan tot en met %(last)s")
    else:
        title = _("Van de %(committed)s die is toegezegd, is %(share)s%% besteed; besteden kan tot en met %(last)s")
    title = title % values
    draw = partial(
        course.course,
        title,
        _("besteed"),
        _points(spending),
        first=min(spending.first, spending.today),
        last=max(last, spending.today),
        levels=[course.Level(_("toegezegd"), spending.committed), course.Level(_("budget"), spending.budget)],
        marks=_marks(spending),
        shown_as=_whole,
    )
    return Figure(
        key="course",
        label=_("Besteed in de tijd"),
        title=title,
        headings=[_("Maand"), _("Besteed"), _("Opgeteld")],
        lines=_moments(spending),
        draw=draw,
        draw_narrow=partial(draw, width=bars.NARROW),
    )


def _whole(value: Number) -> str:
    """An amount as a drawing says it, in whole euros; with cents only what would be called nothing without them."""
    amount = Decimal(str(value))
    return euro(amount, 2 if 0 < amount < Decimal("0.5") else 0)


def _others(count: int) -> str:
    return _("overige (%(count)s)") % {"count": count}


def _per_stop(streams: Sequence[Stream], column: int) -> dict[flow.Stop, Decimal]:
    found: dict[flow.Stop, Decimal] = {}
    for stream in streams:
        stop = stream.stops[column]
        found[stop] = found.get(stop, ZERO) + Decimal(stream.value)
    return found


def _added(streams: Sequence[Stream]) -> dict[tuple[flow.Stop, ...], Decimal]:
    found: dict[tuple[flow.Stop, ...], Decimal] = {}
    for stream in streams:
        found[stream.stops] = found.get(stream.stops, ZERO) + Decimal(stream.value)
    return found


def _points(spending: Course) -> list[tuple[date, Decimal]]:
    """What was spent until then, at the end of each month; this month is not further than today."""
    points, total = [(min(spending.first, spending.today), ZERO)], ZERO
    if spending.months:
        points.append((spending.months[0][0].replace(day=1), ZERO))
    for on, amount in spending.months:
        total += amount
        this_month = (on.year, on.month) == (spending.today.year, spending.today.month)
        points.append((spending.today if this_month else on, total))
    if points[-1][0] < spending.today:
        points.append((spending.today, total))
    return points


def _marks(spending: Course) -> list[course.Mark]:
    marks = [course.Mark(_("vandaag: %(day)s") % {"day": date_format(spending.today, "j F Y")}, spending.today)]
    ends = sorted(set(spending.ends))
    coming = [end for end in ends if end >= spending.today]
    if coming and coming[0] != ends[-1]:
        label = _("eerste einde: %(day)s") % {"day": date_format(coming[0], "j F Y")}
        marks.append(course.Mark(label, coming[0]))
    marks.append(course.Mark(_("besteden tot en met %(day)s") % {"day": date_format(ends[-1], "j F Y")}, ends[-1]))
    return marks


def _moments(spending: Course) -> list[Line]:
    lines, total = [], ZERO
    for on, amount in spending.months:
        total += amount
        lines.append(Line(f"spent-{on:%Y-%m}", [date_format(on, "F Y"), euro(amount), euro(total)]))
    return lines
