"""Proving anew that one is still the person who signed in, before something that cannot be undone.

allauth lets an account without password or second factor through, as it has nothing to ask. Here it is asked for a
fresh code by mail, so that an open browser is never enough to sign or to change how one signs in.
"""

from datetime import timedelta
from time import time
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.core import ratelimit
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

# Typed or shown here, by this person. Single sign-on is not among them: the other side may not have asked anything.
PROOFS = {"password", "code", "mfa"}
WITHIN = timedelta(minutes=5)
TRIES_PER_CODE = 3
SESSION_KEY = "renewal_code"


def proofs(request: HttpRequest) -> list[dict[str, Any]]:
    """What the reader proved in this session, oldest first: dicts with "method" and "at" (seconds since 1970)."""
    user: Any = request.user
    if not user.is_authenticated:
        return []
    return [record for record in get_authentication_records(request, user) if record.get("method") in PROOFS]


def recent(request: HttpRequest, within: timedelta = WITHIN) -> bool:
    """Whether the reader proved who he is, in this session, at most so long ago."""
    return any(0 <= time() - record["at"] < within.total_seconds() for record in proofs(request)[-1:])


def demand(request: HttpRequest) -> HttpResponse | None:
    """None when the proof is recent; else the way to the page that asks for it and then comes back to this address.

    What was posted is not carried out: the reader does it again afterwards. htmx is told to load the page.
    """
    if recent(request):
        return None
    htmx: Any = getattr(request, "htmx", None)
    back = (htmx.current_url_abs_path if htmx else None) or request.get_full_path()
    methods = get_adapter(request).get_reauthentication_methods(request.user)
    there = f"{methods[0]['url']}?{urlencode({'next': back})}"
    return HttpResponseClientRedirect(there) if htmx else HttpResponseRedirect(there)


def send_code(request: HttpRequest) -> None:
    """Mail a code to the reader's own address; one sent before no longer works.

    Raises ValidationError when too many were asked for.
    """
    user: Any = request.user
    adapter = get_adapter(request)
    if not ratelimit.consume(request, action="request_login_code", key=user.email.lower()):
        raise adapter.validation_error("rate_limited")
    code = adapter.generate_login_code()
    request.session[SESSION_KEY] = {"digest": _digest(code), "at": time(), "tries": 0, "user": user.pk}
    adapter.send_mail("account/email/renewal_code", user.email, {"code": code})


def code_is_out(request: HttpRequest) -> bool:
    """Whether a code that still works was mailed from this session."""
    waiting = request.session.get(SESSION_KEY)
    return (
        waiting is not None
        and waiting["user"] == request.user.pk
        and waiting["tries"] < TRIES_PER_CODE
        and 0 <= time() - waiting["at"] < WITHIN.total_seconds()
    )


def accept_code(request: HttpRequest, code: str) -> None:
    """Take the mailed code as proof. It stays the same account and the same session.

    Raises ValidationError when no code is out, when it is wrong, and when there were too many tries.
    """
    adapter = get_adapter(request)
    if not code_is_out(request):
        request.session.pop(SESSION_KEY, None)
        raise ValidationError(_("Deze code werkt niet meer. Vraag een nieuwe code aan."))
    user: Any = request.user
    key = f"renewal-{user.pk}"
    if not ratelimit.consume(request, action="login_failed", key=key):
        raise adapter.validation_error("too_many_login_attempts")
    waiting = request.session[SESSION_KEY]
    if not constant_time_compare(waiting["digest"], _digest(code)):
        request.session[SESSION_KEY] = {**waiting, "tries": waiting["tries"] + 1}
        raise adapter.validation_error("incorrect_code")
    ratelimit.clear(request, action="login_failed", key=key)
    del request.session[SESSION_KEY]
    record_authentication(request, user, method="code", email=user.email, reauthenticated=True)


def _digest(code: str) -> str:
    plain = "".join(sign for sign in code if sign.isalnum()).upper()
    return salted_hmac(SESSION_KEY, plain, algorithm="sha256").hexdigest()
