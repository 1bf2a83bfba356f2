"""How the registers stand, in one line per component: shown below each narrative in the editor."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pact_portal.foundation.templatetags.portal import euro
from partners.pact.models import Pact
from plan.decisions.models import Decision, Proposal
from plan.document.models import Component
from plan.funding import sums
from plan.measures.models import Measure
from plan.programmes.models import Programme
from plan.questions.models import SupportQuestion


@dataclass(frozen=True, slots=True)
class Line:
    """A count or sum in words, and the register that it leads to."""

    text: str
    url: str


def lines_of(pact: Pact) -> dict[Component, list[Line]]:
    """Counts and sums of the registers of `pact` as they stand now, per component. A handful of queries."""
    state = SupportQuestion.State
    # A measure that answers a merged question answers the one that speaks for it.
    answers = Q(questions=OuterRef("pk")) | Q(questions__merged_into=OuterRef("pk"))
    answered = Measure.objects.in_pact(pact).in_force().filter(answers)
    asked = SupportQuestion.objects.in_pact(pact).aggregate(
        accepted=Count("pk", filter=Q(state=state.ACCEPTED)), submitted=Count("pk", filter=Q(state=state.SUBMITTED))
    )
    unanswered = SupportQuestion.objects.in_pact(pact).accepted().filter(~Exists(answered)).count()
    measures = (
        Measure.objects.in_pact(pact)
        .in_force()
        .aggregate(
            every=Count("pk"),
            spreading=Count("pk", filter=Q(line=Measure.Line.SPREAD)),
            learning=Count("pk", filter=~Q(learning_question="")),
        )
    )
    programmes = Programme.objects.in_pact(pact).count()
    money = sums.total(sums.read(pact))
    decided = Decision.objects.in_pact(pact).standing().count()
    under_way = Proposal.objects.in_pact(pact).under_way().count()

    def line(name: str, text: str, query: str = "", **values: object) -> Line:
        return Line(text % values, reverse(name, kwargs={"pact": pact.slug}) + query)

    def counted(name: str, one: str, many: str, count: int, query: str = "") -> Line:
        return line(name, ngettext(one, many, count), query, count=count)

    return {
        Component.SPREADING: [
            counted(
                "plan:measure_list",
                "%(count)s maatregel om het gedachtegoed te verspreiden",
                "%(count)s maatregelen om het gedachtegoed te verspreiden",
                measures["spreading"],
                f"?line={Measure.Line.SPREAD}",
            )
        ],
        Component.QUESTIONS: [
            counted(
                "plan:question_list",
                "%(count)s aangenomen vraag",
                "%(count)s aangenomen vragen",
                asked["accepted"],
                f"?state={state.ACCEPTED}",
            ),
            counted(
                "plan:question_list",
                "%(count)s vraag wacht op beoordeling",
                "%(count)s vragen wachten op beoordeling",
                asked["submitted"],
                f"?state={state.SUBMITTED}",
            ),
            counted(
                "plan:question_list",
                "%(count)s aangenomen vraag zonder maatregel",
                "%(count)s aangenomen vragen zonder maatregel",
                unanswered,
                f"?state={state.ACCEPTED}",
            ),
        ],
        Component.PROGRAMMES: [
            line("plan:programme_list", _("%(count)s keer bestaand aanbod"), count=programmes),
            line("plan:coverage", _("Hoe ver sluit het aanbod aan?")),
        ],
        Component.DECISIONS: [
            counted("plan:measure_list", "%(count)s maatregel", "%(count)s maatregelen", measures["every"]),
            counted(
                "plan:proposal_list",
                "%(count)s voorstel is onderweg",
                "%(count)s voorstellen zijn onderweg",
                under_way,
            ),
            counted("plan:decision_list", "%(count)s besluit of advies", "%(count)s besluiten en adviezen", decided),
        ],
        Component.FUNDING: [
            line("plan:package_list", _("%(sum)s beschikbaar"), sum=euro(money.budget)),
            line("plan:package_list", _("%(sum)s toegewezen"), sum=euro(money.allocated)),
            line("plan:package_list", _("%(sum)s besteed"), sum=euro(money.spent)),
            line("plan:package_list", _("%(sum)s nog vrij"), sum=euro(money.remaining)),
        ],
        Component.EVALUATION: [
            counted(
                "plan:measure_list",
                "%(count)s maatregel heeft een leervraag",
                "%(count)s maatregelen hebben een leervraag",
                measures["learning"],
            )
        ],
    }
