"""Measures: what the plan decides to do, existing before new."""

from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.numbering import Numbered
from pact_portal.foundation.richtext.fields import RichTextField
from pact_portal.foundation.scoping import ScopedQuerySet
from plan.programmes.models import Programme
from plan.questions.models import SupportQuestion


class MeasureQuerySet(ScopedQuerySet["Measure"]):
    def in_force(self) -> "MeasureQuerySet":
        """Everything that was not turned down."""
        return self.exclude(state=Measure.State.REJECTED)

    def with_funding(self) -> "MeasureQuerySet":
        """Adds `funded`: the euros that were allocated and not rejected. Allocations stand in the slice above."""
        counting = Sum("allocations__amount", filter=~Q(allocations__state="rejected"), default=Decimal(0))
        return self.annotate(**{"funded": counting})  # noqa: PIE804 - spelt out, mypy sees a second definition


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
    """The euros that were allocated and not rejected; only on rows that come by `with_funding()`."""

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
