"""What waits for the reader: the list on the start page, most pressing first. Counts, so that it stays short."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluations.answering.models import Participation
from evaluations.series.models import Evaluation
from partners.access import Access
from partners.permissions import Permission
from plan.measures.models import Measure
from plan.programmes.models import Fit
from plan.questions.models import SupportQuestion


@dataclass(frozen=True)
class Task:
    """One thing to do: where, why, and by when when there is a day."""

    title: str
    url: str
    meta: str
    state: str
    label: str
    due_on: date | None = None


def tasks_of(access: Access) -> list[Task]:
    """What the reader is asked to do in this pact: what has a day first, in order of that day."""
    tasks = [*_to_answer(access), *_returned(access)]
    if access.can(Permission.CURATE_QUESTIONS):
        tasks += _to_curate(access)
    if access.can(Permission.KEEP_DECISIONS):
        tasks += _to_decide(access)
    if access.can(Permission.ASSESS_FIT):
        tasks += _to_renew(access)
    return sorted(tasks, key=lambda task: (task.due_on is None, task.due_on or date.max))


def _to_answer(access: Access) -> list[Task]:
    if not access.can(Permission.ANSWER_EVALUATION):
        return []
    open_ones = (
        Participation.objects.in_pact(access.pact)
        .unanswered()
        .filter(partnership__in=access.partnerships, evaluation__state=Evaluation.State.OPEN)
        .select_related("evaluation__series", "partnership__organisation")
    )
    return [
        Task(
            title=_("Beantwoord de evaluatie namens %(partner)s") % {"partner": row.partnership},
            url=reverse("evaluations:evaluation_detail", args=[access.pact.slug, row.evaluation_id]),
            meta=_("%(series)s · tot en met %(day)s")
            % {"series": row.evaluation.series, "day": date_format(row.evaluation.closes_on, "j F Y")},
            state="open",
            label=_("open"),
            due_on=row.evaluation.closes_on,
        )
        for row in open_ones
    ]


def _returned(access: Access) -> list[Task]:
    returned = SupportQuestion.objects.in_pact(access.pact).filter(
        partnership__in=access.partnerships, state=SupportQuestion.State.RETURNED
    )
    if not access.can(Permission.SUBMIT_QUESTION):
        return []
    return [
        Task(
            title=_("Vul vraag %(code)s aan") % {"code": question.code},
            url=reverse("plan:question_detail", args=[access.pact.slug, question.number]),
            meta=question.title,
            state=question.state,
            label=question.get_state_display(),
        )
        for question in returned[:5]
    ]


def _to_curate(access: Access) -> list[Task]:
    waiting = SupportQuestion.objects.in_pact(access.pact).submitted().count()
    if not waiting:
        return []
    return [
        Task(
            title=ngettext("Beoordeel %(count)s ingediende vraag", "Beoordeel %(count)s ingediende vragen", waiting)
            % {"count": waiting},
            url=reverse("plan:question_list", args=[access.pact.slug]) + "?state=submitted",
            meta=_("Aannemen of terugsturen met een opmerking"),
            state="submitted",
            label=_("nieuw"),
        )
    ]


def _to_decide(access: Access) -> list[Task]:
    proposed = Measure.objects.in_pact(access.pact).filter(state=Measure.State.PROPOSED).count()
    if not proposed:
        return []
    return [
        Task(
            title=ngettext(
                "Leg het besluit vast over %(count)s voorgestelde maatregel",
                "Leg het besluit vast over %(count)s voorgestelde maatregelen",
                proposed,
            )
            % {"count": proposed},
            url=reverse("plan:measure_list", args=[access.pact.slug]) + "?state=proposed",
            meta=_("Na de stuurgroep"),
            state="proposed",
            label=_("voorgesteld"),
        )
    ]


def _to_renew(access: Access) -> list[Task]:
    fits = Fit.objects.in_pact(access.pact).filter(expires_on__lte=timezone.localdate())
    if not access.can(Permission.CURATE_QUESTIONS):
        fits = fits.filter(programme__provider__in=access.partnerships)
    expired = fits.count()
    if not expired:
        return []
    return [
        Task(
            title=ngettext(
                "Vernieuw %(count)s verlopen oordeel over aanbod",
                "Vernieuw %(count)s verlopen oordelen over aanbod",
                expired,
            )
            % {"count": expired},
            url=reverse("plan:coverage", args=[access.pact.slug]),
            meta=_("Een verlopen oordeel telt als onbekend"),
            state="expired",
            label=_("verlopen"),
        )
    ]
