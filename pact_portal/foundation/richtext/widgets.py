"""The editor on the page: a textarea that works without JavaScript, with the toolbar that the script brings to life."""

import json
from typing import Any

from django import forms

from pact_portal.foundation.richtext.allowlist import BUTTONS, EXTENSIONS, SCHEMES


class RichTextWidget(forms.Textarea):
    """Textarea plus toolbar; static/js/richtext.js (in the base template) finds it by `data-richtext`."""

    template_name = "forms/richtext.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {
            "buttons": BUTTONS,
            "extensions": json.dumps(EXTENSIONS, separators=(",", ":")),
            "schemes": " ".join(SCHEMES),
        }
        return context

    def use_required_attribute(self, initial: Any) -> bool:
        # The textarea is hidden behind the editor, where a browser cannot point at it.
        return False
