"""The narrative of the plan, and its frozen versions."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.richtext.revisions import RevisedText, TextRevision
from pact_portal.foundation.scoping import PactScoped


class Component(models.IntegerChoices):
    """The six components that an implementation plan has in any case, in order."""

    SPREADING = 1, _("Verspreiden van het gedachtegoed")
    QUESTIONS = 2, _("Ondersteuningsvragen")
    PROGRAMMES = 3, _("Bestaand aanbod")
    DECISIONS = 4, _("Besluitvorming")
    FUNDING = 5, _("Financiering")
    EVALUATION = 6, _("Evaluatie")


class PlanSection(RevisedText):
    """The narrative (plantekst) of one component."""

    pact = models.ForeignKey("partners.Pact", on_delete=models.PROTECT, related_name="plan_sections")
    component = models.PositiveSmallIntegerField(_("onderdeel"), choices=Component)

    class Meta(RevisedText.Meta):
        verbose_name = _("plantekst")
        verbose_name_plural = _("planteksten")
        ordering = ["component"]
        constraints = [models.UniqueConstraint(fields=["pact", "component"], name="plan_section_once")]

    def __str__(self) -> str:
        return str(self.get_component_display())


class PlanSectionRevision(TextRevision):
    section = models.ForeignKey(PlanSection, on_delete=models.PROTECT, related_name="revisions")

    class Meta(TextRevision.Meta):
        constraints = [models.UniqueConstraint(fields=["section", "number"], name="plan_revision_once")]


class PlanVersion(PactScoped):
    """A frozen plan: the whole as data. What is made from it is always the same; the database refuses a change."""

    class State(models.TextChoices):
        CONCEPT = "concept", _("concept")
        FINAL = "final", _("definitief")
        ADOPTED = "adopted", _("vastgesteld")
        SUPERSEDED = "superseded", _("vervangen")

    pact = models.ForeignKey("partners.Pact", on_delete=models.PROTECT, related_name="plan_versions")
    number = models.PositiveIntegerField(_("versie"))
    label = models.CharField(_("naam van de versie"), max_length=120, blank=True)
    state = models.CharField(_("status"), max_length=12, choices=State, default=State.CONCEPT)
    content = models.JSONField(_("inhoud"))
    content_sha256 = models.CharField(max_length=64)
    frozen_at = models.DateTimeField(_("bevroren op"))
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("bevroren door")
    )

    adopted_on = models.DateField(_("vastgesteld op"), null=True, blank=True)
    adopted_by = models.CharField(_("vastgesteld door"), max_length=160, blank=True)
    """The name of the body that decided."""
    decision = models.CharField(_("besluit"), max_length=20, blank=True)
    """The code of the decision that adopted it, such as B7."""

    class Meta(PactScoped.Meta):
        verbose_name = _("planversie")
        verbose_name_plural = _("planversies")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["pact", "number"], name="plan_version_number_once"),
            models.UniqueConstraint(
                fields=["pact"],
                condition=models.Q(state="adopted"),
                name="plan_version_adopted_one_at_a_time",
                violation_error_message=_("Er is al een vastgestelde versie."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["adopted", "superseded"])
                | (models.Q(adopted_on__isnull=False) & ~models.Q(decision="")),
                name="plan_version_adopted_by_decision",
            ),
        ]

    def __str__(self) -> str:
        return _("Uitvoeringsplan %(pact)s, versie %(number)s") % {"pact": self.pact, "number": self.number}


class PlanMention(PactScoped):
    """That a frozen version names a row of the registers: by which a row finds the versions in which it stands."""

    PACT_PATH = "version__pact"

    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="mentions")
    code = models.CharField(max_length=20)
    """The code of the row, such as V3 or M1."""

    class Meta(PactScoped.Meta):
        verbose_name = _("vermelding in een planversie")
        verbose_name_plural = _("vermeldingen in planversies")
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="plan_mention_once")]

    def __str__(self) -> str:
        return f"{self.code} – {self.version}"
