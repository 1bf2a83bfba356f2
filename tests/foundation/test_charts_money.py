"""The charts of money: what flows adds up, what grows is where it belongs, and all of it stays within its frame."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pact_portal.foundation.charts import bars, course, flow
from pact_portal.foundation.charts.course import Level, Mark
from pact_portal.foundation.charts.drawing import SERIES
from pact_portal.foundation.charts.flow import Stop, Stream
from tests.foundation.test_charts import may_stand_on_a_page, parsed, root_says, stays_inside

SVG = "{http://www.w3.org/2000/svg}"
HEADS = ["Steunpakket", "Sector", "Bestemming"]
words = st.text(max_size=60)
triples = st.lists(
    st.builds(bars.Line, words, st.lists(st.integers(0, 10_000_000), min_size=3, max_size=3)), max_size=6
)


def stops(letter: str, count: int) -> st.SearchStrategy[Stop]:
    return st.integers(1, count).map(lambda number: Stop(f"{letter}{number}", f"{letter}{number} Naam"))


streams = st.lists(
    st.builds(
        Stream,
        st.tuples(stops("S", 7), stops("sector ", 8), stops("M", 40)),
        st.decimals(0, 10_000_000, places=2),
    ),
    max_size=60,
)
days = st.dates(date(2000, 1, 1), date(2100, 12, 31))


def ribbons(svg: str) -> list[str]:
    return [each.get("d", "") for each in parsed(svg).iter(f"{SVG}path")]


def stream(package: str, sector: str, target: str, value: int | Decimal) -> Stream:
    return Stream((Stop(package, package), Stop(sector, sector), Stop(target, target)), value)


@given(words, triples)
def test_named_bars_stay_within_the_frame_and_say_what_they_count(title: str, lines: list[bars.Line]) -> None:
    series = ["budget", "toegezegd", "besteed"]
    for svg in [bars.grouped(title, series, lines, named=True), bars.narrow_grouped(title, series, lines)]:
        stays_inside(svg)
        may_stand_on_a_page(svg)
        said = [each.text or "" for each in parsed(svg).iter(f"{SVG}text")]
        for name in series:
            assert sum(text.endswith(f" {name}") and text[0].isdigit() for text in said) >= len(lines)


@given(words, streams)
def test_it_draws_a_flow_within_the_frame(title: str, each: list[Stream]) -> None:
    for svg in [
        flow.flow(title, HEADS, each),
        flow.narrow(title, each, most=4, rest=lambda count: f"overige ({count})"),
    ]:
        stays_inside(svg)
        may_stand_on_a_page(svg)


@given(streams, st.integers(1, 12))
def test_gathering_the_small_ones_loses_and_doubles_nothing(each: list[Stream], most: int) -> None:
    together = flow.gathered(each, 2, most, lambda count: f"overige ({count})")
    assert len({one.stops[2].key for one in together}) <= most
    for column in range(2):
        for key in {one.stops[column].key for one in each}:
            before = sum(Decimal(one.value) for one in each if one.stops[column].key == key)
            assert before == sum(Decimal(one.value) for one in together if one.stops[column].key == key)
    small = flow.smallest(each, 2, most)
    rest = [one for one in together if one.stops[2].key == flow.REST]
    assert bool(small) == bool(rest)
    assert all(one.stops[2].label == f"overige ({len(small)})" for one in rest)


def test_it_gathers_the_smallest_and_keeps_the_largest() -> None:
    each = [stream("S1", "po", f"M{number}", number) for number in range(1, 41)]
    kept = {one.stops[2].key for one in flow.gathered(each, 2, 12, lambda count: f"overige ({count})")}
    assert kept == {*(f"M{number}" for number in range(30, 41)), flow.REST}
    assert len(flow.smallest(each, 2, 12)) == 29
    assert flow.gathered(each, 2, 40, str) == each


def test_two_stops_of_one_name_stay_two() -> None:
    each = [
        Stream((Stop("1", "Pakket"), Stop("po", "po"), Stop("m1", "Zelfde titel")), 10),
        Stream((Stop("2", "Pakket"), Stop("po", "po"), Stop("m2", "Zelfde titel")), 30),
    ]
    said = [text.text for text in parsed(flow.flow("Titel", HEADS, each)).iter(f"{SVG}text")]
    assert said.count("Pakket") == said.count("Zelfde titel") == 2
    assert said.count("po") == 1
    assert {"10", "30", "40"} <= set(said)


def test_ribbons_are_as_thick_as_what_flows() -> None:
    svg = flow.flow("Titel", HEADS, [stream("S1", "po", "M1", 100), stream("S2", "vo", "M2", 300)])
    teal, orange = (
        [float(each.get("height", "")) for each in parsed(svg).iter(f"{SVG}rect") if each.get("fill") == colour]
        for colour in SERIES[:2]
    )
    assert (len(ribbons(svg)), len(teal), len(orange)) == (4, 4, 4)
    assert orange == pytest.approx([3 * edge for edge in teal], abs=0.05)


def test_a_flow_is_said_in_words_and_draws_nothing_for_nothing() -> None:
    svg = flow.flow("Titel", HEADS, [stream("S1", "po", "M1", 1200), stream("S1", "vo", "M2", 0)])
    assert root_says(svg, "desc") == "S1 › po › M1: 1.200."
    assert "vo" not in [text.text for text in parsed(svg).iter(f"{SVG}text")]
    assert ribbons(flow.flow("Titel", HEADS, [])) == []


def test_it_refuses_a_flow_that_no_ribbon_can_show() -> None:
    with pytest.raises(ValueError, match="zero or more"):
        flow.flow("Titel", HEADS, [stream("S1", "po", "M1", -1)])
    with pytest.raises(ValueError, match="3 stops"):
        flow.flow("Titel", HEADS, [Stream((Stop("1", "1"),), 1)])
    with pytest.raises(ValueError, match="3 columns"):
        flow.flow("Titel", ["een"], [])


@given(
    words,
    days,
    st.integers(1, 4000),
    st.lists(st.tuples(days, st.integers(0, 10_000_000)), max_size=30),
    st.lists(st.builds(Level, words, st.decimals(0, 10_000_000, places=2)), max_size=3),
    st.lists(st.builds(Mark, words, days), max_size=4),
)
def test_it_draws_a_course_within_the_frame(
    title: str,
    first: date,
    length: int,
    points: list[tuple[date, int]],
    levels: list[Level],
    marks: list[Mark],
) -> None:
    last, points = first + timedelta(length), sorted(points)
    for draw in [course.course, course.narrow]:
        svg = draw(title, "besteed", points, first=first, last=last, levels=levels, marks=marks)
        stays_inside(svg)
        may_stand_on_a_page(svg)
        width, height = map(float, parsed(svg).get("viewBox", "").split()[2:])
        drawn = [each.get("points", "") for each in parsed(svg).iter() if each.get("points")]
        for x, y in re.findall(r"([\d.]+),([\d.]+)", " ".join(drawn)):
            assert 0 <= float(x) <= width
            assert 0 <= float(y) <= height
        for each in parsed(svg).iter(f"{SVG}line"):
            assert 0 <= float(each.get("x1", "")) <= float(each.get("x2", "")) <= width
            assert 0 <= float(each.get("y1", "")) <= height


def heights(svg: str) -> dict[str, float]:
    """At what height each dashed line goes, by its dashes; the last one drawn, which is the one in the plot."""
    return {
        each.get("stroke-dasharray", ""): float(each.get("y1", ""))
        for each in parsed(svg).iter(f"{SVG}line")
        if each.get("stroke-dasharray")
    }


def test_what_was_spent_stands_under_its_lines_in_proportion_and_ends_today() -> None:
    svg = course.course(
        "Titel",
        "besteed",
        [(date(2026, 1, 31), 50), (date(2026, 7, 2), 100)],
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
        levels=[Level("toegezegd", 200), Level("budget", 400)],
        marks=[Mark("vandaag: 2 juli 2026", date(2026, 7, 2))],
    )
    dot = next(parsed(svg).iter(f"{SVG}circle"))
    committed, budget = heights(svg).values()
    bottom = max(
        float(each.get("y1", "")) for each in parsed(svg).iter(f"{SVG}line") if each.get("stroke") == "#16202b"
    )
    assert bottom - float(dot.get("cy", "")) == pytest.approx((bottom - committed) / 2, abs=0.05)
    assert bottom - committed == pytest.approx((bottom - budget) / 2, abs=0.05)
    assert float(dot.get("cx", "")) == pytest.approx(320, abs=2)
    assert root_says(svg, "desc") == "besteed 100. toegezegd 200. budget 400. vandaag: 2 juli 2026."


def test_lines_differ_by_more_than_their_colour() -> None:
    levels = [Level("a", 1), Level("b", 2), Level("c", 3)]
    svg = course.course("Titel", "besteed", [], first=date(2026, 1, 1), last=date(2026, 12, 31), levels=levels)
    assert len(heights(svg)) == 3


def test_it_refuses_a_course_that_no_line_can_show() -> None:
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    with pytest.raises(ValueError, match="zero or more"):
        course.course("Titel", "besteed", [(first, -1)], first=first, last=last)
    with pytest.raises(ValueError, match="a period"):
        course.course("Titel", "besteed", [], first=last, last=first)
    with pytest.raises(ValueError, match="three levels"):
        course.course("Titel", "besteed", [], first=first, last=last, levels=[Level("a", 1)] * 4)


def test_it_shows_what_people_typed_as_text() -> None:
    evil = "<script>alert(1)</script>\x00"
    drawn = [
        flow.flow(evil, [evil] * 3, [stream(evil, evil, evil, 1)]),
        flow.narrow(evil, [stream(evil, evil, evil, 1)], most=3, rest=str),
        course.course(
            evil,
            evil,
            [],
            first=date(2026, 1, 1),
            last=date(2027, 1, 1),
            levels=[Level(evil, 1)],
            marks=[Mark(evil, date(2026, 2, 1))],
        ),
    ]
    for svg in drawn:
        assert [each.tag for each in parsed(svg).iter() if "script" in each.tag] == []
        may_stand_on_a_page(svg)
