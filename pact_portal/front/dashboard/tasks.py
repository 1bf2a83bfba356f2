"""What waits for the reader: the list on the start page, most pressing first. Counts, so that it stays short."""

from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluations.answering.models import Participation
from evaluations.findings.models import Finding
from evaluations.series.models import Evaluation
from pact_portal.front.dashboard import decision_tasks, money_tasks
from pact_portal.front.dashboard.task import Task
from partners.access import Access
from partners.people.models import Invitation
from partners.people.review import rights_review_due
from partners.permissions import Permission
from partners.signing.models import Deed, SignaturePlace
from partners.signing.progress import to_sign
from plan.programmes.models import Fit, Programme
from plan.questions.models import SupportQuestion


def tasks_of(access: Access) -> list[Task]:
    """What the reader is asked to do in this pact: what has a day first, in order of that day."""
    tasks = [*_to_sign(access), *_to_answer(access), *_returned(access)]
    if access.can(Permission.EDIT_PACT):
        tasks += _reserved(access)
    if access.can(Permission.MANAGE_PARTNERS):
        tasks += [*_to_send_again(access), *_to_review(access)]
    if access.can(Permission.CURATE_QUESTIONS):
        tasks += _to_curate(access)
    tasks += [*decision_tasks.of(access), *money_tasks.of(access)]
    if access.can(Permission.MANAGE_EVALUATIONS):
        tasks += _loose_findings(access)
    if access.can(Permission.ASSESS_FIT):
        tasks += _to_renew(access)
    if access.can(Permission.KEEP_PROGRAMMES):
        tasks += _to_check(access)
    return sorted(tasks, key=lambda task: (task.due_on is None, task.due_on or date.max))


def _to_sign(access: Access) -> list[Task]:
    return [
        Task(
            title=_("Lees en onderteken het pact namens %(partner)s") % {"partner": place.partnership},
            url=reverse("partners:sign", args=[access.pact.slug, place.pk]),
            meta=_("Versie %(number)s") % {"number": place.deed.version.number},
            state="open",
            label=_("te tekenen"),
            due_on=place.deed.sign_by,
        )
        for place in to_sign(access)
    ]


def _reserved(access: Access) -> list[Task]:
    standing = SignaturePlace.objects.in_pact(access.pact).reserved().filter(deed__state=Deed.State.OPEN).count()
    if not standing:
        return []
    return [
        Task(
            title=ngettext(
                "Bespreek %(count)s voorbehoud bij het pact", "Bespreek %(count)s voorbehouden bij het pact", standing
            )
            % {"count": standing},
            url=reverse("partners:signing_progress", args=[access.pact.slug]),
            meta=_("Deze partners tekenen nog niet, en zeggen waarom"),
            state="reserved",
            label=_("voorbehoud"),
        )
    ]


def _to_send_again(access: Access) -> list[Task]:
    expired = Invitation.objects.in_pact(access.pact).unanswered().filter(expires_at__lte=timezone.now()).count()
    if not expired:
        return []
    return [
        Task(
            title=ngettext(
                "Verstuur %(count)s verlopen uitnodiging opnieuw",
                "Verstuur %(count)s verlopen uitnodigingen opnieuw",
                expired,
            )
            % {"count": expired},
            url=reverse("partners:people_list", args=[access.pact.slug]),
            meta=_("Of trek de uitnodiging in"),
            state="expired",
            label=_("verlopen"),
        )
    ]


def _to_review(access: Access) -> list[Task]:
    if not rights_review_due(access.pact):
        return []
    return [
        Task(
            title=_("Loop na wie wat mag in dit pact"),
            url=reverse("partners:rights_review", args=[access.pact.slug]),
            meta=_("Eens per jaar: klopt elke rol nog?"),
            state="open",
            label=_("jaarlijks"),
        )
    ]


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
            url=reverse("plan:question_queue", args=[access.pact.slug]),
            meta=_("Aannemen, terugsturen of samenvoegen"),
            state="submitted",
            label=_("nieuw"),
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


def _to_check(access: Access) -> list[Task]:
    due = Programme.objects.in_pact(access.pact).check_due(timezone.localdate())
    waiting = due.filter(provider__in=access.partnerships).count()
    if not waiting:
        return []
    return [
        Task(
            title=ngettext(
                "Kijk na of %(count)s keer aanbod nog klopt", "Kijk na of uw aanbod nog klopt: %(count)s keer", waiting
            )
            % {"count": waiting},
            url=reverse("plan:programme_own", args=[access.pact.slug]),
            meta=_("Eens per jaar, met één klik"),
            state="open",
            label=_("jaarlijks"),
        )
    ]


def _loose_findings(access: Access) -> list[Task]:
    loose = Finding.objects.in_pact(access.pact).loose().order_by("pk")
    first = loose.first()
    if first is None:
        return []
    count = loose.count()
    return [
        Task(
            title=ngettext(
                "Verbind een gevolg aan %(count)s bevinding", "Verbind een gevolg aan %(count)s bevindingen", count
            )
            % {"count": count},
            url=reverse("evaluations:evaluation_detail", args=[access.pact.slug, first.evaluation_id]),
            meta=first.text[:120],
            state="open",
            label=_("bevinding"),
        )
    ]
