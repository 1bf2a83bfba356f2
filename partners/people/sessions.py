"""Where somebody is signed in: the browsers, when they were last seen, and ending them."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

# Written down once in so many seconds, as every page would cost a write.
SEEN_EVERY = 300

# In this order: what comes later says of itself that it is what comes earlier.
BROWSERS = [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]
SYSTEMS = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
]


def browser_of(user_agent: str) -> str:
    """What a browser says it is, in words such as "Firefox op Windows"."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    if browser and system:
        return _("%(browser)s op %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Onbekende browser")


def of_user(request: HttpRequest) -> list[Any]:
    """The reader's own sessions, last seen first, each with `browser` and `is_own`; ended ones left out."""
    found: list[Any] = UserSession.objects.purge_and_list(request.user)
    for session in found:
        session.browser = browser_of(session.user_agent)
        session.is_own = session.session_key == request.session.session_key
    return sorted(found, key=lambda session: (not session.is_own, -session.last_seen_at.timestamp()))


def end_others(request: HttpRequest, key: str = "") -> int:
    """End the reader's other sessions, or only the one with this primary key; how many ended."""
    chosen = [session for session in of_user(request) if not session.is_own and (not key or str(session.pk) == key)]
    for session in chosen:
        session.end()
    return len(chosen)


def end_all(user: Any) -> int:
    """End all sessions of the user that the portal knows; how many ended."""
    found = list(UserSession.objects.filter(user=user))
    for session in found:
        session.end()
    return len(found)


class LastSeenMiddleware:
    """Writes down now and then when, from where and with which browser a session is used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = request.session.session_key
        if key and request.user.is_authenticated and cache.add(f"seen-{key}", True, timeout=SEEN_EVERY):
            longest: Any = UserSession._meta.get_field("user_agent").max_length
            seen = UserSession.objects.filter(session_key=key, user=request.user).update(
                last_seen_at=timezone.now(),
                ip=get_adapter(request).get_client_ip(request),
                user_agent=request.headers.get("User-Agent", "")[:longest],
            )
            if not seen:
                UserSession.objects.create_from_request(request)
        return self.get_response(request)
