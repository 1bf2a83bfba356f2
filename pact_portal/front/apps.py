"""The roof: what sees all subjects."""

from django.apps import AppConfig


class FrontConfig(AppConfig):
    name = "pact_portal.front"
    label = "front"
    verbose_name = "Voorkant"
