"""Who takes part: organisations, and their partnership in a pact."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.scoping import PactScoped, ScopedQuerySet


class Sector(models.TextChoices):
    """The kinds of organisation in a pact; the executing ones do not sign."""

    MUNICIPALITY = "gemeente", _("gemeente")
    CHILDCARE = "kinderopvang", _("kinderopvang")
    PRIMARY = "po", _("primair onderwijs")
    SECONDARY = "vo", _("voortgezet onderwijs")
    INCLUSIVE = "swv", _("samenwerkingsverband passend onderwijs")
    VOCATIONAL = "mbo", _("mbo")
    UNIVERSITY = "hbo", _("hbo")
    YOUTH_CARE = "jeugdhulp", _("jeugdhulp")
    HEALTH = "zorg", _("zorg")
    LEISURE = "vrijetijd", _("sport, cultuur en vrije tijd")


class Organisation(models.Model):
    """A legal body. What it does in a pact, and whom one calls there, stands on its partnership."""

    name = models.CharField(_("naam"), max_length=160)
    sector = models.CharField(_("sector"), max_length=20, choices=Sector)

    class Meta:
        verbose_name = _("organisatie")
        verbose_name_plural = _("organisaties")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PartnershipQuerySet(ScopedQuerySet["Partnership"]):
    def current(self) -> "PartnershipQuerySet":
        """Those that take part today."""
        today = timezone.localdate()
        return self.filter(joined_on__lte=today).filter(Q(left_on__isnull=True) | Q(left_on__gt=today))

    def signatories(self) -> "PartnershipQuerySet":
        """Those that sign, in the order of the signature sheets."""
        return self.filter(kind=Partnership.Kind.SIGNATORY).order_by("position", "organisation__name")

    def municipalities(self) -> "PartnershipQuerySet":
        return self.filter(organisation__sector=Sector.MUNICIPALITY).order_by("position", "organisation__name")


class Partnership(PactScoped):
    """One organisation in one pact."""

    class Kind(models.TextChoices):
        SIGNATORY = "signatory", _("ondertekenaar")
        EXECUTING = "executing", _("uitvoerende partij")
        ADVISER = "adviser", _("adviseur")

    pact = models.ForeignKey("partners.Pact", on_delete=models.PROTECT, related_name="partnerships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="partnerships", verbose_name=_("organisatie")
    )
    kind = models.CharField(_("deelname als"), max_length=12, choices=Kind)
    position = models.PositiveSmallIntegerField(
        _("volgorde"), default=0, help_text=_("De plaats op het tekenblad; kleinste getal eerst.")
    )
    joined_on = models.DateField(_("doet mee vanaf"))
    left_on = models.DateField(_("doet mee tot"), null=True, blank=True)
    contact = models.ForeignKey(
        "partners.Membership",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("contactpersoon"),
    )
    contact_email = models.EmailField(_("e-mailadres voor contact"), blank=True)
    municipality = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("gemeente"),
        help_text=_("De gemeente waarin de organisatie ligt, als die in één gemeente ligt."),
    )
    website = models.URLField(_("website"), blank=True)
    description = models.TextField(_("wat de organisatie doet in het pact"), max_length=2000, blank=True)

    objects: ClassVar[Any] = PartnershipQuerySet.as_manager()

    class Meta(PactScoped.Meta):
        verbose_name = _("deelname")
        verbose_name_plural = _("deelnames")
        ordering = ["position", "organisation__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["pact", "organisation"],
                name="partnership_once_per_pact",
                violation_error_message=_("Deze organisatie doet al mee aan het pact."),
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gt=F("joined_on")),
                name="partnership_leaves_after_joining",
                violation_error_message=_("De einddatum moet na de begindatum liggen."),
            ),
        ]

    def __str__(self) -> str:
        return self.organisation.name

    def clean(self) -> None:
        """A municipality of the same pact; a contact person of the own organisation. ValidationError by field."""
        faults = {}
        place, contact = self.municipality, self.contact
        if place is not None and (
            place.pact_id != self.pact_id or place.pk == self.pk or place.organisation.sector != Sector.MUNICIPALITY
        ):
            faults["municipality"] = _("Kies een gemeente die meedoet aan dit pact.")
        if contact is not None and contact.partnership_id != self.pk:
            faults["contact"] = _("Kies iemand die meedoet namens deze organisatie.")
        if faults:
            raise ValidationError(faults)
