"""From pact to document: what is frozen, in the order of the paper: cover, sections, two signature sheets."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from pact_portal.foundation.documents.blocks import (
    Block,
    Chapter,
    Document,
    Fact,
    Narrative,
    Paragraph,
    Party,
    Picture,
    Quote,
    SignatureSheet,
)
from partners.organisations.models import Partnership, Sector
from partners.pact.models import Pact, PactSection, SectionPicture, Testimony

LANGUAGE = "nl"
"""The language of the signed text, whatever the language of the page of the one who freezes it."""


def compile_pact(
    pact: Pact,
    *,
    sections: Iterable[PactSection],
    signatories: Iterable[Partnership],
    number: int,
    frozen_at: datetime,
    pictures: Iterable[SectionPicture] = (),
    testimonies: Iterable[Testimony] = (),
) -> Document:
    """The pact as one document. Pure: all that it reads is handed in; `signatories` come with their organisation.

    Sections without text are left out, with what stands beside them, and so are pictures that were taken away and
    testimonies whose consent was withdrawn. Signatories stand in the order of their position: municipalities on the
    first sheet, the other partners on the second; a sheet without parties is left out.
    """
    in_order = sorted(signatories, key=lambda partner: (partner.position, partner.organisation.name))
    with override(LANGUAGE):
        sheets = [
            (_("Gemeenten"), [p for p in in_order if p.organisation.sector == Sector.MUNICIPALITY]),
            (_("Andere partners"), [p for p in in_order if p.organisation.sector != Sector.MUNICIPALITY]),
        ]
        written = [section for section in sorted(sections, key=lambda section: section.position) if section.body]
        beside = _beside(pictures, testimonies)
        chapters = [
            Chapter(
                key=f"section-{section.pk}",
                number=str(ordinal),
                title=section.title,
                blocks=[*beside.get(section.pk, []), Narrative(str(section.body))],
            )
            for ordinal, section in enumerate(written, 1)
        ]
        signed_on = date_format(pact.signed_on, "j F Y") if pact.signed_on else ""
        statement = _("De partners op dit blad onderschrijven het %(pact)s.") % {"pact": pact.name}
        blocks = [
            SignatureSheet(
                title=title,
                parties=[Party(name=p.organisation.name, key=f"partnership-{p.pk}") for p in parties],
                statement=statement,
                place=pact.signed_in,
                date=signed_on,
            )
            for title, parties in sheets
            if parties
        ]
        chapters.append(
            Chapter(
                key="ondertekening",
                number=str(len(written) + 1),
                title=_("Ondertekening"),
                blocks=[
                    Paragraph(_("Gemeenten tekenen op het eerste blad, de andere partners op het tweede.")),
                    *blocks,
                ],
            )
        )
        return Document(
            kind="pact",
            title=pact.name,
            subtitle=_("Pact van de partners in %(region)s") % {"region": pact.region},
            motto=pact.motto,
            pact_name=pact.name,
            chapters=chapters,
            version=number,
            state=_("Ondertekend") if pact.signed_on else _("Vastgestelde tekst"),
            frozen_at=frozen_at.isoformat(timespec="seconds"),
            language=LANGUAGE,
            hue=pact.hue,
            notice=_("Voorbeeldgegevens") if pact.is_example else "",
            author=_("Partners van %(pact)s") % {"pact": pact.name},
            cover=[
                Fact(
                    _("Looptijd"),
                    _("%(start)s tot en met %(end)s")
                    % {"start": date_format(pact.starts_on, "j F Y"), "end": date_format(pact.ends_on, "j F Y")},
                ),
                Fact(_("Partners die ondertekenen"), str(len(in_order))),
                *([Fact(_("Ondertekend"), ", ".join(filter(None, [pact.signed_in, signed_on])))] if signed_on else []),
            ],
            colophon=[Fact(_("Pact"), pact.name), Fact(_("Versie"), str(number))],
        )


def _beside(pictures: Iterable[SectionPicture], testimonies: Iterable[Testimony]) -> dict[int, list[Block]]:
    """What stands in the margin beside each section: it comes before the text, so that it begins at the same height."""
    beside: dict[int, list[Block]] = {}
    for picture in sorted(pictures, key=lambda picture: (picture.position, picture.pk)):
        if picture.removed_at is None:
            block = Picture(name=str(picture.file.name), alt=picture.alt, caption=picture.caption)
            beside.setdefault(picture.section_id, []).append(block)
    for testimony in sorted(testimonies, key=lambda testimony: (testimony.position, testimony.pk)):
        if testimony.section_id is not None and testimony.consent_withdrawn_at is None:
            quote = Quote(text=testimony.quotation, source=testimony.source, link=testimony.link)
            beside.setdefault(testimony.section_id, []).append(quote)
    return beside
