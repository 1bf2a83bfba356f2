"""Support questions: what schools, childcare and municipalities ask for."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.numbering import Numbered
from pact_portal.foundation.richtext.fields import RichTextField
from pact_portal.foundation.scoping import PactScoped, ScopedQuerySet

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

    def standing(self) -> "QuestionQuerySet":
        """Those that speak for themselves: handed in, and neither sent back, withdrawn nor merged into another."""
        return self.filter(state__in=[SupportQuestion.State.SUBMITTED, SupportQuestion.State.ACCEPTED])

    def visible_to(self, partnerships: list[models.Model]) -> "QuestionQuerySet":
        """What members see: everything that was ever submitted, and what their own organisation is still writing."""
        return self.filter(Q(submitted_at__isnull=False) | Q(partnership__in=partnerships))


class SupportQuestion(Numbered, AgeBand):
    """A need raised by a partner."""

    CODE = "V"

    class State(models.TextChoices):
        DRAFT = "draft", _("concept")
        SUBMITTED = "submitted", _("ingediend")
        ACCEPTED = "accepted", _("aangenomen")
        RETURNED = "returned", _("teruggestuurd")
        MERGED = "merged", _("samengevoegd")
        WITHDRAWN = "withdrawn", _("ingetrokken")

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
    withdrawn_at = models.DateTimeField(_("ingetrokken op"), null=True, blank=True)
    withdrawal_reason = models.TextField(_("waarom ingetrokken"), max_length=2000, blank=True)
    # Always a question that stands for itself: one link leads from any merged question to where it lives on. The way
    # by which it got there is in Merge.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("opgegaan in")
    )

    objects: ClassVar[Any] = QuestionQuerySet.as_manager()

    class Meta(Numbered.Meta):
        verbose_name = _("ondersteuningsvraag")
        verbose_name_plural = _("ondersteuningsvragen")
        ordering = ["-number"]
        constraints = [
            *Numbered.Meta.constraints,
            *AgeBand.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"]) | Q(submitted_at__isnull=False),
                name="question_submitted_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | Q(withdrawn_at__isnull=False),
                name="question_withdrawn_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="question_merged_has_target",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")),
                name="question_not_merged_into_itself",
                violation_error_message=_("Kies een andere vraag: een vraag kan niet in zichzelf opgaan."),
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


class Endorsement(PactScoped):
    """Another partner saying that a question is theirs too (ook onze vraag).

    It stays with the question at which it was given. Those of a merged question count for the one that it stands in.
    """

    PACT_PATH = "question__pact"

    question = models.ForeignKey(SupportQuestion, on_delete=models.PROTECT, related_name="endorsements")
    partnership = models.ForeignKey(
        "partners.Partnership", on_delete=models.PROTECT, related_name="endorsements", verbose_name=_("namens")
    )
    note = models.TextField(_("hoe dat bij u is"), max_length=500, blank=True)
    endorsed_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    endorsed_at = models.DateTimeField(auto_now_add=True)

    class Meta(PactScoped.Meta):
        verbose_name = _("ook onze vraag")
        verbose_name_plural = _("ook onze vraag")
        ordering = ["endorsed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "partnership"],
                name="endorsement_once",
                violation_error_message=_("Uw organisatie heeft al gezegd dat dit ook haar vraag is."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.question.code}: {self.partnership}"


class Merge(PactScoped):
    """One question that was put into another by a coordinator; undone until the plan is frozen with it."""

    PACT_PATH = "source__pact"

    source = models.ForeignKey(SupportQuestion, on_delete=models.PROTECT, related_name="merges")
    target = models.ForeignKey(SupportQuestion, on_delete=models.PROTECT, related_name="merges_received")
    state_before = models.CharField(max_length=12, choices=SupportQuestion.State)
    merged_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    # The moment of the freeze after which it stands for good.
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta(PactScoped.Meta):
        verbose_name = _("samenvoeging")
        verbose_name_plural = _("samenvoegingen")
        ordering = ["merged_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(undone_at__isnull=True), name="merge_once_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="merge_not_into_itself"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False, settled_at__isnull=True),
                name="merge_undone_before_settled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source.code} → {self.target.code}"


class CurationNote(PactScoped):
    """What coordinators say to each other about a question. Nobody else reads it."""

    PACT_PATH = "question__pact"

    question = models.ForeignKey(SupportQuestion, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField(_("notitie"), max_length=2000)
    written_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta(PactScoped.Meta):
        verbose_name = _("notitie van de coördinator")
        verbose_name_plural = _("notities van de coördinator")
        ordering = ["written_at", "pk"]

    def __str__(self) -> str:
        return self.text[:80]


class QuestionNews(PactScoped):
    """One thing that became of a question: shown on its page, and mailed to who follows it, several at once."""

    PACT_PATH = "question__pact"

    class Kind(models.TextChoices):
        ACCEPTED = "accepted", _("aangenomen")
        RETURNED = "returned", _("teruggestuurd")
        MERGED = "merged", _("samengevoegd")
        PARTED = "parted", _("samenvoegen ongedaan gemaakt")
        ENDORSED = "endorsed", _("ook de vraag van een andere partner")
        MATCHED = "matched", _("vergeleken met aanbod")
        MEASURE = "measure", _("maatregel voorgesteld")
        DECIDED = "decided", _("besluit over een maatregel")
        EVALUATED = "evaluated", _("maatregel geëvalueerd")
        WITHDRAWN = "withdrawn", _("ingetrokken door de coördinator")

    question = models.ForeignKey(SupportQuestion, on_delete=models.PROTECT, related_name="news")
    kind = models.CharField(max_length=12, choices=Kind)
    # What the sentence needs: {"code": "A3", "name": …, "level": …}; see news.py.
    details = models.JSONField(default=dict, blank=True)
    # Of the portal, without its host.
    path = models.CharField(max_length=200, blank=True)
    # Who did it: gets no mail about it.
    by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    happened_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)
    # Says the same twice only when the key differs.
    key = models.CharField(max_length=120, unique=True)

    class Meta(PactScoped.Meta):
        verbose_name = _("bericht over een vraag")
        verbose_name_plural = _("berichten over een vraag")
        ordering = ["happened_at", "pk"]
        indexes = [
            models.Index(fields=["happened_at"], condition=Q(mailed_at__isnull=True), name="news_to_mail"),
        ]

    def __str__(self) -> str:
        return f"{self.question.code}: {self.get_kind_display()}"
