"""The own organisation's programmes, and saying that they are still right: by one click, signed in or by mail."""

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
    everybody = Programme.objects.in_pact(request.pact).check_due(today)
    context = {
        "page": Paginator(
            rows.order_by("provider__organisation__name", "provider_id", "name", "number"), PER_PAGE
        ).get_page(request.GET.get("page")),
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
    """One click: this programme is still right."""
    programme = get_object_or_404(Programme.objects.in_pact(request.pact), number=number)
    if not request.access.can(Permission.KEEP_PROGRAMMES, programme.provider_id):
        raise PermissionDenied
    confirmed = workflow.confirm([programme], by=request.user)
    sentence = (
        _("Bewaard: %(code)s klopt nog. Over een jaar vragen wij het weer.")
        if confirmed
        else _("%(code)s is vandaag al nagekeken. Er is niets veranderd.")
    )
    messages.success(request, sentence % {"code": programme.code})
    if request.POST.get("next") == "detail":
        return redirect("plan:programme_detail", pact, number)
    return redirect("plan:programme_own", pact)


@requires(Permission.KEEP_PROGRAMMES)
@require_POST
def confirm_all(request: PactRequest, pact: str) -> HttpResponse:
    """One click: all own programmes of which it is asked are still right."""
    confirmed = workflow.confirm(_own(request).check_due(timezone.localdate()), by=request.user)
    if confirmed:
        sentence = ngettext(
            "Bewaard: %(count)s keer aanbod klopt nog.", "Bewaard: %(count)s keer aanbod klopt nog.", len(confirmed)
        )
        messages.success(request, sentence % {"count": len(confirmed)})
    else:
        messages.info(request, _("Alles was al nagekeken. Er is niets veranderd."))
    return redirect("plan:programme_own", pact)


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
    context = {
        "asked": asked,
        "seen": workflow.mark_of_all(asked.programmes),
        "due": [programme for programme in asked.programmes if programme.is_check_due],
    }
    return render(request, "plan/programmes/check.html", context)
