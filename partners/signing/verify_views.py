"""Anybody hands in a PDF and reads what it is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from partners.permissions import public
from partners.signing import evidence
from partners.signing.forms import (
    VerifyForm,
)
from partners.signing.verification import verify as verify_file

LARGEST_TO_VERIFY = 30_000_000
ENVELOPE = 100_000
"""What a form adds around its file, in bytes, at most."""


# Nothing changes here and nobody need be known, so no token is asked: then a body that is too large is never read.
@public
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Anybody hands in a PDF and reads what it is, who signed and whether it is whole. No file is kept."""
    if request.method == "GET":
        return render(request, "partners/signing/verify.html", {"verify_form": VerifyForm()})
    if _announced(request) > LARGEST_TO_VERIFY + ENVELOPE:
        return _too_large(request)
    form = VerifyForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "partners/signing/verify.html", {"verify_form": form})
    uploaded = form.cleaned_data["file"]
    if uploaded.size > LARGEST_TO_VERIFY:
        return _too_large(request)
    found = verify_file(uploaded.read())
    if found.outcome == "too_large":
        return _too_large(request)
    if found.outcome == "no_pdf":
        form.add_error("file", _("Dit is geen PDF. Kies het PDF-bestand van het pact zoals u het hebt gekregen."))
        return render(request, "partners/signing/verify.html", {"verify_form": form})
    context = {"verify_form": VerifyForm(), "found": found, "filename": uploaded.name, "level": evidence.LEVEL}
    return render(request, "partners/signing/verify.html", context)


def _announced(request: HttpRequest) -> int:
    """How many bytes the request says to bring; 0 when it says none, and then none are read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdecimal() else 0


def _too_large(request: HttpRequest) -> HttpResponse:
    form = VerifyForm({}, {})
    form.errors.clear()
    form.add_error("file", _("Dit bestand is te groot. Een pact is hooguit 30 MB. Kies een ander bestand."))
    return render(request, "partners/signing/verify.html", {"verify_form": form}, status=413)
