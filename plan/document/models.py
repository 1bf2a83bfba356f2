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
        ADOPTED = "adopted", _("vastgesteld door de stuurgroep")
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

    class Meta(PactScoped.Meta):
        verbose_name = _("planversie")
        verbose_name_plural = _("planversies")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["pact", "number"], name="plan_version_number_once")]

    def __str__(self) -> str:
        return _("Uitvoeringsplan %(pact)s, versie %(number)s") % {"pact": self.pact, "number": self.number}
