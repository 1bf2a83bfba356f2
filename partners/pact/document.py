"""From pact to document: what is frozen, in the order of the paper: cover, sections, two signature sheets."""

from collections.abc import Iterable
from datetime import datetime
from itertools import accumulate

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

MARGIN_HEIGHT = 130.0
"""Millimetres of margin beside the text on the first page of a section."""
LONG_QUOTATION = 200
"""Signs; a longer one is set smaller (templates/includes/document/quote.html)."""


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
        shown = [row for row in pictures if row.removed_at is None]
        said = [row for row in testimonies if row.consent_withdrawn_at is None]
        chapters = [
            Chapter(
                key=f"section-{section.pk}",
                number=str(ordinal),
                title=section.title,
                blocks=_section_blocks(
                    section,
                    [row for row in shown if row.section_id == section.pk],
                    [row for row in said if row.section_id == section.pk],
                ),
            )
            for ordinal, section in enumerate(written, 1)
        ]
        statement = _("De partners op dit blad onderschrijven het %(pact)s.") % {"pact": pact.name}
        blocks = [
            SignatureSheet(
                title=title,
                parties=[Party(name=p.organisation.name, key=f"partnership-{p.pk}") for p in parties],
                statement=statement,
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
            # Who signed, and when, is no part of what is signed.
            state=_("Vastgestelde tekst"),
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
            ],
            colophon=[Fact(_("Pact"), pact.name), Fact(_("Versie"), str(number))],
        )


def _section_blocks(section: PactSection, pictures: list[SectionPicture], testimonies: list[Testimony]) -> list[Block]:
    """The text of a section with what stands in the margin beside it.

    That comes before the text, so that it begins at the same height; what does not fit on the first page comes after,
    or the text would have to wait for the page where the margin ends.
    """
    beside: list[tuple[Block, float]] = [
        *((_picture(row), _height_of_picture(row)) for row in _in_order(pictures)),
        *((_quote(row), _height_of_quote(row)) for row in _in_order(testimonies)),
    ]
    heights = accumulate(height for _block, height in beside)
    first = sum(height <= MARGIN_HEIGHT for height in heights)
    blocks = [block for block, _height in beside]
    return [*blocks[:first], Narrative(str(section.body)), *blocks[first:]]


def _in_order[Beside: SectionPicture | Testimony](rows: Iterable[Beside]) -> list[Beside]:
    return sorted(rows, key=lambda row: (row.position, row.pk))


def _picture(row: SectionPicture) -> Picture:
    return Picture(name=str(row.file.name), alt=row.alt, caption=row.caption)


def _quote(row: Testimony) -> Quote:
    return Quote(text=row.quotation, source=row.source, link=row.link)


def _height_of_picture(row: SectionPicture) -> float:
    """About how many millimetres it takes by the measures of static/css/pdf/pact.css."""
    return min(80.0, 74.0 * row.height / row.width) + (14 if row.caption else 8)


def _height_of_quote(row: Testimony) -> float:
    signs, line = (42, 5.4) if len(row.quotation) > LONG_QUOTATION else (30, 6.6)
    return (len(row.quotation) // signs + 1) * line + (30 if row.link else 22)
