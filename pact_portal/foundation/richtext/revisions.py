"""Texts that several people edit: each save is a revision, and a save on a stale base loses neither text."""

from typing import Any, ClassVar, cast

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.audit import workflow as audit
from pact_portal.foundation.richtext.allowlist import clean
from pact_portal.foundation.richtext.fields import RichTextField
from pact_portal.foundation.scoping import PactScoped


class RevisedText(PactScoped):
    """A text with its number of revisions. A subclass has a model of Revision rows with related_name "revisions"."""

    body = RichTextField(_("tekst"), blank=True)
    revision = models.PositiveIntegerField(_("revisie"), default=0)
    edited_at = models.DateTimeField(_("gewijzigd op"), null=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("gewijzigd door"),
    )

    revisions: ClassVar[Any]

    class Meta(PactScoped.Meta):
        abstract = True


class TextRevision(models.Model):
    """One saved state of a text. A subclass adds the ForeignKey `section` with related_name "revisions"."""

    number = models.PositiveIntegerField(_("revisie"))
    body = RichTextField(_("tekst"), blank=True)
    saved_at = models.DateTimeField(_("bewaard op"), auto_now_add=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    section_id: int

    class Meta:
        abstract = True
        ordering = ["-number"]


class StaleText(Exception):
    """Somebody saved the text after it was opened. `current` is the text as it stands now."""

    def __init__(self, current: RevisedText) -> None:
        super().__init__(str(current))
        self.current = current


@transaction.atomic
def save_text[Section: RevisedText](section: Section, *, body: str, base: int, by: models.Model | None) -> Section:
    """Save `body` as the next revision of the text.

    `base` is the revision that the editor started from. When another revision was saved meanwhile, StaleText carries
    the text as it stands and nothing is written: the caller shows both. Saving what already stands changes nothing.
    """
    current: Section = cast("Section", type(section)._default_manager.select_for_update().get(pk=section.pk))
    body = clean(body)
    if body == current.body:
        return current
    if base != current.revision:
        raise StaleText(current)
    current.body, current.revision = body, current.revision + 1
    current.edited_at, current.edited_by = timezone.now(), by  # type: ignore[assignment]  # any user model
    current.full_clean()
    current.save()
    current.revisions.create(number=current.revision, body=body, saved_by=by)
    audit.record("text.saved", current, by=by, revision=current.revision)
    return current


def restore_text[Section: RevisedText](section: Section, *, number: int, base: int, by: models.Model | None) -> Section:
    """Make an earlier revision the text again: its words become the next revision, so that nothing is lost.

    `base` is the revision that the asker saw as the newest. Raises ObjectDoesNotExist when the text has no revision of
    that number, and StaleText when somebody saved meanwhile.
    """
    earlier = section.revisions.get(number=number)
    return save_text(section, body=earlier.body, base=base, by=by)
