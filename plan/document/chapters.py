"""What stands below the narrative of each component: blocks that slices and floors hand in when they start."""

from collections.abc import Callable

from pact_portal.foundation.documents.blocks import Block
from partners.pact.models import Pact
from plan.document.models import Component

Build = Callable[[Pact], list[Block]]
"""Gives the blocks of one pact, as they stand now; with a bounded number of queries, whatever the number of rows."""

_builders: dict[Component, dict[Build, int]] = {component: {} for component in Component}


def register(component: Component, build: Build, position: int) -> None:
    """Hand in blocks for the chapter of `component`; the lowest position comes first.

    The plan's own registers stand before everything that is handed in. Handing in the same function again replaces it.
    """
    _builders[component][build] = position


def handed_in(component: Component, pact: Pact) -> list[Block]:
    """The blocks that were handed in for the chapter of `component`, in order."""
    in_order = sorted(_builders[component].items(), key=lambda item: item[1])
    return [block for build, _position in in_order for block in build(pact)]
