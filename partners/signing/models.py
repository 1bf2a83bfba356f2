"""Signing: what lies on the table, who is asked, who signed or made a reservation, and the file after every act.

A deed (akte) is one certified PDF that partners sign: number 0 is the pact itself, the following numbers are the sheets
of partners that accede later, as a certified file can take no further page. Every electronic signature adds a revision
to the file; all revisions are kept, so that each earlier file can be recognised for ever.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.scoping import PactScoped, ScopedQuerySet
from partners.organisations.models import Partnership
from partners.pact.models import PactVersion


class SealCertificate(models.Model):
    """A certificate with which the portal has sealed: what a reader needs to check a file, without the key."""

    fingerprint = models.CharField(max_length=64, unique=True, help_text=_("SHA-256 van het certificaat (DER)."))
    pem = models.TextField()
    subject = models.CharField(max_length=300)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    is_demo = models.BooleanField(default=False)
    first_used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("zegelcertificaat")
        verbose_name_plural = _("zegelcertificaten")

    def __str__(self) -> str:
        return self.subject


class Deed(PactScoped):
    """What is signed: a version of the pact (number 0), or a later sheet by which partners accede to it."""

    PACT_PATH = "version__pact"

    class State(models.TextChoices):
        PREPARING = "preparing", _("wordt klaargezet")  # an accession sheet whose file is being made
        OPEN = "open", _("open om te tekenen")
        COMPLETE = "complete", _("door allen getekend")
        SUPERSEDED = "superseded", _("opgevolgd")

    version = models.ForeignKey(PactVersion, on_delete=models.PROTECT, related_name="deeds")
    number = models.PositiveSmallIntegerField(help_text=_("0 is het pact zelf, daarna de bladen voor toetreding."))
    content = models.JSONField(null=True, blank=True, help_text=_("Het vastgelegde blad voor toetreding; niet voor 0."))
    content_sha256 = models.CharField(max_length=64)
    state = models.CharField(_("toestand"), max_length=12, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(_("opengesteld op"))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sign_by = models.DateField(_("tekenen voor"), null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta(PactScoped.Meta):
        verbose_name = _("akte")
        verbose_name_plural = _("akten")
        ordering = ["version", "number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="deed_number_once"),
            models.CheckConstraint(
                condition=Q(number=0, content__isnull=True) | Q(number__gt=0, content__isnull=False),
                name="deed_accession_has_content",
            ),
            models.CheckConstraint(
                condition=~Q(state="complete") | Q(completed_at__isnull=False), name="deed_complete_has_moment"
            ),
            models.CheckConstraint(
                condition=Q(state="superseded", superseded_at__isnull=False)
                | (~Q(state="superseded") & Q(superseded_at__isnull=True)),
                name="deed_superseded_has_moment",
            ),
        ]

    @property
    def is_public(self) -> bool:
        """Whether anybody may read it: all have signed it, whatever came after."""
        return self.completed_at is not None

    def __str__(self) -> str:
        if self.number == 0:
            return str(self.version)
        return _("%(version)s, toetreding %(number)s") % {"version": self.version, "number": self.number}


class PlaceQuerySet(ScopedQuerySet["SignaturePlace"]):
    def unsigned(self) -> "PlaceQuerySet":
        """Those whose partner has neither signed nor withdrawn."""
        return self.filter(signature=None, withdrawal=None)

    def reserved(self) -> "PlaceQuerySet":
        """Those with a reservation that still stands."""
        return self.filter(reservations__lifted_at=None, reservations__isnull=False).distinct()


class SignaturePlace(PactScoped):
    """The place of one partner in a deed: its field in the PDF, and how often it was reminded."""

    PACT_PATH = "deed__version__pact"

    deed = models.ForeignKey(Deed, on_delete=models.PROTECT, related_name="places")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="signature_places")
    field = models.CharField(max_length=80, help_text=_("De naam van het handtekeningveld in de PDF."))
    position = models.PositiveSmallIntegerField()
    asked_at = models.DateTimeField(_("gevraagd op"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("herinnerd op"), null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(_("herinneringen"), default=0)

    objects: ClassVar[Any] = PlaceQuerySet.as_manager()

    class Meta(PactScoped.Meta):
        verbose_name = _("tekenplaats")
        verbose_name_plural = _("tekenplaatsen")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["deed", "partnership"], name="place_once_per_partner"),
            models.UniqueConstraint(fields=["deed", "field"], name="place_field_once"),
        ]

    def __str__(self) -> str:
        return str(self.partnership)


class SignatureQuerySet(ScopedQuerySet["Signature"]):
    def to_seal(self) -> "SignatureQuerySet":
        """Electronic ones that are not in the file yet, in the order in which they were put."""
        return self.filter(way=Signature.Way.ELECTRONIC, revision=None).order_by("signed_at", "pk")


class Signature(PactScoped):
    """A partner's signature. What was signed, by whom and on what mandate never changes; the database refuses it.

    An electronic one is put in two steps: the act of the signatory makes this row, with all its evidence; the worker,
    which alone holds the key, seals it into the partner's field and adds a DeedRevision. One on paper is recorded
    whole, with its scan.
    """

    PACT_PATH = "place__deed__version__pact"

    class Way(models.TextChoices):
        ELECTRONIC = "electronic", _("elektronisch")
        PAPER = "paper", _("op papier")

    place = models.OneToOneField(SignaturePlace, on_delete=models.PROTECT, related_name="signature")
    way = models.CharField(_("wijze"), max_length=10, choices=Way)
    signatory = models.CharField(_("naam van wie tekent"), max_length=160)
    function = models.CharField(_("functie"), max_length=160)
    mandate = models.CharField(
        _("mandaat"), max_length=300, help_text=_("Waarop de bevoegdheid berust, zoals een besluit van het college.")
    )
    signed_in = models.CharField(_("plaats"), max_length=120)
    signed_on = models.DateField(_("ondertekend op"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("vastgelegd door")
    )
    signed_at = models.DateTimeField(_("vastgelegd om"), default=timezone.now)
    evidence = models.JSONField(_("bewijs"), default=dict, help_text=_("Wat partners.signing.evidence vastlegt."))
    scan = models.FileField(_("scan"), upload_to="scans/", max_length=300, blank=True)
    scan_sha256 = models.CharField(max_length=64, blank=True)
    scan_type = models.CharField(max_length=40, blank=True)
    # How the sealing goes; these may change.
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True)

    objects: ClassVar[Any] = SignatureQuerySet.as_manager()

    class Meta(PactScoped.Meta):
        verbose_name = _("handtekening")
        verbose_name_plural = _("handtekeningen")
        ordering = ["signed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(way="electronic", scan="", scan_sha256="")
                | (Q(way="paper") & ~Q(scan="") & ~Q(scan_sha256="")),
                name="signature_on_paper_has_scan",
                violation_error_message=_("Voeg de scan van het getekende blad toe."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signatory}, {self.function}"

    @property
    def organisation(self) -> str:
        """On whose behalf was signed, by the name in the text that was signed."""
        return self.evidence.get("organisation") or str(self.place.partnership)


class DeedRevision(PactScoped):
    """The file of a deed after an act: number 0 is the certified file, every further one holds a signature more.

    Never changed, never removed: it is what an uploaded file is recognised by.
    """

    PACT_PATH = "deed__version__pact"

    deed = models.ForeignKey(Deed, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    signature = models.OneToOneField(
        Signature, on_delete=models.PROTECT, null=True, blank=True, related_name="revision"
    )
    certificate = models.ForeignKey(SealCertificate, on_delete=models.PROTECT, related_name="+")
    file = models.FileField(upload_to="deeds/", max_length=300)
    size = models.PositiveIntegerField(help_text=_("In bytes."))
    sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta(PactScoped.Meta):
        verbose_name = _("revisie van een akte")
        verbose_name_plural = _("revisies van akten")
        ordering = ["deed", "number"]
        constraints = [
            models.UniqueConstraint(fields=["deed", "number"], name="deed_revision_once"),
            models.CheckConstraint(
                condition=Q(number=0, signature__isnull=True) | Q(number__gt=0, signature__isnull=False),
                name="deed_revision_has_signature",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deed} ({self.number})"


class Reservation(PactScoped):
    """A partner's reason not to sign yet. It is lifted by signing or by its maker, never removed."""

    PACT_PATH = "place__deed__version__pact"

    place = models.ForeignKey(SignaturePlace, on_delete=models.PROTECT, related_name="reservations")
    reason = models.TextField(_("voorbehoud"), max_length=4000)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("gemaakt op"), default=timezone.now)
    lifted_at = models.DateTimeField(_("opgeheven op"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta(PactScoped.Meta):
        verbose_name = _("voorbehoud")
        verbose_name_plural = _("voorbehouden")
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["place"],
                condition=Q(lifted_at__isnull=True),
                name="reservation_once_at_a_time",
                violation_error_message=_("Er staat al een voorbehoud van deze partner."),
            ),
        ]

    def __str__(self) -> str:
        return self.reason[:80]


class Withdrawal(PactScoped):
    """A partner steps out of the pact, or will not sign it: recorded with date and reason, never erased."""

    PACT_PATH = "place__deed__version__pact"

    place = models.OneToOneField(SignaturePlace, on_delete=models.PROTECT, related_name="withdrawal")
    withdrawn_on = models.DateField(_("uitgetreden op"))
    reason = models.TextField(_("reden"), max_length=4000)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta(PactScoped.Meta):
        verbose_name = _("uittreding")
        verbose_name_plural = _("uittredingen")

    def __str__(self) -> str:
        return f"{self.place} – {self.withdrawn_on}"
