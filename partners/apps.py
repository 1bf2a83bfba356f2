"""The first floor: who takes part, and the pact that they signed."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.documents import registry
from pact_portal.foundation.pages import navigation
from pact_portal.foundation.pages.navigation import NavigationItem
from partners.permissions import Permission


class PartnersConfig(AppConfig):
    name = "partners"
    verbose_name = _("Partners en pact")

    def ready(self) -> None:
        """Hand in the menu items, and what makes the files of a pact."""
        from partners.bodies import workflow as bodies  # noqa: PLC0415 - models exist only from here on
        from partners.people import handover  # noqa: PLC0415
        from partners.signing import rendering  # noqa: PLC0415

        handover.register("seats", bodies.describe_seats, bodies.move_seats)
        registry.register("pact", rendering.render_version)
        registry.register("accession", rendering.render_accession)
        registry.register("evidence", rendering.render_evidence)
        registry.register("sheet", rendering.render_sheet)
        navigation.register(
            NavigationItem("partners:pact_detail", _("Pact"), "scroll-text", 70, Permission.READ),
            NavigationItem("partners:organisation_list", _("Partners"), "building-2", 80, Permission.READ),
            NavigationItem("partners:people_list", _("Mensen"), "users", 85, Permission.READ),
            NavigationItem("partners:body_list", _("Overleggen"), "messages-square", 87, Permission.READ),
        )
