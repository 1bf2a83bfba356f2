"""Requests are UTF-8. Django lets the sender name another encoding, also one that decodes no text, and then fails."""

import re
from collections.abc import Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIRequest

CHARSET = re.compile(r";\s*charset=[^;]*", re.IGNORECASE)


class Utf8Request(WSGIRequest):
    """Reads addresses and forms as UTF-8, whatever charset the Content-Type names.

    Browsers send forms in the encoding of the page, which is UTF-8 everywhere in the portal.
    """

    def _set_content_type_params(self, meta: Mapping[str, Any]) -> None:
        plain = CHARSET.sub("", meta.get("CONTENT_TYPE", ""))
        super()._set_content_type_params({**meta, "CONTENT_TYPE": plain})  # type: ignore[misc]  # not in the stubs
