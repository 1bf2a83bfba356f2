"""The pages of one allocation: what it is, what became of it, settling it and moving a part of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pact_portal.foundation.pages import confirm
from pact_portal.foundation.templatetags.portal import euro
from partners.models import Partnership
from partners.permissions import PactRequest, Permission, requires
from plan.chain import chain
from plan.funding import reallocating, settling, spending, twice, workflow
from plan.funding.models import Allocation, Expenditure, Reallocation
from plan.funding.pages import act, allocation_of, page_of
from plan.funding.spending_forms import ReallocationForm

PER_PAGE = 50


@requires(Permission.READ)
@require_GET
def detail(request: PactRequest, pact: str, allocation: int) -> HttpResponse:
    row = allocation_of(request, allocation)
    booked = Expenditure.objects.in_pact(request.pact).filter(allocation=row)
    page = Paginator(
        booked.select_related("partnership__organisation", "booked_by", "cancelled_by").order_by("-spent_on", "-pk"),
        PER_PAGE,
    ).get_page(request.GET.get("page"))
    is_open = row.state == Allocation.State.COMMITTED
    may_keep = request.access.can(Permission.KEEP_FUNDING)
    context = {
        "allocation": row,
        "package": row.package_year.package,
        "page": page,
        "booked": [_booked(request, spent, is_open=is_open) for spent in page.object_list],
        "moved_in": _moves(request).filter(result=row).first(),
        "moved_out": _moves(request).filter(source=row),
        "chain": chain.of(row),
        "may_book": is_open and bool(own_spenders(request, row)),
        "may_move": may_keep and is_open and row.unspent > 0,
        "may_settle": may_keep and is_open,
        "may_withdraw": may_keep and row.state == Allocation.State.PROPOSED,
        "may_keep": may_keep,
        "may_propose": request.access.can(Permission.KEEP_DECISIONS),
    }
    return render(request, "plan/funding/allocation.html", context)


@dataclass(frozen=True)
class Booked:
    """An expenditure as this reader sees it."""

    spent: Expenditure
    may_cancel: bool
    may_attach: bool
    may_open: bool
    """Whether there is a receipt that the reader may open: of what was cancelled only who keeps the money may."""


def _booked(request: PactRequest, spent: Expenditure, *, is_open: bool) -> Booked:
    is_theirs = request.access.can(Permission.BOOK_EXPENDITURE, spent.partnership_id) and spent.cancelled_at is None
    may_open = spent.cancelled_at is None or request.access.can(Permission.KEEP_FUNDING)
    return Booked(
        spent,
        may_cancel=is_open and is_theirs,
        may_attach=is_theirs and not spent.receipt,
        may_open=may_open and bool(spent.receipt),
    )


def own_spenders(request: PactRequest, allocation: Allocation) -> list[Partnership]:
    """The partners that spend of this allocation and for which the reader may book."""
    spenders = spending.spenders_of(allocation)
    return [row for row in spenders if request.access.can(Permission.BOOK_EXPENDITURE, row)]


def _moves(request: PactRequest) -> QuerySet[Reallocation]:
    moves: QuerySet[Reallocation] = Reallocation.objects.in_pact(request.pact).select_related(
        "measure",
        "partnership__organisation",
        "source__package_year",
        "source__measure",
        "source__partnership__organisation",
        "result",
    )
    return moves


@requires(Permission.KEEP_FUNDING)
@require_POST
def reject(request: PactRequest, pact: str, allocation: int) -> HttpResponse:
    """Take the proposal of an allocation back."""
    row = allocation_of(request, allocation)
    words = {"amount": euro(row.amount), "target": row.target}
    return _once(
        request,
        do=lambda: workflow.reject(row, by=request.user),
        title=_("Voorstel intrekken"),
        consequence=_("%(amount)s voor %(target)s komt weer vrij in het steunpakket. Dit kunt u niet terugdraaien.")
        % words,
        done=lambda: _("Het voorstel van %(amount)s voor %(target)s is ingetrokken. Het geld is weer vrij.") % words,
        leads=page_of(row, pact),
    )


@requires(Permission.KEEP_FUNDING)
@require_POST
def settle(request: PactRequest, pact: str, allocation: int) -> HttpResponse:
    """Bring a committed allocation down to what was spent of it."""
    row = allocation_of(request, allocation)
    words = {"amount": euro(row.amount), "spent": euro(row.spent), "left": euro(row.unspent)}

    def done() -> str:
        settled = allocation_of(request, allocation)
        return _("De toewijzing is afgerekend op %(spent)s. Er valt %(released)s vrij in het steunpakket.") % {
            "spent": euro(settled.spent),
            "released": euro(settled.released),
        }

    return _once(
        request,
        do=lambda: settling.settle(row, by=request.user),
        title=_("Toewijzing afrekenen"),
        consequence=_(
            "Van %(amount)s is %(spent)s besteed. %(left)s valt vrij in het steunpakket. Daarna kunt u op deze "
            "toewijzing niets meer boeken. Dit kunt u niet terugdraaien."
        )
        % words,
        done=done,
        leads=page_of(row, pact),
    )


@requires(Permission.KEEP_FUNDING)
@require_POST
def reallocation_reject(request: PactRequest, pact: str, reallocation: int) -> HttpResponse:
    """Take the proposal to move money back."""
    move: Reallocation = get_object_or_404(_moves(request), pk=reallocation)
    words = {"amount": euro(move.amount), "target": move.target}
    return _once(
        request,
        do=lambda: reallocating.reject(move, by=request.user),
        title=_("Herverdeling intrekken"),
        consequence=_("%(amount)s gaat dan niet naar %(target)s. Het geld blijft waar het is.") % words,
        done=lambda: _("Het voorstel om %(amount)s te herverdelen is ingetrokken.") % words,
        leads=page_of(move.source, pact),
    )


def _once(
    request: PactRequest,
    *,
    do: Callable[[], object],
    title: str,
    consequence: str,
    done: Callable[[], str],
    leads: str,
) -> HttpResponse:
    """Ask once, do it, say it; a refusal is said on the page that the reader came from."""
    if page := confirm.ask(request, title=title, consequence=consequence, button=title, back=leads, danger=True):
        return page
    try:
        do()
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    else:
        messages.success(request, done())
    return redirect(leads)


@requires(Permission.KEEP_FUNDING)
@require_http_methods(["GET", "POST"])
def reallocate(request: PactRequest, pact: str, allocation: int) -> HttpResponse:
    """Propose that a part of an allocation serves another target."""
    row = allocation_of(request, allocation)
    leads = page_of(row, pact)
    if request.method == "GET" and row.state != Allocation.State.COMMITTED:
        messages.info(
            request,
            _("Deze toewijzing is %(state)s. Alleen toegezegd geld kan worden herverdeeld.")
            % {"state": row.get_state_display()},
        )
        return redirect(leads)
    form = ReallocationForm(request.POST or None, pact=request.pact)

    def do(values: dict[str, Any]) -> None:
        move, made = twice.reallocate(row, by=request.user, **values)
        words = {"amount": euro(move.amount), "target": move.target}
        if made:
            text = _("Het voorstel voor %(amount)s naar %(target)s is bewaard. Breng het nu in voor een besluit.")
            messages.success(request, text % words)
        else:
            messages.info(request, _("Het voorstel voor %(amount)s naar %(target)s stond er al.") % words)

    return act(
        request,
        form=form,
        do=do,
        title=_("Geld herverdelen"),
        text=_(
            "Van deze toewijzing is nog %(left)s niet besteed. Herverdelen vraagt om een besluit: u maakt hier een "
            "voorstel. Het geld krijgt de nieuwe bestemming pas als dat voorstel is aangenomen."
        )
        % {"left": euro(row.unspent)},
        button=_("Voorstel bewaren"),
        leads=leads,
        allocation=row,
    )
