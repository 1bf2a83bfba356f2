"""The own organisation's programmes, and saying that they are still right: by one click, signed in or by mail."""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from partners.permissions import PactRequest, Permission, public, requires
from plan.programmes import checking, workflow
from plan.programmes.models import Programme

PER_PAGE = 50
NUMBER = re.compile("[0-9]{1,9}")


def _own(request: PactRequest) -> Any:
    """The programmes of the organisations that the reader acts for, as far as he keeps those."""
    own = [
        partnership.pk
        for partnership in request.access.partnerships
        if request.access.can(Permission.KEEP_PROGRAMMES, partnership)
    ]
    return Programme.objects.in_pact(request.pact).filter(provider__in=own)


@requires(Permission.KEEP_PROGRAMMES)
@require_GET
def own(request: PactRequest, pact: str) -> HttpResponse:
    today = timezone.localdate()
    programmes: QuerySet = _own(request)
    expired = Count("fits", filter=Q(fits__expires_on__lte=today), distinct=True)
    rows = programmes.annotate(expired_fits=expired).select_related("provider__organisation", "confirmed_by")
    rows = rows.prefetch_related("areas", "municipalities")
    page = Paginator(rows.order_by("provider__organisation__name", "provider_id", "name", "number"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    for programme in page.object_list:
        programme.seen = workflow.mark_of_all([programme])
    due_here = [programme for programme in page.object_list if programme.is_check_due]
    everybody = Programme.objects.in_pact(request.pact).check_due(today)
    context = {
        "page": page,
        "due_here": due_here,
        "seen": workflow.mark_of_all(due_here),
        "due": programmes.check_due(today).count(),  # type: ignore[attr-defined]  # the scoped queryset of programmes
        "others_due": everybody.exclude(pk__in=programmes.values("pk")).count() if _sees_all(request) else 0,
        "partners": len(request.access.partnerships),
    }
    return render(request, "plan/programmes/own.html", context)


def _sees_all(request: PactRequest) -> bool:
    return bool(request.access.can(Permission.CURATE_QUESTIONS))


@requires(Permission.KEEP_PROGRAMMES)
@require_POST
def confirm(request: PactRequest, pact: str, number: int) -> HttpResponse:
    """One click: this programme is still right, as the page showed it."""
    programme = get_object_or_404(Programme.objects.in_pact(request.pact), number=number)
    if not request.access.can(Permission.KEEP_PROGRAMMES, programme.provider_id):
        raise PermissionDenied
    try:
        confirmed = workflow.confirm([programme], by=request.user, seen=_seen(request))
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    else:
        if confirmed:
            sentence = _("Bewaard: %(code)s klopt nog. Over een jaar vragen wij het weer.")
        elif programme.has_ended:
            sentence = _("%(code)s is gestopt en hoeft niet te worden nagekeken. Er is niets veranderd.")
        else:
            sentence = _("%(code)s is vandaag al nagekeken. Er is niets veranderd.")
        messages.success(request, sentence % {"code": programme.code})
    if request.POST.get("next") == "detail":
        return redirect("plan:programme_detail", pact, number)
    return redirect("plan:programme_own", pact)


@requires(Permission.KEEP_PROGRAMMES)
@require_POST
def confirm_all(request: PactRequest, pact: str) -> HttpResponse:
    """One click: all own programmes of which one page asked it are still right, as it showed them."""
    numbers = [int(number) for number in request.POST.getlist("number")[:PER_PAGE] if NUMBER.fullmatch(number)]
    try:
        confirmed = workflow.confirm(_own(request).filter(number__in=numbers), by=request.user, seen=_seen(request))
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
        return redirect("plan:programme_own", pact)
    if confirmed:
        sentence = ngettext(
            "Bewaard: %(count)s keer aanbod klopt nog.", "Bewaard: %(count)s keer aanbod klopt nog.", len(confirmed)
        )
        messages.success(request, sentence % {"count": len(confirmed)})
    else:
        messages.info(request, _("Alles was al nagekeken. Er is niets veranderd."))
    return redirect("plan:programme_own", pact)


def _seen(request: PactRequest) -> str:
    """The mark of what the page showed; a page without one showed nothing."""
    return request.POST.get("seen", "")[:64]


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: PactRequest, pact: str, token: str) -> HttpResponse:
    """The page of the link in the yearly mail. Only POST changes something: programs that scan mail follow links."""
    try:
        asked = checking.read(token, pact=request.pact)
        if request.method == "POST":
            confirmed = workflow.confirm(
                asked.programmes, by=asked.user, way="mail", seen=request.POST.get("seen", "")[:64]
            )
            sentence = _("Dank u wel. Wij hebben bewaard dat het nog klopt.")
            messages.success(
                request, sentence if confirmed else _("Dit was vandaag al bewaard. Er is niets veranderd.")
            )
            return redirect("plan:programme_check", pact, token)
    except checking.Forged as fault:
        request.pact = None
        return render(request, "plan/programmes/check_fault.html", {"sentence": str(fault)}, status=404)
    except checking.NotUsable as fault:
        context = {"sentence": str(fault), "pact": request.pact}
        return render(request, "plan/programmes/check_fault.html", context, status=410)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
        return redirect("plan:programme_check", pact, token)
    due = any(programme.is_check_due for programme in asked.programmes)
    context = {
        "asked": asked,
        "seen": workflow.mark_of_all(asked.programmes),
        "due": due,
        # Who follows the link of somebody else after the answer reads nothing.
        "shown": asked.programmes if due else [],
    }
    return render(request, "plan/programmes/check.html", context)
