"""Answering an evaluation for the partner that the reader acts for."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from evaluations.answering import workflow
from evaluations.answering.forms import AnswerForm
from evaluations.answering.models import Participation
from partners.permissions import PactRequest, Permission, requires


@requires(Permission.ANSWER_EVALUATION)
@require_POST
def evaluation_answer(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    """Save the answers of one partner. What was typed stays on the page, also when the evaluation has closed."""
    participation = (
        Participation.objects.in_pact(request.pact)
        .answerable_by(request.access)
        .of_partner(request.POST.get("partnership", ""))
        .filter(evaluation=pk)
        .select_related("evaluation__series", "partnership__organisation")
        .first()
    )
    if participation is None:
        raise Http404(_("Deze pagina bestaat niet."))
    form = AnswerForm(participation, participation.evaluation.series.topics.all(), request.POST)
    if form.is_valid():
        try:
            workflow.answer(participation, values=form.values(), by=request.user)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(
                request, _("De antwoorden van %(partner)s zijn bewaard.") % {"partner": participation.partnership}
            )
            return redirect("evaluations:evaluation_detail", pact=pact, pk=pk)
    context = {"form": form, "participation": participation, "evaluation": participation.evaluation}
    return render(request, "evaluations/answering/answer.html", context)
