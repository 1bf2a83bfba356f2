"""Measures: what the plan decides to do, existing before new."""

from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.numbering import Numbered
from pact_portal.foundation.richtext.fields import RichTextField
from pact_portal.foundation.scoping import PactScoped, ScopedQuerySet
from plan.programmes.models import Programme
from plan.questions.models import SupportQuestion


class MeasureQuerySet(ScopedQuerySet["Measure"]):
    def in_force(self) -> "MeasureQuerySet":
        """Everything that was not turned down."""
        return self.exclude(state=Measure.State.REJECTED)

    def with_funding(self) -> "MeasureQuerySet":
        """Adds `funded`: the euros that were allocated and not rejected, and what partners add and did not take back.

        Allocations and contributions stand in the slice above.
        """
        allocated = _total("allocations__amount", ~Q(allocations__state="rejected"))
        added = _total("contributions__amount", Q(contributions__withdrawn_at__isnull=True))
        # Spelt out as keywords, mypy sees a second definition.
        return self.annotate(**{"funded": allocated + added})  # noqa: PIE804


def _total(column: str, counting: Q) -> Coalesce:
    """The sum of one column of rows that hang on a measure. A query of its own: two joins would multiply the rows."""
    own = Measure.unscoped.filter(pk=OuterRef("pk")).order_by().values("pk")
    totals = own.annotate(total=Sum(column, filter=counting)).values("total")
    return Coalesce(Subquery(totals), Decimal(0), output_field=models.DecimalField(max_digits=14, decimal_places=2))


class Measure(Numbered):
    """Continue or broaden what exists, or start something new."""

    CODE = "M"

    class Kind(models.TextChoices):
        CONTINUE = "continue", _("voortzetten")
        BROADEN = "broaden", _("verbreden")
        START = "start", _("nieuw starten")

    class Line(models.TextChoices):
        """The programme lines of the pact."""

        SPREAD = "spread", _("gedachtegoed verspreiden")
        STRENGTHEN = "strengthen", _("bestaande initiatieven versterken")
        DEVELOP = "develop", _("nieuwe initiatieven ontwikkelen")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("voorgesteld")
        APPROVED = "approved", _("goedgekeurd")
        REJECTED = "rejected", _("afgewezen")
        DEFERRED = "deferred", _("aangehouden")
        RUNNING = "running", _("in uitvoering")
        FINISHED = "finished", _("afgerond")
        STOPPED = "stopped", _("gestopt")

    title = models.CharField(_("maatregel in één zin"), max_length=200)
    kind = models.CharField(_("soort"), max_length=10, choices=Kind)
    line = models.CharField(_("programmalijn"), max_length=12, choices=Line)
    areas = models.ManyToManyField(
        "partners.CollaborationArea", related_name="measures", verbose_name=_("samenwerkingsgebieden")
    )
    questions = models.ManyToManyField(
        SupportQuestion, related_name="measures", verbose_name=_("ondersteuningsvragen die de maatregel beantwoordt")
    )
    programmes = models.ManyToManyField(
        Programme, related_name="measures", blank=True, verbose_name=_("bestaand aanbod waarop de maatregel voortbouwt")
    )
    reason_not_broaden = models.TextField(
        _("waarom verbreden van bestaand aanbod niet volstaat"), max_length=2000, blank=True
    )
    lead = models.ForeignKey(
        "partners.Partnership", on_delete=models.PROTECT, related_name="measures", verbose_name=_("trekker")
    )
    executing = models.ManyToManyField(
        "partners.Partnership", related_name="+", blank=True, verbose_name=_("uitvoerende partners")
    )
    starts_on = models.DateField(_("begint op"))
    ends_on = models.DateField(_("eindigt op"))
    goal = RichTextField(_("doel"))
    learning_question = models.CharField(_("leervraag"), max_length=300, blank=True)
    budget = models.DecimalField(
        _("begroting, in euro"), max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    remains_after = models.TextField(
        _("wat er blijft als het steungeld op is"),
        max_length=2000,
        help_text=_("Steunpakketten zijn tijdelijk geld. Schrijf op wat er daarna doorgaat, en wie dat betaalt."),
    )
    state = models.CharField(_("status"), max_length=12, choices=State, default=State.PROPOSED)
    outcome_on = models.DateField(_("besloten op"), null=True, blank=True)
    outcome_reason = models.TextField(_("reden van het besluit"), max_length=2000, blank=True)
    proposed_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)

    funded: Decimal
    """The euros that were allocated or added by partners, and count; only on rows that come by `with_funding()`."""

    objects: ClassVar[Any] = MeasureQuerySet.as_manager()

    class Meta(Numbered.Meta):
        verbose_name = _("maatregel")
        verbose_name_plural = _("maatregelen")
        ordering = ["number"]
        constraints = [
            *Numbered.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="measure_ends_after_start",
                violation_error_message=_("De einddatum mag niet voor de begindatum liggen."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="start") | ~Q(reason_not_broaden=""),
                name="measure_new_has_reason",
                violation_error_message=_(
                    "Een nieuwe maatregel vraagt om een reden: waarom volstaat verbreden van bestaand aanbod niet?"
                ),
            ),
            models.CheckConstraint(
                condition=Q(budget__gte=0),
                name="measure_budget_not_negative",
                violation_error_message=_("De begroting kan niet negatief zijn."),
            ),
            models.CheckConstraint(
                condition=Q(state="proposed") | Q(outcome_on__isnull=False), name="measure_outcome_has_date"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class StateChange(PactScoped):
    """One step in the life of a measure: in which state it came, when and why. Never edited, never removed."""

    PACT_PATH = "measure__pact"

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="changes")
    state = models.CharField(_("status"), max_length=10, choices=Measure.State)
    on = models.DateField(_("op"))
    reason = models.TextField(_("reden"), max_length=2000, blank=True)
    decision = models.CharField(_("besluit"), max_length=20, blank=True)
    """The code of the decision that did it, such as B7; decisions stand in a slice above. Blank when none did."""
    by = models.ForeignKey("partners.User", on_delete=models.PROTECT, null=True, related_name="+")
    """Nobody for what happened before changes were kept."""
    at = models.DateTimeField(auto_now_add=True)

    class Meta(PactScoped.Meta):
        verbose_name = _("wijziging van status")
        verbose_name_plural = _("wijzigingen van status")
        ordering = ["measure", "pk"]

    def __str__(self) -> str:
        return f"{self.measure.code}: {self.get_state_display()}"


