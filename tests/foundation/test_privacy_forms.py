"""Forms and rows refuse a BSN, and ask about other personal data; no form forgets to."""

import re
from importlib import import_module
from pathlib import Path

import pytest
import time_machine
from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.http import urlencode

from pact_portal.foundation.forms.guarded import EVERY_FIELD, GuardedForm
from pact_portal.foundation.privacy.guard import find
from pact_portal.foundation.richtext.fields import RichTextFormField
from pact_portal.foundation.richtext.revisions import save_text
from partners.models import MirrorTerm, PactSection
from plan.questions.models import SupportQuestion
from tests.factories import make_programme

BSN = "725763863"
ROOT = Path(__file__).parents[2]
# Forms of which nobody but the writer reads a text, or of which a field is no text at all.
EXEMPT = {
    "RenewalForm": EVERY_FIELD,
    "SecondFactorForm": EVERY_FIELD,
    "RenewSecondFactorForm": EVERY_FIELD,
    "ActivateAppForm": EVERY_FIELD,
    "AddPasskeyForm": EVERY_FIELD,
    "NamePasskeyForm": EVERY_FIELD,
    "SignInForm": EVERY_FIELD,
    # The number of an invoice is given out by its sender, often in nine digits, and is no free text.
    "BookForm": frozenset({"reference"}),
}


class LetterForm(GuardedForm, forms.Form):
    """A form as slices have them."""

    title = forms.CharField(max_length=100)
    text = forms.CharField(widget=forms.Textarea, required=False)
    rich = RichTextFormField(required=False)
    mail = forms.EmailField(required=False)
    link = forms.URLField(required=False, assume_scheme="https")
    phone = forms.CharField(required=False)
    kind = forms.ChoiceField(choices=[(BSN, BSN)], required=False)
    secret = forms.CharField(widget=forms.PasswordInput, required=False)
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)

    privacy_exempt = frozenset({"phone"})


def codes(form):
    return {name: [fault.code for fault in faults] for name, faults in form.errors.as_data().items()}


def confirmed(form, **more):
    """What a browser sends after the tick on the page that the form makes."""
    html = form.as_div()
    mark = re.search(r'name="(?:\w+-)?privacy_seen" value="(\w+)"', html).group(1)
    return {**form.data, form.add_prefix("privacy_confirmed"): "on", form.add_prefix("privacy_seen"): mark, **more}


@pytest.mark.parametrize("name", ["title", "text", "rich"])
def test_it_refuses_a_bsn_in_any_free_text(name):
    form = LetterForm({"title": "x", name: f"Leerling {BSN[:3]} {BSN[3:6]} {BSN[6:]}"})
    assert codes(form) == {name: ["bsn"]}
    assert "privacy_confirmed" not in form.fields


def test_it_refuses_a_bsn_also_when_all_else_was_confirmed():
    form = LetterForm({"title": "06-12345678"})
    form.is_valid()
    again = LetterForm(confirmed(form, text=f"BSN {BSN}"))
    assert codes(again) == {"text": ["bsn"]}


def test_it_sees_a_bsn_through_the_tags_of_a_rich_text():
    assert codes(LetterForm({"title": "x", "rich": "<p>725<strong>763</strong>863</p>"})) == {"rich": ["bsn"]}


@pytest.mark.parametrize("name", ["phone", "secret", "hidden", "kind"])
def test_it_leaves_alone_what_is_no_free_text(name):
    assert LetterForm({"title": "x", name: BSN}).is_valid()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mail", f"{BSN}@school.example"),
        ("link", f"https://school.example/{BSN}"),
        ("link", f"https://school.example/%37{BSN[1:]}"),
        ("link", f"https://school.example/{BSN[:3]}-{BSN[3:6]}-{BSN[6:]}"),
    ],
)
def test_it_refuses_a_bsn_in_an_address_and_asks_nothing_else_of_it(name, value):
    assert codes(LetterForm({"title": "x", name: value})) == {name: ["bsn"]}
    plain_ones = {"mail": "moeder@post.example", "link": "https://school.example/0612345678"}
    assert LetterForm({"title": "x", name: plain_ones[name]}).is_valid()
    html = LetterForm({"title": "x", name: value}).as_div()
    assert f'name="{name}"' in html


