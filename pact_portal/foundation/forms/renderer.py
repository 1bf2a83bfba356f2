"""Django's own form rendering with the markup of NL Design System; every form in the portal passes here."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting

from pact_portal.foundation.forms.guarded import GuardedForm
from pact_portal.foundation.richtext.widgets import RichTextWidget

# First match holds, so the special kinds stand before the general ones.
CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.HiddenInput, ""),
    (forms.CheckboxSelectMultiple, "utrecht-checkbox utrecht-checkbox--html-input"),
    (forms.RadioSelect, "utrecht-radio-button utrecht-radio-button--html-input"),
    (forms.CheckboxInput, "utrecht-checkbox utrecht-checkbox--html-input"),
    (forms.FileInput, "file-input"),
    (forms.Select, "utrecht-select utrecht-select--html-select"),
    (RichTextWidget, "utrecht-textarea utrecht-textarea--html-textarea richtext__source"),
    (forms.Textarea, "utrecht-textarea utrecht-textarea--html-textarea"),
    (forms.widgets.Input, "utrecht-textbox utrecht-textbox--html-input"),
)
# Messages that do not say which field they are about.
GENERAL_FAULTS = {
    *("required", "invalid", "invalid_choice", "invalid_list", "invalid_date", "max_length", "min_length"),
    *("max_value", "min_value", "max_digits", "max_decimal_places", "max_whole_digits", "null_characters_not_allowed"),
}
WITH_INVALID_STYLE = ("utrecht-select", "utrecht-textarea", "utrecht-textbox")


class PortalBoundField(BoundField):
    """A field on a page: knows which of the shapes in templates/forms/field.html it takes."""

    @property
    def kind(self) -> str:
        """ "group" (several inputs under a legend), "checkbox", "richtext" or "text"."""
        widget = self.field.widget
        if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.MultiWidget):
            return "group"
        if isinstance(widget, forms.CheckboxInput):
            return "checkbox"
        return "richtext" if isinstance(widget, RichTextWidget) else "text"

    @property
    def was_chosen(self) -> bool:
        """Whether a file came with this request; no browser fills it in again."""
        return self.html_name in (self.form.files or {})

    @property
    def anchor(self) -> str:
        """The id of the input that a link in the summary of faults leads to."""
        suffix = "_0" if self.kind == "group" else ""
        return f"{self.auto_id}{suffix}"

    @property
    def summary(self) -> list[str]:
        """The faults of this field as they stand in the summary above the form: each says what it is about."""
        defaults: dict[str, Any] = {}
        for kind in reversed(type(self.field).__mro__):
            defaults |= getattr(kind, "default_error_messages", {})
        label = str(self.label)
        mark = "" if label.endswith(("?", ":", ".")) else ":"
        lines = []
        for fault in self.errors.as_data():
            code = fault.code or ""
            own = self.field.error_messages.get(code)
            general = code in GENERAL_FAULTS and (own is None or own == defaults.get(code))
            lines += [f"{label}{mark} {text}" if general else str(text) for text in fault.messages]
        return lines

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        attrs = dict(super().build_widget_attrs(attrs, widget))
        used = widget or self.field.widget
        # Faults are told by the portal, in its own words and its own place.
        attrs.pop("required", None)
        if self.field.required and not used.is_hidden and self.kind in ("text", "richtext", "checkbox"):
            attrs.setdefault("aria-required", "true")
        if isinstance(self.form, GuardedForm) and self.form.is_read_by_others(self.name):
            attrs["data-readable"] = "rich" if self.kind == "richtext" else "plain"
        # A placeholder vanishes while typing and is faint; labels and hints say it all.
        if "placeholder" in used.attrs:
            attrs["placeholder"] = False
        if used.attrs.get("rows") == "10" and not isinstance(used, RichTextWidget):
            attrs["rows"] = 5  # Django's ten rows suggest an essay
        names = next((names for kind, names in CLASSES if isinstance(used, kind)), "")
        base = names.split(" ")[0]
        if self.errors and base in WITH_INVALID_STYLE:
            names += f" {base}--invalid"
        attrs["class"] = f"{used.attrs.get('class', '')} {names}".strip()
        if not attrs["class"]:
            del attrs["class"]
        return attrs


class PortalFormRenderer(TemplatesSetting):
    """The FORM_RENDERER of the settings: templates/forms/ and fields that know their shape."""

    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"
    bound_field_class = PortalBoundField
