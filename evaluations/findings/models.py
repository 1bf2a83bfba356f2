"""What an evaluation showed, and the change to the plan that follows from it."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from evaluations.series.models import Evaluation
from pact_portal.foundation.numbering import Numbered
from pact_portal.foundation.scoping import PactScoped, ScopedQuerySet

STOP = "state"
"""The field of an adjustment that stops its measure."""


class FindingQuerySet(ScopedQuerySet["Finding"]):
    def loose(self) -> "FindingQuerySet":
        """Those from which nothing followed yet: not closed, and no adjustment that stands."""
        standing = Adjustment.objects.across_pacts().standing()
        return self.filter(closed_at__isnull=True).exclude(pk__in=standing.values("finding"))


class Finding(PactScoped):
    """What an evaluation showed. It leads to an adjustment, or is closed with a reason."""

    PACT_PATH = "evaluation__series__pact"

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="findings")
    measure = models.ForeignKey(
        "plan.Measure",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="findings",
        verbose_name=_("over welke maatregel"),
    )
    text = models.TextField(_("bevinding"), max_length=2000)
    recorded_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(_("gesloten op"), null=True, blank=True)
    closed_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    close_reason = models.TextField(_("waarom er niets verandert"), max_length=2000, blank=True)

    objects: ClassVar[Any] = FindingQuerySet.as_manager()

    class Meta(PactScoped.Meta):
        verbose_name = _("bevinding")
        verbose_name_plural = _("bevindingen")
        ordering = ["evaluation", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True, close_reason="")
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(close_reason="")),
                name="finding_closed_with_reason",
                violation_error_message=_("Schrijf op waarom er niets verandert."),
            )
        ]

    def __str__(self) -> str:
        return self.text


class AdjustmentQuerySet(ScopedQuerySet["Adjustment"]):
    def standing(self) -> "AdjustmentQuerySet":
        """Those that were applied, or still may be."""
        return self.filter(state__in=[Adjustment.State.PROPOSED, Adjustment.State.APPLIED])


class Adjustment(Numbered):
    """One change to one field of a measure: from what, to what, and why. Applied when a decision adopts it."""

    CODE = "J"

    class State(models.TextChoices):
        PROPOSED = "proposed", _("voorgesteld")
        APPLIED = "applied", _("doorgevoerd")
        REJECTED = "rejected", _("afgewezen")
        WITHDRAWN = "withdrawn", _("ingetrokken")

    finding = models.ForeignKey(
        Finding,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="adjustments",
        verbose_name=_("bevinding"),
    )
    measure = models.ForeignKey(
        "plan.Measure", on_delete=models.PROTECT, related_name="adjustments", verbose_name=_("maatregel")
    )
    field = models.CharField(_("wat er verandert"), max_length=40)
    """The name of a field of Measure that `plan.measures.workflow.adjust` takes, or "state" to stop the measure."""
    before = models.TextField(_("nu"), blank=True)
    after = models.TextField(_("wordt"), blank=True)
    """The values as text: dates as 2027-03-14, euros as 1234.50, rich text as HTML."""
    reason = models.TextField(_("waarom"), max_length=2000)
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.PROPOSED)
    decision = models.CharField(_("besluit"), max_length=20, blank=True)
    """The code of the decision that applied or rejected it, such as B7."""
    created_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = AdjustmentQuerySet.as_manager()

    class Meta(Numbered.Meta):
        verbose_name = _("bijstelling")
        verbose_name_plural = _("bijstellingen")
        ordering = ["number"]
        constraints = [
            *Numbered.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "withdrawn"], decision="")
                | (Q(state__in=["applied", "rejected"]) & ~Q(decision="")),
                name="adjustment_decided_names_decision",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="adjustment_has_reason",
                violation_error_message=_("Schrijf op waarom u dit wilt veranderen."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.measure.code}"

    @property
    def stops(self) -> bool:
        """Whether it stops the measure, instead of changing a field of it."""
        return self.field == STOP
