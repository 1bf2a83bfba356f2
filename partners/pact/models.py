"""The pact: the tenant of the portal, its text, and its frozen versions."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.richtext.revisions import RevisedText, TextRevision
from pact_portal.foundation.scoping import PactScoped, ScopedQuerySet


class Pact(models.Model):
    """A signed agreement between partners in a region. Everything else belongs to exactly one pact."""

    slug = models.SlugField(
        _("adres"),
        unique=True,
        max_length=60,
        help_text=_("Kleine letters, cijfers en streepjes; komt in elk webadres van het pact."),
    )
    name = models.CharField(_("naam"), max_length=160)
    region = models.CharField(_("regio"), max_length=120)
    motto = models.CharField(_("motto"), max_length=300, blank=True)
    starts_on = models.DateField(_("begint op"))
    ends_on = models.DateField(_("eindigt op"))
    signed_on = models.DateField(_("ondertekend op"), null=True, blank=True)
    signed_in = models.CharField(_("ondertekend in"), max_length=120, blank=True)
    hue = models.PositiveSmallIntegerField(
        _("kleur"), default=205, validators=[MaxValueValidator(359)], help_text=_("Kleurtoon van 0 tot en met 359.")
    )
    is_example = models.BooleanField(_("voorbeelddata"), default=False)

    class Meta:
        verbose_name = _("pact")
        verbose_name_plural = _("pacten")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="pact_ends_after_start",
                violation_error_message=_("De einddatum moet na de begindatum liggen."),
            ),
            # An address must never be mistaken for a page of the portal itself.
            models.CheckConstraint(
                condition=~Q(
                    slug__in=["accounts", "verify", "healthz", "readyz", "static", "theme", "language", "invitations"]
                ),
                name="pact_slug_is_free",
                violation_error_message=_("Dit adres gebruikt het portaal zelf. Kies een ander adres."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("front:dashboard", args=[self.slug])


class CollaborationArea(PactScoped):
    """A theme of the plan; each pact sets its own, in order."""

    pact = models.ForeignKey(Pact, on_delete=models.PROTECT, related_name="areas")
    position = models.PositiveSmallIntegerField(_("volgorde"))
    name = models.CharField(_("naam"), max_length=160)

    class Meta(PactScoped.Meta):
        verbose_name = _("samenwerkingsgebied")
        verbose_name_plural = _("samenwerkingsgebieden")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["pact", "position"], name="area_position_once"),
            models.UniqueConstraint(
                fields=["pact", "name"],
                name="area_name_once",
                violation_error_message=_("Dit samenwerkingsgebied staat er al."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PactSectionQuerySet(ScopedQuerySet["PactSection"]):
    def in_text(self) -> "PactSectionQuerySet":
        """Those that stand in the text today."""
        return self.filter(removed_at__isnull=True)


class PactSection(RevisedText):
    """One section (onderdeel) of the text of the pact, in order."""

    pact = models.ForeignKey(Pact, on_delete=models.PROTECT, related_name="sections")
    position = models.PositiveSmallIntegerField(_("volgorde"))
    title = models.CharField(_("titel"), max_length=160)
    # Taken out of the text; kept with its revisions, so that it can come back.
    removed_at = models.DateTimeField(_("weggehaald op"), null=True, blank=True)

    objects: ClassVar[Any] = PactSectionQuerySet.as_manager()

    class Meta(RevisedText.Meta):
        verbose_name = _("onderdeel")
        verbose_name_plural = _("onderdelen")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["pact", "position"],
                condition=Q(removed_at__isnull=True),
                name="pact_section_position_once",
            )
        ]

    def __str__(self) -> str:
        return self.title


class PactSectionRevision(TextRevision):
    section = models.ForeignKey(PactSection, on_delete=models.PROTECT, related_name="revisions")

    class Meta(TextRevision.Meta):
        constraints = [models.UniqueConstraint(fields=["section", "number"], name="pact_revision_once")]


class SectionPicture(PactScoped):
    """A picture beside a section. Without words for who cannot see it there is no picture (WCAG 1.1.1)."""

    PACT_PATH = "section__pact"

    section = models.ForeignKey(PactSection, on_delete=models.PROTECT, related_name="pictures")
    position = models.PositiveSmallIntegerField(_("volgorde"), default=0)
    file = models.FileField(_("afbeelding"), upload_to="pictures/", max_length=300)
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt = models.CharField(
        _("beschrijving voor wie de afbeelding niet ziet"),
        max_length=300,
        help_text=_("Zeg wat er te zien is en waarom dat hier staat."),
    )
    caption = models.CharField(_("bijschrift"), max_length=200, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta(PactScoped.Meta):
        verbose_name = _("afbeelding")
        verbose_name_plural = _("afbeeldingen")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(alt=""),
                name="picture_has_alt",
                violation_error_message=_("Beschrijf de afbeelding voor wie die niet ziet."),
            )
        ]

    def __str__(self) -> str:
        return self.alt

    @property
    def address(self) -> str:
        """The last part of the picture's address: what is in it decides its name."""
        return str(self.file.name).rpartition("/")[2]


class Testimony(PactScoped):
    """What a young person or professional said, with the consent to show it; placed beside a section of the text.

    A child's name never belongs here: `source` says who by function or age.
    """

    pact = models.ForeignKey(Pact, on_delete=models.PROTECT, related_name="testimonies")
    section = models.ForeignKey(
        PactSection,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="testimonies",
        verbose_name=_("bij onderdeel"),
    )
    position = models.PositiveSmallIntegerField(_("volgorde"), default=0)
    quotation = models.TextField(_("citaat"), max_length=600)
    source = models.CharField(
        _("van wie"), max_length=160, help_text=_("Zonder naam, bijvoorbeeld: student mbo, 18 jaar.")
    )
    link = models.URLField(_("link naar film of verhaal"), blank=True)
    consent_on = models.DateField(_("toestemming gegeven op"))
    consent_note = models.CharField(
        _("hoe toestemming is gegeven"), max_length=300, help_text=_("Door wie, en waar het bewijs ligt.")
    )
    consent_withdrawn_at = models.DateTimeField(_("toestemming ingetrokken op"), null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta(PactScoped.Meta):
        verbose_name = _("stem van de jeugdige")
        verbose_name_plural = _("stemmen van de jeugdigen")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(consent_note=""),
                name="testimony_has_consent",
                violation_error_message=_("Leg vast hoe toestemming is gegeven."),
            )
        ]

    def __str__(self) -> str:
        return self.quotation[:80]


class PactVersion(PactScoped):
    """A frozen text of the pact, that can be read and signed. Its content never changes; the database refuses it."""

    pact = models.ForeignKey(Pact, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("versie"))
    content = models.JSONField(_("inhoud"))
    content_sha256 = models.CharField(max_length=64)
    frozen_at = models.DateTimeField(_("vastgesteld op"))
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("vastgesteld door")
    )

    class Meta(PactScoped.Meta):
        verbose_name = _("versie van het pact")
        verbose_name_plural = _("versies van het pact")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["pact", "number"], name="pact_version_number_once")]

    def __str__(self) -> str:
        return _("%(pact)s, versie %(number)s") % {"pact": self.pact, "number": self.number}
