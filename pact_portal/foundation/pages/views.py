"""Addresses that every page leans on: the colours of a region, and the switch of language."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET
from django.views.i18n import set_language

from pact_portal.foundation.pages.theme import stylesheet


@login_not_required
@require_GET
@cache_control(public=True, max_age=60 * 60 * 24)
def theme(request: HttpRequest, hue: int) -> HttpResponse:
    """The style sheet with the colours of a region; the same for everybody, so it may be cached anywhere."""
    if hue >= 360:
        raise Http404
    return HttpResponse(stylesheet(hue), content_type="text/css; charset=utf-8")


# Changes a cookie of the visitor only, so that a visitor without an account may use it as well.
language = login_not_required(set_language)
