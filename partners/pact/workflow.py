"""Changes of the pact: founded, its text written and put in order, what stands beside it, a version frozen.

What changes the text locks the row of the pact first, so that two people do it one after the other.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from pact_portal.foundation.documents import workflow as documents
from pact_portal.foundation.uploads.images import CheckedImage
from partners.pact import pictures
from partners.pact.document import compile_pact
from partners.pact.models import CollaborationArea, Pact, PactSection, PactVersion, SectionPicture, Testimony
from partners.pact.readiness import ingredients, obstacles
from partners.pact.testimonies import versions_with

KIND = "pact"
"""The kind of rendition that the frozen versions have."""

SPOKEN = ("quotation", "source", "link", "consent_on", "consent_note")
"""What of a testimony the consent is about."""


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
    _lock(pact.pk)
    section = PactSection(pact=pact, position=_next_position(pact.pk), title=title.strip(), body=body)
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
def rename_section(section: PactSection, *, title: str, by: models.Model | None) -> PactSection:
    """Give the section another title. Raises ValidationError for one that is empty or too long."""
    current = _locked(section)
    before, current.title = current.title, title.strip()
    if before == current.title:
        return current
    current.full_clean(exclude=["edited_at", "edited_by"])
    current.save(update_fields=["title"])
    audit.record("section.renamed", current, by=by, before=before)
    return current


@transaction.atomic
def move_section(section: PactSection, *, up: bool, by: models.Model | None) -> PactSection:
    """Let the section change places with the one before it (`up`) or after it; at the end of the row it stays.

    Raises ValidationError for a section that stands no longer in the text.
    """
    current = _locked(section)
    if current.removed_at:
        raise ValidationError(
            _("“%(title)s” is intussen weggehaald uit de tekst.") % {"title": current}, code="removed"
        )
    rows = list(PactSection.objects.in_pact(current.pact_id).in_text())
    if not _swapped(rows, current, up=up):
        return current
    _put_in_order(rows)
    audit.record("section.moved", current, by=by, up=up)
    return PactSection.objects.in_pact(current.pact_id).get(pk=current.pk)


@transaction.atomic
def remove_section(section: PactSection, *, by: models.Model | None) -> PactSection:
    """Take the section out of the text, with what stands beside it. It is kept, and can be put back."""
    current = _locked(section)
    if current.removed_at is None:
        current.removed_at = timezone.now()
        current.save(update_fields=["removed_at"])
        audit.record("section.removed", current, by=by)
    return current


@transaction.atomic
def put_back_section(section: PactSection, *, by: models.Model | None) -> PactSection:
    """Let a removed section stand in the text again, about where it stood."""
    current = _locked(section)
    if current.removed_at is None:
        return current
    rows = list(PactSection.objects.in_pact(current.pact_id).in_text())
    place = next((at for at, row in enumerate(rows) if row.position >= current.position), len(rows))
    current.position, current.removed_at = _next_position(current.pact_id), None
    current.save(update_fields=["position", "removed_at"])
    rows.insert(place, current)
    _put_in_order(rows)
    audit.record("section.put_back", current, by=by)
    return current


@transaction.atomic
def add_picture(
    section: PactSection, *, image: CheckedImage, alt: str, by: models.Model | None, caption: str = ""
) -> SectionPicture:
    """Put a picture beside the section, after the others. Raises ValidationError without a description."""
    current = _locked(section)
    highest = current.pictures.aggregate(Max("position"))["position__max"]
    picture = SectionPicture(
        section=current,
        position=(highest or 0) + 1,
        sha256=image.sha256,
        content_type=image.content_type,
        width=image.width,
        height=image.height,
        alt=_described(alt),
        caption=caption.strip(),
        added_by=by,  # type: ignore[misc]  # any user model
    )
    picture.file.name = pictures.name_of(current.pact_id, image.sha256, image.extension)
    picture.full_clean()
    pictures.store(current.pact_id, image)
    picture.save()
    audit.record("picture.added", picture, by=by, pact=current.pact, sha256=picture.sha256)
    return picture


@transaction.atomic
def describe_picture(picture: SectionPicture, *, alt: str, caption: str, by: models.Model | None) -> SectionPicture:
    """Change the description and the caption. Raises ValidationError without a description."""
    current = _locked_picture(picture)
    current.alt, current.caption = _described(alt), caption.strip()
    current.full_clean()
    current.save(update_fields=["alt", "caption"])
    audit.record("picture.described", current, by=by, pact=current.section.pact)
    return current


@transaction.atomic
def move_picture(picture: SectionPicture, *, up: bool, by: models.Model | None) -> SectionPicture:
    """Let the picture change places with the one before it (`up`) or after it, beside the same section."""
    current = _locked_picture(picture)
    rows = list(current.section.pictures.filter(removed_at__isnull=True))
    if _swapped(rows, current, up=up):
        for position, row in enumerate(rows, 1):
            row.position = position
        SectionPicture.unscoped.bulk_update(rows, ["position"])
        audit.record("picture.moved", current, by=by, pact=current.section.pact, up=up)
    return current


@transaction.atomic
def remove_picture(picture: SectionPicture, *, by: models.Model | None) -> SectionPicture:
    """Take the picture from the text. Versions that were frozen with it keep it."""
    current = _locked_picture(picture)
    if current.removed_at is None:
        current.removed_at = timezone.now()
        current.save(update_fields=["removed_at"])
        audit.record("picture.removed", current, by=by, pact=current.section.pact)
    return current


@transaction.atomic
def add_testimony(
    pact: Pact,
    *,
    quotation: str,
    source: str,
    consent_on: date,
    consent_note: str,
    by: models.Model | None,
    link: str = "",
    section: PactSection | None = None,
) -> Testimony:
    """Record what somebody said, with the consent to show it. Raises ValidationError without that consent."""
    _lock(pact.pk)
    testimony = Testimony(
        pact=pact,
        section=section,
        quotation=" ".join(quotation.split()),
        source=source.strip(),
        link=link,
        consent_on=consent_on,
        consent_note=consent_note.strip(),
        recorded_by=by,  # type: ignore[misc]  # any user model
    )
    _check(testimony)
    testimony.save()
    audit.record("testimony.recorded", testimony, by=by, pact=pact)
    return testimony


@transaction.atomic
def edit_testimony(testimony: Testimony, *, by: models.Model | None, **changes: Any) -> Testimony:
    """Change any of `SPOKEN`, and `section`, beside which it stands (None: nowhere).

    The words that stand in a frozen version stay as they are, for the consent was to those. Raises ValidationError
    for that, and for values that cannot be; TypeError for a field that does not exist.
    """
    if unknown := sorted(set(changes) - {*SPOKEN, "section"}):
        raise TypeError(f"a testimony has no field {unknown[0]}")
    _lock(testimony.pact_id)
    current = Testimony.objects.in_pact(testimony.pact_id).select_related("pact").get(pk=testimony.pk)
    changed = sorted(name for name, value in changes.items() if value != getattr(current, name))
    if not changed:
        return current
    if set(changed) & set(SPOKEN) and (numbers := versions_with(current)):
        raise ValidationError(
            _("Deze woorden staan in versie %(number)s en blijven daarom zoals ze zijn. Leg een nieuwe stem vast.")
            % {"number": numbers[-1]},
            code="frozen",
        )
    for name in changed:
        setattr(current, name, changes[name])
    current.quotation = " ".join(current.quotation.split())
    _check(current)
    current.save()
    audit.record("testimony.changed", current, by=by, fields=changed)
    return current


@transaction.atomic
def withdraw_consent(testimony: Testimony, *, by: models.Model | None) -> Testimony:
    """Note that the consent was withdrawn: the words come in no further version, and cannot be placed again."""
    _lock(testimony.pact_id)
    current = Testimony.objects.in_pact(testimony.pact_id).select_related("pact").get(pk=testimony.pk)
    if current.consent_withdrawn_at is None:
        current.consent_withdrawn_at = timezone.now()
        current.save(update_fields=["consent_withdrawn_at"])
        audit.record("testimony.consent_withdrawn", current, by=by)
    return current


@transaction.atomic
def freeze(pact: Pact, *, by: models.Model, after: int | None = None) -> PactVersion:
    """Freeze the text with its signature sheets as the next version, and ask for its PDF.

    `after` is the number of the newest version that the asker has seen (0: none), so that pressing twice freezes
    once. Raises ValidationError when another version came between, or there is nothing to freeze.
    """
    pact = _lock(pact.pk)
    newest = PactVersion.objects.in_pact(pact).aggregate(Max("number"))["number__max"] or 0
    if after is not None and after != newest:
        raise ValidationError(
            _("Intussen is versie %(number)s vastgesteld. Bekijk die eerst.") % {"number": newest}, code="stale"
        )
    if faults := [obstacle.sentence for obstacle in obstacles(pact) if obstacle.blocks]:
        raise ValidationError(faults)
    frozen_at = timezone.localtime().replace(microsecond=0)
    content = compile_pact(pact, **ingredients(pact), number=newest + 1, frozen_at=frozen_at)
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


def _lock(pact_id: int) -> Pact:
    """The row of the pact, held until the transaction ends."""
    return Pact.objects.select_for_update().get(pk=pact_id)


def _check(testimony: Testimony) -> None:
    testimony.full_clean()
    if testimony.consent_withdrawn_at:
        raise ValidationError(
            _("De toestemming is ingetrokken. Deze stem kan niet meer worden gebruikt."), code="withdrawn"
        )
    faults: dict[str, str] = {}
    if testimony.consent_on > timezone.localdate():
        faults["consent_on"] = _("De toestemming kan niet in de toekomst zijn gegeven.")
    if testimony.section is not None and testimony.section.pact_id != testimony.pact_id:
        faults["section"] = _("Kies een onderdeel van dit pact.")
    if testimony.link and not testimony.link.startswith(("https://", "http://")):
        faults["link"] = _("Vul een webadres in dat begint met https://.")
    if faults:
        raise ValidationError(faults)


def _described(alt: str) -> str:
    if not alt.strip():
        raise ValidationError({"alt": _("Beschrijf de afbeelding voor wie die niet ziet.")}, code="required")
    return alt.strip()


def _locked(section: PactSection) -> PactSection:
    """The section as it stands, after the pact was locked."""
    _lock(section.pact_id)
    current: PactSection = (
        PactSection.objects.in_pact(section.pact_id)
        .select_for_update(of=("self",))
        .select_related("pact")
        .get(pk=section.pk)
    )
    return current


def _locked_picture(picture: SectionPicture) -> SectionPicture:
    _lock(picture.section.pact_id)
    current: SectionPicture = (
        SectionPicture.objects.in_pact(picture.section.pact_id).select_related("section__pact").get(pk=picture.pk)
    )
    return current


def _next_position(pact_id: int) -> int:
    highest = PactSection.objects.in_pact(pact_id).aggregate(Max("position"))["position__max"]
    return (highest or 0) + 1


def _swapped[Row: models.Model](rows: list[Row], row: Row, *, up: bool) -> bool:
    """Whether the row could change places with its neighbour in the list."""
    at = rows.index(row) if row in rows else -1
    other = at - 1 if up else at + 1
    if at < 0 or not 0 <= other < len(rows):
        return False
    rows[at], rows[other] = rows[other], rows[at]
    return True


def _put_in_order(rows: Sequence[PactSection]) -> None:
    """Number the sections 1, 2, 3, by way of positions that are free: no two have the same one at any moment."""
    free = max(row.position for row in rows) + 1
    for offset in (free, 1):
        for at, row in enumerate(rows):
            row.position = offset + at
            row.save(update_fields=["position"])
