"""Support questions: what schools, childcare and municipalities ask for."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.numbering import Numbered
from pact_portal.foundation.richtext.fields import RichTextField
from pact_portal.foundation.scoping import ScopedQuerySet

YOUNGEST, OLDEST = 0, 23
"""The ages that a pact is about, in years (regio Alkmaar: young people of 0-23)."""


class AgeBand(models.Model):
    """From and to which age, both included, in years."""

    age_from = models.PositiveSmallIntegerField(
        _("leeftijd vanaf"), default=YOUNGEST, validators=[MinValueValidator(YOUNGEST), MaxValueValidator(OLDEST)]
    )
    age_to = models.PositiveSmallIntegerField(
        _("leeftijd tot en met"), default=OLDEST, validators=[MinValueValidator(YOUNGEST), MaxValueValidator(OLDEST)]
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(age_from__gte=YOUNGEST, age_to__lte=OLDEST, age_from__lte=F("age_to")),
                name="%(class)s_ages_in_order",
                violation_error_message=_("Kies leeftijden van 0 tot en met 23 jaar, met de laagste leeftijd eerst."),
            )
        ]

    @property
    def ages(self) -> str:
        return _("%(first)s tot en met %(last)s jaar") % {"first": self.age_from, "last": self.age_to}


class QuestionQuerySet(ScopedQuerySet["SupportQuestion"]):
    def accepted(self) -> "QuestionQuerySet":
        return self.filter(state=SupportQuestion.State.ACCEPTED)

    def submitted(self) -> "QuestionQuerySet":
        return self.filter(state=SupportQuestion.State.SUBMITTED)

    def visible_to(self, partnerships: list[models.Model]) -> "QuestionQuerySet":
        """What members see: everything that was submitted, and the drafts of their own organisation."""
        return self.filter(~Q(state=SupportQuestion.State.DRAFT) | Q(partnership__in=partnerships))


class SupportQuestion(Numbered, AgeBand):
    """A need raised by a partner."""

    CODE = "V"

    class State(models.TextChoices):
        DRAFT = "draft", _("concept")
        SUBMITTED = "submitted", _("ingediend")
        ACCEPTED = "accepted", _("aangenomen")
        RETURNED = "returned", _("teruggestuurd")
        MERGED = "merged", _("samengevoegd")

    class Level(models.TextChoices):
        """Where the protective factors lie that the question wants to strengthen."""

        YOUNG_PERSON = "young_person", _("bij de jongere zelf")
        FAMILY = "family", _("in het gezin")
        SURROUNDINGS = "surroundings", _("in de omgeving")

    class Transition(models.TextChoices):
        CHILDCARE_PRIMARY = "childcare_primary", _("kinderopvang naar primair onderwijs")
        PRIMARY_SECONDARY = "primary_secondary", _("primair naar voortgezet onderwijs")
        SECONDARY_VOCATIONAL = "secondary_vocational", _("voortgezet onderwijs naar mbo")

    class Urgency(models.IntegerChoices):
        LOW = 1, _("kan wachten")
        MEDIUM = 2, _("binnen een jaar")
        HIGH = 3, _("zo snel mogelijk")

    class Source(models.TextChoices):
        SCHOOL_SCAN = "school_scan", _("schoolscan")
        EXPLORATION = "exploration", _("verkenning")
        CONVERSATION = "conversation", _("gesprek")
        OWN_SIGNAL = "own_signal", _("eigen signaal")

    partnership = models.ForeignKey(
        "partners.Partnership", on_delete=models.PROTECT, related_name="questions", verbose_name=_("namens")
    )
    title = models.CharField(_("vraag in één zin"), max_length=200)
    description = RichTextField(_("toelichting"), blank=True)
    areas = models.ManyToManyField(
        "partners.CollaborationArea", related_name="questions", verbose_name=_("samenwerkingsgebieden")
    )
    transition = models.CharField(_("overgang"), max_length=24, choices=Transition, blank=True)
    protective_level = models.CharField(_("wat moet sterker worden"), max_length=16, choices=Level)
    municipalities = models.ManyToManyField(
        "partners.Partnership", related_name="+", verbose_name=_("gemeenten"), blank=True
    )
    young_people = models.PositiveIntegerField(
        _("aantal jongeren, geschat"), null=True, blank=True, validators=[MaxValueValidator(1_000_000)]
    )
    urgency = models.PositiveSmallIntegerField(_("urgentie"), choices=Urgency, default=Urgency.MEDIUM)
    source = models.CharField(_("bron"), max_length=16, choices=Source, default=Source.OWN_SIGNAL)
    state = models.CharField(_("status"), max_length=12, choices=State, default=State.DRAFT)
    remark = models.TextField(_("opmerking van de coördinator"), max_length=2000, blank=True)
    created_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("gemaakt op"), auto_now_add=True)
    submitted_at = models.DateTimeField(_("ingediend op"), null=True, blank=True)
    curated_at = models.DateTimeField(_("beoordeeld op"), null=True, blank=True)

    objects: ClassVar[Any] = QuestionQuerySet.as_manager()

    class Meta(Numbered.Meta):
        verbose_name = _("ondersteuningsvraag")
        verbose_name_plural = _("ondersteuningsvragen")
        ordering = ["-number"]
        constraints = [
            *Numbered.Meta.constraints,
            *AgeBand.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state="draft") | Q(submitted_at__isnull=False),
                name="question_submitted_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(remark=""),
                name="question_returned_has_remark",
                violation_error_message=_("Schrijf op wat de indiener moet aanpassen."),
            ),
        ]
        indexes = [models.Index(fields=["pact", "state"], name="question_by_state")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
