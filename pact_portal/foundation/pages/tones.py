"""Which colour a state has. Five tones only, fixed for every region; apps add their own states in `ready()`."""

from enum import Enum


class Tone(Enum):
    """The feeling of a state: grey, blue, green, orange, red."""

    NEUTRAL = "neutral"
    INFO = "info"
    POSITIVE = "positive"
    WARNING = "warning"
    NEGATIVE = "negative"


_tones: dict[str, Tone] = {}


def register(tone: Tone, *states: str) -> None:
    """Give these states a tone; the last one registered holds."""
    _tones.update(dict.fromkeys(states, tone))


def tone_of(state: str) -> Tone:
    """The tone of a state; a state that nobody registered is neutral."""
    return _tones.get(state, Tone.NEUTRAL)


# Words that mean the same in every app.
register(Tone.INFO, "submitted", "open", "active", "in_review", "proposed", "running", "in_progress")
register(
    Tone.POSITIVE,
    *("accepted", "adopted", "answered", "approved", "completed", "done", "frozen", "matched", "published", "ready"),
    *("reported", "sent", "signed"),
)
register(Tone.WARNING, "returned", "waiting", "due", "partly", "reserved", "working", "invited")
register(Tone.NEGATIVE, "failed", "overdue", "refused", "rejected", "withdrawn", "over_budget", "uncovered")
