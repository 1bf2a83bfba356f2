"""The third floor: interim evaluations, and what they change."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.pages import navigation, tones
from pact_portal.foundation.pages.navigation import NavigationItem


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    verbose_name = _("Evaluaties")

    def ready(self) -> None:
        """Hand in the menu item, the tones of the states, what the plan shows, and what proposals can carry."""
        # Models, and what is made of them, exist only from here on.
        from evaluations.findings import carrying, neighbours, showing  # noqa: PLC0415
        from evaluations.findings import chapter as findings  # noqa: PLC0415
        from evaluations.reporting import beside as report  # noqa: PLC0415
        from evaluations.reporting import chapter  # noqa: PLC0415
        from partners.permissions import Permission  # noqa: PLC0415
        from plan.decisions import kinds  # noqa: PLC0415
        from plan.document import chapters, ends, mentions  # noqa: PLC0415
        from plan.document.models import Component  # noqa: PLC0415
        from plan.measures import beside  # noqa: PLC0415

        navigation.register(
            NavigationItem("evaluations:series_list", _("Evaluaties"), "clipboard-check", 60, Permission.READ)
        )
        tones.register(tones.Tone.POSITIVE, "processed", "applied")
        tones.register(tones.Tone.NEUTRAL, "scheduled", "closed")
        chapters.register(Component.EVALUATION, chapter.blocks, 10)
        chapters.register(Component.EVALUATION, findings.blocks, 20)
        ends.register(findings.loose, 60)
        mentions.register("bijstelling", "J")
        kinds.register(carrying.ADJUSTMENT)
        beside.register(showing.on_measure)
        report.register(showing.on_report)
        neighbours.register()
