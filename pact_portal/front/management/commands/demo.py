"""Fills the demonstration pacts, or tells who can sign in to them."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from pact_portal.front.demo import build
from partners.models import Pact

# Known to everybody who reads this, hence given to accounts only where DEBUG says that nobody else comes here.
PASSWORD = "samen-veerkrachtig-2022"  # noqa: S105 - public on purpose


class Command(BaseCommand):
    help = "Fill the demonstration pact regio Alkmaar and a second small pact. Running it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--scale", type=int, default=0, metavar="N", help="also N pacts with large registers, for load"
        )
        parser.add_argument("--yes", action="store_true", help="also when the database holds pacts that are no example")
        parser.add_argument("--accounts", action="store_true", help="only print who can sign in (DEBUG only)")

    def handle(self, *, scale: int, yes: bool, accounts: bool, **options: Any) -> None:
        if accounts:
            self.print_accounts()
            return
        if scale < 0:
            raise CommandError("Give --scale a number of pacts, 0 or more.")
        others = Pact.objects.filter(is_example=False)
        if others.exists() and not yes:
            raise CommandError(
                f"This database holds other data ({others.count()} pact(s) that are no example). "
                "Give --yes to put the demonstration beside it."
            )
        password = PASSWORD if settings.DEBUG else None
        if not Pact.objects.filter(slug=build.REGION).exists():
            self.stdout.write(f"Filling {build.fill_region(password=password)}")
        if not Pact.objects.filter(slug=build.NEIGHBOUR).exists():
            self.stdout.write(f"Filling {build.fill_neighbour(password=password)}")
        for serial in range(1, scale + 1):
            build.fill_for_load(serial, say=self.stdout.write)

    def print_accounts(self) -> None:
        if not settings.DEBUG:
            raise CommandError("The demonstration accounts have no password outside DEBUG: sign in by e-mailed code.")
        addresses = [f"{local}@{build.REGION}.example" for local, *_ in build.ACCOUNTS]
        for email in [*addresses, f"coordinator@{build.NEIGHBOUR}.example"]:
            self.stdout.write(email)
        self.stdout.write(f"password for all: {PASSWORD}")
