"""The guard of personal data: what it finds in 300 sentences, in disguise, and how long it takes."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.nl import bsn

from pact_portal.foundation.privacy.guard import KINDS, address_has_bsn, find, has_bsn, plain
from pact_portal.foundation.richtext.allowlist import clean
from tests.foundation.privacy_sentences import HELD, LATER, TODAY, TUNED

PARTS = {"tuned": TUNED, "held": HELD, "later": LATER}
every_part = pytest.mark.parametrize("part", list(PARTS.values()), ids=list(PARTS))
PERSONAL = [kind for kind in KINDS if kind != "bsn"]


def kinds_of(text):
    return {finding.kind for finding in find(text, today=TODAY)}


def missed(part, kind):
    return [sentence for sentence in part[kind] if kind not in kinds_of(sentence)]


def test_there_are_sentences_enough():
    assert sum(len(part[kind]) for part in (TUNED, HELD) for kind in part) >= 200
    assert sum(len(part["bsn"]) for part in (TUNED, HELD)) >= 40
    assert all(sum(len(part[kind]) for part in (TUNED, HELD)) >= 25 for kind in PERSONAL)
    assert sum(len(part["clean"]) for part in (TUNED, HELD)) >= 60
    every = [sentence for part in PARTS.values() for sentences in part.values() for sentence in sentences]
    assert len(set(every)) == len(every)


@every_part
def test_it_finds_every_bsn(part):
    assert missed(part, "bsn") == []


@pytest.mark.parametrize("kind", PERSONAL)
@every_part
def test_it_finds_nearly_all_of_the_other_kinds(part, kind):
    share = 1 - len(missed(part, kind)) / max(1, len(part[kind]))
    print(f"{kind}: {share:.1%} of {len(part[kind])}")  # noqa: T201 - the figures are asked for
    assert share >= 0.95, missed(part, kind)


@every_part
def test_it_raises_hardly_any_false_alarm(part):
    alarms = [(sentence, sorted(kinds_of(sentence))) for sentence in part["clean"] if kinds_of(sentence)]
    print(f"false alarms: {len(alarms) / len(part['clean']):.1%} of {len(part['clean'])}")  # noqa: T201
    assert len(alarms) / len(part["clean"]) <= 0.05, alarms


def test_it_says_where_it_found_what():
    text = "Bel 06-12345678 of mail a@school.example."
    assert [(each.kind, each.text, text[each.start : each.end]) for each in find(text)] == [
        ("phone", "06-12345678", "06-12345678"),
        ("email", "a@school.example", "a@school.example"),
    ]


@every_part
def test_it_takes_no_part_of_a_number_for_another_kind(part):
    for kind in KINDS:
        for sentence in part[kind]:
            assert kinds_of(sentence) <= {kind}, sentence


def test_it_never_shows_a_bsn():
    finding = find("BSN 725763863")[0]
    assert finding.hint == ""
    assert "725763863" not in repr(finding)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Bel (06) 12345678.", "phone"),
        ("Bel +31(0)612345678.", "phone"),
        ("tel: 072 - 5 12 34 56", "phone"),
        ("Hij is 12 jaar (12-3-2011).", "birth_date"),
        ("geboren 2011-3-9", "birth_date"),
        ("dob: 9/3/2011", "birth_date"),
        ("geb. 12 mrt 2011", "birth_date"),
        ("nl91 abna 0417 1643 00", "iban"),
        ("Schrijf <moeder@post.example>", "email"),
        ("BSN 12 34 56 78 2", "bsn"),
        ("72576386-3", "bsn"),
    ],
)
def test_it_knows_how_people_write_them(text, kind):
    assert kinds_of(text) == {kind}


@pytest.mark.parametrize(
    "text",
    [
        "06.12.2022 - 07.12.2022",
        "06-12-2022 14.30 uur, 07-12-2022 15.30 uur",
        "Van 06.12 tot 07.30 uur, lokaal 0226",
        "0800-2000 en 0900-1450, of 14 072",
        "1.234.567.890 en € 725.763.863",
        "Kinderen geboren tussen 1-1-2010 en 31-12-2012",
        "@school en school@",
        "2022 2023 2024 2025 2026",
    ],
)
def test_it_leaves_what_looks_alike(text):
    assert find(text) == []


def test_it_hints_at_the_others_by_their_first_signs():
    assert [each.hint for each in find("06-12345678 en 12-3-2011 geboren")] == ["06-…", "12-…"]


@pytest.mark.parametrize(
    "hidden",
    [
        "725<b>763</b>863",
        "<p>725<strong>7</strong>63<em>863</em></p>",
        "&#55;25763863",
        "725&nbsp;763&nbsp;863",
        "725&#8203;763&shy;863",
        "７２５７６３８６３",
        "٧٢٥٧٦٣٨٦٣",
        "725\u200b763\u2060863",
        "725\u00ad763\ufeff863",
        "725\u2011763\u2011863",
        "725\u2013763\u2013863",
        "7\u03252\u03255763863",
        "725<br>763<br>863",
        '<a href="https://school.example/725763863">de leerling</a>',
        "725 - 763 - 863",
        "725\x00763\x00863",
    ],
)
def test_it_is_not_fooled_by_a_disguise(hidden):
    assert kinds_of(plain(hidden)) == {"bsn"}
    assert has_bsn(plain(hidden))


def test_it_reads_the_address_of_a_link():
    assert kinds_of(plain('<p><a href="mailto:moeder@post.example">mail</a></p>')) == {"email"}


def test_it_does_not_join_numbers_of_two_cells_or_paragraphs():
    assert find(plain("<table><tr><td>725</td><td>763</td><td>863</td></tr></table>")) == []
    assert find(plain("<p>725</p><p>763</p><p>863</p>")) == []


@pytest.mark.parametrize(
    "html",
    [
        "<p>BSN:</p><table><tr><td>123</td><td>456</td><td>782</td></tr></table>",
        "<table><tr><th>BSN</th></tr><tr><td><p>123</p></td><td><p>456</p></td><td><p>782</p></td></tr></table>",
        "<p>Het burgerservicenummer:</p><ul><li>123</li><li>456</li><li>782</li></ul>",
        "<p>BSN</p><ol><li><p>123</p></li><li><p>456</p></li><li><p>782</p></li></ol>",
        '<p><a href="https://school.example/12345%36782">de leerling</a></p>',
        '<p><a href="https://school.example/%123456782">de leerling</a></p>',
    ],
)
def test_it_joins_them_beside_the_word_and_reads_links_as_a_browser(html):
    assert kinds_of(plain(html)) == {"bsn"}
    assert has_bsn(plain(html))
    assert has_bsn(plain(clean(html)))


@pytest.mark.parametrize(
    "text",
    [
        "BSN is weg sinds 12-03-2011.",
        "Zonder BSN: 2023-2024 en verder.",
        "BSN? Bel 06 12345678.",
        "RSIN 123456782, een BSN noemen wij niet.",
        "€ 123.456.782 van het Rijk",
        "Bedragen: 125.000 250.500 375.250 412.000",
        "Lokalen 123, 456, 782",
    ],
)
def test_it_takes_no_other_number_for_a_bsn(text):
    assert "bsn" not in kinds_of(text)
    assert not has_bsn(text)


def test_every_row_of_amounts_is_left_alone():
    """Three amounts in a row hold many runs of nine digits; one of eleven would pass."""
    for first in range(101, 200, 7):
        for second in range(203, 400, 13):
            assert not has_bsn(f"{first}.000 {second}.500 {first + second}.500 900.000")


def test_a_number_in_lines_is_found_where_forms_send_two_signs_for_a_line():
    found = find("Kind\r\n123\r\n456\r\n782\r\nen meer")
    assert [(each.kind, each.text) for each in found] == [("bsn", "123\r\n456\r\n782")]


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("https://school.example/123456782", True),
        ("https://school.example/12345%36782", True),
        ("https://school.example/?q=123+456+782", True),
        ("123-456-782@post.example", True),
        ("123456782@post.example", True),
        ("https://nji.example/2024/06/123", False),
        ("https://school.example/1234567820", False),
        ("https://school.example/123456789", False),
        ("mailto:kind@post.example", False),
        ("", False),
    ],
)
def test_it_finds_a_bsn_in_an_address(address, answer):
    assert address_has_bsn(address) is answer


def test_a_date_of_birth_lies_in_the_life_of_who_is_named():
    text = "De leerling (3 april 2016) en zijn zusje, 5-6-'25."
    assert [each.text for each in find(text, today=date(2026, 11, 23))] == ["3 april 2016", "5-6-'25"]
    assert [each.text for each in find(text, today=date(2026, 6, 4))] == ["3 april 2016"]
    assert [each.text for each in find(text, today=date(2018, 1, 1))] == ["5-6-'25"]  # of 1925
    assert find("geboren 39 mei 2030", today=date(2026, 11, 23)) == []
    assert len(find(text)) == 2


@pytest.mark.parametrize(
    ("html", "read"),
    [
        ("a < b en 5 <6", "a < b en 5 <6"),
        ("kleiner <b dan", "kleiner <b dan"),
        ("<p>x<!-- 1 > 2 -->y</p>", "\n\nxy\n\n"),
        ('<a href="https://a.example/?x=1&amp;y=>">z</a>!', "z (https://a.example/?x=1&y=>) !"),
        ('<a title="1" href=https://a.example>z</a>', "z (https://a.example) "),
        ("&#55;&eacute;&nbsp;&lt;", "7é\u00a0<"),
    ],
)
def test_it_reads_a_rich_text_as_its_readers_do(html, read):
    assert plain(html) == read


def test_it_takes_a_reference_to_no_sign():
    assert plain("a&#" + "1" * 5000 + ";b") == "a\ufffdb"
    assert plain(f'<a href="&#{"1" * 5000}x">b</a>') == "b (x) "


def test_it_leaves_the_number_of_a_legal_person_and_a_telephone_alone():
    assert find("Het RSIN is 725763863.") == find("RSIN: 725763863") == []
    phone = next(f"6{rest:08d}" for rest in range(10_000_000, 10_000_100) if bsn.is_valid(f"6{rest:08d}"))
    assert kinds_of(f"+31{phone}") == {"phone"}
    assert kinds_of(f"+31 {phone}") == {"phone"}
    assert kinds_of(phone) == {"bsn"}


def test_it_takes_eight_digits_for_a_bsn_only_where_it_is_named():
    assert kinds_of("BSN 19719255") == {"bsn"}
    assert kinds_of("burgerservicenummer: 19.719.255") == {"bsn"}
    assert find("KvK 19719255") == []


def valid(number):
    """The nine digits that begin with these eight, or None."""
    return next((f"{number}{last}" for last in range(10) if bsn.is_valid(f"{number}{last}")), None)


numbers = st.integers(0, 99_999_999).map(lambda number: valid(f"{number:08d}")).filter(bool)
words = st.text(alphabet=st.characters(categories=["L", "P", "Zs"], exclude_characters="€+"), max_size=40)
shapes = st.sampled_from(["{0}{1}{2}", "{0} {1} {2}", "{0}.{1}.{2}", "{0}-{1}-{2}", "{0}\u00a0{1}\u00a0{2}"])


@given(numbers, words, words, shapes)
def test_it_finds_any_bsn_between_any_words(number, before, after, shape):
    # What the guard takes for the number of a legal person or for part of an address is named above.
    if "rsin" in before.lower():
        return
    # Three round numbers are counts, or an amount.
    if shape[3] in " ." and number[2] == number[5] == number[8] == "0":
        return
    written = shape.format(number[:3], number[3:6], number[6:])
    assert "bsn" in kinds_of(before + written + after)
    assert has_bsn(before + written + after)


@given(st.text())
def test_it_takes_any_text(text):
    for finding in find(text):
        assert text[finding.start : finding.end] == finding.text
        assert finding.kind in KINDS
    assert has_bsn(text) == any(finding.kind == "bsn" for finding in find(text))
    plain(text)


ADVERSARIAL = {
    "digits": "1",
    "spaced digits": "1 ",
    "groups": "123 456 ",
    "ats": "a@",
    "dots": "a.",
    "addresses": "a@a.",
    "accounts": "NL91 ",
    "words of bsn": "bsn 1 ",
    "zeros": "06 - ",
    "zero six": "0612345",
    "plus": "+3161",
    "dates": "1-1-20",
    "births": "geboren 1-1-2001 ",
    "spaces": " ",
    "wide": "７ ",
    "brackets": "(at)",
    "numbers": "725763863 ",
}


@pytest.mark.slow
@pytest.mark.benchmark
@pytest.mark.parametrize("piece", list(ADVERSARIAL))
def test_it_takes_time_in_proportion_to_the_text(piece):
    def seconds(size):
        text = (ADVERSARIAL[piece] * size)[:size]
        best = min(timed(text) for _ in range(2))
        return max(best, 0.001)

    def timed(text):
        begun = time.process_time()
        find(text)
        return time.process_time() - begun

    small, large = seconds(62_500), seconds(500_000)
    # Eight times the text; quadratic would be 64 times the time.
    assert large / small < 24, (small, large)
    assert large < 20


PIECES_OF_TAGS = [
    "<a ",
    "<a/",
    "<a x=",
    "<a x='",
    '<a x=">',
    "<!--",
    "<!",
    "<?",
    "<a",
    "<",
    "&#",
    "<a href=x>",
    "'<a \"",
]


@pytest.mark.parametrize("piece", PIECES_OF_TAGS)
def test_it_reads_pieces_of_tags_in_proportion_to_the_text(piece):
    def seconds(size):
        text = (piece * size)[:size]
        begun = time.process_time()
        plain(text)
        plain(f"{text}>")
        return time.process_time() - begun

    # The parser of the standard library took ten seconds for 18 000 signs.
    small, large = (min(seconds(size) for _ in range(2)) for size in (20_000, 160_000))
    assert large < max(24 * small, 0.1), (small, large)
