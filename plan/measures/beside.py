"""What upper slices and floors show on the page of a measure: each hands in a function, so none is known here."""

from collections.abc import Callable
from typing import Any

from partners.permissions import PactRequest
from plan.measures.models import Measure

Supplier = Callable[[PactRequest, Measure], dict[str, Any]]
"""Gets the request and the measure as it is shown; gives names for the template, each its own."""

_suppliers: list[Supplier] = []


def register(*suppliers: Supplier) -> None:
    """Called in `AppConfig.ready()`; the same function registers once."""
    _suppliers.extend(supplier for supplier in suppliers if supplier not in _suppliers)


def context_of(request: PactRequest, measure: Measure) -> dict[str, Any]:
    """What was handed in for this measure, as names for the template."""
    context: dict[str, Any] = {}
    for supplier in _suppliers:
        context |= supplier(request, measure)
    return context
