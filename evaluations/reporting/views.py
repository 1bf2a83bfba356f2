"""One evaluation: the form for who is asked, and the report for all members."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from evaluations.answering import workflow
from evaluations.answering.forms import AnswerForm
from evaluations.answering.models import Participation
from evaluations.reporting import beside, figures
from evaluations.reporting.report import report_of
from evaluations.series.models import Evaluation
from partners.permissions import PactRequest, Permission, requires
from plan.chain import chain


@requires(Permission.READ)
@require_safe
def evaluation_detail(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    """Answer, or read what was answered. Who acts for several partners chooses one by `?partnership=`."""
    evaluation = get_object_or_404(Evaluation.objects.in_pact(request.pact).select_related("series__pact"), pk=pk)
    own = list(
        Participation.objects.in_pact(request.pact)
        .answerable_by(request.access)
        .filter(evaluation=evaluation)
        .select_related("partnership__organisation")
    )
    asked = request.GET.get("partnership", "")
    chosen = next((each for each in own if str(each.partnership_id) == asked), own[0] if own else None)
    report = report_of(evaluation)
    form = None
    if chosen and not workflow.not_open(evaluation):
        form = AnswerForm(chosen, evaluation.series.topics.all())
    context = {
        "evaluation": evaluation,
        "own": own,
        "participation": chosen,
        "form": form,
        "report": report,
        "figure": figures.of_scales(report),
        "others": [(each, figures.of_numbers(each.outcome)) for each in report.others],
        "too_few": figures.too_few(),
        "chain": chain.of(evaluation),
        **beside.context_of(request, evaluation),
    }
    return render(request, "evaluations/reporting/detail.html", context)
