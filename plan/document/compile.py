"""From live rows to the whole plan as plain data: done at freezing, and for the preview."""

from datetime import datetime

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pact_portal.foundation.documents.blocks import Block, Chapter, Document, Fact, Narrative, Paragraph
from partners.pact.models import Pact
from plan.document import chapters, components, ends, glossary, summary
from plan.document.models import Component, PlanSection, PlanVersion
from plan.document.registers import Registers, read

KIND = "plan"
LANGUAGE = "nl"


def compile_plan(pact: Pact, *, number: int, label: str, frozen_at: datetime) -> Document:
    """The plan of `pact` as it stands: cover, summary, a chapter per component, loose ends, glossary.

    Judgements of fit count as they hold on the day of `frozen_at`. The language is that of the documents, whatever the
    language of who asks. Equal registers and texts give equal documents.
    """
    frozen_at = timezone.localtime(frozen_at)
    registers = read(pact, on=frozen_at.date())
    narratives = dict(PlanSection.objects.in_pact(pact).values_list("component", "body"))
    with translation.override(LANGUAGE):
        return Document(
            kind=KIND,
            title=_("Uitvoeringsplan"),
            subtitle=_("%(region)s, %(first)s–%(last)s")
            % {"region": pact.region, "first": pact.starts_on.year, "last": pact.ends_on.year},
            pact_name=pact.name,
            version=number,
            state=str(PlanVersion.State.CONCEPT.label),
            frozen_at=frozen_at.isoformat(timespec="seconds"),
            language=LANGUAGE,
            hue=pact.hue,
            notice=_("Voorbeeldgegevens") if pact.is_example else "",
            author=_("Partners van het %(pact)s") % {"pact": pact.name},
            cover=_cover(registers, label),
            summary=summary.blocks(registers),
            chapters=[
                *(_chapter(registers, component, narratives.get(component, "")) for component in Component),
                Chapter("losse-einden", _("Losse einden"), components.loose_ends(registers, ends.handed_in(pact)), "7"),
            ],
            glossary=glossary.words(),
        )


def _cover(registers: Registers, label: str) -> list[Fact]:
    facts = [Fact(_("Naam van deze versie"), label)] if label else []
    count = len(registers.signatories)
    if count:
        partners = ngettext("%(count)s ondertekenaar", "%(count)s ondertekenaars", count) % {"count": count}
        facts.append(Fact(_("Partners"), partners))
    return facts


def _chapter(registers: Registers, component: Component, narrative: str) -> Chapter:
    text: Block = Narrative(narrative) if narrative else Paragraph(_("Bij dit onderdeel is nog geen tekst geschreven."))
    return Chapter(
        key=components.KEYS[component],
        title=str(component.label),
        blocks=[
            text,
            *components.BLOCKS[component](registers),
            *chapters.handed_in(component, registers.pact),
        ],
        number=str(component.value),
    )
