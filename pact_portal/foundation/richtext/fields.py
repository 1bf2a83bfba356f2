"""Rich text in models and forms: cleaned on every way in, so that what is stored may be shown."""

from typing import Any

from django import forms
from django.db import models

from pact_portal.foundation.richtext.allowlist import clean
from pact_portal.foundation.richtext.widgets import RichTextWidget


class RichTextFormField(forms.CharField):
    """Form field with the editor; its value is clean HTML, or "" when nothing was written."""

    widget = RichTextWidget

    def to_python(self, value: Any) -> str:
        return clean(super().to_python(value) or "")


class RichTextField(models.TextField):
    """Text column with clean HTML. Forms, `full_clean`, `save`, `bulk_create` and `update` all pass the allow-list."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return clean(text) if isinstance(text, str) else text

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = clean(value)
            # The object in memory shows what was stored.
            setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        return super().get_db_prep_save(clean(value) if isinstance(value, str) else value, connection)

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        # Past TextField.formfield, which would put a plain textarea over the editor.
        return models.Field.formfield(self, **{"form_class": RichTextFormField, **kwargs})

    def deconstruct(self) -> Any:
        # Migrations see a text column: the allow-list may change without one.
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs
