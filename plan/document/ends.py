"""Loose ends that slices and floors hand in: tables of what does not reach the next link of the chain."""

from collections.abc import Callable

from pact_portal.foundation.documents.blocks import Table
from partners.pact.models import Pact

Build = Callable[[Pact], Table]
"""Gives the loose ends of one kind as they stand now; with a bounded number of queries, however many there are."""

_builders: dict[Build, int] = {}


def register(build: Build, position: int) -> None:
    """Hand in a table; the lowest position comes first, after the plan's own. The same function registers once."""
    _builders[build] = position


def handed_in(pact: Pact) -> list[Table]:
    """The tables that were handed in, in order; also those without rows."""
    return [build(pact) for build, _position in sorted(_builders.items(), key=lambda item: item[1])]
