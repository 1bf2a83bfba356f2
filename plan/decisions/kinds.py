"""What a proposal can carry: slices and floors hand in their rows here, each as a kind.

The route knows nothing of measures or money: it asks a kind to show its rows, and to let the outcome take effect.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import override

from partners.pact.models import Pact

Pair = tuple[str, str]
"""A label and a text."""


@dataclass(frozen=True)
class Shown:
    """A row as a reader sees it. `problem` says why it cannot take effect now, in a sentence; empty when it can.

    `lines` hold what is decided about, without the title and without what the route itself changes (the state). `needs`
    names the rows, by kind and key, that have to be adopted along with this one, each with the problem when they are
    not: a proposal that carries them has no such problem.
    """

    code: str
    title: str
    url: str
    lines: list[Pair]
    problem: str = ""
    needs: Mapping[tuple[str, int], str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Code and title in one line."""
        return f"{self.code} {self.title}".strip()


@dataclass(frozen=True)
class Kind:
    """One kind of row.

    `offered` gives the rows that may be put to the route now. `show` asks a bounded number of queries, whatever the
    number of keys, and leaves out what is not of the pact. `take_effect(pact, pk, *, outcome, decision, by)` is called
    for ADOPTED, REJECTED and DEFERRED and raises ValidationError when it cannot be; a row that is as the outcome wants
    it already is no fault. `undo`, called the same way, takes an adoption back and brings the row where the other
    outcome wants it; None when that cannot be. Outcomes take effect in order of `position`, a rejection and an undoing
    in reverse. `correct(pact, pk, *, former, decision, by)` writes the day, the reason and the code of a decision that
    says the same again over those of the former one; None when the rows keep none of these. `most` is how many rows of
    the kind one proposal carries at most; None for as many as a proposal can have.
    """

    name: str
    label: Any
    position: int
    offered: Callable[[Pact], Sequence[models.Model]]
    show: Callable[[Pact, Collection[int]], dict[int, Shown]]
    take_effect: Callable[..., None]
    undo: Callable[..., None] | None = None
    correct: Callable[..., None] | None = None
    most: int | None = None


_KINDS: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Add kinds; called from AppConfig.ready(). One of the same name takes the place of the former."""
    _KINDS.update({kind.name: kind for kind in kinds})


def kind_of(name: str) -> Kind:
    """The kind of this name. Raises KeyError when there is none."""
    return _KINDS[name]


def is_known(name: str) -> bool:
    return name in _KINDS


def every() -> list[Kind]:
    """All kinds in the order in which an adoption takes effect."""
    return sorted(_KINDS.values(), key=lambda kind: kind.position)


def show(kind: Kind, pact: Pact, keys: Collection[int]) -> dict[int, Shown]:
    """The rows as they are now, in the language of the portal: what is kept and compared is in one language."""
    if not keys:
        return {}
    with override(settings.LANGUAGE_CODE):
        found = kind.show(pact, keys)
        return {
            key: Shown(
                code=str(one.code),
                title=str(one.title),
                url=str(one.url),
                lines=[(str(label), str(text)) for label, text in one.lines],
                problem=str(one.problem),
                needs={row: str(sentence) for row, sentence in one.needs.items()},
            )
            for key, one in found.items()
        }


def pairs_of(shown: Shown) -> list[Pair]:
    """Everything of a row that a decision is about, its title first: what is kept with the proposal, and compared."""
    with override(settings.LANGUAGE_CODE):
        return [(_("Onderwerp"), shown.title), *shown.lines]
