"""Files made from frozen data. The row is asked for first; the worker fills it, and says how far it is."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.scoping import PactScoped, ScopedQuerySet


class RenditionQuerySet(ScopedQuerySet["Rendition"]):
    def waiting(self) -> "RenditionQuerySet":
        """Asked for and in nobody's hands: never claimed, or the claim has run out."""
        return self.filter(
            state__in=[Rendition.State.WAITING, Rendition.State.WORKING], leased_until__lte=timezone.now()
        )


def path_of(rendition: "Rendition", filename: str) -> str:
    return f"renditions/{rendition.pact_id}/{rendition.kind}/{rendition.object_id}/{filename}"


class Rendition(PactScoped):
    """One file of one frozen object: `kind` names the renderer, `object_id` the row that it renders."""

    class State(models.TextChoices):
        WAITING = "waiting", _("wacht op een werker")
        WORKING = "working", _("wordt gemaakt")
        READY = "ready", _("klaar")
        FAILED = "failed", _("mislukt")

    pact = models.ForeignKey("partners.Pact", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    state = models.CharField(_("toestand"), max_length=10, choices=State, default=State.WAITING)
    progress = models.PositiveSmallIntegerField(_("voortgang"), default=0, help_text=_("Procent, 0 tot en met 100."))
    step = models.CharField(_("stap"), max_length=120, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(default=timezone.now)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True)
    file = models.FileField(upload_to=path_of, max_length=300, blank=True)
    size = models.PositiveIntegerField(null=True, help_text=_("In bytes."))
    sha256 = models.CharField(max_length=64, blank=True)
    failure = models.TextField(blank=True)

    objects: ClassVar[Any] = RenditionQuerySet.as_manager()

    class Meta(PactScoped.Meta):
        verbose_name = _("bestand")
        verbose_name_plural = _("bestanden")
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id"], name="rendition_once_per_object"),
            models.CheckConstraint(condition=models.Q(progress__lte=100), name="rendition_progress_is_percent"),
            models.CheckConstraint(
                condition=~models.Q(state="ready") | (~models.Q(file="") & ~models.Q(sha256="")),
                name="rendition_ready_has_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"

    @property
    def is_under_way(self) -> bool:
        return self.state in {self.State.WAITING, self.State.WORKING}
