"""Nobody works in a pact with a password or a mailed code alone: the second factor is asked for on the way in."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from partners.access import Access
from partners.people import renewal, second_factor

BACK = "second_factor_back"

# Pages of allauth on which one changes how one signs in, or reads what opens the account: who left his browser open
# must not lose his account to who sits down at it.
SENSITIVE = {
    "account_email",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_edit_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
}


class SecondFactorMiddleware:
    """Sends members with a writing role, and administrators, to the page where the second factor is set up or shown.

    Stands after PactAccessMiddleware. Pages that are public stay open; who has not shown the second factor sees them
    as a visitor does. What was posted is not carried out. Afterwards one comes back to the page that was asked for.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if answer.status_code == 404 and getattr(request, "is_seen_as_visitor", False):
            return ask(request)  # not public, and he may well be allowed to see it
        return answer

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        user: Any = request.user
        if not user.is_authenticated or request.resolver_match is None:
            return None
        name = request.resolver_match.view_name
        if name in SENSITIVE and (answer := renewal.demand(request)):
            return answer
        if not settings.SECOND_FACTOR:
            return None
        if name == "mfa_remove_webauthn" and second_factor.is_last_needed(user, kwargs["pk"]):
            messages.error(request, get_adapter().error_messages["cannot_delete_authenticator"])
            return HttpResponseRedirect(reverse("mfa_list_webauthn"))
        rule = getattr(view, "rule", None)
        access: Access | None = getattr(request, "access", None)
        writes = access is not None and bool(access.roles & second_factor.WRITING_ROLES)
        administers = user.is_site_administrator and rule is not None and not name.startswith("accounts:")
        if not writes and not (administers and rule != "public"):
            return None
        if second_factor.is_shown(request):
            request.session.pop(BACK, None) if BACK in request.session else None
            return None
        if rule == "public" and access is not None and request.path != access.pact.get_absolute_url():
            request.access = Access(access.pact)  # type: ignore[attr-defined]
            request.is_seen_as_visitor = True  # type: ignore[attr-defined]
            return None
        return ask(request)


def ask(request: HttpRequest) -> HttpResponseBase:
    """The way to the page where the second factor is shown; or set up, when there is none yet."""
    htmx: Any = getattr(request, "htmx", None)
    access: Any = getattr(request, "access", None)
    back = request.get_full_path()
    if htmx:
        back = htmx.current_url_abs_path or back
    elif request.method != "GET":
        back = access.pact.get_absolute_url() if access else "/"
        messages.warning(request, _("Wat u verstuurde, is nog niet opgeslagen. Doe dat straks opnieuw."))
    kinds = second_factor.kinds(request.user)
    if not kinds:
        request.session[BACK] = back
        there = reverse("mfa_index")
    else:
        page = "mfa_reauthenticate" if "totp" in kinds else "mfa_reauthenticate_webauthn"
        there = f"{reverse(page)}?{urlencode({'next': back})}"
    return HttpResponseClientRedirect(there) if htmx else HttpResponseRedirect(there)
