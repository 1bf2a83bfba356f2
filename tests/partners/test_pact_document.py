"""The pact as a document: pure, so without a database."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from pact_portal.foundation.documents.blocks import Document, Narrative, Picture, Quote, SignatureSheet
from partners import models  # a test module cannot hold a name that begins with Test
from partners.models import Organisation, Pact, PactSection, Partnership, SectionPicture, Sector
from partners.pact.document import compile_pact

FROZEN_AT = datetime(2022, 6, 16, 14, 0, tzinfo=ZoneInfo("Europe/Amsterdam"))
PARTNERS = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(Sector.values)), max_size=20)


def pact(**fields):
    return Pact(
        **{
            "slug": "regio",
            "name": "Pact Regio",
            "region": "Regio",
            "motto": "Samen",
            "starts_on": date(2021, 1, 1),
            "ends_on": date(2023, 12, 31),
            **fields,
        }
    )


def partner(pk, position, sector, name=""):
    organisation = Organisation(name=name or f"Partner {pk}", sector=sector)
    return Partnership(pk=pk, organisation=organisation, position=position, kind=Partnership.Kind.SIGNATORY)


def section(position, body="<p>Tekst</p>"):
    return PactSection(position=position, title=f"Onderdeel {position}", body=body)


def compiled(pact=None, sections=(), signatories=()):
    return compile_pact(
        pact or globals()["pact"](), sections=sections, signatories=signatories, number=1, frozen_at=FROZEN_AT
    )


def sheets(document):
    return [block for block in document.blocks() if isinstance(block, SignatureSheet)]


def test_it_puts_municipalities_on_the_first_sheet_and_the_others_on_the_second():
    signatories = [
        partner(1, 2, Sector.VOCATIONAL, "Horizon"),
        partner(2, 2, Sector.MUNICIPALITY, "Bergen"),
        partner(3, 1, Sector.MUNICIPALITY, "Alkmaar"),
        partner(4, 1, Sector.SECONDARY, "Clusius"),
    ]
    first, second = sheets(compiled(signatories=signatories))
    assert [party.name for party in first.parties] == ["Alkmaar", "Bergen"]
    assert [party.name for party in second.parties] == ["Clusius", "Horizon"]


@given(PARTNERS)
def test_it_gives_every_partner_one_place_in_order(rows):
    signatories = [partner(pk, *row) for pk, row in enumerate(rows)]
    document = compiled(signatories=signatories)
    keys = [party.key for sheet in sheets(document) for party in sheet.parties]
    assert sorted(keys) == sorted(f"partnership-{row.pk}" for row in signatories)
    for sheet in sheets(document):
        places = [signatories[int(party.key.split("-")[1])].position for party in sheet.parties]
        assert places == sorted(places)
        assert places


@given(PARTNERS, st.lists(st.text(max_size=20), max_size=6))
def test_it_comes_back_the_same_from_what_is_stored(rows, bodies):
    document = compiled(
        sections=[section(position, body) for position, body in enumerate(bodies)],
        signatories=[partner(pk, *row) for pk, row in enumerate(rows)],
    )
    again = Document.from_data(document.to_data())
    assert again == document
    assert again.fingerprint == document.fingerprint


def test_it_numbers_only_sections_with_text():
    document = compiled(sections=[section(3), section(1), section(2, "")])
    assert [(chapter.number, chapter.title) for chapter in document.chapters] == [
        ("1", "Onderdeel 1"),
        ("2", "Onderdeel 3"),
        ("3", "Ondertekening"),
    ]
    assert document.chapters[0].blocks == [Narrative("<p>Tekst</p>")]


def test_it_says_nothing_of_an_earlier_version_that_was_signed():
    before = pact(signed_on=date(2022, 6, 16), signed_in="Alkmaar")
    signatories = [partner(1, 1, Sector.MUNICIPALITY)]
    assert compiled(before, signatories=signatories) == compiled(signatories=signatories)


def test_it_is_dutch_and_the_same_whatever_the_language_of_the_page():
    dutch = compiled(signatories=[partner(1, 1, Sector.MUNICIPALITY)])
    with translation.override("en"):
        assert compiled(signatories=[partner(1, 1, Sector.MUNICIPALITY)]) == dutch
    assert dutch.language == "nl"


def test_it_says_on_every_page_that_an_example_is_one():
    assert compiled(pact(is_example=True)).notice == "Voorbeeldgegevens"
    assert compiled().notice == ""


def beside(position, height=30):
    return SectionPicture(pk=position, section_id=1, position=position, width=40, height=height, alt=f"{position}")


def said(pk, text="Zo is het.", **fields):
    return models.Testimony(pk=pk, section_id=1, quotation=text, source="student", **fields)


def test_it_puts_in_the_margin_what_fits_beside_the_first_page_and_the_rest_after_the_text():
    """Text that comes after what does not fit would begin on the page where the margin ends."""
    text = PactSection(pk=1, position=1, title="Aanleiding", body="<p>Tekst</p>")
    for pictures, first in (([beside(1)], 1), ([beside(1), beside(2)], 2), ([beside(n, 40) for n in range(1, 6)], 1)):
        document = compile_pact(
            pact(), sections=[text], signatories=[], number=1, frozen_at=FROZEN_AT, pictures=pictures
        )
        kinds = [type(block) for block in document.chapters[0].blocks]
        assert kinds == [*[Picture] * first, Narrative, *[Picture] * (len(pictures) - first)]


def test_it_places_voices_after_pictures_and_leaves_out_those_without_consent():
    text = PactSection(pk=1, position=1, title="Aanleiding", body="<p>Tekst</p>")
    voices = [said(2, "Twee."), said(1, "Een."), said(3, "Drie.", consent_withdrawn_at=FROZEN_AT)]
    document = compile_pact(
        pact(),
        sections=[text],
        signatories=[],
        number=1,
        frozen_at=FROZEN_AT,
        pictures=[beside(1)],
        testimonies=voices,
    )
    assert document.chapters[0].blocks[:3] == [Picture("", "1"), Quote("Een.", "student"), Quote("Twee.", "student")]
