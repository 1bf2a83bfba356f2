"""The words of the language mirror: what a pact would rather not write about young people, and what instead."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.scoping import PactScoped


class MirrorTerm(PactScoped):
    """One word or phrase of the list of a pact. The mirror advises and never blocks."""

    pact = models.ForeignKey("partners.Pact", on_delete=models.CASCADE, related_name="mirror_terms")
    term = models.CharField(_("woord of woordgroep"), max_length=80)
    reason = models.CharField(_("waarom liever niet"), max_length=300)
    alternative = models.CharField(_("schrijf liever"), max_length=160)

    class Meta(PactScoped.Meta):
        verbose_name = _("woord van de taalspiegel")
        verbose_name_plural = _("woorden van de taalspiegel")
        ordering = [Lower("term")]
        constraints = [
            models.UniqueConstraint(
                Lower("term"),
                "pact",
                name="mirror_term_once",
                violation_error_message=_("Dit woord staat al op de lijst."),
            ),
        ]

    def __str__(self) -> str:
        return self.term
