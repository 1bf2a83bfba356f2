"""What upper slices show on the page of a question: each hands in a function, so that this slice need not know them."""

from collections.abc import Callable, Sequence
from typing import Any

from partners.permissions import PactRequest
from plan.questions.models import SupportQuestion

Supplier = Callable[[PactRequest, SupportQuestion, Sequence[Any]], dict[str, Any]]
"""Gets the request, the question and its fits as they are shown; gives names for the template, or adds to the fits."""

_suppliers: list[Supplier] = []


def register(*suppliers: Supplier) -> None:
    """Called in `AppConfig.ready()`; the same function registers once."""
    _suppliers.extend(supplier for supplier in suppliers if supplier not in _suppliers)


def context_of(request: PactRequest, question: SupportQuestion, fits: Sequence[Any]) -> dict[str, Any]:
    """What was handed in for this question, as names for the template."""
    context: dict[str, Any] = {}
    for supplier in _suppliers:
        context |= supplier(request, question, fits)
    return context
