"""The third floor: interim evaluations, and what they change."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.pages import navigation, tones
from pact_portal.foundation.pages.navigation import NavigationItem


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    verbose_name = _("Evaluaties")

    def ready(self) -> None:
        """Hand in the menu item, the tones of the states, and the blocks of the plan document."""
        # Models, and what is made of them, exist only from here on.
        from evaluations.reporting import chapter  # noqa: PLC0415
        from partners.permissions import Permission  # noqa: PLC0415
        from plan.document import chapters  # noqa: PLC0415
        from plan.document.models import Component  # noqa: PLC0415

        navigation.register(
            NavigationItem("evaluations:series_list", _("Evaluaties"), "clipboard-check", 60, Permission.READ)
        )
        tones.register(tones.Tone.POSITIVE, "processed")
        tones.register(tones.Tone.NEUTRAL, "scheduled", "closed")
        chapters.register(Component.EVALUATION, chapter.blocks, 10)
