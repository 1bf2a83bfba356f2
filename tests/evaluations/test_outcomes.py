"""What answers come to, and what is not shown."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from evaluations.answering.values import Value
from evaluations.reporting import outcomes
from evaluations.reporting.outcomes import Figures, Outcome


def scales(*steps):
    return [Value(no_view=True) if step is None else Value(scale=step) for step in steps]


def numbers(*given_numbers):
    return [Value(number=Decimal(number)) for number in given_numbers]


def test_it_counts_the_steps_of_a_scale_and_no_view_apart():
    outcome = outcomes.of_scale(scales(1, 4, 4, 5, 5, None, None))
    assert outcome == Outcome(given=5, no_view=2, steps=(1, 0, 0, 2, 2))
    assert (outcome.low, outcome.high) == (1, 4)


def test_it_withholds_a_scale_on_which_fewer_than_five_judged():
    assert outcomes.of_scale(scales(1, 2, 3, 4, None, None)) == Outcome(given=4, no_view=2, withheld=True)


def test_it_works_out_the_figures_of_numbers():
    outcome = outcomes.of_number(numbers(10, 20, 30, 40, 101), counts_people=False)
    assert outcome.figures == Figures(
        mean=Decimal("40.20"), median=Decimal(30), lowest=Decimal(10), highest=Decimal(101), total=Decimal(201)
    )


def test_it_withholds_the_figures_of_fewer_than_five_numbers():
    assert outcomes.of_number(numbers(10, 20, 30, 40), counts_people=False) == Outcome(given=4, withheld=True)


def test_it_shows_no_figure_about_fewer_than_five_people():
    figures = outcomes.of_number(numbers(0, 3, 4, 6, 10), counts_people=True).figures
    assert figures == Figures(mean=None, median=None, lowest=Decimal(0), highest=Decimal(10), total=Decimal(23))
    # A number that counts no people may be small.
    assert outcomes.of_number(numbers(0, 3, 4, 6, 10), counts_people=False).figures.median == Decimal(4)


def test_it_counts_every_option_of_a_choice_in_order():
    said = [Value(choice=choice) for choice in ("Geld", "Tijd", "Geld", "Geld", "Tijd")] + [Value()]
    outcome = outcomes.of_choice(said, ["Tijd", "Geld", "Rust"])
    assert outcome == Outcome(given=5, choices=(("Tijd", 2), ("Geld", 3), ("Rust", 0)))
    assert outcomes.of_choice(said[:4], ["Tijd", "Geld"]).withheld


def test_it_mixes_the_order_of_open_answers():
    said = [Value(text=text) for text in ("zo", "Beter", "anders", "meer", "Minder")]
    assert outcomes.of_texts(said).texts == ("anders", "Beter", "meer", "Minder", "zo")
    assert outcomes.of_texts(said[:4]) == Outcome(given=4, withheld=True)


@given(st.lists(st.sampled_from([1, 2, 3, 4, 5, None])))
def test_it_loses_no_answer_and_shows_none_below_five(steps):
    outcome = outcomes.of_scale(scales(*steps))
    assert outcome.given + outcome.no_view == len(steps)
    assert outcome.withheld == (outcome.given < 5)
    assert sum(outcome.steps) == (0 if outcome.withheld else outcome.given)


@given(st.lists(st.decimals(0, 10**6, places=2), min_size=5))
def test_it_keeps_the_middle_between_the_ends(given_numbers):
    figures = outcomes.of_number(numbers(*given_numbers), counts_people=False).figures
    assert figures.lowest <= figures.median <= figures.highest
    assert figures.lowest <= figures.mean <= figures.highest
    assert figures.total == sum(given_numbers)
