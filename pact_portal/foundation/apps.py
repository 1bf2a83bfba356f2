"""The ground floor as an installed app."""

from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "pact_portal.foundation"
    label = "foundation"
    verbose_name = "Fundament"

    def ready(self) -> None:
        """Register the system checks."""
        from pact_portal.foundation.health import checks  # noqa: F401, PLC0415 - registers itself, after the apps
