"""The pages on which a partner says where it stands, and on which a condition is followed up."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partners.organisations.models import Partnership
from partners.permissions import PactRequest, Permission, requires
from plan.decisions.carried import carried_by, next_step
from plan.decisions.conditions import answer
from plan.decisions.models import Condition, Position, Proposal
from plan.decisions.position_forms import ConditionForm, PositionForm
from plan.decisions.positions import state_position
from plan.decisions.rows import fetch


@requires(Permission.STATE_POSITION)
@require_http_methods(["GET", "POST"])
def position(request: PactRequest, pact: str, number: int, pk: int) -> HttpResponse:
    proposal = fetch(request, number)
    partners = Partnership.objects.in_pact(request.pact).select_related("organisation")
    partnership = get_object_or_404(partners, pk=pk)
    if not request.access.can(Permission.STATE_POSITION, partnership):
        raise PermissionDenied
    if proposal.state not in Proposal.UNDER_WAY:
        sentence = _("Voorstel %(code)s is %(state)s. Een standpunt geven kan alleen zolang het in behandeling is.")
        messages.info(request, sentence % {"code": proposal.code, "state": proposal.get_state_display()})
        return redirect("plan:proposal_detail", pact, number)
    rows = Position.objects.in_pact(request.pact).filter(proposal=proposal, round=proposal.round)
    stated = rows.filter(partnership=partnership).first()
    initial = {"stance": stated.stance, "mandate": stated.mandate, "text": stated.text} if stated else None
    form = PositionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            state_position(proposal, partnership=partnership, by=request.user, **form.values())
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("Het standpunt van %(partner)s is bewaard.") % {"partner": partnership})
            return redirect("plan:proposal_detail", pact, number)
    context = {
        "form": form,
        "proposal": proposal,
        "partnership": partnership,
        "carried": carried_by(proposal),
        "step": next_step(proposal),
        "is_own": partnership in request.access.partnerships,
    }
    return render(request, "plan/decisions/position.html", context)


@requires(Permission.KEEP_DECISIONS)
@require_http_methods(["GET", "POST"])
def condition(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    conditions = Condition.objects.in_pact(request.pact).select_related(
        "proposal", "position__partnership__organisation", "decision__step__body"
    )
    row = get_object_or_404(conditions, pk=pk)
    initial = {"answer": row.answer, **({"state": row.state} if row.state != Condition.State.OPEN else {})}
    form = ConditionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            answer(row, by=request.user, **form.values())
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("Wat met de voorwaarde is gedaan, is bewaard."))
            return redirect("plan:proposal_detail", pact, row.proposal.number)
    return render(request, "plan/decisions/condition.html", {"form": form, "condition": row, "proposal": row.proposal})
