"""Where partners meet: the bodies (overleggen) of a pact, who sits in them, and when they meet."""

from typing import Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.richtext.fields import RichTextField
from pact_portal.foundation.scoping import PactScoped, ScopedQuerySet
from partners.people.models import Membership


class BodyQuerySet(ScopedQuerySet["Body"]):
    def current(self) -> "BodyQuerySet":
        """Those that still meet."""
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=timezone.localdate()))


class Body(PactScoped):
    """One body (overleg) of a pact."""

    class Kind(models.TextChoices):
        STEERING = "stuurgroep", _("stuurgroep")
        PROJECT = "projectgroep", _("projectgroep")
        ADVISORY = "klankbordgroep", _("klankbordgroep")
        LEARNING = "lerend_netwerk", _("lerend netwerk")

    pact = models.ForeignKey("partners.Pact", on_delete=models.PROTECT, related_name="bodies")
    kind = models.CharField(_("soort overleg"), max_length=20, choices=Kind)
    name = models.CharField(_("naam"), max_length=160)
    purpose = models.TextField(_("waarover dit overleg gaat"), max_length=2000, blank=True)
    ended_on = models.DateField(_("opgeheven op"), null=True, blank=True)

    objects: ClassVar[Any] = BodyQuerySet.as_manager()

    class Meta(PactScoped.Meta):
        verbose_name = _("overleg")
        verbose_name_plural = _("overleggen")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["pact", "name"],
                name="body_name_once",
                violation_error_message=_("Er is al een overleg met deze naam."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SeatQuerySet(ScopedQuerySet["Seat"]):
    def current(self) -> "SeatQuerySet":
        """Those who sit in the body today: neither their seat nor their membership has ended."""
        return self.filter(
            Q(ended_on__isnull=True) | Q(ended_on__gt=timezone.localdate()),
            membership__in=Membership.objects.across_pacts().current(),
        )


class Seat(PactScoped):
    """A member of the pact who sits in a body, for some time."""

    PACT_PATH = "body__pact"

    class Part(models.TextChoices):
        CHAIR = "chair", _("voorzitter")
        SECRETARY = "secretary", _("secretaris")
        MEMBER = "member", _("lid")

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="seats")
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="seats", verbose_name=_("wie zit in het overleg")
    )
    part = models.CharField(_("als"), max_length=10, choices=Part, default=Part.MEMBER)
    started_on = models.DateField(_("vanaf"), default=timezone.localdate)
    ended_on = models.DateField(_("tot"), null=True, blank=True)

    objects: ClassVar[Any] = SeatQuerySet.as_manager()

    class Meta(PactScoped.Meta):
        verbose_name = _("zetel")
        verbose_name_plural = _("zetels")
        ordering = ["body", "membership__user__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "membership"],
                condition=Q(ended_on__isnull=True),
                name="seat_once_in_body",
                violation_error_message=_("Deze persoon zit al in dit overleg."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="seat_ends_after_start",
                violation_error_message=_("De einddatum mag niet voor de begindatum liggen."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership.user} – {self.body}"


class MeetingQuerySet(ScopedQuerySet["Meeting"]):
    def upcoming(self) -> "MeetingQuerySet":
        """Those that are not over and not called off, the first one first."""
        return self.filter(ends_at__gt=timezone.now(), cancelled_at=None).order_by("starts_at")


class Meeting(PactScoped):
    """One meeting (bijeenkomst) of a body."""

    PACT_PATH = "body__pact"

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="meetings", verbose_name=_("overleg"))
    title = models.CharField(_("onderwerp"), max_length=160)
    starts_at = models.DateTimeField(_("begint"))
    ends_at = models.DateTimeField(_("eindigt"))
    place = models.CharField(_("plaats"), max_length=200)
    agenda = RichTextField(_("agenda"), blank=True)
    cancelled_at = models.DateTimeField(_("afgezegd op"), null=True, blank=True)
    # What calendars go by (RFC 5545): the same meeting in every file, and how often it has changed.
    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(auto_now=True)
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[Any] = MeetingQuerySet.as_manager()

    class Meta(PactScoped.Meta):
        verbose_name = _("bijeenkomst")
        verbose_name_plural = _("bijeenkomsten")
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="meeting_ends_after_start",
                violation_error_message=_("Het einde moet na het begin liggen."),
            ),
        ]

    def __str__(self) -> str:
        return self.title
