"""People: accounts, what they do for which organisation, and the invitation that is the only way in."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.scoping import PactScoped, ScopedQuerySet
from partners.organisations.models import Partnership
from partners.permissions import Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An account; without a password one signs in by an e-mailed code."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person with an account. The name may be a function: "wethouder gemeente Heiloo"."""

    email = models.EmailField(_("e-mailadres"), unique=True)
    name = models.CharField(_("naam of functie"), max_length=160)
    is_active = models.BooleanField(_("actief"), default=True)
    is_site_administrator = models.BooleanField(_("beheerder van het portaal"), default=False)
    joined_at = models.DateTimeField(_("account sinds"), default=timezone.now)
    news_by_mail = models.BooleanField(
        _("mail mij wat er met onze vragen gebeurt"),
        default=True,
        help_text=_("U krijgt hooguit een paar mails per dag. Op de pagina van een vraag staat altijd alles."),
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("gebruiker")
        verbose_name_plural = _("gebruikers")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message=_("Er is al een account met dit e-mailadres."),
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class MembershipQuerySet(ScopedQuerySet["Membership"]):
    def current(self) -> "MembershipQuerySet":
        """Those that hold today, of an active account and a partner that takes part."""
        today = timezone.localdate()
        return self.filter(
            Q(ended_on__isnull=True) | Q(ended_on__gt=today),
            Q(partnership__left_on__isnull=True) | Q(partnership__left_on__gt=today),
            user__is_active=True,
        )

    def in_roles(self, *roles: Role) -> "MembershipQuerySet":
        return self.filter(role__in=roles)


class Membership(PactScoped):
    """One user acting for one partnership, in one role."""

    PACT_PATH = "partnership__pact"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("gebruiker"))
    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("namens")
    )
    role = models.CharField(_("rol"), max_length=16, choices=Role)
    started_on = models.DateField(_("vanaf"), default=timezone.localdate)
    ended_on = models.DateField(_("tot"), null=True, blank=True)

    objects: ClassVar[Any] = MembershipQuerySet.as_manager()

    class Meta(PactScoped.Meta):
        verbose_name = _("lidmaatschap")
        verbose_name_plural = _("lidmaatschappen")
        ordering = ["partnership__position", "user__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "partnership", "role"],
                name="membership_once",
                violation_error_message=_("Deze persoon heeft deze rol al bij deze organisatie."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="membership_ends_after_start",
                violation_error_message=_("De einddatum mag niet voor de begindatum liggen."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.get_role_display()} – {self.partnership}"


class InvitationQuerySet(ScopedQuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Neither accepted, declined nor withdrawn, and not expired."""
        return self.unanswered().filter(expires_at__gt=timezone.now())

    def unanswered(self) -> "InvitationQuerySet":
        """Neither accepted, declined nor withdrawn; may have expired, and can then be sent again."""
        return self.filter(accepted_at__isnull=True, declined_at__isnull=True, withdrawn_at__isnull=True)


class Invitation(PactScoped):
    """The only way to get an account: by e-mail, for one partnership and role; expires; used once.

    The link carries a secret of which only the SHA-256 is kept.
    """

    PACT_PATH = "partnership__pact"

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("namens")
    )
    email = models.EmailField(_("e-mailadres"))
    name = models.CharField(_("naam of functie"), max_length=160)
    role = models.CharField(_("rol"), max_length=16, choices=Role)
    secret_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("door"))
    invited_at = models.DateTimeField(_("uitgenodigd op"), auto_now_add=True)
    times_sent = models.PositiveSmallIntegerField(_("keer verstuurd"), default=1)
    sent_at = models.DateTimeField(_("laatst verstuurd op"), default=timezone.now)
    expires_at = models.DateTimeField(_("geldig tot"))
    accepted_at = models.DateTimeField(_("aangenomen op"), null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    declined_at = models.DateTimeField(_("afgeslagen op"), null=True, blank=True)
    decline_reason = models.CharField(_("reden om niet mee te doen"), max_length=500, blank=True)
    withdrawn_at = models.DateTimeField(_("ingetrokken op"), null=True, blank=True)

    objects: ClassVar[Any] = InvitationQuerySet.as_manager()

    class Meta(PactScoped.Meta):
        verbose_name = _("uitnodiging")
        verbose_name_plural = _("uitnodigingen")
        ordering = ["-invited_at"]
        constraints = [
            models.UniqueConstraint(
                "partnership",
                Lower("email"),
                "role",
                condition=Q(accepted_at__isnull=True, declined_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_open_once",
                violation_error_message=_("Voor dit e-mailadres staat al een uitnodiging open."),
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, declined_at__isnull=True)
                | Q(accepted_at__isnull=True, withdrawn_at__isnull=True)
                | Q(declined_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_ends_one_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.get_role_display()})"

    @property
    def is_open(self) -> bool:
        return self.is_unanswered and self.expires_at > timezone.now()

    @property
    def is_unanswered(self) -> bool:
        return self.accepted_at is None and self.declined_at is None and self.withdrawn_at is None


class ReplacedLink(PactScoped):
    """The link of an earlier mail of an invitation: it lets nobody in, and says that a newer mail was sent."""

    PACT_PATH = "invitation__partnership__pact"

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="replaced_links")
    secret_sha256 = models.CharField(max_length=64, unique=True)
    replaced_at = models.DateTimeField(_("vervangen op"), default=timezone.now)

    class Meta(PactScoped.Meta):
        verbose_name = _("vervangen link")
        verbose_name_plural = _("vervangen links")

    def __str__(self) -> str:
        return f"{self.invitation} – {self.replaced_at:%Y-%m-%d}"


class RightsReview(PactScoped):
    """The yearly look at who may do what: when, by whom, and who held which role on that day. Never changed."""

    pact = models.ForeignKey("partners.Pact", on_delete=models.PROTECT, related_name="rights_reviews")
    reviewed_at = models.DateTimeField(_("nagekeken op"), default=timezone.now)
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("nagekeken door"))
    note = models.TextField(_("opmerking"), max_length=2000, blank=True)
    findings = models.JSONField(
        _("bevindingen"),
        default=list,
        help_text=_("Per lidmaatschap: wie, namens wie, welke rol, en of het bleef of eindigde."),
    )

    class Meta(PactScoped.Meta):
        verbose_name = _("controle van rechten")
        verbose_name_plural = _("controles van rechten")
        ordering = ["-reviewed_at"]

    def __str__(self) -> str:
        return f"{self.pact} – {self.reviewed_at:%Y-%m-%d}"
