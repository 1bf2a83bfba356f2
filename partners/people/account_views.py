"""Pages of one's own account that allauth does not have."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from partners.people import renewal, sessions
from partners.people.account_forms import RenewalForm
from partners.permissions import signed_in


@signed_in
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def renew(request: HttpRequest) -> HttpResponse:
    """Prove oneself by a fresh code in the mail, and go back to where it was asked for."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    if not get_adapter(request).is_safe_url(back):
        back = ""
    ways = [method["url"] for method in get_adapter(request).get_reauthentication_methods(request.user)]
    if request.path not in ways:  # a second factor is there: a mail is not enough
        return redirect(f"{ways[0]}?{urlencode({'next': back})}" if back else ways[0])
    form: Any = RenewalForm()
    if request.method == "POST" and request.POST.get("action") == "send":
        try:
            renewal.send_code(request)
        except ValidationError as fault:
            messages.error(request, " ".join(fault.messages))
        else:
            messages.info(request, _("De code is onderweg naar %(email)s.") % {"email": request.user.email})  # type: ignore[union-attr]
    elif request.method == "POST":
        form = RenewalForm(request.POST)
        if form.is_valid():
            try:
                renewal.accept_code(request, form.cleaned_data["code"])
            except ValidationError as fault:
                form.add_error("code", fault)
            else:
                return redirect(back or settings.LOGIN_REDIRECT_URL)
    context = {"form": form, "is_sent": renewal.code_is_out(request), "next": back}
    return render(request, "account/renew.html", context)


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def session_list(request: HttpRequest) -> HttpResponse:
    """Where one is signed in; a POST ends the other sessions, or the one of `session`."""
    if request.method == "POST":
        number = sessions.end_others(request, key=request.POST.get("session", ""))
        text = ngettext("%(number)s sessie is beëindigd.", "%(number)s sessies zijn beëindigd.", number)
        messages.success(request, text % {"number": number})
        return redirect("accounts:sessions")
    return render(request, "account/sessions.html", {"sessions": sessions.of_user(request)})
