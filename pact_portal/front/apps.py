"""The roof: what sees all subjects."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.pages import navigation, tones
from pact_portal.foundation.pages.navigation import NavigationItem
from partners.permissions import Permission


class FrontConfig(AppConfig):
    name = "pact_portal.front"
    label = "front"
    verbose_name = "Voorkant"

    def ready(self) -> None:
        navigation.register(NavigationItem("front:dashboard", _("Overzicht"), "layout-dashboard", 0))
        navigation.register(NavigationItem("front:log", _("Logboek"), "scroll-text", 90, Permission.READ_LOG))
        tones.register(tones.Tone.WARNING, "expired")
