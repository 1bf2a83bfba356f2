"""The language mirror finds a word in all its forms, and in no other word."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pact_portal.foundation.mirror.mirror import find

FORMS = {
    "coronageneratie": [
        "De coronageneratie heeft hulp nodig.",
        "Coronageneratie",
        "de CORONAGENERATIE",
        "twee coronageneraties",
        "de corona-generatie",
        "de corona-\ngeneratie",
        "de corona generatie",
        "de corona\u00adgeneratie",
        "het coronageneratieproject",
        "de coronageneratie, zo heet het",
    ],
    "probleemjongere": [
        "een probleemjongere",
        "Probleemjongeren op straat",
        "probleemjongeren-aanpak",
        "de probleemjongerenaanpak",
        "een probleemjongertje",
        "deze ex-probleemjongere",
        "probleem-jongeren",
    ],
    "kwetsbare kinderen": [
        "kwetsbare kinderen",
        "een kwetsbaar kind",
        "Kwetsbare\nkinderen",
        "kwetsbare  kind",
        "het kwetsbare kindje",
        "kwetsbare kindjes",
        "kwetsbare jonge kinderen",
        "kwetsbare, jonge kinderen",
        "de kwetsbaarste kinderen",
        "kwetsbare\nbuitenlandse kinderen",
    ],
    "kwetsbaar kind": ["kwetsbare kinderen", "een kwetsbaar kind", "kwetsbare kinderen."],
    "leerachterstand": [
        "een leerachterstand",
        "leerachterstanden",
        "leerachterstandje",
        "leer-achterstand",
        "het leerachterstandenbeleid",
        "LEERACHTERSTANDEN!",
    ],
    "achterstandskind": ["achterstandskinderen", "een achterstandskind", "achterstandskindje", "achterstandskinderen,"],
    "achterstandsleerling": ["achterstandsleerlingen", "een achterstandsleerlingetje"],
    "drop-out": ["drop-outs", "een dropout", "dropouts", "drop out", "Drop-out"],
    "hangjongere": ["hangjongeren", "Hangjongere", "hangjongerenoverlast"],
    "thuiszitter": ["thuiszitters", "een thuiszittertje", "het thuiszittersoverleg"],
    "kansarm gezin": ["kansarme gezinnen", "een kansarm gezin", "het kansarme gezinnetje"],
    "zwakke leerling": ["zwakke leerlingen", "een zwakke leerling", "een zwak leerlingetje"],
    "achterstand": ["het achterstandsbeleid", "achterstanden"],
    "moeilijk opvoedbaar": ["moeilijk opvoedbare kinderen", "Moeilijk opvoedbaar"],
}
NONE = {
    "coronageneratie": ["de generatie van corona", "corona. Generatie na generatie", "coronamaatregelen"],
    "probleemjongere": ["jongeren met een probleem", "het probleem van jongeren", "jongere"],
    "kwetsbare kinderen": [
        "kinderen zijn kwetsbaar",
        "kwetsbare ouders",
        "kwetsbare kunstwerken",
        "kwetsbaar. Kinderen",
        "kwetsbare. Jonge kinderen",
        "kwetsbaar zijn kinderen",
        "kwetsbare ouders, kinderen",
        "kwetsbare jonge, kinderen",
        "kwetsbaar die kinderen",
        "kwetsbare, heel jonge kinderen",
    ],
    "leerachterstand": ["achterstand", "de leer van achterstand", "leerplein", "beleidsleerachterstand"],
    "achterstand": ["leerachterstand", "achter de stand", "tandarts"],
    "drop-out": ["druppel", "drop eten", "dropje", "out of the box", "drop kleine out", "droplul-out"],
    "hangjongere": ["jongeren hangen de was op", "hangmat"],
    "kind": ["kinderopvang", "kindcentrum", "kindvriendelijk"],
    "zwakke leerling": ["zwakke plek. Leerling", "leerling"],
}


@pytest.mark.parametrize(("term", "text"), [(term, text) for term, texts in FORMS.items() for text in texts])
def test_it_finds_every_form(term, text):
    assert [hit.term for hit in find(text, [term])] == [term]


@pytest.mark.parametrize(("term", "text"), [(term, text) for term, texts in NONE.items() for text in texts])
def test_it_finds_nothing_in_other_words(term, text):
    assert find(text, [term]) == []


def test_it_says_where():
    text = "Wij helpen kwetsbare kinderen en de corona\u00adgeneratie."
    hits = find(text, ["coronageneratie", "kwetsbaar kind"])
    assert [(hit.term, hit.text, text[hit.start : hit.end]) for hit in hits] == [
        ("kwetsbaar kind", "kwetsbare kinderen", "kwetsbare kinderen"),
        ("coronageneratie", "corona\u00adgeneratie", "corona\u00adgeneratie"),
    ]


def test_it_takes_the_longest_of_two_that_begin_together():
    hits = find("Een kwetsbare leerling thuis", ["kwetsbare", "kwetsbare leerling"])
    assert [hit.text for hit in hits] == ["kwetsbare leerling"]


def test_it_finds_each_time_that_a_word_stands_there():
    assert len(find("drop-out, dropout en drop-outs", ["drop-out"])) == 3


def test_it_finds_nothing_without_a_list_or_a_text():
    assert find("drop-out", []) == find("", ["drop-out"]) == find("drop-out", ["", "  ", "!"]) == []


@given(st.text(), st.lists(st.text(max_size=80), max_size=5))
def test_it_takes_any_text_and_any_list(text, terms):
    for hit in find(text, terms):
        assert hit.term in terms
        assert text[hit.start : hit.end] == hit.text


words = st.text(alphabet=st.characters(categories=["Ll"], max_codepoint=0x17F), min_size=1, max_size=20)


@given(words, words, st.text(alphabet=" .,\n", min_size=1, max_size=3))
def test_it_finds_every_word_of_the_list_as_it_stands(term, other, between):
    assert any(hit.start == 0 for hit in find(f"{term}.{between}{other}", [term]))


@pytest.mark.slow
@pytest.mark.benchmark
@pytest.mark.parametrize("piece", ["a", "a ", "drop-", "drop out ", "kwetsbare ", "corona-\n", "- ", " ", "aé"])
def test_it_takes_time_in_proportion_to_the_text(piece):
    def seconds(size):
        text = (piece * size)[:size]
        begun = time.process_time()
        find(text, ["drop-out", "coronageneratie", "kwetsbare kinderen", "a"])
        return max(time.process_time() - begun, 0.001)

    small, large = (min(seconds(size) for _ in range(2)) for size in (20_000, 160_000))
    assert large / small < 24, (small, large)
