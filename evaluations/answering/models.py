"""Who is asked, and what they said."""

import re
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from evaluations.series.asked import answering_for
from evaluations.series.models import Evaluation, Topic
from pact_portal.foundation.scoping import PactScoped, ScopedQuerySet
from partners.access import Access


class ParticipationQuerySet(ScopedQuerySet["Participation"]):
    def unanswered(self) -> "ParticipationQuerySet":
        return self.filter(answered_at__isnull=True)

    def answered(self) -> "ParticipationQuerySet":
        return self.filter(answered_at__isnull=False)

    def answerable_by(self, access: Access) -> "ParticipationQuerySet":
        """Those of the partners for which the reader acts in a role that answers evaluations."""
        return self.filter(partnership__in=answering_for(access))

    def of_partner(self, typed: str) -> "ParticipationQuerySet":
        """Of the partner with this id, as an address or form names it; of any when it names none."""
        if not typed:
            return self
        return self.filter(partnership=int(typed)) if re.fullmatch(r"[0-9]{1,18}", typed) else self.none()


class Participation(PactScoped):
    """One partner asked in one evaluation."""

    PACT_PATH = "evaluation__series__pact"

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="participations")
    partnership = models.ForeignKey(
        "partners.Partnership", on_delete=models.PROTECT, related_name="participations", verbose_name=_("partner")
    )
    answered_at = models.DateTimeField(_("geantwoord op"), null=True, blank=True)
    answered_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[Any] = ParticipationQuerySet.as_manager()

    class Meta(PactScoped.Meta):
        verbose_name = _("deelname aan een evaluatie")
        verbose_name_plural = _("deelnames aan evaluaties")
        ordering = ["partnership__position", "partnership__organisation__name"]
        constraints = [models.UniqueConstraint(fields=["evaluation", "partnership"], name="participation_once")]

    def __str__(self) -> str:
        return f"{self.partnership} – {self.evaluation}"


class Answer(PactScoped):
    """What one partner said on one topic. Which column holds it follows from the topic's kind."""

    PACT_PATH = "participation__evaluation__series__pact"

    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, related_name="answers")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="answers")
    scale = models.PositiveSmallIntegerField(_("oordeel"), null=True, blank=True)
    no_view = models.BooleanField(_("geen zicht op"), default=False)
    number = models.DecimalField(_("getal"), max_digits=14, decimal_places=2, null=True, blank=True)
    choice = models.CharField(_("keuze"), max_length=200, blank=True)
    text = models.TextField(_("tekst"), max_length=5000, blank=True)

    class Meta(PactScoped.Meta):
        verbose_name = _("antwoord")
        verbose_name_plural = _("antwoorden")
        ordering = ["participation", "topic__position"]
        constraints = [
            models.UniqueConstraint(F("participation"), F("topic"), name="answer_once_per_topic"),
            models.CheckConstraint(
                condition=Q(scale__isnull=True) | Q(scale__gte=1, scale__lte=5),
                name="answer_scale_in_range",
                violation_error_message=_("Kies een oordeel van 1 tot en met 5."),
            ),
            models.CheckConstraint(
                condition=Q(no_view=False) | Q(scale__isnull=True),
                name="answer_view_or_no_view",
                violation_error_message=_("Kies een oordeel óf 'geen zicht op'."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic}: {self.participation}"