class Indicator(PactScoped):
    """A number that a measure should move: from where, to where, which way, and how often it is read."""

    PACT_PATH = "measure__pact"

    class Direction(models.TextChoices):
        UP = "up", _("omhoog")
        DOWN = "down", _("omlaag")
        HOLD = "hold", _("gelijk blijven")

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="indicators")
    name = models.CharField(_("wat u telt of meet"), max_length=200)
    unit = models.CharField(_("eenheid"), max_length=60)
    direction = models.CharField(_("richting"), max_length=4, choices=Direction)
    baseline = models.DecimalField(_("nulmeting"), max_digits=14, decimal_places=2, null=True, blank=True)
    target = models.DecimalField(_("streefgetal"), max_digits=14, decimal_places=2)
    every_months = models.PositiveSmallIntegerField(
        _("om de hoeveel maanden u meet"), default=6, validators=[MinValueValidator(1), MaxValueValidator(24)]
    )
    source = models.CharField(_("waar het getal vandaan komt"), max_length=200, blank=True)
    # Numbers about fewer than five people are not shown: who shows a reading must know which are about people.
    counts_people = models.BooleanField(_("het getal telt jongeren"), default=False)

    class Meta(PactScoped.Meta):
        verbose_name = _("indicator")
        verbose_name_plural = _("indicatoren")
        ordering = ["measure", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "name"],
                name="indicator_name_once",
                violation_error_message=_("Deze indicator staat al bij de maatregel."),
            ),
            models.CheckConstraint(
                condition=Q(every_months__gte=1, every_months__lte=24),
                name="indicator_rhythm_in_range",
                violation_error_message=_("Kies een ritme van 1 tot en met 24 maanden."),
            ),
            models.CheckConstraint(
                condition=Q(baseline__isnull=True)
                | Q(direction="up", target__gt=F("baseline"))
                | Q(direction="down", target__lt=F("baseline"))
                | Q(direction="hold"),
                name="indicator_target_fits_direction",
                violation_error_message=_(
                    "Het streefgetal past niet bij de richting: omhoog is hoger dan de nulmeting, omlaag is lager."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name
