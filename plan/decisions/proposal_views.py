"""The pages of proposals: list, write, read, put on the route, take back."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.pages import confirm
from partners.organisations.models import Partnership
from partners.pact.models import Pact
from partners.permissions import PactRequest, Permission, requires
from plan.chain import chain
from plan.decisions import writing
from plan.decisions.carried import Carried, carried_by, course_of, earlier_rounds
from plan.decisions.conditions import conditions_of
from plan.decisions.counting import in_words
from plan.decisions.filters import ProposalFilter, with_turn
from plan.decisions.forms import ProposalForm, WithdrawForm, proposal_initial
from plan.decisions.kinds import Kind, Shown
from plan.decisions.models import Decision, Position, Proposal, ProposalItem
from plan.decisions.positions import asked, positions_of
from plan.decisions.route import steps_of
from plan.decisions.rows import fetch, give_steps, visible
from plan.questions.marks import is_stale

PER_PAGE = 25
LONGEST_KEY = 18
LONGEST_MARK = 64
State = Proposal.State


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def proposal_list(request: PactRequest, pact: str) -> HttpResponse:
    rows = with_turn(visible(request)).order_by("-number")
    found = ProposalFilter(request.GET, rows, request=request, pact=request.pact)
    page = Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page"))
    give_steps(page.object_list, request.pact)
    may_keep = request.access.can(Permission.KEEP_DECISIONS)
    context = {
        "filter": found,
        "page": page,
        "today": timezone.localdate(),
        "may_keep": may_keep,
        "has_route": bool(steps_of(request.pact)) if may_keep else True,
        "is_filtered": any(value for name, value in request.GET.items() if name != "page"),
    }
    return render(request, f"plan/decisions/proposals.html{'#rows' if request.htmx else ''}", context)


# --- Writing ---------------------------------------------------------------------------------------------------------


@requires(Permission.KEEP_DECISIONS)
@require_http_methods(["GET", "POST"])
def new(request: PactRequest, pact: str) -> HttpResponse:
    offered = _offered(request.pact)
    chosen = _chosen(request, offered) if request.method == "GET" else {}
    own = next(iter(request.access.partnerships), None)
    initial = {"partnership": own.pk if own else None, **chosen}
    form = ProposalForm(request.POST or None, pact=request.pact, offered=offered, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            proposal = writing.write(request.pact, by=request.user, **form.values())
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("Voorstel %(code)s is bewaard als concept.") % {"code": proposal.code})
            return redirect("plan:proposal_detail", pact, proposal.number)
    return render(request, "plan/decisions/proposal_form.html", {"form": form})


@requires(Permission.KEEP_DECISIONS)
@require_http_methods(["GET", "POST"])
def edit(request: PactRequest, pact: str, number: int) -> HttpResponse:
    proposal = fetch(request, number)
    if proposal.state not in Proposal.WRITTEN:
        sentence = _("Voorstel %(code)s is %(state)s en kan niet meer worden gewijzigd.")
        messages.info(request, sentence % {"code": proposal.code, "state": proposal.get_state_display()})
        return redirect("plan:proposal_detail", pact, number)
    offered = _offered(request.pact, proposal)
    items = [(item.kind, item.object_id) for item in proposal.items.all()]
    mark = writing.mark_of(proposal)
    form = ProposalForm(
        request.POST or None, pact=request.pact, offered=offered, initial=proposal_initial(proposal, items, mark)
    )
    stands = None
    if request.method == "POST" and form.is_valid():
        try:
            writing.revise(proposal, by=request.user, seen=form.cleaned_data["seen"], **form.values())
        except ValidationError as fault:
            form.take(fault)
            if is_stale(fault):
                # Saving once more is a choice made with both in sight.
                stands = fetch(request, number)
                sent = request.POST.copy()
                sent["seen"] = writing.mark_of(stands)
                form.data = sent
        else:
            messages.success(request, _("Voorstel %(code)s is bewaard.") % {"code": proposal.code})
            return redirect("plan:proposal_detail", pact, number)
    context: dict[str, Any] = {"form": form, "proposal": fetch(request, number), "stands": stands}
    if stands is not None:
        context["stands_rows"] = carried_by(stands)
    return render(request, "plan/decisions/proposal_form.html", context)


Offered = list[tuple[Kind, dict[int, Shown]]]


def _offered(pact: Pact, proposal: Proposal | None = None) -> Offered:
    """Per kind the rows that this proposal can carry."""
    by_kind: dict[str, tuple[Kind, dict[int, Shown]]] = {}
    for offer in writing.offered(pact, proposal=proposal):
        by_kind.setdefault(offer.kind.name, (offer.kind, {}))[1][offer.pk] = offer.shown
    return list(by_kind.values())


def _chosen(request: PactRequest, offered: Offered) -> dict[str, list[str]]:
    """What the address ticks beforehand: ?item=measure-12. What is unknown ticks nothing; what is taken is said."""
    asked_for = request.GET.getlist("item")[: writing.MOST_ITEMS]
    if not asked_for:
        return {}
    known = {kind.name: rows for kind, rows in offered}
    elsewhere = ProposalItem.objects.in_pact(request.pact).filter(is_open=True).select_related("proposal")
    taken = {f"{item.kind}-{item.object_id}": item.proposal for item in elsewhere}
    chosen: dict[str, list[str]] = {}
    for text in asked_for:
        name, _dash, key = text.rpartition("-")
        if text in taken:
            messages.info(request, _("Dit staat al in voorstel %(code)s.") % {"code": taken[text].code})
        elif key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY and int(key) in known.get(name, {}):
            chosen.setdefault(f"rows_{name}", []).append(str(int(key)))
    return chosen


# --- Reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stand:
    """One partner with its position of this round, if it has one, and whether the reader may state it."""

    partnership: Partnership
    position: Position | None
    may_state: bool


@requires(Permission.READ)
@require_GET
def detail(request: PactRequest, pact: str, number: int) -> HttpResponse:
    proposal = fetch(request, number)
    carried = carried_by(proposal)
    course = course_of(proposal)
    stands = _stands(request, proposal)
    upcoming = next((stage for stage in course if stage.status == "next"), None)
    may_keep = request.access.can(Permission.KEEP_DECISIONS)
    superseded = Decision.objects.in_pact(request.pact).filter(proposal=proposal, superseded_by__isnull=False)
    unsaid = [stand for stand in stands if stand.may_state and stand.position is None]
    own = {partnership.pk for partnership in request.access.partnerships}
    context = {
        "proposal": proposal,
        "carried": carried,
        "shows_changes": proposal.state in (*Proposal.UNDER_WAY, State.SENT_BACK),
        "shows_problems": proposal.state not in Proposal.OVER,
        "has_changes": any(one.changes for one in carried),
        "course": course,
        "earlier": earlier_rounds(proposal),
        "upcoming": upcoming,
        "stands": stands,
        "stated": [stand for stand in stands if stand.position],
        "silent": [stand for stand in stands if stand.position is None],
        "stands_open": proposal.state in Proposal.UNDER_WAY,
        "counted": in_words(
            [stand.position.stance for stand in stands if stand.position],
            silent=sum(stand.position is None for stand in stands),
        ),
        "conditions": conditions_of(proposal),
        "superseded": list(superseded.select_related("step__body", "superseded_by").order_by("-number")),
        "chain": chain.of(proposal),
        "blocking": _blocking(request, proposal, carried) if may_keep and proposal.state in Proposal.WRITTEN else [],
        "may_write": may_keep and proposal.state in Proposal.WRITTEN,
        # What is put on the route is what was on the page.
        "mark": writing.mark_of(proposal) if may_keep and proposal.state in Proposal.WRITTEN else "",
        "may_decide": may_keep and upcoming is not None,
        "may_withdraw": may_keep and proposal.state not in Proposal.OVER,
        "may_answer": may_keep,
        "own_turn": next((stand for stand in unsaid if stand.partnership.pk in own), None),
    }
    return render(request, "plan/decisions/proposal.html", context)


def _stands(request: PactRequest, proposal: Proposal) -> list[Stand]:
    """Every partner whose position is asked, and every other that stated one in this round; those by name."""
    if not proposal.round:
        return []
    stated = {position.partnership_id: position for position in positions_of(proposal)}
    partners = {partnership.pk: partnership for partnership in asked(proposal)}
    for key, position in stated.items():
        partners.setdefault(key, position.partnership)
    is_open = proposal.state in Proposal.UNDER_WAY
    return [
        Stand(
            partnership,
            stated.get(partnership.pk),
            is_open and request.access.can(Permission.STATE_POSITION, partnership),
        )
        for partnership in sorted(partners.values(), key=lambda each: str(each).lower())
    ]


@dataclass(frozen=True)
class Blocking:
    """One thing that stands in the way of submitting, and the page where it is mended."""

    sentence: str
    url: str


def _blocking(request: PactRequest, proposal: Proposal, carried: list[Carried]) -> list[Blocking]:
    edit_url = reverse("plan:proposal_edit", args=[request.pact.slug, proposal.number])
    found = [
        Blocking(f"{one.now.name}: {one.now.problem}", one.now.url or edit_url) for one in carried if one.now.problem
    ]
    if not carried:
        found.append(Blocking(_("Kies eerst wat u inbrengt: er staat nog niets in dit voorstel."), edit_url))
    if not steps_of(request.pact):
        route_url = reverse("plan:decision_route_edit", args=[request.pact.slug])
        found.append(Blocking(_("Leg eerst de route vast: langs welke overleggen gaat een voorstel?"), route_url))
    return found


# --- On the route and off it -----------------------------------------------------------------------------------------


@requires(Permission.KEEP_DECISIONS)
@require_POST
def submit(request: PactRequest, pact: str, number: int) -> HttpResponse:
    proposal = fetch(request, number)
    back = reverse("plan:proposal_detail", args=[pact, number])
    steps = steps_of(request.pact)
    if proposal.state in Proposal.WRITTEN and steps:
        sentence = _(
            "Het voorstel gaat naar %(body)s. De partners krijgen een mail met de vraag wat zij ervan vinden. "
            "U kunt de tekst daarna niet meer wijzigen."
        )
        page = confirm.ask(
            request,
            title=_("Voorstel %(code)s inbrengen") % {"code": proposal.code},
            consequence=sentence % {"body": steps[0].body},
            button=_("Inbrengen"),
            back=back,
        )
        if page:
            return page
    try:
        writing.submit(proposal, by=request.user, seen=request.POST.get("seen", "")[:LONGEST_MARK])
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    else:
        messages.success(request, _("Voorstel %(code)s is ingebracht.") % {"code": proposal.code})
    return redirect(back)


@requires(Permission.KEEP_DECISIONS)
@require_http_methods(["GET", "POST"])
def withdraw(request: PactRequest, pact: str, number: int) -> HttpResponse:
    proposal = fetch(request, number)
    if proposal.state in Proposal.OVER:
        sentence = _("Voorstel %(code)s is al %(state)s.")
        messages.info(request, sentence % {"code": proposal.code, "state": proposal.get_state_display()})
        return redirect("plan:proposal_detail", pact, number)
    form = WithdrawForm(request.POST or None, is_draft=proposal.state == State.DRAFT)
    if request.method == "POST" and form.is_valid():
        try:
            writing.withdraw(proposal, reason=form.cleaned_data["reason"], by=request.user)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("Voorstel %(code)s is ingetrokken.") % {"code": proposal.code})
            return redirect("plan:proposal_detail", pact, number)
    return render(request, "plan/decisions/withdraw.html", {"form": form, "proposal": proposal})
