"""Wiping the second factor of somebody who lost telephone and recovery codes."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import translation

from partners.people import second_factor
from partners.people.models import User


class Command(BaseCommand):
    """For the administrator of the server; no page does this, so that nobody talks a coordinator into it."""

    help = "Wipe the second factor of an account, end its sessions and mail the person about it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        parser.add_argument("--reset", required=True, metavar="E-MAIL", help="the address of the account")

    def handle(self, *, reset: str, **options: Any) -> None:
        """Exits 0 and says how many were wiped; raises CommandError when nobody has the address."""
        try:
            user = User.objects.get(email__iexact=reset)
        except User.DoesNotExist:
            raise CommandError(f"Nobody has the address {reset}: check how it is spelled.") from None
        with translation.override("nl"):
            number = second_factor.reset(user)
        self.stdout.write(f"Wiped {number} second factors and recovery codes of {user.email}; told by mail.")
