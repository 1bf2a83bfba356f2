"""The second floor: the implementation plan and its registers."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.documents import registry
from pact_portal.foundation.pages import navigation, tones
from pact_portal.foundation.pages.navigation import NavigationItem


class PlanConfig(AppConfig):
    name = "plan"
    verbose_name = _("Uitvoeringsplan")

    def ready(self) -> None:
        """Hand in the menu items, and the blocks that the slices add to the plan document."""
        # Models, and what is made of them, exist only from here on.
        from partners.permissions import Permission  # noqa: PLC0415
        from plan.decisions import carrying  # noqa: PLC0415
        from plan.decisions import chapter as decisions  # noqa: PLC0415
        from plan.decisions import kinds as proposal_kinds  # noqa: PLC0415
        from plan.decisions import neighbours as decisions_neighbours  # noqa: PLC0415
        from plan.decisions import on_measure as decisions_on_measure  # noqa: PLC0415
        from plan.document import adoption, chapters, printing  # noqa: PLC0415
        from plan.document import neighbours as document_neighbours  # noqa: PLC0415
        from plan.document.models import Component  # noqa: PLC0415
        from plan.funding import chapter as funding  # noqa: PLC0415
        from plan.funding import neighbours as funding_neighbours  # noqa: PLC0415
        from plan.funding import on_measure as funding_on_measure  # noqa: PLC0415
        from plan.imports import kinds  # noqa: PLC0415
        from plan.measures import beside as measures_beside  # noqa: PLC0415
        from plan.measures import chapter as measures  # noqa: PLC0415
        from plan.measures import neighbours as measures_neighbours  # noqa: PLC0415
        from plan.measures import overlap as measures_overlap  # noqa: PLC0415
        from plan.programmes import chapter as programmes  # noqa: PLC0415
        from plan.programmes import exchange as programmes_exchange  # noqa: PLC0415
        from plan.programmes import matching, overlapping  # noqa: PLC0415
        from plan.programmes import neighbours as programmes_neighbours  # noqa: PLC0415
        from plan.questions import beside  # noqa: PLC0415
        from plan.questions import chapter as questions  # noqa: PLC0415
        from plan.questions import exchange as questions_exchange  # noqa: PLC0415
        from plan.questions import neighbours as questions_neighbours  # noqa: PLC0415

        navigation.register(
            NavigationItem(
                "plan:question_list", _("Ondersteuningsvragen"), "message-circle-question-mark", 20, Permission.READ
            ),
            NavigationItem("plan:programme_list", _("Bestaand aanbod"), "boxes", 30, Permission.READ),
            NavigationItem("plan:coverage", _("Dekking"), "grid-3x3", 35, Permission.READ),
            NavigationItem("plan:measure_list", _("Maatregelen"), "hammer", 40, Permission.READ),
            NavigationItem("plan:decision_list", _("Besluiten"), "gavel", 45, Permission.READ),
            NavigationItem("plan:package_list", _("Steunpakketten"), "piggy-bank", 50, Permission.READ),
            NavigationItem("plan:plan", _("Uitvoeringsplan"), "book-open", 60, Permission.READ),
        )
        tones.register(tones.Tone.NEUTRAL, "draft", "merged", "unknown")
        tones.register(tones.Tone.POSITIVE, "sufficient", "committed", "settled", "finished")
        tones.register(tones.Tone.POSITIVE, "positive", "agree", "met")
        tones.register(tones.Tone.WARNING, "deferred", "sent_back", "agree_if", "no_mandate")
        tones.register(tones.Tone.NEGATIVE, "stopped", "negative", "object")
        chapters.register(Component.QUESTIONS, questions.analysis_blocks, 10)
        chapters.register(Component.PROGRAMMES, programmes.coverage_blocks, 10)
        chapters.register(Component.PROGRAMMES, programmes.overlap_blocks, 20)
        chapters.register(Component.DECISIONS, decisions.decision_blocks, 5)
        chapters.register(Component.DECISIONS, measures.remains_blocks, 10)
        chapters.register(Component.DECISIONS, measures.indicator_blocks, 20)
        chapters.register(Component.FUNDING, funding.chart_blocks, 10)
        chapters.register(Component.FUNDING, funding.contribution_blocks, 20)
        chapters.register(Component.FUNDING, funding.attention_blocks, 30)
        registry.register("plan", printing.print_version)
        registry.register(adoption.ADOPTED_KIND, adoption.print_adopted)
        proposal_kinds.register(adoption.PLAN_VERSION)
        document_neighbours.register()
        beside.register(matching.beside_question)
        carrying.register_kinds()
        overlapping.register("A", overlapping.programmes_of, anchor="aanbod")
        overlapping.register("M", measures_overlap.measures_of, anchor="maatregel")
        questions_neighbours.register()
        programmes_neighbours.register()
        measures_neighbours.register()
        funding_neighbours.register()
        decisions_neighbours.register()
        measures_beside.register(funding_on_measure.beside, decisions_on_measure.on_measure)
        kinds.register(
            kinds.Kind(
                name="questions",
                title=_("Ondersteuningsvragen"),
                sheet="Vragen",
                resource=questions_exchange.QuestionResource,
                filtered=questions_exchange.filtered,
                list_view="plan:question_list",
            ),
            kinds.Kind(
                name="programmes",
                title=_("Bestaand aanbod"),
                sheet="Aanbod",
                resource=programmes_exchange.ProgrammeResource,
                filtered=programmes_exchange.filtered,
                list_view="plan:programme_list",
            ),
        )
