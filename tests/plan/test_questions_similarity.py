"""Which titles look alike: hand-made examples on both sides of the threshold, and the laws of the measure."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.questions import similarity as similarity_module
from plan.questions.similarity import MOST, MOST_WORDS, SHORTLIST, THRESHOLD, rank, similarity, words_of

ALIKE = [
    ("schoolovergang", "overgang naar de brugklas"),
    ("faalangsttraining", "training tegen faalangst"),
    ("faalangst trainig", "Training tegen faalangst in groep 8"),
    ("Hoe helpen wij leerlingen die de overstap naar het vo spannend vinden?", "Soepele overgang naar de brugklas"),
    (
        "Overgang naar de brugklas",
        "Hoe maken wij de stap naar de brugklas kleiner voor kinderen die daar tegenop zien?",
    ),
    ("Overgangen tussen po en vo", "Hoe maken wij de overgang van basisschool naar vo soepeler?"),
    ("Pesten op school", "Wat doen wij tegen pesten?"),
    ("Pestgedrag aanpakken", "Wat doen wij tegen pesten en pestgedrag in groep 7?"),
    ("Ouderbetrokkenheid vergroten", "Hoe betrekken wij ouders bij de school?"),
    ("Slaapproblemen bij pubers", "Jongeren met slaapproblemen"),
    ("Taalachterstand bij peuters", "Peuters met een achterstand in taal"),
    ("Rouw en verlies", "Rouwbegeleiding voor kinderen die iemand verliezen"),
    ("gamen", "Overmatig gamen door jongeren"),
    ("Gameverslaving", "Verslaving aan gamen"),
    ("Zwemles", "Zwemlessen voor kinderen van ouders met weinig geld"),
    ("Somberheid bij pubers", "Sombere pubers eerder zien"),
    ("Eenzaamheid", "Eenzame jongeren bereiken"),
    ("Mediawijsheid in de brugklas", "Brugklassers leren mediawijs te zijn"),
    ("Schoolmaatschappelijk werk", "Meer maatschappelijk werk op school"),
    ("Weerbaarheidstraining voor groep 8", "Training weerbaarheid"),
    ("Thuiszitters", "Voorkomen dat leerlingen thuiszitten"),
    ("Jongerenwerker op school", "Een jongerenwerker in de pauze"),
    ("Stagebegeleiding mbo", "Begeleiding bij stages op het mbo"),
    ("PRÉVENTIE  vapen!", "preventie van vapen"),
]

APART = [
    ("Overgang naar de brugklas", "Pesten in de klas"),
    ("Training tegen faalangst", "Training voor leraren over gamen"),
    ("Rouw en verlies", "Zwemles"),
    ("Overgang naar de brugklas", "Hoe helpen wij jongeren die thuiszitten stap voor stap terug?"),
    ("Meer begeleiding", "Wat doen wij samen als een leerling somber of angstig is?"),
    ("Taalachterstand bij peuters", "Rekenachterstand in groep 5"),
    ("Eenzaamheid", "Gezonde voeding"),
    ("Ouders betrekken", "Gamen"),
    ("Slapen", "Schoolplein vergroenen"),
    ("Begeleiding bij stages", "Begeleiding bij rouw"),
    ("Meer sport na school", "Meer rust in de klas"),
    ("Hulp voor jonge mantelzorgers", "Hulp voor nieuwkomers bij taal"),
    ("Huiswerkbegeleiding in de bibliotheek", "Rouwbegeleiding"),
    ("Jongerenwerk in het dorp", "Werk voor jongeren met een beperking"),
    ("Brugklascoach", "Coach voor startende leraren"),
    ("Somberheid bij pubers", "Vapen bij pubers"),
    ("Wie helpt bij de overstap?", "Wie helpt bij verdriet?"),
    ("Samenwerking met jeugdhulp in de klas", "Wachttijd bij de jeugdhulp"),
    ("Peuters die nog niet praten", "Peuters bewegen te weinig"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_it_finds_titles_that_ask_the_same(one, other):
    assert similarity(one, other) >= THRESHOLD
    assert rank(one, [(1, other)])


@pytest.mark.parametrize(("one", "other"), APART)
def test_it_leaves_apart_what_only_shares_general_words(one, other):
    assert similarity(one, other) < THRESHOLD
    assert rank(one, [(1, other)]) == []


def test_it_puts_the_most_alike_first_among_two_thousand():
    words = [word for pair in APART for title in pair for word in title.split()]
    chance = random.Random(7)
    others = [(number, " ".join(chance.choices(words, k=6))) for number in range(2000)]
    others[1234] = (1234, "Training tegen faalangst")
    found = rank("faalangsttraining", others)
    assert found[0].key == 1234
    assert len(found) <= 5


@pytest.mark.parametrize("size", [6, 12])
def test_it_misses_at_a_glance_next_to_nothing_that_resembles_most(size):
    titles = [title for pair in (*ALIKE, *APART) for title in pair]
    words = [word for title in titles for word in title.split()]
    chance = random.Random(11)
    others = [*enumerate(titles), *((1000 + n, " ".join(chance.choices(words, k=size))) for n in range(2000))]
    wanted = missed = 0
    for title in titles:
        scores = sorted((-similarity(title, other), key) for key, other in others)
        best = [key for score, key in scores[:MOST] if -score >= THRESHOLD]
        found = [match.key for match in rank(title, others)]
        wanted += len(best)
        missed += len(set(best) - set(found))
        assert found[:1] == best[:1]
    assert missed <= wanted // 50


def test_it_compares_few_titles_with_care_however_many_there_are(monkeypatch):
    compared = []
    with_care = similarity_module._likeness
    monkeypatch.setattr(
        similarity_module, "_likeness", lambda one, other: compared.append(one) or with_care(one, other)
    )
    chance = random.Random(3)
    words = ["".join(chance.choices("bdgklmnprstaeiou", k=7)) for _ in range(1500)]
    others = [(number, " ".join(chance.choices(words, k=8))) for number in range(2000)]
    rank(" ".join(chance.choices(words, k=25)), others)
    assert 0 < len(compared) <= SHORTLIST
    assert all(len(asked) <= MOST_WORDS for asked in compared)


def test_it_looks_at_the_words_that_tell_most():
    title = " ".join(["les", "mbo", "taal", *(f"woordnummer{sign}" for sign in "abcdefghijkl"), "begeleiding"])
    assert len(words_of(title)) == MOST_WORDS
    assert all(word.startswith("wordnumer") for word in words_of(title))


def test_it_names_a_key_once_by_its_best_title():
    found = rank("overgang brugklas", [(3, "Overgang"), (3, "De overgang naar de brugklas"), (4, "Pesten")])
    assert [match.key for match in found] == [3]
    assert found[0].score == similarity("overgang brugklas", "De overgang naar de brugklas")


@pytest.mark.parametrize("title", ["", "   ", "Hoe helpen wij jongeren?", "?!", "\x00", "9", "😀"])
def test_it_finds_nothing_for_a_title_that_tells_nothing(title):
    assert rank(title, [(1, "Hoe helpen wij jongeren?"), (2, "Overgang")]) == []


def test_it_looks_at_no_more_than_a_title_may_have():
    assert words_of("gamen " * 1_000_000) == words_of("gamen " * 33 + "ga")
    assert len(words_of("gamen " * 1_000_000)) == 2


titles = st.lists(st.sampled_from([word for pair in (*ALIKE, *APART) for t in pair for word in t.split()]), max_size=8)
any_title = st.one_of(titles.map(" ".join), st.text(max_size=60))


@given(any_title, any_title)
def test_it_is_the_same_whichever_comes_first(one, other):
    assert similarity(one, other) == similarity(other, one)
    assert 0.0 <= similarity(one, other) <= 1.0


@given(any_title)
def test_it_finds_every_title_in_itself(title):
    assert similarity(title, title) == (1.0 if words_of(title) else 0.0)


@given(any_title, st.lists(any_title, max_size=12), st.randoms(use_true_random=False))
def test_it_ranks_the_same_in_whatever_order_they_come(title, others, chance):
    candidates = list(enumerate(others))
    shuffled = candidates.copy()
    chance.shuffle(shuffled)
    found = rank(title, candidates)
    assert found == rank(title, shuffled)
    assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)
    assert all(match.score >= THRESHOLD for match in found)
    assert not {match.key for match in rank(title, candidates, most=1)} - {match.key for match in found}
