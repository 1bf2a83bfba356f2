"""The days of a series."""

import itertools
from calendar import monthrange
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.series.schedule import due_days, last_day, longest_opening, months_later

days = st.dates(date(1990, 1, 1), date(2150, 12, 31))
rhythms = st.integers(1, 24)


def test_it_falls_on_the_last_day_of_a_shorter_month_and_returns_to_its_own_day():
    found = list(due_days(date(2027, 1, 31), date(2027, 5, 31), 1))
    assert found == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30), date(2027, 5, 31)]


def test_it_knows_the_29th_of_february():
    assert months_later(date(2027, 1, 31), 13) == date(2028, 2, 29)
    assert list(due_days(date(2024, 2, 29), date(2026, 3, 1), 12)) == [
        date(2024, 2, 29),
        date(2025, 2, 28),
        date(2026, 2, 28),
    ]


def test_it_includes_the_first_and_the_last_day():
    assert list(due_days(date(2027, 3, 1), date(2027, 3, 1), 6)) == [date(2027, 3, 1)]
    assert list(due_days(date(2027, 3, 1), date(2027, 9, 1), 6)) == [date(2027, 3, 1), date(2027, 9, 1)]


def test_it_ends_with_the_calendar():
    assert list(due_days(date(9999, 11, 30), date.max, 1)) == [date(9999, 11, 30), date(9999, 12, 30)]


def test_it_refuses_a_rhythm_that_never_ends():
    with pytest.raises(ValueError, match="never ends"):
        next(due_days(date(2027, 1, 1), date(2028, 1, 1), 0))


def test_it_counts_the_opening_day_as_the_first():
    assert last_day(date(2027, 3, 1), 1) == date(2027, 3, 1)
    assert last_day(date(2027, 3, 1), 28) == date(2027, 3, 28)
    assert last_day(date.max, 28) == date.max


@given(days, st.integers(0, 4000), rhythms)
def test_it_never_leaves_the_period_and_always_goes_forward(starts_on, length, rhythm):
    ends_on = date.fromordinal(starts_on.toordinal() + length)
    found = list(due_days(starts_on, ends_on, rhythm))
    assert found[0] == starts_on
    assert found == sorted(set(found))
    assert all(starts_on <= day <= ends_on for day in found)
    # The next one would be outside: none is missing at the end.
    assert months_later(starts_on, rhythm * len(found)) > ends_on


@given(days, st.integers(0, 600))
def test_it_keeps_the_day_of_the_month_wherever_the_month_has_it(day, months):
    later = months_later(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == min(day.day, monthrange(later.year, later.month)[1])


@given(days, rhythms, st.integers(1, 5))
def test_it_counts_every_day_from_the_first_one(day, rhythm, turns):
    found = list(due_days(day, date(2200, 1, 1), rhythm))
    assert found[turns] == months_later(day, turns * rhythm)


@given(days, st.integers(0, 4000), rhythms)
def test_it_never_lets_two_openings_overlap(starts_on, length, rhythm):
    found = list(due_days(starts_on, date.fromordinal(starts_on.toordinal() + length), rhythm))
    longest = longest_opening(found)
    assert (longest is None) == (len(found) == 1)
    if longest is not None:
        assert all(last_day(day, longest) < later for day, later in itertools.pairwise(found))
