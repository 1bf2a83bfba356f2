"""What each kind of evaluation question takes."""

from contextlib import suppress
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from evaluations.answering.values import NO_VIEW, Value, checked, plain, read, shown
from evaluations.models import Topic

SCALE = Topic(kind=Topic.Kind.SCALE, text="Goed?")
NUMBER = Topic(kind=Topic.Kind.NUMBER, text="Hoeveel?")
CHOICE = Topic(kind=Topic.Kind.CHOICE, text="Wat?", options=["Tijd", "Geld"])
OPEN = Topic(kind=Topic.Kind.OPEN, text="En verder?")


@pytest.mark.parametrize(
    ("topic", "typed", "value"),
    [
        (SCALE, "1", Value(scale=1)),
        (SCALE, 5, Value(scale=5)),
        (SCALE, NO_VIEW, Value(no_view=True)),
        (NUMBER, "12", Value(number=Decimal(12))),
        (NUMBER, "12,5", Value(number=Decimal("12.5"))),
        (NUMBER, "12.5", Value(number=Decimal("12.5"))),
        (NUMBER, "1.234", Value(number=Decimal(1234))),
        (NUMBER, "1.234.567,89", Value(number=Decimal("1234567.89"))),
        (NUMBER, "1 234", Value(number=Decimal(1234))),
        (NUMBER, "-3", Value(number=Decimal(-3))),
        (NUMBER, "−3", Value(number=Decimal(-3))),
        (NUMBER, 0, Value(number=Decimal(0))),
        (NUMBER, Decimal("1.23"), Value(number=Decimal("1.23"))),
        (NUMBER, Decimal("1.234").quantize(Decimal("1.00")), Value(number=Decimal("1.23"))),
        (CHOICE, "Geld", Value(choice="Geld")),
        (OPEN, "  Goed\r\nzo \x00\x07", Value(text="Goed\nzo")),
    ],
)
def test_it_reads_what_was_typed(topic, typed, value):
    assert read(topic, typed) == value


@pytest.mark.parametrize("topic", [SCALE, NUMBER, CHOICE, OPEN])
@pytest.mark.parametrize("typed", [None, "", "  ", "\x00"])
def test_it_takes_silence_for_silence(topic, typed):
    assert read(topic, typed) is None


def test_it_wants_a_judgement_or_no_view_on_a_scale():
    with pytest.raises(ValidationError, match="geen zicht op"):
        checked(SCALE, "")
    assert checked(OPEN, "") is None


@pytest.mark.parametrize(
    ("topic", "typed", "words"),
    [
        (SCALE, "0", "1 tot en met 5"),
        (SCALE, "6", "1 tot en met 5"),
        (SCALE, "3.5", "1 tot en met 5"),
        (SCALE, "٣", "1 tot en met 5"),
        (SCALE, True, "1 tot en met 5"),
        (NUMBER, "veel", "bijvoorbeeld"),
        (NUMBER, "1e400", "bijvoorbeeld"),
        (NUMBER, "NaN", "bijvoorbeeld"),
        (NUMBER, "Infinity", "bijvoorbeeld"),
        (NUMBER, "٣", "bijvoorbeeld"),
        (NUMBER, "1,2,3", "bijvoorbeeld"),
        (NUMBER, True, "bijvoorbeeld"),
        (NUMBER, "9" * 13, "te groot"),
        (NUMBER, "9" * 5000, "te groot"),
        (NUMBER, "1,234", "twee cijfers"),
        (CHOICE, "Rust", "mogelijkheden"),
        (OPEN, "x" * 5001, "5001 tekens"),
        (OPEN, 7, "tekst"),
    ],
)
def test_it_refuses_with_a_sentence(topic, typed, words):
    with pytest.raises(ValidationError, match=words):
        read(topic, typed)


@given(st.text())
def test_it_never_breaks_on_text(typed):
    for topic in (SCALE, NUMBER, CHOICE, OPEN):
        with suppress(ValidationError):
            read(topic, typed)


@given(st.text())
def test_it_keeps_plain_text_as_it_is(typed):
    once = plain(typed)
    assert plain(once) == once
    assert "\x00" not in once


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=2))
def test_it_shows_a_number_so_that_it_is_read_back_the_same(number):
    value = Value(number=number)
    assert read(NUMBER, shown(NUMBER, value)) == value


@pytest.mark.parametrize(
    ("topic", "value"),
    [
        (SCALE, Value(scale=4)),
        (SCALE, Value(no_view=True)),
        (CHOICE, Value(choice="Tijd")),
        (OPEN, Value(text="Goed\nzo")),
    ],
)
def test_it_shows_an_answer_so_that_it_is_read_back_the_same(topic, value):
    assert read(topic, shown(topic, value)) == value
