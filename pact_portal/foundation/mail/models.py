"""Outgoing mail as rows: the row exists before anything is sent, and says what has become of it."""

from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def new_message_id() -> str:
    """A Message-ID of the portal; the row keeps it, so that every attempt carries the same."""
    return make_msgid(domain=urlsplit(settings.PORTAL_URL).hostname)


class MailQuerySet(models.QuerySet["OutgoingMail"]):
    def waiting(self) -> "MailQuerySet":
        """Neither sent nor given up, and in nobody's hands: never claimed, or the claim has run out."""
        return self.filter(state=OutgoingMail.State.WAITING, leased_until__lte=timezone.now())


class OutgoingMail(models.Model):
    """One mail to one address. `key` says why it exists; it is unique, so the same reason never mails twice."""

    class State(models.TextChoices):
        WAITING = "waiting", _("wacht")
        SENT = "sent", _("verzonden")
        FAILED = "failed", _("niet bezorgd")

    key = models.CharField(max_length=200, unique=True)
    pact = models.ForeignKey("partners.Pact", on_delete=models.PROTECT, null=True, related_name="+")
    recipient = models.EmailField(_("aan"))
    recipient_user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    subject = models.CharField(_("onderwerp"), max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    is_secret = models.BooleanField(default=False, help_text=_("De tekst wordt gewist zodra de mail verzonden is."))
    fallbacks = models.JSONField(
        default=list,
        blank=True,
        help_text=_("Adressen die de mail krijgen als hij niet kan worden bezorgd, één voor één."),
    )
    notice = models.TextField(
        blank=True, help_text=_("Wat die adressen lezen in plaats van de tekst, als die geheim is.")
    )
    fallback_of = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        related_name="copies",
        help_text=_("De mail die niet kon worden bezorgd en waarvoor deze in de plaats komt."),
    )
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(_("toestand"), max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("uitgaande mail")
        verbose_name_plural = _("uitgaande mail")
        indexes = [
            models.Index(fields=["leased_until"], name="mail_waiting", condition=models.Q(state="waiting")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False) | ~models.Q(state="sent"),
                name="mail_sent_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.subject
