"""What a document may fetch while it is rendered: nothing but what the project itself puts there.

Two reserved schemes exist. `static:css/pdf/plan.css` is a file of the project's own static folders, read from disk;
`stored:photo.jpg` is a file whose bytes the caller handed in. Everything else (http, https, ftp, file, data, any
address that a user could type) is refused before a name is looked up or a socket is opened. A refused resource is
left out of the document and logged; the document itself is still made.
"""

import logging
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from urllib.request import OpenerDirector

from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.exceptions import SuspiciousFileOperation
from weasyprint.urls import URLFetcher, URLFetcherResponse

log = logging.getLogger(__name__)

STATIC = "static:"
STORED = "stored:"

_SHOWN = 200  # An address in the log is cut here: a data: address can be megabytes long.


class RefusedAddress(ValueError):
    """The document asked for something that is not the project's own."""


class ProjectFetcher(URLFetcher):
    """Hands out static and handed-in files; refuses everything else.

    The parent's `fetch`, which knows http, ftp, file and data, is replaced and never called.
    """

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        # Not the parent's: that one sets up the handlers for http, ftp, file and data.
        OpenerDirector.__init__(self)
        self._fail_on_errors = False
        self._files = files or {}

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """Give the bytes behind a reserved address; raises `RefusedAddress` for any other."""
        try:
            body = self._read(url)
        except (RefusedAddress, SuspiciousFileOperation, OSError, ValueError) as fault:
            log.warning("Left out of the document: %.*s", _SHOWN, url)
            raise RefusedAddress(f"{url[:_SHOWN]} is not a file of the project") from fault
        kind = mimetypes.guess_type(url.partition(":")[2], strict=False)[0] or "application/octet-stream"
        return URLFetcherResponse(url, body, {"Content-Type": kind})

    def open(self, url: Any, data: Any = None, timeout: Any = None) -> URLFetcherResponse:
        """Answer the opener's other entrance by the same rule."""
        return self.fetch(url if isinstance(url, str) else url.full_url)

    def _read(self, url: str) -> bytes:
        if url.startswith(STATIC):
            return static_file(unquote(url.removeprefix(STATIC))).read_bytes()
        if url.startswith(STORED):
            name = unquote(url.removeprefix(STORED))
            if name in self._files:
                return self._files[name]
        raise RefusedAddress(url[:_SHOWN])


def static_file(name: str) -> Path:
    """Give the path of a static file of the project; raises `RefusedAddress` when there is none of that name."""
    # The project's own folders only, not those of installed packages.
    found = FileSystemFinder().find(name)
    if not isinstance(found, str) or not Path(found).is_file():
        raise RefusedAddress(f"{name[:_SHOWN]} is not a static file of the project")
    return Path(found)
