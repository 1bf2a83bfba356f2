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
        """Give the row the next number of its pact. Inside a transaction: the pact's row is locked until its end."""
        type(self)._meta.get_field("pact").remote_field.model._default_manager.select_for_update().get(pk=self.pact_id)
        highest = type(self)._default_manager.filter(pact_id=self.pact_id).aggregate(Max("number"))["number__max"]
        self.number = (highest or 0) + 1
