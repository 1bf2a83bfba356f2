"""Register rows that people call by a number: V12 is the twelfth question of its pact, for ever."""

from typing import ClassVar

from django.db import models
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.scoping import PactScoped


class Numbered(PactScoped):
    """A row of a register of a pact. The number is given once, in order, and never used again."""

    CODE: ClassVar[str]
    """The letter before the number, such as "V" for vraag."""

    pact = models.ForeignKey("partners.Pact", on_delete=models.PROTECT, related_name="%(class)ss")
    number = models.PositiveIntegerField(_("nummer"))

    class Meta(PactScoped.Meta):
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pact", "number"], name="%(class)s_number_once")
        ]

    @property
    def code(self) -> str:
        return f"{self.CODE}{self.number}"

    def take_number(self) -> None:
        """Give the row the next number of its pact. Inside a transaction: the pact's row is locked until its end.

        Not its key: who holds another row meanwhile may still write what only points to the pact. So of two who both
        need the pact and a row of it, the one that takes the pact first never waits for the other in a circle.
        """
        pacts = type(self)._meta.get_field("pact").remote_field.model._default_manager
        pacts.select_for_update(no_key=True).get(pk=self.pact_id)
        highest = type(self)._default_manager.filter(pact_id=self.pact_id).aggregate(Max("number"))["number__max"]
        self.number = (highest or 0) + 1
