"""The chain on which every row stands: what comes before it ("why do we do this?") and what came of it.

Slices hand in, per kind of row and side, a function that finds the neighbours; this slice knows none of their models.
Pages call `of(row)` and include `includes/chain.html`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.utils.functional import Promise

Text = str | Promise


class Side(Enum):
    """Which way along the chain."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Link:
    """One neighbour as a reader sees it. Without `url` it has no page of its own; without `code` no number."""

    code: str
    title: str
    url: str
    note: str = ""


@dataclass(slots=True)
class Group:
    """Neighbours of one kind under their heading; without any, `missing` says what that means."""

    heading: str
    links: list[Link]
    missing: str = ""


@dataclass(slots=True)
class Place:
    """Where a row stands: the groups on either side, in order of position."""

    before: list[Group] = field(default_factory=list)
    after: list[Group] = field(default_factory=list)


Find = Callable[[Any], Sequence[Link]]
"""Gets a row, and gives its neighbours; with a bounded number of queries, however many there are."""


@dataclass(frozen=True, slots=True)
class _Finder:
    heading: Text
    position: int
    find: Find
    missing: Text


_finders: dict[tuple[type, Side], list[_Finder]] = {}


def register(model: type, side: Side, heading: Text, position: int, find: Find, *, missing: Text = "") -> None:
    """Hand in what finds one kind of neighbours of the rows of `model`; called in `AppConfig.ready()`.

    The same `find` registers once per model and side. `missing` is the sentence that a row without such neighbours
    shows, where that is a loose end; without it the group is left out then.
    """
    others = [each for each in _finders.get((model, side), []) if each.find != find]
    finders = [*others, _Finder(heading, position, find, missing)]
    _finders[model, side] = sorted(finders, key=lambda each: each.position)


def of(row: Any) -> Place:
    """The neighbours of the row on both sides."""
    return Place(before=_groups(row, Side.BEFORE), after=_groups(row, Side.AFTER))


def _groups(row: Any, side: Side) -> list[Group]:
    found = [
        Group(str(finder.heading), list(finder.find(row)), str(finder.missing))
        for finder in _finders.get((type(row), side), [])
    ]
    return [group for group in found if group.links or group.missing]