def test_it_finds_a_bsn_over_several_lines():
    lines = f"Leerling\r\n{BSN[:3]}\r\n{BSN[3:6]}\r\n{BSN[6:]}"
    assert codes(LetterForm({"title": "x", "text": lines})) == {"text": ["bsn"]}
    assert codes(LetterForm({"title": "x", "text": lines.replace("\r\n", "\t")})) == {"text": ["bsn"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Bel 06-12345678.", "een telefoonnummer (06-…)"),
        ("Mail moeder@post.example.", "een e-mailadres (moe…)"),
        ("Geboren op 12-3-2011.", "een geboortedatum (12-…)"),
        ("Op NL91ABNA0417164300.", "een rekeningnummer (NL9…)"),
        ("06-12345678 of a@post.example", "een telefoonnummer (06-…) en een e-mailadres (a@p…)"),
    ],
)
def test_it_asks_about_other_personal_data_and_says_what_it_found(text, words):
    form = LetterForm({"title": "x", "text": text})
    assert codes(form) == {"text": ["personal_data"]}
    assert words in form.errors["text"][0]
    assert "Ja, dit mag iedereen in dit pact lezen" in form.as_div()
    assert form["text"].value() == text
    assert LetterForm(confirmed(form)).is_valid()


def test_a_tick_alone_is_not_enough():
    assert codes(LetterForm({"title": "06-12345678", "privacy_confirmed": "on"})) == {"title": ["personal_data"]}
    stale = {"title": "06-12345678", "privacy_confirmed": "on", "privacy_seen": "0" * 64}
    assert codes(LetterForm(stale)) == {"title": ["personal_data"]}


def test_a_tick_counts_only_for_what_was_shown():
    form = LetterForm({"title": "06-12345678"})
    form.is_valid()
    again = LetterForm(confirmed(form, text="En ook 06-87654321."))
    assert codes(again) == {"title": ["personal_data"], "text": ["personal_data"]}
    assert "checked" not in again.as_div()
    assert LetterForm(confirmed(again)).is_valid()


def test_the_mark_gives_nothing_away():
    form = LetterForm({"title": "06-12345678"})
    form.is_valid()
    assert "12345678" not in str(form["privacy_seen"])
    assert re.search(r'value="[0-9a-f]{64}"', str(form["privacy_seen"]))


def test_the_tick_says_what_it_is_about_and_escapes_it():
    form = LetterForm({"title": "06-12345678", "text": "Mail &{x}@post.example"})
    form.is_valid()
    html = str(form["privacy_confirmed"].as_field_group())
    assert "Een telefoonnummer (06-…) en een e-mailadres (&amp;{x…)" in html


def test_the_tick_stays_when_something_else_is_wrong():
    form = LetterForm({"title": "06-12345678"})
    form.is_valid()
    again = LetterForm(confirmed(form, mail="geen adres"))
    assert codes(again) == {"mail": ["invalid"]}
    assert "checked" in str(again["privacy_confirmed"])
    assert LetterForm(confirmed(again, mail="")).is_valid()


def test_it_asks_nothing_about_what_already_stood_there():
    kept = LetterForm({"title": "06-12345678, bel ons"}, initial={"title": "06-12345678"})
    assert kept.is_valid()
    more = LetterForm({"title": "06-12345678 en 06-87654321"}, initial={"title": "06-12345678"})
    assert "(06-…)" in more.errors["title"][0]
    old = LetterForm({"title": f"BSN {BSN}"}, initial={"title": f"BSN {BSN}"})
    assert codes(old) == {"title": ["bsn"]}


class WordForm(GuardedForm, forms.ModelForm):
    """A form of a row."""

    class Meta:
        model = MirrorTerm
        fields = ["term", "reason", "alternative"]


def test_what_a_page_fills_in_for_a_new_row_was_never_confirmed(people):
    typed = {"term": "etiket", "reason": "Bel 06-12345678.", "alternative": "naam"}
    assert codes(WordForm(typed, initial={"reason": typed["reason"]})) == {"reason": ["personal_data"]}
    row = MirrorTerm(pact=people.pact, term="etiket", reason="Anders.", alternative="naam")
    row.save()
    assert codes(WordForm(typed, instance=row, initial={"reason": typed["reason"]})) == {"reason": ["personal_data"]}
    row.reason = typed["reason"]
    row.save()
    assert WordForm(typed, instance=MirrorTerm.unscoped.get(pk=row.pk)).is_valid()


def test_the_title_in_the_address_of_a_page_is_no_confirmation(people, client_for):
    address = reverse("plan:question_new", args=[people.pact.slug])
    typed = {"partnership": people.school.pk, "title": "Bel 06-12345678", "description": "<p>Waarom</p>"}
    page = client_for(people.representative).post(f"{address}?{urlencode({'title': typed['title']})}", typed)
    assert page.status_code == 200
    assert "personal_data" in {fault.code for fault in page.context["form"].errors.as_data()["title"]}
    assert not SupportQuestion.unscoped.exists()


@time_machine.travel("2026-11-23 12:00+01:00")
def test_a_form_reads_dates_by_the_day_of_today():
    assert LetterForm({"title": "Onze verjaardag, 12 juni 2026"}).is_valid()
    assert codes(LetterForm({"title": "Zijn verjaardag, 12 juni 2016"})) == {"title": ["personal_data"]}


