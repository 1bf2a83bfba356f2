"""With which key does the portal seal, and will it do."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from pact_portal.foundation.sealing import keys


class Command(BaseCommand):
    """Tells of the key what may be told; to be run where the worker runs, for only that one has it."""

    help = "Tell with which key the portal seals, until when, and whether it can be used now."

    def handle(self, **options: Any) -> None:
        """Raises CommandError with the sentence that a reader would get, when there is no key to seal with."""
        try:
            key = keys.load()
        except keys.SealKeyFault as fault:
            raise CommandError(str(fault)) from None
        self.stdout.write(f"Key: {key.subject}")
        self.stdout.write(f"Valid: {key.valid_from:%Y-%m-%d} until {key.valid_until:%Y-%m-%d}")
        self.stdout.write(f"SHA-256 of its certificate: {key.fingerprint}")
        self.stdout.write(f"Timestamps: {'asked from a server' if settings.TIMESTAMP_URL else 'none'}")
        if key.is_demo:
            self.stdout.write("This is the key of a demonstration: no signature with it counts.")
