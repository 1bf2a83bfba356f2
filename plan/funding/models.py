"""Support packages, and where their money goes. All amounts are euros with two decimals."""

from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.numbering import Numbered
from pact_portal.foundation.scoping import PactScoped, ScopedQuerySet
from partners.organisations.models import Sector
from plan.measures.models import Measure


class SupportPackage(Numbered):
    """Incidental money that came in, with its giver's rules."""

    CODE = "S"

    class LegalForm(models.TextChoices):
        GENERAL = "general", _("algemene uitkering")
        SPUK = "spuk", _("specifieke uitkering (SPUK)")
        SUBSIDY = "subsidy", _("subsidie")
        SECTOR = "sector", _("bekostiging van een sector")

    name = models.CharField(_("naam"), max_length=200)
    giver = models.CharField(_("gever"), max_length=160)
    legal_form = models.CharField(_("vorm"), max_length=10, choices=LegalForm)
    purpose = models.TextField(_("doel"), max_length=2000)
    accountability = models.TextField(
        _("verantwoording"), max_length=2000, blank=True, help_text=_("Aan wie, hoe en voor wanneer.")
    )
    spend_from = models.DateField(_("te besteden vanaf"))
    spend_until = models.DateField(_("te besteden tot en met"))

    class Meta(Numbered.Meta):
        verbose_name = _("steunpakket")
        verbose_name_plural = _("steunpakketten")
        ordering = ["number"]
        constraints = [
            *Numbered.Meta.constraints,
            models.CheckConstraint(
                condition=Q(spend_until__gt=F("spend_from")),
                name="package_window_in_order",
                violation_error_message=_("De einddatum moet na de begindatum liggen."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class PackageSector(models.Model):
    """A sector that may receive money of a package."""

    package = models.ForeignKey(SupportPackage, on_delete=models.CASCADE, related_name="sectors")
    sector = models.CharField(_("sector"), max_length=20, choices=Sector)

    class Meta:
        ordering = ["sector"]
        constraints = [models.UniqueConstraint(fields=["package", "sector"], name="package_sector_once")]

    def __str__(self) -> str:
        return self.get_sector_display()


class PackageYear(PactScoped):
    """The budget of a package for one year. `allocated` is kept by the database, and never above `budget`."""

    PACT_PATH = "package__pact"

    package = models.ForeignKey(SupportPackage, on_delete=models.PROTECT, related_name="years")
    year = models.PositiveSmallIntegerField(_("jaar"), validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    budget = models.DecimalField(
        _("budget, in euro"), max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    allocated = models.DecimalField(
        _("toegewezen, in euro"), max_digits=12, decimal_places=2, default=Decimal(0), editable=False
    )

    class Meta(PactScoped.Meta):
        verbose_name = _("pakketjaar")
        verbose_name_plural = _("pakketjaren")
        ordering = ["package__number", "year"]
        constraints = [
            models.UniqueConstraint(
                fields=["package", "year"],
                name="package_year_once",
                violation_error_message=_("Dit jaar staat al bij het steunpakket."),
            ),
            models.CheckConstraint(
                condition=Q(budget__gt=0),
                name="package_year_budget_positive",
                violation_error_message=_("Een budget is groter dan nul."),
            ),
            models.CheckConstraint(
                condition=Q(allocated__gte=0, allocated__lte=F("budget")),
                name="package_year_never_over_budget",
                violation_error_message=_("Er is meer toegewezen dan het budget van dit jaar."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package} – {self.year}"

    @property
    def remaining(self) -> Decimal:
        return self.budget - self.allocated


class AllocationQuerySet(ScopedQuerySet["Allocation"]):
    def counting(self) -> "AllocationQuerySet":
        """Those that take from the budget: all but the rejected ones."""
        return self.exclude(state=Allocation.State.REJECTED)


class Allocation(PactScoped):
    """An amount of one package-year, for either a measure (a joint project) or a share of a sector or organisation."""

    PACT_PATH = "package_year__package__pact"

    class State(models.TextChoices):
        PROPOSED = "proposed", _("voorgesteld")
        COMMITTED = "committed", _("toegezegd")
        SETTLED = "settled", _("afgerekend")
        REJECTED = "rejected", _("afgewezen")

    package_year = models.ForeignKey(
        PackageYear, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("steunpakket en jaar")
    )
    amount = models.DecimalField(
        _("bedrag, in euro"), max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    measure = models.ForeignKey(
        Measure,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="allocations",
        verbose_name=_("maatregel"),
    )
    sector = models.CharField(_("aandeel van een sector"), max_length=20, choices=Sector, blank=True)
    partnership = models.ForeignKey(
        "partners.Partnership",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="allocations",
        verbose_name=_("aandeel van een organisatie"),
    )
    note = models.CharField(_("toelichting"), max_length=300, blank=True)
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.PROPOSED)
    created_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = AllocationQuerySet.as_manager()

    class Meta(PactScoped.Meta):
        verbose_name = _("toewijzing")
        verbose_name_plural = _("toewijzingen")
        ordering = ["package_year__package__number", "package_year__year", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="allocation_amount_positive",
                violation_error_message=_("Een toewijzing is groter dan nul."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(measure__isnull=False, sector="", partnership__isnull=True)
                    | (Q(measure__isnull=True, partnership__isnull=True) & ~Q(sector=""))
                    | Q(measure__isnull=True, sector="", partnership__isnull=False)
                ),
                name="allocation_has_one_target",
                violation_error_message=_("Kies één bestemming: een maatregel, een sector of een organisatie."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package_year}: {self.amount}"

    @property
    def target(self) -> str:
        """What the money is for, in words."""
        return str(self.measure or self.partnership or self.get_sector_display())
