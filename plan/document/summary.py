"""The summary for aldermen and board members: one page, worked out from the registers by counts and sums."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pact_portal.foundation.documents.blocks import Block, Fact, Facts, Heading, Items, Paragraph
from pact_portal.foundation.templatetags.portal import euro
from plan.decisions.models import Proposal
from plan.document.components import number
from plan.document.registers import Registers
from plan.funding.models import Allocation
from plan.measures.models import Measure

MOST_AREAS = 8
"""More areas than this would push the summary over its page."""
MOST_PROPOSALS = 6


def blocks(registers: Registers) -> list[Block]:
    """What we do, for whom, for how much, and what is asked of the reader."""
    return [
        Facts(
            [
                Fact(_("ondersteuningsvragen"), number(len(registers.questions))),
                Fact(_("maatregelen"), number(len(registers.measures))),
                Fact(_("beschikbaar"), euro(registers.totals.budget)),
                Fact(_("toegewezen"), euro(registers.totals.allocated)),
            ],
            style="key",
        ),
        Heading(_("Wat we doen")),
        Items(_what(registers)),
        Heading(_("Voor wie")),
        Paragraph(_for_whom(registers)),
        Items(_areas(registers)),
        Heading(_("Wat wij u vragen")),
        Items(_asked(registers), numbered=True),
    ]


def _what(registers: Registers) -> list[str]:
    kinds = {kind: [measure for measure in registers.measures if measure.kind == kind] for kind in Measure.Kind}
    sentences = {
        Measure.Kind.CONTINUE: lambda count: ngettext(
            "%(count)s maatregel zet voort wat er al is (%(sum)s).",
            "%(count)s maatregelen zetten voort wat er al is (%(sum)s).",
            count,
        ),
        Measure.Kind.BROADEN: lambda count: ngettext(
            "%(count)s maatregel verbreedt wat er al is (%(sum)s).",
            "%(count)s maatregelen verbreden wat er al is (%(sum)s).",
            count,
        ),
        Measure.Kind.START: lambda count: ngettext(
            "%(count)s maatregel is nieuw, omdat verbreden niet volstaat (%(sum)s).",
            "%(count)s maatregelen zijn nieuw, omdat verbreden niet volstaat (%(sum)s).",
            count,
        ),
    }
    found = [
        sentences[kind](len(measures)) % {"count": number(len(measures)), "sum": euro(_budget(measures))}
        for kind, measures in kinds.items()
        if measures
    ]
    return found or [_("Er zijn nog geen maatregelen opgenomen.")]


def _for_whom(registers: Registers) -> str:
    if not registers.questions:
        return _("Er zijn nog geen ondersteuningsvragen aangenomen.")
    young_people = sum(question.young_people or 0 for question in registers.questions)
    ages = {
        "first": min(question.age_from for question in registers.questions),
        "last": max(question.age_to for question in registers.questions),
    }
    if not young_people:
        return _("Voor jongeren van %(first)s tot en met %(last)s jaar.") % ages
    return _(
        "Voor jongeren van %(first)s tot en met %(last)s jaar. De indieners schatten dat hun vragen samen "
        "%(count)s jongeren raken; wie bij meer vragen hoort, telt vaker mee."
    ) % {**ages, "count": number(young_people)}


def _areas(registers: Registers) -> list[str]:
    counts = {
        area.pk: sum(1 for question in registers.questions if area in question.areas.all()) for area in registers.areas
    }
    listed = [
        ngettext("%(area)s: %(count)s vraag", "%(area)s: %(count)s vragen", counts[area.pk])
        % {"area": area.name, "count": number(counts[area.pk])}
        for area in registers.areas[:MOST_AREAS]
    ]
    more = len(registers.areas) - len(listed)
    if more > 0:
        listed.append(
            ngettext("en nog %(count)s ander gebied", "en nog %(count)s andere gebieden", more)
            % {"count": number(more)}
        )
    return listed


def _asked(registers: Registers) -> list[str]:
    """Each sentence is a task for the reader; what needs nothing is left out."""
    promised = [entry.amount for entry in registers.money.entries if entry.state == Allocation.State.PROPOSED]
    free = registers.totals.remaining
    unanswered, unproposed = len(registers.unanswered()), registers.unproposed()
    found = []
    if registers.proposals:
        count = len(registers.proposals)
        found.append(
            ngettext(
                "Besluit over %(count)s voorstel dat onderweg is: %(codes)s (hoofdstuk 4).",
                "Besluit over %(count)s voorstellen die onderweg zijn: %(codes)s (hoofdstuk 4).",
                count,
            )
            % {"count": number(count), "codes": _codes(registers.proposals)}
        )
    if promised:
        found.append(
            ngettext(
                "Besluit over %(count)s voorgestelde toewijzing van %(sum)s (hoofdstuk 5).",
                "Besluit over %(count)s voorgestelde toewijzingen, samen %(sum)s (hoofdstuk 5).",
                len(promised),
            )
            % {"count": number(len(promised)), "sum": euro(sum(promised, Decimal(0)))}
        )
    if unproposed:
        found.append(
            ngettext(
                "Breng %(count)s maatregel in een voorstel, begroot op %(sum)s (losse einden).",
                "Breng %(count)s maatregelen in een voorstel, samen begroot op %(sum)s (losse einden).",
                len(unproposed),
            )
            % {"count": number(len(unproposed)), "sum": euro(_budget(unproposed))}
        )
    if free > 0:
        found.append(_("Geef een bestemming aan %(sum)s dat nog vrij is (hoofdstuk 5).") % {"sum": euro(free)})
    if unanswered:
        found.append(
            ngettext(
                "Bespreek %(count)s vraag die nog geen maatregel heeft (losse einden).",
                "Bespreek %(count)s vragen die nog geen maatregel hebben (losse einden).",
                unanswered,
            )
            % {"count": number(unanswered)}
        )
    return found or [_("Er wordt nu geen besluit van u gevraagd. Lees het plan en laat weten wat u mist.")]


def _codes(proposals: list[Proposal]) -> str:
    """The first proposals by their codes, and how many more there are."""
    named = ", ".join(proposal.code for proposal in proposals[:MOST_PROPOSALS])
    more = len(proposals) - MOST_PROPOSALS
    return _("%(codes)s en nog %(count)s") % {"codes": named, "count": more} if more > 0 else named


def _budget(measures: list[Measure]) -> Decimal:
    return sum((measure.budget for measure in measures), Decimal(0))
