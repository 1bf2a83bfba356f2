"""The part of a page that says how far a file is, asks for it and offers it: includes/rendition.html."""

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.pages.polling import STOP_POLLING


def context_of(
    rendition: Rendition | None, *, status_url: str, download_url: str, label: str | Promise = ""
) -> dict[str, Any]:
    """What the part takes: GET of `status_url` says how far it is, POST asks for the file."""
    return {
        "rendition": rendition,
        "request_url": status_url,
        "status_url": status_url,
        "download_url": download_url,
        "label": label,
    }


def polled(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The part by itself, for htmx; it asks no more once the file is there or was given up."""
    rendition: Rendition | None = context["rendition"]
    goes_on = rendition is None or rendition.is_under_way or request.method == "POST"
    return render(request, "includes/rendition.html", context, status=200 if goes_on else STOP_POLLING)


def download(rendition: Rendition, filename: str) -> FileResponse:
    """The file of a rendition that is ready, under a name that says what it is."""
    return FileResponse(
        rendition.file.open("rb"), as_attachment=True, filename=filename, content_type="application/pdf"
    )
