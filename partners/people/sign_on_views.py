"""To the provider of one's organisation, and back. What it answers was written elsewhere: a fault is a sentence."""

import logging

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from requests import RequestException

from partners.people import sign_on
from partners.permissions import public

logger = logging.getLogger(__name__)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Leads to the provider of a mail domain; by GET it asks first, so that no foreign page starts it."""
    provider = sign_on.provider_of(provider_id)
    if provider is None:
        raise Http404
    if request.method == "POST":
        return sign_on.lead_to(request, provider, request.POST.get("next") or request.GET.get("next"))
    return render(request, "socialaccount/login.html", {"provider": provider})


@public
@never_cache
@require_safe
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Where the provider sends people back to, with a code or a refusal."""
    if sign_on.provider_of(provider_id) is None:
        raise Http404
    try:
        answer: HttpResponse = openid_connect.callback(request, provider_id)
    except (RequestException, OAuth2Error, KeyError, ValueError, TypeError, AttributeError) as fault:
        # Without trace: it may hold what somebody else's server said.
        logger.warning("the answer of the provider of %s cannot be read: %s", provider_id, type(fault).__name__)
        return render(request, "socialaccount/authentication_error.html", status=401)
    return answer
