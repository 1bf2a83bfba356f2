"""The register of decisions: the list, one decision, and the file."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.spreadsheets import writing
from partners.bodies.models import Meeting
from partners.permissions import PactRequest, Permission, requires
from plan.chain import chain
from plan.decisions import exporting, kinds
from plan.decisions.filters import DecisionFilter, with_turn
from plan.decisions.forms import meetings_of_bodies
from plan.decisions.models import Decision, Proposal, ProposalStep

PER_PAGE = 25
MOST_MEETINGS = 5


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def decision_list(request: PactRequest, pact: str) -> HttpResponse:
    found = found_in(request)
    page = Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page"))
    may_keep = request.access.can(Permission.KEEP_DECISIONS)
    context = {
        "filter": found,
        "page": page,
        "may_keep": may_keep,
        "under_way": Proposal.objects.in_pact(request.pact).under_way().count(),
        "meetings": meetings_to_record(request) if may_keep else [],
        "is_filtered": any(value for name, value in request.GET.items() if name != "page"),
    }
    return render(request, f"plan/decisions/list.html{'#rows' if request.htmx else ''}", context)


def found_in(request: PactRequest) -> DecisionFilter:
    """The decisions that the filters of the query string leave, the newest first."""
    rows = Decision.objects.in_pact(request.pact).select_related(
        "proposal", "step__body", "supersedes", "superseded_by", "meeting"
    )
    return DecisionFilter(request.GET, rows.order_by("-number"), request=request, pact=request.pact)


def meetings_to_record(request: PactRequest) -> list[Meeting]:
    """The last meetings of the bodies whose turn it is. Two queries."""
    waiting = with_turn(Proposal.objects.in_pact(request.pact).under_way()).values("turn")
    bodies = ProposalStep.objects.in_pact(request.pact).filter(pk__in=waiting).values("body")
    return list(meetings_of_bodies(bodies, request.pact).select_related("body")[:MOST_MEETINGS])


@requires(Permission.READ)
@require_GET
def detail(request: PactRequest, pact: str, number: int) -> HttpResponse:
    decisions = Decision.objects.in_pact(request.pact).select_related(
        *("pact", "proposal__pact", "step__body", "supersedes", "superseded_by", "meeting", "recorded_by")
    )
    decision = get_object_or_404(decisions, number=number)
    successor = getattr(decision, "superseded_by", None)
    context = {
        "decision": decision,
        "successor": successor,
        "content": content_of(decision),
        "conditions": list(decision.conditions.select_related("answered_by")),
        "chain": chain.of(decision),
        "may_supersede": request.access.can(Permission.KEEP_DECISIONS) and successor is None,
        # What stands no more is followed up at the decision that took its place.
        "may_answer": request.access.can(Permission.KEEP_DECISIONS) and successor is None,
    }
    return render(request, "plan/decisions/detail.html", context)


def content_of(decision: Decision) -> list[dict[str, Any]]:
    """What was decided about, as it stood, with the address of the row as it is now. One question per kind."""
    by_kind: dict[str, list[int]] = {}
    for row in decision.content:
        by_kind.setdefault(row["kind"], []).append(row["pk"])
    urls = {
        (name, key): shown.url
        for name, keys in by_kind.items()
        if kinds.is_known(name)
        for key, shown in kinds.show(kinds.kind_of(name), decision.pact, keys).items()
    }
    labels = {kind.name: kind.label for kind in kinds.every()}
    return [
        {**row, "url": urls.get((row["kind"], row["pk"]), ""), "label": labels.get(row["kind"], "")}
        for row in decision.content
    ]


@requires(Permission.READ)
@require_GET
def export(request: PactRequest, pact: str) -> HttpResponse:
    """The decisions that the filters leave, as a file."""
    form = request.GET.get("format", "")
    form = form if form in writing.FORMATS else writing.FORMATS[0]
    content = exporting.export_of(found_in(request).qs, form=form)
    return writing.answer(content, form=form, name=writing.name_of(request.pact.slug, exporting.SHEET))
