"""One thing that waits for a reader."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Task:
    """One thing to do: where, why, and by when when there is a day."""

    title: str
    url: str
    meta: str
    state: str
    label: str
    due_on: date | None = None
