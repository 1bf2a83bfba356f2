"""The pact at a glance: a handful of figures over all subjects."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from evaluations.series.models import Evaluation
from pact_portal.foundation.templatetags.portal import euro, share
from partners.pact.models import Pact
from plan.document.models import PlanVersion
from plan.funding.models import PackageYear
from plan.measures.models import Measure
from plan.questions import answered
from plan.questions.models import SupportQuestion


@dataclass(frozen=True)
class Figure:
    """One figure with what it counts, a note that explains it, and where it leads."""

    label: str
    value: str
    note: str
    icon: str
    url: str


def figures_of(pact: Pact) -> list[Figure]:
    """Questions and their coverage, measures, money and the next evaluation. The queries do not grow with the rows."""
    today = timezone.localdate()
    accepted = SupportQuestion.objects.in_pact(pact).accepted()
    questions = accepted.count()
    covered = accepted.filter(answered.sufficient(on=today)).count()
    measures = Measure.objects.in_pact(pact).in_force()
    approved = measures.filter(state__in=[Measure.State.APPROVED, Measure.State.RUNNING]).count()
    money = PackageYear.objects.in_pact(pact).aggregate(budget=Sum("budget"), allocated=Sum("allocated"))
    budget, allocated = money["budget"] or Decimal(0), money["allocated"] or Decimal(0)
    return [
        Figure(
            _("Ondersteuningsvragen"),
            str(questions),
            _("%(covered)s met voldoende aanbod, %(gaps)s nog niet")
            % {"covered": covered, "gaps": questions - covered},
            "list-checks",
            reverse("plan:coverage", args=[pact.slug]),
        ),
        Figure(
            _("Maatregelen"),
            str(measures.count()),
            _("%(approved)s goedgekeurd of in uitvoering") % {"approved": approved},
            "route",
            reverse("plan:measure_list", args=[pact.slug]),
        ),
        Figure(
            _("Steungeld toegewezen"),
            f"{share(allocated, budget)}%",
            _("%(allocated)s van %(budget)s") % {"allocated": euro(allocated), "budget": euro(budget)},
            "coins",
            reverse("plan:package_list", args=[pact.slug]),
        ),
        _next_evaluation(pact),
    ]


def _next_evaluation(pact: Pact) -> Figure:
    coming = (
        Evaluation.objects.in_pact(pact)
        .filter(state__in=[Evaluation.State.SCHEDULED, Evaluation.State.OPEN])
        .order_by("due_on")
        .first()
    )
    url = reverse("evaluations:series_list", args=[pact.slug])
    if coming is None:
        return Figure(_("Volgende evaluatie"), _("niet gepland"), _("Plan een evaluatiecyclus"), "calendar-clock", url)
    if coming.state == Evaluation.State.OPEN:
        until = date_format(coming.closes_on, "j F Y")
        return Figure(_("Evaluatie"), _("open"), _("Antwoorden kan tot en met %s") % until, "calendar-clock", url)
    day = date_format(coming.due_on, "j b Y")
    return Figure(_("Volgende evaluatie"), day, _("Uitnodigingen gaan dan vanzelf uit"), "calendar-clock", url)


def newest_version(pact: Pact) -> PlanVersion | None:
    """The plan as it was frozen last, without its content."""
    return PlanVersion.objects.in_pact(pact).defer("content").order_by("-number").first()