def test_every_form_of_a_set_asks_for_itself():
    form = LetterForm({"a-title": "06-12345678"}, prefix="a")
    assert codes(form) == {"title": ["personal_data"]}
    assert 'name="a-privacy_confirmed"' in form.as_div()
    assert LetterForm(confirmed(form), prefix="a").is_valid()


def test_it_marks_the_texts_that_others_read():
    html = LetterForm().as_div()
    marked = [tag for tag in re.findall(r"<(?:input|textarea)[^>]*>", html) if "data-readable" in tag]
    assert [re.search(r'name="(\w+)"', tag).group(1) for tag in marked] == ["title", "text", "rich"]
    assert [re.search(r'data-readable="(\w+)"', tag).group(1) for tag in marked] == ["plain", "plain", "rich"]


def all_forms():
    for path in [*ROOT.glob("*/*/*form*.py"), *ROOT.glob("*/*/*/*form*.py"), *ROOT.glob("*/*/*/editing.py")]:
        if path.is_relative_to(ROOT / "tests") or path.is_relative_to(ROOT / ".venv") or "node_modules" in path.parts:
            continue
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))

    def below(form):
        for each in form.__subclasses__():
            yield each
            yield from below(each)

    own = ("pact_portal.", "partners.", "plan.", "evaluations.")
    return {each for each in below(forms.BaseForm) if each.__module__.startswith(own)}


def test_every_form_is_guarded_unless_it_stands_in_the_list():
    guarded = {each for each in all_forms() if issubclass(each, GuardedForm)}
    assert len(guarded) > 40
    odd = {each.__name__: each.privacy_exempt for each in guarded if each.privacy_exempt}
    assert odd == EXEMPT


def test_no_other_form_takes_free_text():
    for form in all_forms():
        if issubclass(form, GuardedForm) or form.__module__.endswith("filters") or "Filter" in form.__name__:
            continue
        for name, field in getattr(form, "base_fields", {}).items():
            assert not isinstance(field.widget, forms.Textarea), (form, name)
            # A search by GET is read by nobody.
            is_text = type(field) is forms.CharField and not field.widget.is_hidden
            assert not is_text or name == "q", (form, name)


# --- Past the form -----------------------------------------------------------------------------------------------


def test_a_row_of_a_pact_refuses_a_bsn_in_any_text(people):
    row = MirrorTerm(pact=people.pact, term="woord", reason=f"over {BSN}", alternative="anders")
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    assert set(caught.value.error_dict) == {"reason"}
    assert caught.value.error_dict["reason"][0].code == "bsn"
    assert BSN not in str(caught.value)


def test_a_row_refuses_a_bsn_in_a_link_or_the_address_of_a_mailbox(people):
    partner = people.school
    programme = make_programme(people.pact, provider=partner)
    programme.link = f"https://school.example/{BSN[:5]}%{ord(BSN[5]):x}{BSN[6:]}"
    with pytest.raises(ValidationError) as caught:
        programme.full_clean()
    assert [fault.code for fault in caught.value.error_dict["link"]] == ["bsn"]
    programme.link = "https://school.example/0612345678"
    programme.full_clean()


def test_a_row_tells_of_a_bsn_beside_its_other_faults(people):
    row = MirrorTerm(pact=people.pact, term="", reason=BSN, alternative="x" * 500)
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    assert set(caught.value.error_dict) == {"term", "reason", "alternative"}


def test_a_row_takes_no_technical_column_for_a_text(people):
    class Keyed(MirrorTerm):
        TECHNICAL_TEXTS = MirrorTerm.TECHNICAL_TEXTS | {"term"}

        class Meta:
            proxy = True
            app_label = "partners"

    Keyed(pact=people.pact, term=BSN, reason="r", alternative="a").full_clean()


def test_saving_a_text_of_the_pact_refuses_a_bsn_and_keeps_the_old_text(people):
    section = PactSection.objects.in_pact(people.pact).first() or PactSection.unscoped.create(
        pact=people.pact, title="Inleiding", position=99
    )
    with pytest.raises(ValidationError) as caught:
        save_text(section, body="<p>725<em>763</em>863</p>", base=section.revision, by=people.coordinator)
    assert set(caught.value.error_dict) == {"body"}
    section.refresh_from_db()
    assert "863" not in section.body
    assert section.revisions.count() == 0


def test_the_guard_off_lets_a_bsn_in(people, monkeypatch):
    """The twin: what is above holds because of the guard and nothing else."""
    monkeypatch.setattr("pact_portal.foundation.scoping.has_bsn", lambda text: False)
    MirrorTerm(pact=people.pact, term="woord", reason=BSN, alternative="anders").full_clean()
    assert find(BSN)
