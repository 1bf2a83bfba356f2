"""What the pages of money share: finding an allocation, and one form for one act."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from pact_portal.foundation.pages import confirm
from partners.permissions import PactRequest
from plan.funding.models import Allocation
from plan.funding.spending_forms import BookForm, CancelForm, ContributionForm, ReallocationForm, ReceiptForm

ActForm = BookForm | CancelForm | ContributionForm | ReallocationForm | ReceiptForm


def allocation_of(request: PactRequest, pk: int) -> Allocation:
    """An allocation of this pact, with all that a page says of it; 404 for one of another pact."""
    rows = Allocation.objects.in_pact(request.pact).select_related(
        "package_year__package__pact", "measure", "partnership__organisation", "created_by"
    )
    row: Allocation = get_object_or_404(rows, pk=pk)
    return row


def page_of(allocation: Allocation, slug: str) -> str:
    """The address of its page."""
    return reverse("plan:allocation_detail", args=[slug, allocation.pk])


def act(
    request: PactRequest,
    *,
    form: ActForm,
    do: Callable[[dict[str, Any]], None],
    title: str,
    text: str,
    button: str,
    leads: str,
    asks: bool = False,
    danger: bool = False,
    **context: Any,
) -> HttpResponse:
    """A page with one form for one act: shown, refused with what was typed, asked about once where it asks, done.

    `do` gets what was filled in, tells the reader what it did, and raises ValidationError where a rule refuses.
    """
    if request.method == "POST" and form.is_valid():
        ask = asks and confirm.ask(request, title=title, consequence=text, button=button, back=leads, danger=danger)
        if ask:
            return ask
        try:
            do(form.cleaned_data)
        except ValidationError as fault:
            _take(form, fault)
        else:
            return redirect(leads)
    words = {"title": title, "text": text, "button": button, "back": leads, "asks": asks, "danger": danger}
    return render(request, "plan/funding/act.html", {"form": form, **words, **context})


def _take(form: BaseForm, fault: ValidationError) -> None:
    form.take(fault)  # type: ignore[attr-defined]  # every ActForm is a GuardedForm
