"""What is suggested beside a question or a programme: the pure ranking, and its laws."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.programmes.suggestions import MOST_WORDS, STOP_WORDS, Subject, Vocabulary, rank, words_of

WORDS = ("faalangst", "faalangsttraining", "verzuim", "thuiszitters", "mentoren", "mentor", "sport", "taal", "angst")


def subject(key=0, *, areas=(), ages=(0, 23), places=(), words=()):
    return Subject(key, frozenset(areas), *ages, frozenset(places), tuple(words))


@st.composite
def subjects(draw, key=0):
    ages = sorted((draw(st.integers(0, 23)), draw(st.integers(0, 23))))
    return Subject(
        key,
        draw(st.frozensets(st.integers(1, 5), max_size=3)),
        *ages,
        draw(st.frozensets(st.integers(1, 4), max_size=2)),
        tuple(draw(st.lists(st.sampled_from(WORDS), unique=True, max_size=4))),
    )


@st.composite
def many(draw):
    return [draw(subjects(key)) for key in range(1, draw(st.integers(1, 6)) + 1)]


def place_of(key, found):
    return next((place for place, suggestion in enumerate(found) if suggestion.key == key), len(found))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hoe helpen wij leerlingen met faalangst?", ("faalangst",)),
        ("<p>Training &amp; <strong>coaching</strong> op school</p>", ("training", "coaching")),
        ("Training, training en TRAINING", ("training",)),
        ("123 --- ²²² \x00", ()),
        ("", ()),
    ],
)
def test_it_takes_the_words_that_tell_something(text, found):
    assert words_of(text) == found


def test_it_looks_at_the_first_words_of_a_very_long_text():
    words = words_of(" ".join(f"begrip{'abcdefghij'[n % 10]}{'x' * (n % 20)}" for n in range(400_000)))
    assert words[:2] == ("begripa", "begripbx")
    assert len(words) <= MOST_WORDS


def test_it_leaves_out_only_words_in_small_letters():
    assert all(word == word.lower() and word.isalpha() for word in STOP_WORDS)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("faalangst", "faalangsttraining", True),
        ("schoolverzuim", "verzuim", True),
        ("verzuim", "schoolverzuim", True),
        ("thuiszitter", "thuiszitters", True),
        ("mentor", "mentoren", True),
        ("coach", "coaches", True),
        ("overgang", "overgangen", True),
        ("weten", "eten", False),
        ("leiden", "lijden", False),
        ("sport", "transport", True),  # a wrong friend that the rule takes along: only a suggestion
        ("taal", "totaal", False),
    ],
)
def test_it_knows_inflections_and_compounds(one, other, same):
    assert (other in Vocabulary([other]).alike(one)) is same
    assert (one in Vocabulary([one]).alike(other)) is same


def test_it_says_why():
    asked = subject(areas=[1], ages=(12, 17), places=[7], words=["faalangst"])
    near = subject(1, areas=[1, 2], ages=(12, 20), words=["faalangsttraining"])
    far = subject(2, areas=[1], ages=(17, 17), places=[8])
    found = rank(asked, [far, near])
    assert [suggestion.key for suggestion in found] == [1, 2]
    assert found[0].reasons == "zelfde gebied, 12-17 jaar, woord: faalangst"
    assert found[1].reasons == "zelfde gebied, 17 jaar, in een andere gemeente"
    both = rank(subject(areas=[1, 2], words=["sport", "taal"]), [subject(1, areas=[1, 2], words=["sport", "taal"])])
    assert both[0].reasons == "2 dezelfde gebieden, 0-23 jaar, woorden: sport, taal"


@given(subjects(), many())
def test_it_never_suggests_what_shares_nothing(asked, others):
    for suggestion in rank(asked, others):
        other = others[suggestion.key - 1]
        assert asked.areas & other.areas or suggestion.words
        assert max(asked.age_from, other.age_from) <= min(asked.age_to, other.age_to)


@given(subjects(), many())
def test_it_suggests_each_at_most_once_the_likeliest_first(asked, others):
    found = rank(asked, others)
    assert len({suggestion.key for suggestion in found}) == len(found)
    assert [suggestion.points for suggestion in found] == sorted((s.points for s in found), reverse=True)
    assert rank(asked, others, limit=2) == found[:2]


@given(subjects(), many(), st.integers(1, 5), st.data())
def test_it_ranks_nothing_lower_for_an_area_more_in_common(asked, others, area, data):
    asked = replace(asked, areas=asked.areas | {area})
    chosen = data.draw(st.sampled_from(others))
    raised = [replace(other, areas=other.areas | {area}) if other is chosen else other for other in others]
    before, after = rank(asked, others), rank(asked, raised)
    if chosen.key in {suggestion.key for suggestion in before}:
        assert place_of(chosen.key, after) <= place_of(chosen.key, before)


@given(subjects(), many(), st.sampled_from(WORDS), st.data())
def test_it_ranks_nothing_lower_for_a_word_more_in_common(asked, others, word, data):
    asked = replace(asked, words=tuple(dict.fromkeys((*asked.words, word))))
    chosen = data.draw(st.sampled_from(others))
    raised = [
        replace(other, words=tuple(dict.fromkeys((*other.words, word)))) if other is chosen else other
        for other in others
    ]
    before, after = rank(asked, others), rank(asked, raised)
    if chosen.key in {suggestion.key for suggestion in before}:
        assert place_of(chosen.key, after) <= place_of(chosen.key, before)


def test_it_finds_what_comparing_every_word_with_every_other_finds():
    """The first and last letters by which words are looked up leave nothing out."""
    vocabulary = Vocabulary(WORDS)
    for word in WORDS:
        assert vocabulary.alike(word) == {other for other in WORDS if Vocabulary([other]).alike(word)}
    assert vocabulary.alike("angsten") == {"angst"}
    assert vocabulary.alike("faalangsten") >= {"faalangst"}


def test_it_ranks_two_thousand_that_have_many_words():
    parts = ["angst", "coach", "gezin", "sport", "verzuim", "mentor", "training", "rouw", "spel", "lezen", "overgang"]
    words = [one + two + three for one in parts for two in parts for three in parts]
    others = [
        subject(key, areas=[key % 5], words=[words[(key * 37 + n * 11) % len(words)] for n in range(MOST_WORDS)])
        for key in range(2000)
    ]
    assert len(rank(others[0], others[1:], limit=5)) == 5


@given(subjects(), many())
def test_it_sees_the_same_from_both_sides(asked, others):
    suggested = {suggestion.key for suggestion in rank(asked, others)}
    assert suggested == {other.key for other in others if rank(other, [asked])}
