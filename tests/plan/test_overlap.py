"""The laws of overlap: no database, any programmes and measures."""

import time
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.programmes.overlap import Item, Pair, overlaps, overlaps_of, pairs
from plan.questions.phases import Ages

LAYERS = ["amplitie", "preventie", "curatie"]

ages = st.tuples(st.integers(0, 23), st.integers(0, 23)).map(lambda pair: Ages(min(pair), max(pair)))
some = st.frozensets(st.integers(1, 3), min_size=1)
places = st.frozensets(st.integers(1, 3))
programmes = st.builds(
    Item,
    st.just("A"),
    st.integers(1, 12),
    st.just("Aanbod"),
    st.integers(1, 3),
    some,
    st.frozensets(st.sampled_from(LAYERS), min_size=1),
    ages,
    places,
)
measures = st.builds(
    Item,
    st.just("M"),
    st.integers(1, 12),
    st.just("Maatregel"),
    st.integers(1, 3),
    some,
    st.frozensets(st.sampled_from(LAYERS)),
    ages,
    places,
    st.frozensets(st.integers(1, 12).map("A{}".format), max_size=3),
)
items = st.lists(programmes | measures, unique_by=lambda item: item.order, max_size=14)


def item(letter="A", number=1, *, provider=1, areas=(1,), layers=("preventie",), first=4, last=12, at=(), on=()):
    """A programme of provider 1 for ages 4 to 12 in the whole region."""
    return Item(
        letter,
        number,
        "Iets",
        provider,
        frozenset(areas),
        frozenset(layers),
        Ages(first, last),
        frozenset(at),
        frozenset(on),
    )


def by_the_rule(one, other):
    """The sentence of the domain, word for word, and as slow as it is plain."""
    return (
        one.provider != other.provider
        and any(area in other.areas for area in one.areas)
        and any(layer in other.layers for layer in one.layers)
        and any(age in range(other.ages.first, other.ages.last + 1) for age in range(one.ages.first, one.ages.last + 1))
        and any(one.is_in(place) and other.is_in(place) for place in (1, 2, 3))
        and one.code not in other.builds_on
        and other.code not in one.builds_on
    )


@given(items)
def test_it_finds_exactly_what_the_rule_says_each_pair_once(many):
    found = [pair.key for pair in pairs(many)]
    expected = {
        (one.code, other.code) for one in many for other in many if one.order < other.order and by_the_rule(one, other)
    }
    assert len(found) == len(set(found))
    assert set(found) == expected


@given(items, st.randoms(use_true_random=False))
def test_it_gives_the_same_order_whatever_the_order_of_the_rows(many, chance):
    shuffled = list(many)
    chance.shuffle(shuffled)
    found = pairs(shuffled)
    assert found == pairs(many)
    assert [(pair.first.order, pair.second.order) for pair in found] == sorted(
        (pair.first.order, pair.second.order) for pair in found
    )


@given(items)
def test_it_says_of_one_row_what_it_says_of_all(many):
    every = pairs(many)
    for one in many:
        assert overlaps_of(one, many) == [pair for pair in every if one in (pair.first, pair.second)]


@given(programmes | measures, programmes | measures)
def test_it_makes_no_difference_which_comes_first(one, other):
    assert overlaps(one, other) == overlaps(other, one)


@given(items)
def test_it_names_what_both_share(many):
    for pair in pairs(many):
        assert pair.areas
        assert pair.layers
        assert pair.ages.first <= pair.ages.last
        for place in (1, 2, 3):
            both = pair.first.is_in(place) and pair.second.is_in(place)
            assert both is (not pair.municipalities or place in pair.municipalities)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (item(number=2, provider=2), True),
        (item(number=2, provider=1), False),
        (item(number=2, provider=2, areas=[2]), False),
        (item(number=2, provider=2, layers=["curatie"]), False),
        (item(number=2, provider=2, first=12, last=18), True),
        (item(number=2, provider=2, first=13, last=18), False),
        (item(number=2, provider=2, at=[3]), True),
        (item("M", provider=2, on=["A1"]), False),
        (item("M", provider=2, on=["A10"]), True),
        (item("M", provider=2, layers=[]), False),
    ],
)
def test_it_asks_for_another_provider_and_the_same_young_people(other, expected):
    assert overlaps(item(), other) is expected


def test_it_keeps_two_municipalities_apart():
    assert not overlaps(item(at=[1, 2]), item(number=2, provider=2, at=[3]))
    assert overlaps(item(at=[1, 2]), item(number=2, provider=2, at=[2, 3]))


def test_it_sorts_codes_as_people_count():
    many = [item("M", 2, provider=3), item("A", 10, provider=2), item("A", 3)]
    assert [pair.key for pair in pairs(many)] == [("A3", "A10"), ("A3", "M2"), ("A10", "M2")]


@pytest.mark.benchmark
def test_it_compares_nine_hundred_rows_in_less_time_than_all_with_all():
    many = [
        item("AM"[number % 9 > 4], number, provider=number % 40, areas=[number % 5], layers=[LAYERS[number % 3]])
        for number in range(1, 901)
    ]

    def fastest(work):
        times = []
        for _ in range(3):
            begun = time.perf_counter()
            work()
            times.append(time.perf_counter() - begun)
        return min(times)

    def every_with_every():
        in_order = sorted(many, key=lambda each: each.order)
        return [Pair(*two) for two in combinations(in_order, 2) if overlaps(*two)]

    assert every_with_every() == pairs(many)
    assert fastest(lambda: pairs(many)) < fastest(every_with_every)
