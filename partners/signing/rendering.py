"""The files of signing, made in the worker: certified pact and sheet, page with evidence, sheet to print."""

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from pact_portal.foundation.documents.blocks import Document
from pact_portal.foundation.documents.registry import CannotRender, Progress
from pact_portal.foundation.documents.render import LAYOUTS, context_of, render_pdf
from pact_portal.foundation.sealing import keys, sealing
from partners.pact import rendering as unsigned
from partners.signing.document import compile_evidence, compile_sheet
from partners.signing.models import Deed, Signature, SignaturePlace
from partners.signing.sealing import certificate_for

CERTIFYING = 95
"""Percent: what is left after the document is there."""


def render_version(version_id: int, progress: Progress) -> bytes:
    """The certified PDF of a version of a pact: nothing but signatures can be added to it.

    Raises SealKeyFault when there is no key to certify with, PactVersion.DoesNotExist.
    """
    # Before the work is done: without a key there is no file.
    keys.load()
    return _certified(unsigned.render_version(version_id, progress), progress)


def render_accession(deed_id: int, progress: Progress) -> bytes:
    """The certified PDF of a sheet for accession. Raises SealKeyFault, Deed.DoesNotExist."""
    keys.load()
    deed = Deed.objects.across_pacts().get(pk=deed_id, number__gt=0)
    return _certified(unsigned.render_frozen(Document.from_data(deed.content), progress), progress)


def render_evidence(signature_id: int, progress: Progress) -> bytes:
    """The page with the evidence of a signature. Raises CannotRender while it waits for its seal."""
    signature = (
        Signature.objects.across_pacts()
        .select_related(
            "place__deed__version__pact", "place__partnership__organisation", "revision__certificate", "recorded_by"
        )
        .get(pk=signature_id)
    )
    if signature.way == Signature.Way.ELECTRONIC and not hasattr(signature, "revision"):
        raise CannotRender(_("Het zegel is nog niet gezet. Vraag het bewijs over een minuut opnieuw."))
    return _small(compile_evidence(signature), progress)


def render_sheet(place_id: int, progress: Progress) -> bytes:
    """The sheet of one partner to print, sign and scan. Raises SignaturePlace.DoesNotExist."""
    place = (
        SignaturePlace.objects.across_pacts()
        .select_related("deed__version__pact", "partnership__organisation")
        .get(pk=place_id)
    )
    return _small(compile_sheet(place), progress)


def _certified(content: bytes, progress: Progress) -> bytes:
    """The file with the seal of the portal over the whole; its certificate is kept, so that others can check it."""
    progress(CERTIFYING, _("Het bestand wordt gewaarmerkt"))
    key = keys.load()
    certified = sealing.certify(content, key)
    certificate_for(key)
    return certified


def _small(document: Document, progress: Progress) -> bytes:
    """A document of a page or two, without cover and contents."""
    progress(10, _("De tekst wordt opgemaakt"))
    with translation.override(document.language):
        html = render_to_string("pdf/small.html", context_of(document))
        return render_pdf(html, styles=LAYOUTS[document.kind])
