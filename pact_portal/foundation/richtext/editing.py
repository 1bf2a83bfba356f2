"""Editing a revised text on a page: the form, and what the shared include shows."""

from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.forms.guarded import GuardedForm
from pact_portal.foundation.richtext.fields import RichTextFormField
from pact_portal.foundation.richtext.revisions import RevisedText, StaleText, save_text

LONGEST = 200_000
"""Characters of HTML in one text: some fifty pages."""


class TextForm(GuardedForm, forms.Form):
    """The text, and the revision that its writer started from."""

    body = RichTextFormField(label=_("Tekst"), required=False, max_length=LONGEST, strip=False)
    base = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


@dataclass
class Editor:
    """One text in the hands of one writer, for `templates/includes/revised_text.html`.

    `theirs` is the text as it stands when somebody else saved it meanwhile; `saved` says that this request saved.
    """

    section: RevisedText
    form: TextForm
    theirs: RevisedText | None = None
    saved: bool = False


def edit(request: HttpRequest, section: RevisedText, *, by: models.Model) -> Editor:
    """Open the editor (GET), or save what was typed (POST).

    After a save on a stale base the form keeps the writer's own text and moves on to the base that stands now: the
    page shows both, and saving once more is a choice made with both in sight. The other text stays a revision.
    """
    # The id of an input is unique on a page that shows several texts.
    auto_id = f"text-{section.pk}-%s"
    if request.method != "POST":
        return Editor(section, TextForm(initial={"body": section.body, "base": section.revision}, auto_id=auto_id))
    # With the text as it stands: personal data that was confirmed before is not asked about again.
    form = TextForm(request.POST, initial={"body": section.body}, auto_id=auto_id)
    if not form.is_valid():
        return Editor(section, form)
    body, base = form.cleaned_data["body"], form.cleaned_data["base"]
    try:
        return Editor(save_text(section, body=body, base=base, by=by), form, saved=True)
    except StaleText as stale:
        kept = TextForm(initial={"body": body, "base": stale.current.revision}, auto_id=auto_id)
        return Editor(section, kept, theirs=stale.current)
    except ValidationError as fault:
        form.take(fault)
        return Editor(section, form)
