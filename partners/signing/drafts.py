"""What a signatory typed, kept in the session while he shows again who he is."""

from django.http import HttpRequest

KEY = "signing_draft"


def keep(request: HttpRequest, place: int, typed: dict[str, str]) -> None:
    """Keep what was typed for a place, for this person only."""
    request.session[KEY] = {"user": str(request.user.pk), "place": place, "typed": typed}


def kept(request: HttpRequest, place: int) -> dict[str, str]:
    """What this person typed for this place before confirming who he is; empty when there is nothing."""
    draft = request.session.get(KEY) or {}
    if (draft.get("user"), draft.get("place")) != (str(request.user.pk), place):
        return {}
    typed: dict[str, str] = draft["typed"]
    return typed


def forget(request: HttpRequest) -> None:
    """Throw away what was kept."""
    request.session.pop(KEY, None)
