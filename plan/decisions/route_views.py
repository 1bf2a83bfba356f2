"""The pages of the route: the steps that every new proposal takes, and keeping them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from partners.bodies.models import Body
from partners.pact.models import Pact
from partners.permissions import PactRequest, Permission, requires
from plan.decisions.forms import DAYS, StepFormSet, rows_of
from plan.decisions.models import DecisionStep, Proposal, StepKind
from plan.decisions.route import keep_route, mark_of_route, steps_of
from plan.questions.marks import is_stale

USUAL = (
    (Body.Kind.PROJECT, StepKind.PREPARES),
    (Body.Kind.ADVISORY, StepKind.ADVISES),
    (Body.Kind.STEERING, StepKind.DECIDES),
)
"""The route that is proposed where there is none: which kind of body does what, in order."""


@requires(Permission.READ)
@require_GET
def route(request: PactRequest, pact: str) -> HttpResponse:
    context = _context(request) | {"may_keep": request.access.can(Permission.KEEP_DECISIONS)}
    return render(request, "plan/decisions/route.html", context)


@requires(Permission.KEEP_DECISIONS)
@require_http_methods(["GET", "POST"])
def route_edit(request: PactRequest, pact: str) -> HttpResponse:
    bodies = Body.objects.in_pact(request.pact).current()
    initial = _initial(request.pact, steps_of(request.pact))
    formset = StepFormSet(request.POST or None, initial=initial, prefix="steps", form_kwargs={"bodies": bodies})
    seen, stands, fault_text = mark_of_route(request.pact), False, ""
    if request.method == "POST" and formset.is_valid():
        try:
            keep_route(request.pact, steps=rows_of(formset), by=request.user, seen=request.POST.get("seen", "")[:64])
        except ValidationError as fault:
            fault_text, stands = " ".join(fault.messages), is_stale(fault)
        else:
            messages.success(
                request,
                _("De route is bewaard. Voorstellen die al onderweg zijn, houden de stappen waarmee ze begonnen."),
            )
            return redirect("plan:decision_route", pact)
    elif request.method == "POST":
        # What was seen stays what was seen, until it is saved.
        seen = request.POST.get("seen", "")[:64]
    context = _context(request) | {
        "formset": formset,
        "has_bodies": bodies.exists(),
        "seen": seen,
        "stands": stands,
        "fault_text": fault_text,
    }
    return render(request, "plan/decisions/route_form.html", context)


def _context(request: PactRequest) -> dict[str, Any]:
    """The route as it is, and how many proposals are on their way by it or a former one."""
    under_way = Proposal.objects.in_pact(request.pact).under_way().count()
    return {"steps": steps_of(request.pact), "under_way": under_way}


def _initial(pact: Pact, steps: list[DecisionStep]) -> list[dict[str, Any]]:
    """The lines that the form begins with: the route as it is, or the usual one with the bodies of this pact."""
    if steps:
        return [
            {
                "position": step.position,
                "name": step.name,
                "body": step.body_id,
                "kind": step.kind,
                "days": step.days,
            }
            for step in steps
        ]
    first: dict[str, Body] = {}
    for body in Body.objects.in_pact(pact).current().order_by("pk"):
        first.setdefault(body.kind, body)
    usual = [(first[kind], what) for kind, what in USUAL if kind in first]
    names = {
        StepKind.PREPARES: _("Voorbereiding"),
        StepKind.ADVISES: _("Advies"),
        StepKind.DECIDES: _("Besluit"),
    }
    return [
        {"position": at, "name": names[what], "body": body.pk, "kind": what.value, "days": DAYS}
        for at, (body, what) in enumerate(usual, 1)
    ]
