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

ONE_TARGET = (
    Q(measure__isnull=False, sector="", partnership__isnull=True)
    | (Q(measure__isnull=True, partnership__isnull=True) & ~Q(sector=""))
    | Q(measure__isnull=True, sector="", partnership__isnull=False)
)
"""Money goes to a measure, or is the share of a sector, or that of an organisation."""


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
    earmark = models.TextField(
        _("oormerk"), max_length=2000, blank=True, help_text=_("Waaraan dit geld alleen besteed mag worden.")
    )
    account_to = models.CharField(_("verantwoorden aan"), max_length=200, blank=True)
    accountability = models.TextField(
        _("hoe u verantwoordt"), max_length=2000, blank=True, help_text=_("Bijvoorbeeld in de jaarrekening (SiSa).")
    )
    account_by = models.DateField(_("verantwoorden voor"), null=True, blank=True)
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
    """The budget of a package for one year. The database keeps `allocated` and `came_in`, never above `budget`."""

    PACT_PATH = "package__pact"

    package = models.ForeignKey(SupportPackage, on_delete=models.PROTECT, related_name="years")
    year = models.PositiveSmallIntegerField(_("jaar"), validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    budget = models.DecimalField(
        _("budget, in euro"), max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    allocated = models.DecimalField(
        _("toegewezen, in euro"), max_digits=12, decimal_places=2, default=Decimal(0), editable=False
    )
    came_in = models.DecimalField(
        _("binnengekomen, in euro"), max_digits=12, decimal_places=2, default=Decimal(0), editable=False
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
            models.CheckConstraint(
                condition=Q(came_in__gte=0, came_in__lte=F("budget")),
                name="package_year_came_in_within_budget",
                violation_error_message=_("Er is meer binnengekomen dan het budget van dit jaar."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package} – {self.year}"

    @property
    def remaining(self) -> Decimal:
        return self.budget - self.allocated


class Intake(PactScoped):
    """How the budget of a year came in: what one organisation received of it, on its own account, to be shared."""

    PACT_PATH = "package_year__package__pact"

    package_year = models.ForeignKey(PackageYear, on_delete=models.CASCADE, related_name="intakes")
    partnership = models.ForeignKey(
        "partners.Partnership", on_delete=models.PROTECT, related_name="+", verbose_name=_("organisatie")
    )
    amount = models.DecimalField(
        _("bedrag, in euro"), max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )

    class Meta(PactScoped.Meta):
        verbose_name = _("ontvangst")
        verbose_name_plural = _("ontvangsten")
        ordering = ["package_year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["package_year", "partnership"],
                name="intake_once_per_organisation",
                violation_error_message=_("Deze organisatie staat al bij dit jaar."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="intake_amount_positive",
                violation_error_message=_("Een ontvangst is groter dan nul."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package_year}: {self.partnership}"


class AllocationQuerySet(ScopedQuerySet["Allocation"]):
    def counting(self) -> "AllocationQuerySet":
        """Those that take from the budget: all but the rejected ones."""
        return self.exclude(state=Allocation.State.REJECTED)


class Allocation(PactScoped):
    """An amount of one package-year, for either a measure (a joint project) or a share of a sector or organisation.

    `amount` is what it takes from the year now: a reallocation moves a part of it to another target, and settling
    brings it down to what was spent. `spent` is kept by the database, and never above `amount`.
    """

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
    spent = models.DecimalField(
        _("besteed, in euro"), max_digits=12, decimal_places=2, default=Decimal(0), editable=False
    )
    released = models.DecimalField(
        _("vrijgevallen, in euro"), max_digits=12, decimal_places=2, default=Decimal(0), editable=False
    )
    """What went back to the year when the allocation was settled below its amount."""
    created_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = AllocationQuerySet.as_manager()

    class Meta(PactScoped.Meta):
        verbose_name = _("toewijzing")
        verbose_name_plural = _("toewijzingen")
        ordering = ["package_year__package__number", "package_year__year", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(amount=0, state="settled"),
                name="allocation_amount_positive",
                violation_error_message=_("Een toewijzing is groter dan nul."),
            ),
            models.CheckConstraint(
                condition=Q(spent__gte=0, spent__lte=F("amount")),
                name="allocation_never_overspent",
                violation_error_message=_("Er is meer besteed dan toegewezen."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["committed", "settled"]) | Q(spent=0),
                name="allocation_spent_when_committed",
                violation_error_message=_("Alleen toegezegd geld wordt besteed."),
            ),
            models.CheckConstraint(
                condition=~Q(state="settled") | Q(amount=F("spent")),
                name="allocation_settled_is_what_was_spent",
                violation_error_message=_("Afgerekend is wat is besteed: wat overblijft, valt vrij."),
            ),
            models.CheckConstraint(
                condition=ONE_TARGET,
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

    @property
    def unspent(self) -> Decimal:
        return self.amount - self.spent


class Reallocation(PactScoped):
    """A part of an allocation that should serve another target; moved when a decision adopts it. The year stays."""

    PACT_PATH = "source__package_year__package__pact"

    class State(models.TextChoices):
        PROPOSED = "proposed", _("voorgesteld")
        APPLIED = "applied", _("doorgevoerd")
        REJECTED = "rejected", _("afgewezen")

    source = models.ForeignKey(
        Allocation, on_delete=models.PROTECT, related_name="moved_out", verbose_name=_("uit welke toewijzing")
    )
    amount = models.DecimalField(
        _("bedrag, in euro"), max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    measure = models.ForeignKey(
        Measure, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("maatregel")
    )
    sector = models.CharField(_("aandeel van een sector"), max_length=20, choices=Sector, blank=True)
    partnership = models.ForeignKey(
        "partners.Partnership",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("aandeel van een organisatie"),
    )
    reason = models.TextField(_("waarom"), max_length=2000)
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.PROPOSED)
    result = models.OneToOneField(
        Allocation, on_delete=models.PROTECT, null=True, blank=True, related_name="moved_in", editable=False
    )
    created_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(PactScoped.Meta):
        verbose_name = _("herverdeling")
        verbose_name_plural = _("herverdelingen")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="reallocation_amount_positive",
                violation_error_message=_("Een herverdeling is groter dan nul."),
            ),
            models.CheckConstraint(
                condition=ONE_TARGET,
                name="reallocation_has_one_target",
                violation_error_message=_("Kies één bestemming: een maatregel, een sector of een organisatie."),
            ),
            models.CheckConstraint(
                condition=Q(state="applied", result__isnull=False) | (~Q(state="applied") & Q(result__isnull=True)),
                name="reallocation_applied_has_result",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}: {self.amount}"

    @property
    def target(self) -> str:
        """What the money would be for, in words."""
        return str(self.measure or self.partnership or self.get_sector_display())


class Expenditure(PactScoped):
    """An amount that was really spent of an allocation. Never edited: a mistake is cancelled, and booked anew."""

    PACT_PATH = "allocation__package_year__package__pact"
    # An invoice number is no free text: 202600002 is one, and passes the test of a BSN by accident. Who would have to
    # leave it out could not account for the amount.
    TECHNICAL_TEXTS = PactScoped.TECHNICAL_TEXTS | {"receipt_sha256", "reference"}

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="expenditures")
    partnership = models.ForeignKey(
        "partners.Partnership", on_delete=models.PROTECT, related_name="expenditures", verbose_name=_("besteed door")
    )
    amount = models.DecimalField(
        _("bedrag, in euro"), max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    spent_on = models.DateField(_("besteed op"))
    description = models.CharField(_("waaraan"), max_length=200)
    reference = models.CharField(_("factuurnummer of kenmerk"), max_length=80, blank=True)
    receipt = models.FileField(_("bewijsstuk"), upload_to="receipts/", max_length=300, blank=True)
    receipt_sha256 = models.CharField(max_length=64, blank=True)
    once = models.UUIDField(unique=True, editable=False)
    """Given with the empty form: the same form sent twice books once."""
    booked_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    booked_at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField(_("ingetrokken op"), null=True, blank=True)
    cancelled_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancel_reason = models.CharField(_("waarom ingetrokken"), max_length=300, blank=True)

    class Meta(PactScoped.Meta):
        verbose_name = _("besteding")
        verbose_name_plural = _("bestedingen")
        ordering = ["spent_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="expenditure_amount_positive",
                violation_error_message=_("Een besteding is groter dan nul."),
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True, cancel_reason="")
                | (Q(cancelled_at__isnull=False, cancelled_by__isnull=False) & ~Q(cancel_reason="")),
                name="expenditure_cancelled_with_reason",
                violation_error_message=_("Schrijf op waarom u de besteding intrekt."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.description}: {self.amount}"


class Contribution(PactScoped):
    """What a partner adds to a measure from its own means: not from a package, so that a euro counts once."""

    PACT_PATH = "measure__pact"

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="contributions")
    partnership = models.ForeignKey(
        "partners.Partnership", on_delete=models.PROTECT, related_name="contributions", verbose_name=_("partner")
    )
    year = models.PositiveSmallIntegerField(_("jaar"), validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    amount = models.DecimalField(
        _("bedrag, in euro"), max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    note = models.CharField(_("toelichting"), max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(_("ingetrokken op"), null=True, blank=True)
    added_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta(PactScoped.Meta):
        verbose_name = _("eigen bijdrage")
        verbose_name_plural = _("eigen bijdragen")
        ordering = ["measure", "year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "partnership", "year"],
                condition=Q(withdrawn_at__isnull=True),
                name="contribution_once_per_partner_and_year",
                violation_error_message=_("De bijdrage van deze partner voor dit jaar staat er al."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="contribution_amount_positive",
                violation_error_message=_("Een bijdrage is groter dan nul."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partnership} – {self.year}: {self.amount}"
