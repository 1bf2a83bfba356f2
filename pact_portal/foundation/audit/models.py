"""The audit trail: what was done, by whom, when. Rows are added and never changed; the database refuses it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.scoping import PactScoped


class AuditRecord(PactScoped):
    """One act. `subject` names the row that it concerned, as "app.model" and id, so that it outlives the row."""

    pact = models.ForeignKey("partners.Pact", on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("tijdstip"), auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("door")
    )
    action = models.CharField(_("handeling"), max_length=80)
    subject_kind = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(_("onderwerp"), max_length=300)
    details = models.JSONField(_("bijzonderheden"), default=dict)

    class Meta(PactScoped.Meta):
        verbose_name = _("logboekregel")
        verbose_name_plural = _("logboek")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["pact", "-id"], name="audit_by_pact"),
            models.Index(fields=["subject_kind", "subject_id"], name="audit_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.subject_label}"
