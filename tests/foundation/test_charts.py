"""Charts: well-formed whatever the labels, in proportion, and within their frame."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pact_portal.foundation.charts import bars, coverage, likert
from pact_portal.foundation.charts.bars import NARROW
from pact_portal.foundation.charts.drawing import INK, PAPER, SERIES, WIDTH, contrast, on, room, shortened, wrapped

SVG = "{http://www.w3.org/2000/svg}"
words = st.text(max_size=60)
values = st.lists(st.integers(0, 10_000_000), min_size=2, max_size=2)
lines = st.lists(st.builds(bars.Line, words, values), max_size=6)
counts = st.lists(st.integers(0, 500), min_size=5, max_size=5)
answers = st.lists(st.builds(likert.Answers, words, counts), max_size=6)
STEPS = ["Zeer oneens", "Oneens", "Neutraal", "Eens", "Zeer eens"]
FITS = {"unknown": "Niet beoordeeld", "none": "Niet", "partly": "Deels", "sufficient": "Volstaat"}


def parsed(svg: str) -> ElementTree.Element:
    """The drawing as a tree; fails when it is not well-formed."""
    return ElementTree.fromstring(svg)  # noqa: S314 - made by the function under test


def bars_of(svg: str, fills: tuple[str, ...]) -> list[ElementTree.Element]:
    """The bars that are not in the legend."""
    return [each for each in parsed(svg).iter(f"{SVG}rect") if each.get("fill") in fills and each.get("width") != "12"]


def stays_inside(svg: str) -> None:
    root = parsed(svg)
    _, _, width, height = map(float, root.get("viewBox", "").split())
    assert width in (WIDTH, NARROW)
    for each in root.iter(f"{SVG}rect"):
        assert float(each.get("x", "")) >= 0
        assert float(each.get("x", "")) + float(each.get("width", "")) <= width + 0.05
        assert float(each.get("y", "")) >= 0
        assert float(each.get("y", "")) + float(each.get("height", "")) <= height + 0.05
    for each in root.iter(f"{SVG}text"):
        taken = room(each.text or "", int(each.get("font-size", "12"))) if each.get("text-anchor") == "start" else 0
        assert float(each.get("x", "")) + taken <= width + 0.05
        assert float(each.get("y", "")) <= height


def may_stand_on_a_page(svg: str) -> None:
    assert "style" not in re.sub(r">[^<]*<", "><", svg)
    assert root_says(svg, "title") is not None
    assert root_says(svg, "desc") is not None


def root_says(svg: str, name: str) -> str | None:
    return parsed(svg).findtext(f"{SVG}{name}")


@given(words, lines)
def test_it_draws_grouped_bars_within_the_frame(title: str, each: list[bars.Line]) -> None:
    svg = bars.grouped(title, ["Begroot", "Toegewezen"], each)
    stays_inside(svg)
    may_stand_on_a_page(svg)


@given(words, lines)
def test_it_draws_stacked_bars_within_the_frame(title: str, each: list[bars.Line]) -> None:
    svg = bars.stacked(title, ["Po", "Vo"], each)
    stays_inside(svg)
    may_stand_on_a_page(svg)


@given(words, st.lists(st.builds(bars.Line, words, st.tuples(st.integers(0, 10_000))), max_size=6))
def test_it_draws_single_bars_within_the_frame(title: str, each: list[bars.Line]) -> None:
    svg = bars.single(title, "vragen", each)
    stays_inside(svg)
    may_stand_on_a_page(svg)


@given(words, st.lists(st.builds(bars.Line, words, st.tuples(st.integers(0, 10_000))), max_size=6))
def test_it_draws_narrow_bars_within_the_frame(title: str, each: list[bars.Line]) -> None:
    svg = bars.narrow(title, "vragen", each)
    stays_inside(svg)
    may_stand_on_a_page(svg)
    assert root_says(svg, "desc") == root_says(bars.single(title, "vragen", each), "desc")


def test_it_draws_single_bars_without_a_legend_and_says_what_they_count() -> None:
    svg = bars.single("Titel", "vragen", [bars.Line("a", [3]), bars.Line("b", [1200])])
    assert svg.count("<rect") == 2
    assert "a: vragen 3. b: vragen 1.200." in svg


def test_it_draws_bars_in_proportion() -> None:
    svg = bars.grouped("Titel", ["Begroot", "Toegewezen"], [bars.Line("a", [100, 50]), bars.Line("b", [0, 25])])
    widths = [float(each.get("width", "")) for each in bars_of(svg, SERIES)]
    assert widths[0] == pytest.approx(2 * widths[1], abs=0.05)
    assert widths[0] == pytest.approx(4 * widths[2], abs=0.05)
    assert len(widths) == 3, "nothing is drawn for zero"


@given(st.lists(st.integers(0, 1000), min_size=3, max_size=3).filter(any))
def test_the_parts_of_a_stack_make_up_the_whole(parts: list[int]) -> None:
    svg = bars.stacked("Titel", ["a", "b", "c"], [bars.Line("deel", parts), bars.Line("geheel", [sum(parts), 0, 0])])
    whole = max(float(each.get("width", "")) for each in bars_of(svg, SERIES))
    assert sum(float(each.get("width", "")) for each in bars_of(svg, SERIES)) == pytest.approx(2 * whole, abs=0.1)


def test_it_refuses_values_that_no_bar_can_show() -> None:
    with pytest.raises(ValueError, match="zero or more"):
        bars.grouped("Titel", ["a"], [bars.Line("x", [-1])])
    with pytest.raises(ValueError, match="2 values"):
        bars.stacked("Titel", ["a", "b"], [bars.Line("x", [1])])


@given(counts)
def test_percentages_add_up(each: list[int]) -> None:
    assert sum(likert.percentages(each)) == (100 if any(each) else 0)


@given(words, answers)
def test_it_draws_answers_within_the_frame(title: str, each: list[likert.Answers]) -> None:
    svg = likert.bars(title, STEPS, each, too_few="Te weinig antwoorden")
    stays_inside(svg)
    may_stand_on_a_page(svg)


def test_it_does_not_show_what_fewer_than_five_people_said() -> None:
    svg = likert.bars("Titel", STEPS, [likert.Answers("Vraag", [0, 0, 0, 2, 2])], too_few="Minder dan vijf antwoorden")
    assert "Minder dan vijf antwoorden" in svg
    assert "50%" not in svg
    assert "n=4" not in svg


@given(words, st.lists(words, min_size=1, max_size=5), st.data())
def test_it_draws_coverage_within_the_frame(title: str, columns: list[str], data: st.DataObject) -> None:
    square = st.builds(coverage.Square, st.sampled_from(sorted(coverage.FITS)), st.integers(0, 99))
    row = st.tuples(words, st.lists(square, min_size=len(columns), max_size=len(columns)))
    svg = coverage.heat(title, columns, data.draw(st.lists(row, max_size=4)), fits=FITS)
    stays_inside(svg)
    may_stand_on_a_page(svg)


def test_it_says_coverage_in_words() -> None:
    svg = coverage.heat("Titel", ["0-4"], [("Gebied", [coverage.Square("partly", 2)])], fits=FITS)
    assert root_says(svg, "desc") == "Gebied: 0-4 Deels (2)."


@pytest.mark.parametrize("fill", [*SERIES, *likert.COLOURS, *(colour for colour, _ in coverage.FITS.values())])
def test_text_can_be_read_on_every_colour(fill: str) -> None:
    assert contrast(on(fill), fill) >= 4.5
    assert on(fill) in (INK, PAPER)


def test_it_shows_labels_as_text() -> None:
    svg = bars.grouped('<script>"&', ["<b>"], [bars.Line("<img onerror=x>", [1])])
    assert root_says(svg, "title") == '<script>"&'
    assert [each.tag for each in parsed(svg).iter() if "script" in each.tag or "img" in each.tag] == []


@given(words, st.integers(40, 400), st.integers(1, 4))
def test_it_breaks_labels_within_their_room(label: str, width: int, most: int) -> None:
    assert len(wrapped(label, width, most=most)) <= most
    assert all(room(each) <= width for each in wrapped(label, width, most=most))
    assert room(shortened(label, width)) <= width
