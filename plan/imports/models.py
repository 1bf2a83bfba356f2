"""A spreadsheet that somebody brought in: looked through first, then taken over as a whole or not at all."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.scoping import PactScoped


class Import(PactScoped):
    """One file on its way into a register. The row says what is to be done; a worker reads and writes."""

    class State(models.TextChoices):
        WAITING = "waiting", _("wacht op lezen")
        REFUSED = "refused", _("heeft fouten")
        READY = "ready", _("klaar om over te nemen")
        CONFIRMED = "confirmed", _("wordt overgenomen")
        APPLIED = "applied", _("overgenomen")
        CANCELLED = "cancelled", _("geannuleerd")

    pact = models.ForeignKey("partners.Pact", on_delete=models.PROTECT, related_name="imports")
    # The register, by the name under which its slice registered it.
    kind = models.CharField(max_length=20)
    file = models.FileField(upload_to="imports/", max_length=300, blank=True)
    filename = models.CharField(_("bestand"), max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(_("status"), max_length=12, choices=State, default=State.WAITING)
    # Rows of the file done and in all; in all is 0 until it is known.
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # How many rows are "created", "changed" and "unchanged", see Findings.counts in checking.py.
    counts = models.JSONField(default=dict, blank=True)
    # The first faults, each {"row": 4, "column": "leeftijd vanaf", "reason": …}; row 0 is the file as a whole.
    faults = models.JSONField(default=list, blank=True)
    fault_count = models.PositiveIntegerField(default=0)
    # What to look at before going on, of the same shape: personal data in a text.
    warnings = models.JSONField(default=list, blank=True)
    # The digest of the rows of the register that the file was held against; see checking.py. Others since: look anew.
    basis = models.CharField(max_length=64, blank=True)
    # Some rows as they will be, each {"row": 4, "action": "created", "title": …}; of one that stands already also its
    # "code", the "columns" that change, "before" (of title and owner: {"column": …, "text": …}) and "hands_in".
    sample = models.JSONField(default=list, blank=True)
    # The sentence for the reader when no worker could do it.
    failure = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Until when a worker has it; afterwards another may take it.
    leased_until = models.DateTimeField(null=True, blank=True)
    uploaded_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta(PactScoped.Meta):
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["ready", "confirmed", "applied"]) | Q(fault_count=0),
                name="import_without_faults",
            ),
        ]

    def __str__(self) -> str:
        return self.filename
