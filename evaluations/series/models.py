"""The rhythm of evaluating: a series, what it asks and whom, and the interim evaluations that follow from it."""

from collections.abc import Collection
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.scoping import PactScoped, ScopedQuerySet


class EvaluationSeries(PactScoped):
    """Every so many months from a day until a day, the same topics for the same participants."""

    pact = models.ForeignKey("partners.Pact", on_delete=models.PROTECT, related_name="evaluation_series")
    name = models.CharField(_("naam"), max_length=160)
    starts_on = models.DateField(_("eerste evaluatie op"))
    ends_on = models.DateField(_("tot en met"))
    every_months = models.PositiveSmallIntegerField(
        _("om de hoeveel maanden"), default=6, validators=[MinValueValidator(1), MaxValueValidator(24)]
    )
    open_days = models.PositiveSmallIntegerField(
        _("aantal dagen om te antwoorden"), default=28, validators=[MinValueValidator(1), MaxValueValidator(180)]
    )
    participants = models.ManyToManyField("partners.Partnership", related_name="+", verbose_name=_("wie er antwoorden"))
    created_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")

    class Meta(PactScoped.Meta):
        verbose_name = _("evaluatiecyclus")
        verbose_name_plural = _("evaluatiecycli")
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="series_ends_after_start",
                violation_error_message=_("De einddatum mag niet voor de begindatum liggen."),
            ),
            models.CheckConstraint(
                condition=Q(every_months__gte=1, every_months__lte=24),
                name="series_rhythm_in_range",
                violation_error_message=_("Kies een ritme van 1 tot en met 24 maanden."),
            ),
            models.CheckConstraint(
                condition=Q(open_days__gte=1, open_days__lte=180),
                name="series_open_days_in_range",
                violation_error_message=_("Geef 1 tot en met 180 dagen om te antwoorden."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Topic(PactScoped):
    """One evaluation question."""

    PACT_PATH = "series__pact"
    MOST_OPTIONS = 12
    LONGEST_OPTION = 200

    class Kind(models.TextChoices):
        SCALE = "scale", _("schaal van 1 tot en met 5")
        NUMBER = "number", _("getal")
        CHOICE = "choice", _("keuze")
        OPEN = "open", _("open tekst")

    series = models.ForeignKey(EvaluationSeries, on_delete=models.PROTECT, related_name="topics")
    position = models.PositiveSmallIntegerField(_("volgorde"))
    kind = models.CharField(_("soort antwoord"), max_length=8, choices=Kind)
    text = models.CharField(_("evaluatievraag"), max_length=300)
    options = models.JSONField(_("keuzes"), default=list, blank=True, help_text=_("Alleen bij een keuze."))
    # Numbers about fewer than five people are not shown: the report must know which numbers are about people.
    counts_people = models.BooleanField(_("het getal telt jongeren"), default=False)

    class Meta(PactScoped.Meta):
        verbose_name = _("evaluatievraag")
        verbose_name_plural = _("evaluatievragen")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["series", "position"], name="topic_position_once"),
            models.CheckConstraint(
                condition=Q(kind="choice") | Q(options=[]),
                name="topic_options_only_for_choice",
                violation_error_message=_("Alleen bij een keuze horen keuzes."),
            ),
            models.CheckConstraint(
                condition=Q(kind="number") | Q(counts_people=False),
                name="topic_counts_people_by_number",
                violation_error_message=_("Alleen een getal kan jongeren tellen."),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        """A choice has a handful of different options. Options come in and are kept as a list of str."""
        self.options = [" ".join(str(option).split()) for option in self.options or []]
        if self.kind == self.Kind.CHOICE and not 2 <= len(self.options) <= self.MOST_OPTIONS:
            raise ValidationError({"options": _("Geef 2 tot en met %(most)s keuzes.") % {"most": self.MOST_OPTIONS}})
        if len(set(self.options)) < len(self.options):
            raise ValidationError({"options": _("Elke keuze mag maar één keer voorkomen.")})
        if not all(0 < len(option) <= self.LONGEST_OPTION for option in self.options):
            raise ValidationError(
                {"options": _("Een keuze heeft hooguit %(most)s tekens.") % {"most": self.LONGEST_OPTION}}
            )


class EvaluationQuerySet(ScopedQuerySet["Evaluation"]):
    def due(self, on: object) -> "EvaluationQuerySet":
        """Scheduled ones whose day has come."""
        return self.filter(state=Evaluation.State.SCHEDULED, due_on__lte=on)

    def over(self, on: object) -> "EvaluationQuerySet":
        """Open ones whose last day has passed."""
        return self.filter(state=Evaluation.State.OPEN, closes_on__lt=on)

    def open(self) -> "EvaluationQuerySet":
        return self.filter(state=Evaluation.State.OPEN)

    def reported(self) -> "EvaluationQuerySet":
        """Those whose outcome members may see."""
        return self.filter(state__in=Evaluation.REPORTED)

    def waiting_for(self, partnerships: Collection[int]) -> "EvaluationQuerySet":
        """Open ones that a partner with one of these ids was asked to answer, and has not."""
        return (
            self.open()
            .filter(participations__partnership__in=partnerships, participations__answered_at__isnull=True)
            .distinct()
        )

    def with_response(self) -> "EvaluationQuerySet":
        """Adds `invited` and `answered`: how many partners were asked, and how many of them answered."""
        return self.annotate(
            invited=Count("participations"),
            answered=Count("participations", filter=Q(participations__answered_at__isnull=False)),
        )


class Evaluation(PactScoped):
    """One interim evaluation. One row per series and due day: it cannot be opened twice."""

    PACT_PATH = "series__pact"

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("gepland")
        OPEN = "open", _("open")
        CLOSED = "closed", _("gesloten")
        REPORTED = "reported", _("gerapporteerd")
        PROCESSED = "processed", _("verwerkt")

    REPORTED = (State.REPORTED, State.PROCESSED)
    """The states in which members may see the outcome."""

    series = models.ForeignKey(EvaluationSeries, on_delete=models.PROTECT, related_name="evaluations")
    due_on = models.DateField(_("opent op"))
    closes_on = models.DateField(_("laatste dag om te antwoorden"))
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.SCHEDULED)
    opened_at = models.DateTimeField(_("geopend op"), null=True, blank=True)
    closed_at = models.DateTimeField(_("gesloten op"), null=True, blank=True)

    objects: ClassVar[Any] = EvaluationQuerySet.as_manager()

    class Meta(PactScoped.Meta):
        verbose_name = _("tussenevaluatie")
        verbose_name_plural = _("tussenevaluaties")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["series", "due_on"], name="evaluation_once_per_due_day"),
            # Partners are asked the same once at a time: what is overdue waits until the former one is closed.
            models.UniqueConstraint(
                fields=["series"],
                condition=Q(state="open"),
                name="evaluation_open_once_per_series",
                violation_error_message=_("In deze cyclus staat al een evaluatie open."),
            ),
            models.CheckConstraint(condition=Q(closes_on__gte=F("due_on")), name="evaluation_closes_after_opening"),
            models.CheckConstraint(
                condition=Q(state="scheduled") | Q(opened_at__isnull=False), name="evaluation_opened_has_moment"
            ),
        ]

    def __str__(self) -> str:
        return _("%(series)s van %(day)s") % {"series": self.series, "day": date_format(self.due_on, "j F Y")}
