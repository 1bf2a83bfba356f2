"""Changes of the pact: founded, its text written, a version frozen."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from pact_portal.foundation.documents import workflow as documents
from partners.organisations.models import Partnership
from partners.pact.document import compile_pact
from partners.pact.models import CollaborationArea, Pact, PactSection, PactVersion

KIND = "pact"
"""The kind of rendition that the frozen versions have."""


@transaction.atomic
def found(
    *,
    slug: str,
    name: str,
    region: str,
    motto: str,
    starts_on: Any,
    ends_on: Any,
    areas: list[str],
    by: models.Model | None,
    **fields: Any,
) -> Pact:
    """Start a pact with its collaboration areas, in order; `fields` are further fields of the pact.

    Raises ValidationError when the slug is taken or a field cannot be.
    """
    pact = Pact(slug=slug, name=name, region=region, motto=motto, starts_on=starts_on, ends_on=ends_on, **fields)
    pact.full_clean()
    pact.save()
    for position, area in enumerate(areas, 1):
        row = CollaborationArea(pact=pact, position=position, name=area)
        row.full_clean()
        row.save()
    audit.record("pact.founded", pact, by=by, pact=pact)
    return pact


@transaction.atomic
def add_section(pact: Pact, *, title: str, body: str, by: models.Model | None) -> PactSection:
    """Add a section at the end of the text; a body that is not empty is its first revision."""
    Pact.objects.select_for_update().get(pk=pact.pk)
    highest = PactSection.objects.in_pact(pact).aggregate(Max("position"))["position__max"]
    section = PactSection(pact=pact, position=(highest or 0) + 1, title=title.strip(), body=body)
    section.full_clean(exclude=["edited_at", "edited_by"])  # empty until somebody writes
    if section.body:
        section.revision, section.edited_at = 1, timezone.now()
        section.edited_by = by  # type: ignore[assignment]  # any user model
    section.save()
    if section.body:
        section.revisions.create(number=1, body=section.body, saved_by=section.edited_by)
    audit.record("section.added", section, by=by)
    return section


@transaction.atomic
def freeze(pact: Pact, *, by: models.Model, after: int | None = None) -> PactVersion:
    """Freeze the text with its signature sheets as the next version, and ask for its PDF.

    `after` is the number of the newest version that the asker has seen (0: none), so that pressing twice freezes
    once. Raises ValidationError when another version came between, or there is nothing to freeze.
    """
    pact = Pact.objects.select_for_update().get(pk=pact.pk)
    newest = PactVersion.objects.in_pact(pact).aggregate(Max("number"))["number__max"] or 0
    if after is not None and after != newest:
        raise ValidationError(
            _("Intussen is versie %(number)s vastgesteld. Bekijk die eerst.") % {"number": newest}, code="stale"
        )
    if faults := obstacles(pact):
        raise ValidationError(faults)
    frozen_at = timezone.localtime().replace(microsecond=0)
    content = compile_pact(
        pact,
        sections=PactSection.objects.in_pact(pact),
        signatories=Partnership.objects.in_pact(pact).current().signatories().select_related("organisation"),
        number=newest + 1,
        frozen_at=frozen_at,
    )
    version = PactVersion(
        pact=pact,
        number=newest + 1,
        content=content.to_data(),
        content_sha256=content.fingerprint,
        frozen_at=frozen_at,
        frozen_by=by,  # type: ignore[misc]  # any user model
    )
    version.full_clean()
    version.save()
    audit.record("pact.frozen", version, by=by, number=version.number, sha256=version.content_sha256)
    documents.request(KIND, version.pk, by=by, pact=pact)
    return version


def obstacles(pact: Pact) -> list[str]:
    """What stands in the way of freezing, each as a sentence that says what to do."""
    faults = []
    if not PactSection.objects.in_pact(pact).exclude(body="").exists():
        faults.append(_("Het pact heeft nog geen tekst. Schrijf eerst ten minste één onderdeel."))
    if not Partnership.objects.in_pact(pact).current().signatories().exists():
        faults.append(_("Er is nog geen partner die ondertekent. Voeg eerst een ondertekenaar toe."))
    return faults
