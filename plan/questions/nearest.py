"""Which other question looks most like each of these. Pure, and quick enough for a list in a pact of thousands.

Comparing every title with every other by similarity.py would take seconds. So each title is first put beside those with
which it shares most pieces of words, and only these are compared with care.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from plan.questions.similarity import Match, rank, words_of

PIECE = 4
"""Signs of a piece of a word: what two words that resemble each other have in common."""

SHORTLIST = 40
"""How many titles are compared with care."""


def nearest(
    asked: Iterable[int], titles: Mapping[int, str], *, candidates: Iterable[int] | None = None
) -> dict[int, Match]:
    """Per question of `asked` the one that looks most like it, where one does; itself never.

    `titles` has the title of every question by key; only `candidates` (all of them when None) are offered.
    """
    with_piece: dict[str, list[int]] = defaultdict(list)
    for key in titles if candidates is None else candidates:
        for piece in _pieces(titles[key]):
            with_piece[piece].append(key)
    found = {}
    for key in asked:
        shared = Counter(other for piece in sorted(_pieces(titles[key])) for other in with_piece[piece])
        del shared[key]
        shortlist = sorted(shared, key=lambda other: (-shared[other], other))[:SHORTLIST]
        for match in rank(titles[key], [(other, titles[other]) for other in shortlist], most=1):
            found[key] = match
    return found


def _pieces(title: str) -> frozenset[str]:
    return frozenset(
        word[start : start + PIECE] for word in words_of(title) for start in range(max(1, len(word) - PIECE + 1))
    )
