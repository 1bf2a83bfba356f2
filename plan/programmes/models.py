"""Programmes that exist, and how far each answers a question."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.numbering import Numbered
from pact_portal.foundation.richtext.fields import RichTextField
from pact_portal.foundation.scoping import PactScoped, ScopedQuerySet
from plan.questions.models import AgeBand, SupportQuestion


class Layer(models.TextChoices):
    """What a programme aims at: strengthening, preventing or repairing."""

    AMPLITIE = "amplitie", _("amplitie")
    PREVENTIE = "preventie", _("preventie")
    CURATIE = "curatie", _("curatie")


CHECK_AFTER = timedelta(days=365)
"""So long after it was last confirmed somebody is asked whether it is still right."""


class ProgrammeQuerySet(ScopedQuerySet["Programme"]):
    def running(self, on: date) -> "ProgrammeQuerySet":
        """Those that have not ended on a day."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))

    def check_due(self, on: date) -> "ProgrammeQuerySet":
        """Those that have not ended, and that nobody has confirmed for more than a year."""
        return self.running(on).filter(confirmed_on__lt=on - CHECK_AFTER)

    def examples(self) -> "ProgrammeQuerySet":
        return self.filter(is_example=True)


class Programme(Numbered, AgeBand):
    """A project, measure or activity that exists."""

    CODE = "A"

    class NjiLevel(models.TextChoices):
        """How far an intervention is recognised: the levels of the databank of the Nederlands Jeugdinstituut."""

        WELL_FOUNDED = "well_founded", _("goed onderbouwd")
        FIRST = "first", _("effectief volgens eerste aanwijzingen")
        GOOD = "good", _("effectief volgens goede aanwijzingen")
        STRONG = "strong", _("effectief volgens sterke aanwijzingen")

    name = models.CharField(_("naam"), max_length=200)
    provider = models.ForeignKey(
        "partners.Partnership", on_delete=models.PROTECT, related_name="programmes", verbose_name=_("aanbieder")
    )
    description = RichTextField(_("omschrijving"), blank=True)
    amplitie = models.BooleanField(_("amplitie: versterken wat goed gaat"), default=False)
    preventie = models.BooleanField(_("preventie: problemen voorkomen"), default=False)
    curatie = models.BooleanField(_("curatie: helpen bij problemen"), default=False)
    areas = models.ManyToManyField(
        "partners.CollaborationArea", related_name="programmes", verbose_name=_("samenwerkingsgebieden")
    )
    municipalities = models.ManyToManyField(
        "partners.Partnership", related_name="+", verbose_name=_("gemeenten"), blank=True
    )
    reach_per_year = models.PositiveIntegerField(_("bereik per jaar, in jongeren"), null=True, blank=True)
    starts_on = models.DateField(_("loopt vanaf"), null=True, blank=True)
    ends_on = models.DateField(_("loopt tot en met"), null=True, blank=True)
    funding_source = models.CharField(_("wie betaalt het"), max_length=160, blank=True)
    yearly_cost = models.DecimalField(
        _("kosten per jaar, in euro"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    nji_level = models.CharField(_("erkenning in de databank van het NJi"), max_length=16, choices=NjiLevel, blank=True)
    link = models.URLField(_("link naar meer informatie"), max_length=300, blank=True)
    is_example = models.BooleanField(_("inspirerend voorbeeld"), default=False)
    example_reason = models.TextField(_("wat anderen hiervan kunnen leren"), max_length=600, blank=True)
    testimonies = models.ManyToManyField(
        "partners.Testimony", related_name="programmes", blank=True, verbose_name=_("stemmen van jeugdigen")
    )
    created_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    # The yearly "is this still right?": last said so, and last asked.
    confirmed_on = models.DateField(_("nagekeken op"), default=timezone.localdate)
    confirmed_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    asked_on = models.DateField(_("gevraagd op"), null=True, blank=True)

    objects: ClassVar[Any] = ProgrammeQuerySet.as_manager()

    class Meta(Numbered.Meta):
        verbose_name = _("bestaand aanbod")
        verbose_name_plural = _("bestaand aanbod")
        ordering = ["name"]
        constraints = [
            *Numbered.Meta.constraints,
            *AgeBand.Meta.constraints,
            models.CheckConstraint(
                condition=Q(amplitie=True) | Q(preventie=True) | Q(curatie=True),
                name="programme_has_layer",
                violation_error_message=_("Kies ten minste één laag: amplitie, preventie of curatie."),
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="programme_ends_after_start",
                violation_error_message=_("De einddatum mag niet voor de begindatum liggen."),
            ),
            models.CheckConstraint(
                condition=Q(is_example=False) | ~Q(example_reason=""),
                name="programme_example_has_reason",
                violation_error_message=_("Schrijf op wat anderen van dit voorbeeld kunnen leren."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def has_ended(self) -> bool:
        """Whether its last day has passed: it answers no question any more."""
        return self.ends_on is not None and self.ends_on < timezone.localdate()

    @property
    def begins_later(self) -> bool:
        """Whether its first day has yet to come. It counts already: a plan looks ahead."""
        return self.starts_on is not None and self.starts_on > timezone.localdate()

    @property
    def layers(self) -> list[Layer]:
        return [layer for layer in Layer if getattr(self, layer.value)]

    @property
    def layer_names(self) -> str:
        return ", ".join(str(layer.label) for layer in self.layers)

    @property
    def is_check_due(self) -> bool:
        """Whether somebody should say that it is still right, as `check_due` finds it."""
        return not self.has_ended and self.confirmed_on < timezone.localdate() - CHECK_AFTER

    @property
    def web_link(self) -> str:
        """The link when a browser may follow it, else "": what stands in a row is not trusted to be an address."""
        return self.link if self.link.lower().startswith(("https://", "http://")) else ""


def a_year_from_today() -> date:
    """Until when a judgement holds when nobody says otherwise."""
    return timezone.localdate() + timedelta(days=365)


class FitQuerySet(ScopedQuerySet["Fit"]):
    def valid(self, on: date) -> "FitQuerySet":
        """Those that count on a day: what expired, or is about a programme that has ended, counts as unknown."""
        goes_on = Q(programme__ends_on__isnull=True) | Q(programme__ends_on__gte=on)
        return self.filter(goes_on, expires_on__gt=on)


class Fit(PactScoped):
    """How far one programme answers one question, judged by somebody, on evidence, until a day."""

    PACT_PATH = "question__pact"

    class Level(models.TextChoices):
        NONE = "none", _("sluit niet aan")
        PARTLY = "partly", _("sluit deels aan")
        SUFFICIENT = "sufficient", _("sluit voldoende aan")

    question = models.ForeignKey(
        SupportQuestion, on_delete=models.PROTECT, related_name="fits", verbose_name=_("ondersteuningsvraag")
    )
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="fits", verbose_name=_("bestaand aanbod")
    )
    level = models.CharField(_("oordeel"), max_length=12, choices=Level)
    reason = models.TextField(_("waarom"), max_length=2000)
    evidence = models.CharField(_("waar blijkt dat uit"), max_length=300)
    judged_by = models.ForeignKey(
        "partners.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("beoordeeld door")
    )
    judged_on = models.DateField(_("beoordeeld op"), default=timezone.localdate)
    expires_on = models.DateField(_("geldig tot"), default=a_year_from_today)

    objects: ClassVar[Any] = FitQuerySet.as_manager()

    class Meta(PactScoped.Meta):
        verbose_name = _("aansluiting")
        verbose_name_plural = _("aansluitingen")
        ordering = ["question__number", "programme__number"]
        constraints = [
            models.UniqueConstraint(fields=["question", "programme"], name="fit_once"),
            models.CheckConstraint(
                condition=Q(expires_on__gt=F("judged_on")),
                name="fit_expires_after_judging",
                violation_error_message=_("De datum 'geldig tot' moet na vandaag liggen."),
            ),
            models.CheckConstraint(
                condition=~Q(evidence=""),
                name="fit_has_evidence",
                violation_error_message=_("Schrijf op waar het oordeel uit blijkt."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question.code} – {self.programme.code}: {self.get_level_display()}"

    @property
    def is_expired(self) -> bool:
        """Whether it no longer counts: unknown until somebody renews it."""
        return self.expires_on <= timezone.localdate()


class OverlapMark(PactScoped):
    """What the coordinator found about two that overlap: tuned to each other, or better merged.

    `first` and `second` are codes of registers, such as A3 and M2, the lower one first; see overlap.py.
    """

    class Kind(models.TextChoices):
        TUNED = "tuned", _("afgestemd")
        MERGE = "merge", _("samen te voegen")

    pact = models.ForeignKey("partners.Pact", on_delete=models.PROTECT, related_name="overlap_marks")
    first = models.CharField(max_length=12)
    second = models.CharField(max_length=12)
    kind = models.CharField(_("wat is er afgesproken?"), max_length=8, choices=Kind)
    note = models.TextField(_("toelichting"), max_length=1000, blank=True)
    marked_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField(auto_now=True)

    class Meta(PactScoped.Meta):
        verbose_name = _("afspraak over overlap")
        verbose_name_plural = _("afspraken over overlap")
        ordering = ["first", "second"]
        constraints = [
            models.UniqueConstraint(fields=["pact", "first", "second"], name="overlap_marked_once"),
            models.CheckConstraint(condition=~Q(first=F("second")), name="overlap_of_two"),
            models.CheckConstraint(
                condition=~Q(kind="tuned") | ~Q(note=""),
                name="overlap_tuned_has_note",
                violation_error_message=_("Schrijf op hoe beide op elkaar zijn afgestemd."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} – {self.second}: {self.get_kind_display()}"
