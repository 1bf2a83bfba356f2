"""What overlaps: programmes or measures of different providers, for the same young people. Pure: plain values.

Source of the rule: domain.md, "Programmes and fit". Two overlap when they have different providers and share an area,
a layer, at least one age, and a municipality; naming no municipality is being there in all of them. A measure does not
overlap with the programmes that it builds on: there the two are meant to go together.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from plan.questions.phases import Ages


@dataclass(frozen=True, slots=True)
class Item:
    """A programme or measure: its letter and number (A, 3), who provides it, and what and whom it is for.

    `areas`, `layers`, `provider` and `municipalities` are keys; no municipality is the whole region. `builds_on` holds
    the codes of the programmes that it continues or broadens.
    """

    letter: str
    number: int
    title: str
    provider: int
    areas: frozenset[int]
    layers: frozenset[str]
    ages: Ages
    municipalities: frozenset[int] = frozenset()
    builds_on: frozenset[str] = frozenset()

    @property
    def code(self) -> str:
        return f"{self.letter}{self.number}"

    @property
    def order(self) -> tuple[str, int]:
        """Programmes (A) before measures (M), each by number: A3 before A10 before M2."""
        return self.letter, self.number

    def is_in(self, municipality: int) -> bool:
        return not self.municipalities or municipality in self.municipalities


@dataclass(frozen=True, slots=True)
class Pair:
    """Two that overlap, the lower code first."""

    first: Item
    second: Item

    @property
    def key(self) -> tuple[str, str]:
        return self.first.code, self.second.code

    @property
    def areas(self) -> frozenset[int]:
        return self.first.areas & self.second.areas

    @property
    def layers(self) -> frozenset[str]:
        return self.first.layers & self.second.layers

    @property
    def ages(self) -> Ages:
        """The ages that both are for."""
        first, second = self.first.ages, self.second.ages
        return Ages(max(first.first, second.first), min(first.last, second.last))

    @property
    def municipalities(self) -> frozenset[int]:
        """Where both are; empty when that is the whole region."""
        first, second = self.first.municipalities, self.second.municipalities
        return first & second if first and second else first | second


def overlaps(one: Item, other: Item) -> bool:
    """Whether two overlap; the order makes no difference."""
    return (
        one.provider != other.provider
        and not one.areas.isdisjoint(other.areas)
        and not one.layers.isdisjoint(other.layers)
        and _meet(one, other)
    )


def pairs(items: Iterable[Item]) -> list[Pair]:
    """All that overlap, each pair once, in the order of their codes, whatever the order of the items.

    Items of the same areas and layers stand in one bucket, and buckets that share no area or no layer are never
    compared: five hundred programmes and four hundred measures take a fraction of a second.
    """
    ranked = sorted(items, key=lambda item: item.order)
    buckets: dict[tuple[frozenset[int], frozenset[str]], list[int]] = defaultdict(list)
    for rank, item in enumerate(ranked):
        buckets[item.areas, item.layers].append(rank)
    found = [
        (one, other) if one < other else (other, one)
        for many, others in _facing(list(buckets.items()))
        for one, other in _every(many, others)
        if ranked[one].provider != ranked[other].provider and _meet(ranked[one], ranked[other])
    ]
    found.sort()
    return [Pair(ranked[one], ranked[other]) for one, other in found]


def overlaps_of(item: Item, items: Iterable[Item]) -> list[Pair]:
    """What one item overlaps with, in the order of the codes."""
    found = [
        Pair(item, other) if item.order < other.order else Pair(other, item)
        for other in items
        if other.order != item.order and overlaps(item, other)
    ]
    return sorted(found, key=lambda pair: (pair.first.order, pair.second.order))


def _meet(one: Item, other: Item) -> bool:
    """Whether there is an age and a municipality in which they meet, and neither builds on the other."""
    if one.ages.first > other.ages.last or other.ages.first > one.ages.last:
        return False
    if one.municipalities and other.municipalities and one.municipalities.isdisjoint(other.municipalities):
        return False
    if one.builds_on or other.builds_on:
        return one.code not in other.builds_on and other.code not in one.builds_on
    return True


_Bucket = tuple[tuple[frozenset[int], frozenset[str]], list[int]]


def _facing(buckets: Sequence[_Bucket]) -> Iterator[tuple[list[int], list[int]]]:
    """The buckets that share an area and a layer; a bucket faces itself too, as one and the same list."""
    for place, ((areas, layers), many) in enumerate(buckets):
        for (other_areas, other_layers), others in buckets[place:]:
            if not areas.isdisjoint(other_areas) and not layers.isdisjoint(other_layers):
                yield many, others


def _every(many: list[int], others: list[int]) -> Iterator[tuple[int, int]]:
    """Each two of them once."""
    return combinations(many, 2) if many is others else product(many, others)
