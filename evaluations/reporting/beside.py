"""What upper slices show on the report of an evaluation: each hands in a function, so none is known here."""

from collections.abc import Callable
from typing import Any

from evaluations.series.models import Evaluation
from partners.permissions import PactRequest

Supplier = Callable[[PactRequest, Evaluation], dict[str, Any]]
"""Gets the request and the evaluation; gives names for the template, each its own."""

_suppliers: list[Supplier] = []


def register(*suppliers: Supplier) -> None:
    """Called in `AppConfig.ready()`; the same function registers once."""
    _suppliers.extend(supplier for supplier in suppliers if supplier not in _suppliers)


def context_of(request: PactRequest, evaluation: Evaluation) -> dict[str, Any]:
    """What was handed in for this evaluation, as names for the template."""
    context: dict[str, Any] = {}
    for supplier in _suppliers:
        context |= supplier(request, evaluation)
    return context
