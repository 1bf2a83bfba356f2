"""Two public addresses for machines: is the process alive, and is it ready for visitors."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pact_portal.foundation.health import probes


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; touches nothing else, so that a slow database gets no web server killed."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, broker and storage answer, 503 when one does not; says which, and nothing more."""
    found = probes.look()
    words = {name: "ok" if answers else "unreachable" for name, answers in found.items()}
    return JsonResponse(words, status=200 if all(found.values()) else 503)
