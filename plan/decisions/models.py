"""The route by which is decided, what is put to it, and what each step said."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pact_portal.foundation.numbering import Numbered
from pact_portal.foundation.richtext.fields import RichTextField
from pact_portal.foundation.scoping import PactScoped, ScopedQuerySet


class StepKind(models.TextChoices):
    """What a step of the route does with a proposal."""

    PREPARES = "prepares", _("bereidt voor")
    ADVISES = "advises", _("adviseert")
    DECIDES = "decides", pgettext_lazy("stap van de route", "besluit")


class DecisionStep(PactScoped):
    """One step of the route of a pact, as new proposals take it; one on its way keeps the steps it began with."""

    pact = models.ForeignKey("partners.Pact", on_delete=models.PROTECT, related_name="decision_steps")
    position = models.PositiveSmallIntegerField(_("volgorde"))
    name = models.CharField(_("naam van de stap"), max_length=120)
    body = models.ForeignKey(
        "partners.Body", on_delete=models.PROTECT, related_name="+", verbose_name=_("welk overleg")
    )
    kind = models.CharField(_("wat het overleg doet"), max_length=10, choices=StepKind)
    days = models.PositiveSmallIntegerField(
        _("dagen om te behandelen"), default=28, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )

    class Meta(PactScoped.Meta):
        verbose_name = _("besluitstap")
        verbose_name_plural = _("besluitstappen")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["pact", "position"], name="decision_step_position_once"),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=365),
                name="decision_step_days_in_range",
                violation_error_message=_("Geef 1 tot en met 365 dagen."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProposalQuerySet(ScopedQuerySet["Proposal"]):
    def under_way(self) -> "ProposalQuerySet":
        """Those on which a body still has to say something."""
        return self.filter(state__in=Proposal.UNDER_WAY)


class Proposal(Numbered):
    """What is put to the route: one or more rows of the registers, that take effect together when it is adopted."""

    CODE = "P"

    class State(models.TextChoices):
        DRAFT = "draft", _("concept")
        SUBMITTED = "submitted", _("in behandeling")
        DEFERRED = "deferred", _("aangehouden")
        SENT_BACK = "sent_back", _("teruggestuurd")
        ADOPTED = "adopted", _("vastgesteld")
        REJECTED = "rejected", _("afgewezen")
        WITHDRAWN = "withdrawn", _("ingetrokken")

    UNDER_WAY = (State.SUBMITTED, State.DEFERRED)
    """On the route: a step is next."""
    WRITTEN = (State.DRAFT, State.SENT_BACK)
    """With its writer: rows can come and go."""
    OVER = (State.ADOPTED, State.REJECTED, State.WITHDRAWN)

    title = models.CharField(_("voorstel in één zin"), max_length=200)
    explanation = RichTextField(_("toelichting"))
    partnership = models.ForeignKey(
        "partners.Partnership", on_delete=models.PROTECT, related_name="proposals", verbose_name=_("namens")
    )
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.DRAFT)
    round = models.PositiveSmallIntegerField(_("ronde"), default=0, editable=False)
    """How often it was put on the route: 0 as long as it never was, 2 after it was sent back once."""
    written_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(_("ingebracht op"), null=True, blank=True)
    withdraw_reason = models.TextField(_("waarom ingetrokken"), max_length=2000, blank=True)

    objects: ClassVar[Any] = ProposalQuerySet.as_manager()

    class Meta(Numbered.Meta):
        verbose_name = _("voorstel")
        verbose_name_plural = _("voorstellen")
        ordering = ["number"]
        constraints = [
            *Numbered.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"]) | Q(round__gte=1, submitted_at__isnull=False),
                name="proposal_on_route_was_submitted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class ProposalItem(PactScoped):
    """One row that a proposal carries: a measure, an allocation, or what upper slices and floors hand in (kinds.py)."""

    PACT_PATH = "proposal__pact"

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=20)
    """The name of a kind of `kinds`."""
    object_id = models.PositiveBigIntegerField()
    """The primary key of the row."""
    shown = models.JSONField(default=list)
    """What stood on the row when the proposal was put on the route: pairs of label and text."""
    is_open = models.BooleanField(default=True)
    """Whether the proposal is with its writer or on the route. A row is in one such proposal at a time."""

    class Meta(PactScoped.Meta):
        verbose_name = _("onderdeel van een voorstel")
        verbose_name_plural = _("onderdelen van een voorstel")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "kind", "object_id"], name="proposal_item_once"),
            models.UniqueConstraint(
                fields=["kind", "object_id"],
                condition=Q(is_open=True),
                name="proposal_item_in_one_proposal",
                violation_error_message=_("Dit staat al in een ander voorstel."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class ProposalStep(PactScoped):
    """A step of the route as one proposal takes it, in one round: copied from the route when it was submitted."""

    PACT_PATH = "proposal__pact"

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="steps")
    round = models.PositiveSmallIntegerField(_("ronde"))
    position = models.PositiveSmallIntegerField(_("volgorde"))
    name = models.CharField(_("naam van de stap"), max_length=120)
    body = models.ForeignKey("partners.Body", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=StepKind)
    due_on = models.DateField(_("uiterlijk op"))

    class Meta(PactScoped.Meta):
        verbose_name = _("stap van een voorstel")
        verbose_name_plural = _("stappen van een voorstel")
        ordering = ["proposal", "round", "position"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "round", "position"], name="proposal_step_position_once")
        ]

    def __str__(self) -> str:
        return self.name


class Outcome(models.TextChoices):
    """What a step can say."""

    POSITIVE = "positive", _("positief")
    NEGATIVE = "negative", _("negatief")
    ADOPTED = "adopted", _("vastgesteld")
    REJECTED = "rejected", _("afgewezen")
    DEFERRED = "deferred", _("aangehouden")
    SENT_BACK = "sent_back", _("teruggestuurd")


class DecisionQuerySet(ScopedQuerySet["Decision"]):
    def standing(self) -> "DecisionQuerySet":
        """Those that no later decision took the place of."""
        return self.filter(superseded_by__isnull=True)


class Decision(Numbered):
    """What a step said about a proposal. Never edited or removed: a later decision of the same step supersedes it."""

    CODE = "B"

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="decisions")
    step = models.ForeignKey(ProposalStep, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(_("uitkomst"), max_length=10, choices=Outcome)
    decided_on = models.DateField(_("datum"))
    reason = models.TextField(_("reden"), max_length=2000)
    content = models.JSONField(default=list)
    """What was decided about, as it stood: per row its kind, code, title and pairs of label and text."""
    meeting = models.ForeignKey(
        "partners.Meeting", on_delete=models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    recorded_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = DecisionQuerySet.as_manager()

    class Meta(Numbered.Meta):
        verbose_name = _("besluit")
        verbose_name_plural = _("besluiten")
        ordering = ["number"]
        constraints = [
            *Numbered.Meta.constraints,
            # The first of a step; each further one takes the place of exactly one other (one-to-one).
            models.UniqueConstraint(
                fields=["step"],
                condition=Q(supersedes__isnull=True),
                name="decision_first_once_per_step",
                violation_error_message=_("Over deze stap is al een besluit vastgelegd."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.proposal.title}"


class Position(PactScoped):
    """Where a partner stands on a proposal, before it is decided."""

    PACT_PATH = "proposal__pact"

    class Stance(models.TextChoices):
        AGREE = "agree", _("akkoord")
        AGREE_IF = "agree_if", _("akkoord onder voorwaarde")
        OBJECT = "object", _("bezwaar")
        NO_MANDATE = "no_mandate", _("nog geen mandaat")

    class Mandate(models.TextChoices):
        NONE = "none", _("geen")
        COLLEGE = "college", _("besluit van het college")
        BOARD = "board", _("besluit van het bestuur")
        CONSENT = "consent", _("instemming van de (G)MR")

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="positions")
    round = models.PositiveSmallIntegerField(_("ronde"))
    partnership = models.ForeignKey(
        "partners.Partnership", on_delete=models.PROTECT, related_name="positions", verbose_name=_("namens")
    )
    stance = models.CharField(_("standpunt"), max_length=10, choices=Stance)
    mandate = models.CharField(_("mandaat"), max_length=10, choices=Mandate, default=Mandate.NONE)
    text = models.TextField(_("voorwaarde of toelichting"), max_length=2000, blank=True)
    stated_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(auto_now=True)

    class Meta(PactScoped.Meta):
        verbose_name = _("standpunt")
        verbose_name_plural = _("standpunten")
        ordering = ["proposal", "round", "partnership__organisation__name"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "round", "partnership"], name="position_once_per_round"),
            models.CheckConstraint(
                condition=~Q(stance__in=["agree_if", "object"]) | ~Q(text=""),
                name="position_says_why",
                violation_error_message=_("Schrijf op welke voorwaarde u stelt, of welk bezwaar u hebt."),
            ),
            models.CheckConstraint(
                condition=~Q(stance="no_mandate") | Q(mandate="none"),
                name="position_without_mandate_names_none",
                violation_error_message=_("Zonder mandaat kiest u bij mandaat: geen."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partnership}: {self.get_stance_display()}"


class Condition(PactScoped):
    """A condition that came with a position or with the outcome of a step, and what became of it."""

    PACT_PATH = "proposal__pact"

    class State(models.TextChoices):
        OPEN = "open", _("staat open")
        MET = "met", _("aan voldaan")
        DROPPED = "dropped", _("niet overgenomen")

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="conditions")
    position = models.OneToOneField(Position, on_delete=models.PROTECT, null=True, blank=True, related_name="condition")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="conditions")
    text = models.TextField(_("voorwaarde"), max_length=2000)
    state = models.CharField(_("status"), max_length=8, choices=State, default=State.OPEN)
    answer = models.TextField(_("wat ermee is gedaan"), max_length=2000, blank=True)
    answered_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta(PactScoped.Meta):
        verbose_name = _("voorwaarde")
        verbose_name_plural = _("voorwaarden")
        ordering = ["proposal", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(position__isnull=False, decision__isnull=True)
                | Q(position__isnull=True, decision__isnull=False),
                name="condition_has_one_source",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | (Q(answered_by__isnull=False, answered_at__isnull=False) & ~Q(answer="")),
                name="condition_answered_says_how",
                violation_error_message=_("Schrijf op wat er met de voorwaarde is gedaan."),
            ),
        ]

    def __str__(self) -> str:
        return self.text
