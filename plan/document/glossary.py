"""The words of the plan, for a reader who sees them for the first time."""

from django.utils.translation import gettext as _

from pact_portal.foundation.documents.blocks import Fact


def words() -> list[Fact]:
    """The glossary, in the order of the alphabet of the language that is active."""
    return sorted(
        [
            Fact(
                _("Aansluiting"), _("Hoe ver één aanbod één vraag beantwoordt: niet, deels of voldoende, met de reden.")
            ),
            Fact(_("Amplitie"), _("Versterken, vergroten en vermeerderen van wat al goed gaat.")),
            Fact(_("Bestaand aanbod"), _("Een project, werkwijze of activiteit die er al is.")),
            Fact(
                _("Bijstelling"), _("Een verandering van een maatregel, na een evaluatie. Een besluit voert haar door.")
            ),
            Fact(_("Curatie"), _("Helpen bij problemen die er al zijn.")),
            Fact(_("Los eind"), _("Iets dat de volgende stap niet bereikt, zoals een vraag zonder maatregel.")),
            Fact(_("Maatregel"), _("Wat de partners besluiten te doen: voortzetten, verbreden of nieuw starten.")),
            Fact(_("Ondersteuningsvraag"), _("Wat een partner nodig heeft om jongeren te ondersteunen.")),
            Fact(_("Preventie"), _("Voorkomen dat problemen ontstaan of groter worden.")),
            Fact(_("Samenwerkingsgebied"), _("Een thema waarop de partners samenwerken.")),
            Fact(_("Steunpakket"), _("Tijdelijk geld, met de regels van de gever.")),
            Fact(
                _("Toewijzing"), _("Een bedrag uit een steunpakket voor een maatregel, een sector of een organisatie.")
            ),
            Fact(_("Toegezegd"), _("Geld waarover is besloten. Toegewezen geld is toegezegd of nog voorgesteld.")),
            Fact(_("Voorstel"), _("Wat langs de overleggen gaat. Alles erin gaat tegelijk in als het is vastgesteld.")),
            Fact(
                _("Veerkracht"),
                _("Het vermogen om met tegenslagen en uitdagingen in het eigen leven om te gaan."),
            ),
        ],
        key=lambda fact: fact.label.casefold(),
    )
