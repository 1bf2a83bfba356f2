"""Rich text: one list decides what a writer can make, what is stored and what is shown."""

import pytest
from django import forms
from django.db import connection, models
from hypothesis import given, settings
from hypothesis import strategies as st

from pact_portal.foundation.richtext import allowlist
from pact_portal.foundation.richtext.allowlist import BUTTONS, EXTENSIONS, TAGS, clean
from pact_portal.foundation.richtext.fields import RichTextField, RichTextFormField
from pact_portal.foundation.templatetags.portal import rich


class Note(models.Model):
    """A row with rich text, in no database: the ways into a column are asked one by one."""

    body = RichTextField("tekst", blank=True)

    class Meta:
        app_label = "foundation"
        managed = False


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *(
                "<p>",
                "</p>",
                "<strong>",
                "</em>",
                "<table>",
                "<tr>",
                "<td>",
                "</table>",
                "<ul><li>",
                "<span class=footnote>",
            ),
            *(
                "<script>",
                "</script>",
                "<svg>",
                "<style>",
                "<math>",
                "<a href='javascript:x'>",
                "<img src=x onerror=y>",
            ),
            *(
                "&lt;",
                "&amp;",
                "&nbsp;",
                "\n\n",
                "\n",
                " ",
                "tekst",
                "<!--",
                "-->",
                "<p/onclick=1>",
                "\x00",
                "<h3>",
                "'\"",
            ),
        ]
    ),
    max_size=14,
).map("".join)


@given(FRAGMENTS | st.text(max_size=60))
@settings(deadline=None)
def test_it_changes_nothing_the_second_time(html: str) -> None:
    assert clean(clean(html)) == clean(html)


@given(FRAGMENTS)
@settings(deadline=None)
def test_it_leaves_no_tag_that_the_list_does_not_name(html: str) -> None:
    opened = {part.split(">")[0].split(" ")[0].strip("/") for part in clean(html).split("<")[1:]}
    assert opened <= TAGS


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>een</p><script>alert(1)</script>", "<p>een</p>"),
        ("<p onclick='x'>een</p>", "<p>een</p>"),
        ("<p style='color:red' class='x'>een</p>", "<p>een</p>"),
        ("<svg><script>alert(1)</script></svg><p>een</p>", "<p>een</p>"),
        ("<math><mi>x</mi></math><p>een</p>", "<p>een</p>"),
        ("<h1>een</h1><p>twee</p>", "een<p>twee</p>"),
        ('<p><a href="javascript:alert(1)">een</a></p>', '<p><a rel="noopener">een</a></p>'),
        ('<p><a href="/elders">een</a></p>', '<p><a rel="noopener">een</a></p>'),
        ('<p><img src="https://x.example/a.png">een</p>', "<p>een</p>"),
        ('<p><span class="footnote x">bron</span></p>', '<p><span class="footnote">bron</span></p>'),
        ('<table><tbody><tr><td colspan="x1">een</td></tr></tbody></table>', None),
    ],
)
def test_it_drops_what_the_list_does_not_name(html: str, expected: str | None) -> None:
    assert clean(html) == (expected or "<table><tbody><tr><td>een</td></tr></tbody></table>")


@pytest.mark.parametrize(
    "html",
    [
        "<h3>een</h3><h4>twee</h4><p><strong>drie</strong> <em>vier</em><br>vijf</p>",
        '<ol start="3"><li><p>een</p></li></ol><ul><li><p>twee</p></li></ul><blockquote><p>drie</p></blockquote>',
        '<table><tbody><tr><th scope="col">een</th></tr><tr><td colspan="2"><p>twee</p></td></tr></tbody></table>',
        '<p>zin<span class="footnote">bron, 2026</span></p>',
        '<p><a href="https://x.nl/" rel="noopener">een</a> <a href="mailto:a@x.nl" rel="noopener">twee</a></p>',
    ],
)
def test_it_keeps_what_the_editor_makes(html: str) -> None:
    assert clean(html) == html


def test_it_makes_paragraphs_of_plain_text() -> None:
    assert clean("een\r\ntwee\r\n\r\n\r\ndrie") == "<p>een<br>twee</p><p>drie</p>"


@pytest.mark.parametrize("nothing", ["", "   ", "<p></p>", "<p>&nbsp;</p>", "<p><br></p>", "<script>x</script>"])
def test_it_counts_text_without_words_as_empty(nothing: str) -> None:
    assert clean(nothing) == ""


def test_it_cleans_on_every_way_into_a_column() -> None:
    field, dirty, cleaned = Note._meta.get_field("body"), "<p>een<script>x</script></p>", "<p>een</p>"
    note = Note(body=dirty)
    note.clean_fields()
    assert note.body == cleaned
    note.body = dirty
    assert field.pre_save(note, add=True) == cleaned
    assert note.body == cleaned
    assert field.get_db_prep_save(dirty, connection) == cleaned  # what update() and bulk_update() call


def test_it_leaves_expressions_to_the_database() -> None:
    field = Note._meta.get_field("body")
    expression = models.Value("tekst")
    assert field.get_db_prep_save(expression, connection) is expression


def test_it_gives_a_model_form_the_editor() -> None:
    form_field = Note._meta.get_field("body").formfield()
    assert isinstance(form_field, RichTextFormField)
    assert form_field.clean("<p>een</p><svg></svg>") == "<p>een</p>"


def test_it_refuses_an_empty_editor_where_text_is_required() -> None:
    with pytest.raises(forms.ValidationError):
        RichTextFormField().clean("<p></p>")


def test_it_looks_like_a_text_column_to_migrations() -> None:
    assert RichTextField().deconstruct()[1] == "django.db.models.TextField"


def test_it_shows_stored_text_only_after_cleaning() -> None:
    assert rich("<p>een</p><script>x</script>") == "<p>een</p>"
    assert rich(None) == ""


def test_it_has_a_command_in_the_script_for_every_button(settings) -> None:  # type: ignore[no-untyped-def]
    script = (settings.BASE_DIR / "static/js/richtext.js").read_text()
    for button in BUTTONS:
        assert f"{button.command}: {{ act:" in script or f'"{button.command}": {{ act:' in script, button.command


def test_it_hands_the_editor_the_extensions_of_the_list() -> None:
    assert set(EXTENSIONS) == {feature.extension for feature in allowlist.FEATURES}
    shown = RichTextFormField().widget.render("body", "<p>een</p>", {"id": "b"})
    assert "data-extensions=" in shown
    assert 'role="toolbar"' in shown
    assert "&lt;p&gt;een&lt;/p&gt;" in shown
