"""What every page knows about its surroundings: pact, reader, menu, languages. Adds no queries of its own."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, get_language_info

from pact_portal.foundation.pages import navigation
from pact_portal.foundation.pages.theme import DEFAULT_HUE


def portal(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `portal` with pact, access, hue, languages and navigation (worked out when first used)."""
    pact = getattr(request, "pact", None)
    access = getattr(request, "access", None)

    def menu() -> list[navigation.NavigationLink]:
        return navigation.links(pact.slug, access, request.path) if pact and access else []

    return {
        "portal": {
            "pact": pact,
            "access": access,
            "hue": getattr(pact, "hue", DEFAULT_HUE),
            "language": get_language() or settings.LANGUAGE_CODE,
            "languages": [get_language_info(code) for code, _ in settings.LANGUAGES],
            "navigation": SimpleLazyObject(menu),
            # Where the language switch returns to; after a POST the page may not exist as a GET.
            "here": request.get_full_path() if request.method == "GET" else "/",
        }
    }
