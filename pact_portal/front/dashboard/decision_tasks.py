"""What waits for the reader on the way to a decision: to propose, to take a position, to record, to follow up."""

from datetime import date

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pact_portal.front.dashboard.task import Task
from partners.access import Access
from partners.organisations.models import Partnership
from partners.permissions import Permission
from plan.decisions.models import Condition, Position, Proposal, ProposalItem, ProposalStep, StepKind
from plan.measures.models import Measure


def of(access: Access) -> list[Task]:
    """Positions for whoever may take one, the rest for who keeps the decisions. Bounded queries, whatever the rows."""
    tasks = []
    if access.can(Permission.STATE_POSITION):
        tasks += _to_state(access)
    if access.can(Permission.KEEP_DECISIONS):
        tasks += [*_to_propose(access), *_to_record(access), *_to_put_again(access), *_to_follow_up(access)]
    return tasks


def _to_state(access: Access) -> list[Task]:
    """A task per proposal on the route on which an own partner that signs has said nothing in this round."""
    own = [each for each in access.partnerships if each.kind == Partnership.Kind.SIGNATORY]
    if not own:
        return []
    proposals = list(Proposal.objects.in_pact(access.pact).under_way().order_by("number"))
    said = set(
        Position.objects.in_pact(access.pact)
        .filter(proposal__in=proposals, partnership__in=own)
        .values_list("proposal_id", "round", "partnership_id")
    )
    decided_by = _deciding_days(access)
    return [
        Task(
            title=_("Geef een standpunt over %(code)s namens %(partner)s")
            % {"code": proposal.code, "partner": partnership},
            url=reverse("plan:position_state", args=[access.pact.slug, proposal.number, partnership.pk]),
            meta=_until(proposal.title, decided_by.get((proposal.pk, proposal.round))),
            state="open",
            label=_("uw standpunt"),
            due_on=decided_by.get((proposal.pk, proposal.round)),
        )
        for proposal in proposals
        for partnership in own
        if (proposal.pk, proposal.round, partnership.pk) not in said
    ]


def _until(title: str, due_on: date | None) -> str:
    """The title with the day by which it is asked."""
    if due_on is None:
        return title
    return _("%(title)s · uiterlijk %(day)s") % {"title": title, "day": date_format(due_on, "j F Y")}


def _deciding_days(access: Access) -> dict[tuple[int, int], date]:
    """By when the first deciding step of each proposal and round should be over."""
    steps = ProposalStep.objects.in_pact(access.pact).filter(
        kind=StepKind.DECIDES, proposal__state__in=Proposal.UNDER_WAY
    )
    found: dict[tuple[int, int], date] = {}
    for step in steps.order_by("proposal", "round", "position"):
        found.setdefault((step.proposal_id, step.round), step.due_on)
    return found


def _to_propose(access: Access) -> list[Task]:
    carried = ProposalItem.objects.in_pact(access.pact).filter(kind="measure", object_id=OuterRef("pk"), is_open=True)
    waiting = (
        Measure.objects.in_pact(access.pact).filter(~Exists(carried), state=Measure.State.PROPOSED).order_by("number")
    )
    keys = list(waiting.values_list("pk", flat=True))
    if not keys:
        return []
    query = "&".join(f"item=measure-{key}" for key in keys[:20])
    return [
        Task(
            title=ngettext(
                "Breng %(count)s voorgestelde maatregel in een voorstel",
                "Breng %(count)s voorgestelde maatregelen in een voorstel",
                len(keys),
            )
            % {"count": len(keys)},
            url=reverse("plan:proposal_new", args=[access.pact.slug]) + f"?{query}",
            meta=_("Zonder voorstel komt er geen besluit"),
            state="proposed",
            label=_("voorgesteld"),
        )
    ]


def _to_record(access: Access) -> list[Task]:
    """Per proposal on the route: whose turn it is, and until when."""
    waiting = (
        ProposalStep.objects.in_pact(access.pact)
        .filter(proposal__state__in=Proposal.UNDER_WAY)
        .exclude(decisions__outcome__in=["positive", "negative"])
        .select_related("proposal", "body")
        .order_by("proposal", "-round", "position")
    )
    next_of: dict[int, ProposalStep] = {}
    for step in waiting:
        if step.round == step.proposal.round:
            next_of.setdefault(step.proposal_id, step)
    return [
        Task(
            title=_("Leg vast wat %(body)s zegt over %(code)s") % {"body": step.body, "code": step.proposal.code},
            url=reverse("plan:proposal_decide", args=[access.pact.slug, step.proposal.number]),
            meta=_until(step.proposal.title, step.due_on),
            state=step.proposal.state,
            label=step.proposal.get_state_display(),
            due_on=step.due_on,
        )
        for step in next_of.values()
    ]


def _to_put_again(access: Access) -> list[Task]:
    sent_back = Proposal.objects.in_pact(access.pact).filter(state=Proposal.State.SENT_BACK).order_by("number")
    return [
        Task(
            title=_("Pas voorstel %(code)s aan en breng het opnieuw in") % {"code": proposal.code},
            url=reverse("plan:proposal_detail", args=[access.pact.slug, proposal.number]),
            meta=proposal.title,
            state=proposal.state,
            label=proposal.get_state_display(),
        )
        for proposal in sent_back[:5]
    ]


def _to_follow_up(access: Access) -> list[Task]:
    standing = Condition.objects.in_pact(access.pact).filter(
        state=Condition.State.OPEN, decision__superseded_by__isnull=True
    )
    adopted = standing.filter(proposal__state=Proposal.State.ADOPTED).order_by("proposal__number", "pk")
    first = adopted.select_related("proposal").first()
    if first is None:
        return []
    count = adopted.count()
    return [
        Task(
            title=ngettext(
                "Volg %(count)s voorwaarde bij een vastgesteld voorstel op",
                "Volg %(count)s voorwaarden bij vastgestelde voorstellen op",
                count,
            )
            % {"count": count},
            url=reverse("plan:proposal_detail", args=[access.pact.slug, first.proposal.number]),
            meta=first.text[:120],
            state="open",
            label=_("voorwaarde"),
        )
    ]
