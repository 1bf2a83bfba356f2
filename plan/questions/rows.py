"""Which questions the reader of a page sees, and which of them are theirs to change."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from partners.permissions import PactRequest, Permission
from plan.questions.models import SupportQuestion

LONGEST_NUMBER = 10
"""Digits that the number of a question stays below."""


def visible(request: PactRequest) -> Any:
    """The questions of this pact that the reader may see."""
    return SupportQuestion.objects.in_pact(request.pact).visible_to(request.access.partnerships)


def fetch(request: PactRequest, number: int) -> SupportQuestion:
    """One of these, with what its page shows. Raises Http404 when there is none with this number."""
    questions = visible(request).select_related(
        "partnership__organisation", "pact", "created_by", "merged_into__partnership__organisation"
    )
    return get_object_or_404(questions.prefetch_related("areas", "municipalities__organisation"), number=number)


def may_edit(request: PactRequest, question: SupportQuestion) -> bool:
    """Whether the reader may ever edit it; whether its state allows it is for the workflow to say."""
    return bool(request.access.can(Permission.SUBMIT_QUESTION, question.partnership_id))


def draft_of(request: PactRequest, number: str) -> SupportQuestion | None:
    """The draft of the reader with the number that the address or a form names; None when there is none (any more)."""
    if not (number.isascii() and number.isdigit() and len(number) < LONGEST_NUMBER):
        return None
    try:
        question = fetch(request, int(number))
    except Http404:
        return None
    return question if question.state == SupportQuestion.State.DRAFT and may_edit(request, question) else None
