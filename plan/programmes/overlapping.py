"""What overlaps in one pact: reads what the slices hand in, with the marks of the coordinator."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.utils import timezone

from partners.organisations.models import Partnership
from partners.pact.models import CollaborationArea, Pact
from plan.programmes import overlap
from plan.programmes.models import Layer, OverlapMark, Programme
from plan.programmes.overlap import Item, Pair
from plan.questions.phases import Ages

Source = Callable[[Pact], list[Item]]
"""Gives what may overlap in a pact, as it stands today; with a bounded number of queries, whatever the rows."""


@dataclass(frozen=True, slots=True)
class _Kind:
    source: Source
    anchor: str


_kinds: dict[str, _Kind] = {}


def register(letter: str, source: Source, *, anchor: str) -> None:
    """Hand in a kind of row by the letter of its codes; handing it in again replaces it.

    `anchor` is the word before the number of a row in documents. `plan.chain.codes` knows its page.
    """
    _kinds[letter] = _Kind(source, anchor)


def anchor_of(item: Item) -> str:
    """The name under which links inside a document find the item."""
    return f"{_kinds[item.letter].anchor}-{item.number}"


def items_of(pact: Pact) -> list[Item]:
    """All that may overlap: the programmes, and what the slices above handed in."""
    return [item for letter in sorted(_kinds) for item in _kinds[letter].source(pact)]


@dataclass
class Found:
    """The pairs that overlap, with the marks by their codes and the names of the providers."""

    pairs: list[Pair]
    marks: dict[tuple[str, str], OverlapMark]
    providers: dict[int, str] = field(default_factory=dict)

    def provider(self, item: Item) -> str:
        return self.providers[item.provider]


def read(pact: Pact) -> Found:
    """All pairs of the pact; the number of queries does not grow with the rows."""
    return Found(overlap.pairs(items_of(pact)), marks_of(pact), names_of_partners(pact))


def read_for(pact: Pact, code: str) -> Found:
    """The pairs in which one row stands, such as A3."""
    items = items_of(pact)
    own = next((item for item in items if item.code == code), None)
    return Found(overlap.overlaps_of(own, items) if own else [], marks_of(pact), names_of_partners(pact))


def marks_of(pact: Pact) -> dict[tuple[str, str], OverlapMark]:
    rows = OverlapMark.objects.in_pact(pact).select_related("marked_by")
    return {(mark.first, mark.second): mark for mark in rows}


def names_of_partners(pact: Pact) -> dict[int, str]:
    return dict(Partnership.objects.in_pact(pact).order_by("pk").values_list("pk", "organisation__name"))


def names_of_areas(pact: Pact) -> dict[int, str]:
    return dict(CollaborationArea.objects.in_pact(pact).values_list("pk", "name"))


def programmes_of(pact: Pact) -> list[Item]:
    """The programmes that have not ended, in three queries."""
    layers = [layer.value for layer in Layer]
    today = timezone.localdate()
    rows = (
        Programme.objects.in_pact(pact)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today))
        .order_by("number")
        .values_list("pk", "number", "name", "provider_id", "age_from", "age_to", *layers)
    )
    areas = grouped(
        Programme.areas.through.objects.filter(programme__pact=pact), "programme_id", "collaborationarea_id"
    )
    places = grouped(
        Programme.municipalities.through.objects.filter(programme__pact=pact), "programme_id", "partnership_id"
    )
    return [
        Item(
            letter=Programme.CODE,
            number=number,
            title=name,
            provider=provider,
            areas=areas.get(key, frozenset()),
            layers=frozenset(layer for layer, aims in zip(layers, aimed, strict=True) if aims),
            ages=Ages(first, last),
            municipalities=places.get(key, frozenset()),
        )
        for key, number, name, provider, first, last, *aimed in rows
    ]


def grouped(rows: QuerySet, by: str, value: str) -> dict[int, frozenset[int]]:
    """The values of one column of a table that links two, by the other column; one query."""
    found: dict[int, set[int]] = defaultdict(set)
    for key, member in rows.values_list(by, value):
        found[key].add(member)
    return {key: frozenset(members) for key, members in found.items()}
