"""Which question stands in which: the arithmetic of merging. Pure: keys in, keys out, asks the database nothing.

A merge puts one question into another and leaves a step behind, so that it can be undone. The steps make a forest: each
question has at most one step away from it, and where the steps end stands the root, which speaks for all below it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


class NoSuchMerge(ValueError):
    """A merge that cannot be: into itself, in a circle, of or into what was merged, or undone where none stands."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Questions by the steps of their merges that stand: {key of the source: key of the target}."""

    steps: Mapping[int, int] = field(default_factory=dict)

    def root_of(self, key: int) -> int:
        """The question that speaks for this one; itself when it was merged into none."""
        while key in self.steps:
            key = self.steps[key]
        return key

    def below(self, key: int) -> frozenset[int]:
        """All that was merged into this one, at whatever distance; itself not among them."""
        found: set[int] = set()
        border = {key}
        while border:
            border = {source for source, target in self.steps.items() if target in border}
            found |= border
        return frozenset(found)

    def links(self) -> dict[int, int]:
        """Per merged question its root: what `merged_into` must say."""
        return {key: self.root_of(key) for key in self.steps}

    def merged(self, source: int, target: int) -> "Groups":
        """The groups after `source` was put into `target`. Raises NoSuchMerge."""
        if source == target:
            raise NoSuchMerge("a question is not merged into itself")
        if self.root_of(target) == source:
            raise NoSuchMerge("the target was merged into the source")
        if source in self.steps or target in self.steps:
            raise NoSuchMerge("only questions that stand for themselves are merged")
        return Groups({**self.steps, source: target})

    def parted(self, source: int) -> "Groups":
        """The groups after the merge of `source` was undone: it takes along what was merged into it before.

        Raises NoSuchMerge.
        """
        if source not in self.steps:
            raise NoSuchMerge("there is no merge to undo")
        return Groups({key: target for key, target in self.steps.items() if key != source})

    def changes_to(self, after: "Groups") -> Iterator[tuple[int, int | None]]:
        """Per question whose link differs: its key, and the new root, None when it stands for itself.

        In an order in which every link is one step long all the way: what stands for itself again comes first, then
        what moves along, and last what was merged.
        """
        was, becomes = self.links(), after.links()
        changed = {key: becomes.get(key) for key in {*was, *becomes} if was.get(key) != becomes.get(key)}
        yield from sorted(changed.items(), key=lambda change: (change[1] is not None, change[0] not in was, change[0]))
