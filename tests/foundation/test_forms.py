"""Forms: what people in the Netherlands type is understood, and every fault is told in words, at two places."""

import datetime
from decimal import Decimal

import pytest
from django import forms
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from pact_portal.foundation.forms.fields import DutchDateField, EuroField, plain_number


class Question(forms.Form):
    title = forms.CharField(label="Titel", error_messages={"required": "Vul een titel in."}, help_text="Eén zin.")
    theme = forms.ChoiceField(label="Thema", choices=[("a", "Lezen"), ("b", "Rekenen")], widget=forms.RadioSelect)
    needed_on = DutchDateField(label="Wanneer nodig?")
    amount = EuroField(label="Bedrag", required=False)
    informed = forms.BooleanField(label="De school weet ervan")
    note = forms.CharField(label="Opmerking", required=False, widget=forms.Textarea(attrs={"placeholder": "Typ hier"}))
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.mark.parametrize(
    "typed",
    [
        "14-3-2027",
        "14-03-2027",
        "14/3/2027",
        "14.3.2027",
        " 14 maart 2027 ",
        "14 mrt. 2027",
        "14 March 2027",
        "2027-03-14",
    ],
)
def test_it_reads_a_date_as_people_write_it(typed: str) -> None:
    assert DutchDateField().clean(typed) == datetime.date(2027, 3, 14)


@pytest.mark.parametrize(
    "typed", ["31-2-2027", "3-14-2027", "morgen", "14 foo 2027", "1-1-27", "٣-٣-٢٠٢٧x", "0-0-0000"]
)
def test_it_says_how_to_write_a_date_that_it_cannot_read(typed: str) -> None:
    with pytest.raises(forms.ValidationError, match="bijvoorbeeld 14-3-2027"):
        DutchDateField().clean(typed)


@given(st.dates(min_value=datetime.date(1900, 1, 1)))
def test_it_reads_back_the_date_that_it_shows(day: datetime.date) -> None:
    field = DutchDateField()
    assert field.clean(field.widget.format_value(day)) == day


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1234", "1234"),
        ("1.234", "1234"),
        ("1.234.567", "1234567"),
        ("1.234,50", "1234.50"),
        ("1234,5", "1234.5"),
        ("1234.50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("€ 1.234,50", "1234.50"),
        ("EUR 12", "12"),
        ("12,-", "12"),
        ("0", "0"),
    ],
)
def test_it_reads_an_amount_as_people_write_it(typed: str, amount: str) -> None:
    assert EuroField().clean(typed) == Decimal(amount)


@pytest.mark.parametrize(
    "typed", ["veel", "1,234,5,6", "-5", "1,234", "99999999999", "NaN", "1e9", "Infinity", "1.2.3", "0.001"]
)
def test_it_refuses_what_is_no_amount(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        EuroField().clean(typed)


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from(["nl", "en"]))
def test_it_reads_back_the_amount_that_it_shows(amount: Decimal, language: str) -> None:
    with translation.override(language):
        field = EuroField()
        assert field.clean(field.widget.format_value(amount)) == amount


@given(st.text(max_size=20))
def test_it_survives_any_text_as_an_amount(typed: str) -> None:
    read = plain_number(typed)
    assert read is None or Decimal(read).is_finite()


def test_it_keeps_an_amount_that_was_refused_as_it_was_typed() -> None:
    assert 'value="veel geld"' in str(Question({"amount": "veel geld"})["amount"])


def test_it_lists_every_fault_above_the_form_with_a_link() -> None:
    shown = str(Question({"amount": "veel"}))
    assert "Er zijn 5 dingen die nog niet kloppen" in shown
    assert '<a href="#id_title">Vul een titel in.</a>' in shown
    assert '<a href="#id_theme_0">Thema: ' in shown  # a general sentence says which field it is about
    assert '<a href="#id_needed_on">Wanneer nodig? ' in shown
    assert "data-focus" in shown
    for name in ("title", "needed_on", "amount", "informed"):
        assert f'id="id_{name}_error"' in shown


def test_it_wires_label_hint_and_fault_to_the_input() -> None:
    shown = str(Question({})["title"])
    assert 'aria-invalid="true"' in shown
    assert 'aria-describedby="id_title_helptext id_title_error"' in shown
    assert "utrecht-textbox--invalid" in shown


def test_it_shows_no_summary_before_anything_was_sent() -> None:
    shown = str(Question())
    assert "fault-summary" not in shown
    assert shown.count("niet verplicht") == 2


def test_it_leaves_judging_to_the_portal_not_the_browser() -> None:
    shown = str(Question())
    assert " required" not in shown
    assert "placeholder" not in shown
    assert 'type="date"' not in shown
    assert 'type="number"' not in shown


def test_it_groups_radio_buttons_under_a_legend() -> None:
    shown = Question()["theme"].as_field_group()
    assert "<fieldset" in shown
    assert '<label class="choice" for="id_theme_1">' in shown
    assert 'class="utrecht-radio-button' in shown


def test_it_escapes_what_was_typed() -> None:
    shown = str(Question({"title": '"><script>x</script>', "amount": "<b>"}))
    assert "<script>" not in shown
    assert "<b>" not in shown
