"""Before freezing: what stands in the way, with the page where it is mended. After: any two versions compared."""

import copy
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from pact_portal.foundation.documents.blocks import Document, Quote
from pact_portal.foundation.richtext.revisions import save_text
from pact_portal.foundation.uploads.images import check_image
from partners import models  # a test module cannot hold a name that begins with Test
from partners.models import PactSection, PactVersion, Partnership, SectionPicture
from partners.pact import workflow
from partners.pact.readiness import is_unchanged_since, obstacles


@pytest.fixture
def section(people):
    return workflow.add_section(
        people.pact, title="Aanleiding", body="<p>Wij helpen jongeren.</p>", by=people.coordinator
    )


@pytest.fixture
def testimony(people, section):
    return workflow.add_testimony(
        people.pact,
        section=section,
        quotation="Zo is het.",
        source="student",
        consent_on=date(2026, 1, 5),
        consent_note="op papier",
        by=people.coordinator,
    )


@pytest.fixture
def picture(people, section, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    made = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(made, "PNG")
    image = check_image(SimpleUploadedFile("a.png", made.getvalue()))
    return workflow.add_picture(section, image=image, alt="Een klas", by=people.coordinator)


def address(name, people, *args):
    return reverse(f"partners:{name}", args=[people.pact.slug, *args])


def blocking(people):
    return {(point.sentence, point.url) for point in obstacles(people.pact) if point.blocks}


def warnings(people):
    return [point.sentence for point in obstacles(people.pact) if not point.blocks]


def test_it_finds_nothing_against_a_text_that_is_ready(people, section, testimony, picture):
    assert not blocking(people)


def test_it_leads_to_where_each_point_is_mended(people, client_for):
    Partnership.objects.in_pact(people.pact).update(kind="executing")
    text = client_for(people.coordinator).get(address("pact_freeze", people)).content.decode()
    assert f'href="{address("pact_detail", people)}">Het pact heeft nog geen tekst.' in text
    assert f'href="{address("organisation_list", people)}">Er is nog geen partner die ondertekent.' in text
    assert "Tekst vaststellen</span></button>" not in text
    with pytest.raises(ValidationError) as refused:
        workflow.freeze(people.pact, by=people.coordinator)
    assert len(refused.value.messages) == 2


@pytest.mark.parametrize(
    ("link", "is_fine"),
    [
        ("https://www.voorbeeld.nl/pad?x=1#y", True),
        ("mailto:post@voorbeeld.nl", True),
        ("https://voorbeeld", False),
        ("https://", False),
        ("https://voor beeld.nl", False),
        ("mailto:post", False),
        ("https://[voorbeeld.nl", False),
    ],
)
def test_it_finds_links_that_lead_nowhere(people, section, link, is_fine):
    save_text(section, body=f'<p>Zie <a href="{link}">hier</a>.</p>', base=1, by=people.coordinator)
    assert (not blocking(people)) is is_fine
    if not is_fine:
        assert "klopt de link bij “hier” niet" in next(iter(blocking(people)))[0]
        assert {url for _sentence, url in blocking(people)} == {address("section_edit", people, section.pk)}


def test_it_finds_what_came_past_the_forms(people, section, testimony, picture):
    PactSection.objects.in_pact(people.pact).update(title=" ")
    SectionPicture.objects.in_pact(people.pact).update(alt=" ")
    models.Testimony.objects.in_pact(people.pact).update(consent_on=timezone.localdate() + timedelta(days=2))
    assert {url for _sentence, url in blocking(people)} == {
        address("section_rename", people, section.pk),
        address("picture_edit", people, picture.pk),
        address("testimony_edit", people, testimony.pk),
    }


def test_it_finds_a_picture_whose_file_is_gone(people, picture):
    default_storage.delete(picture.file.name)
    assert [sentence for sentence, _url in blocking(people)] == [
        "Het bestand van de afbeelding “Een klas” is weg. Voeg de afbeelding opnieuw toe."
    ]


def test_it_warns_of_what_need_not_hold_up_the_text(people, section, testimony):
    workflow.withdraw_consent(testimony, by=people.coordinator)
    workflow.add_section(people.pact, title="Nog leeg", body="", by=people.coordinator)
    said = " ".join(warnings(people))
    assert "“Nog leeg” heeft nog geen tekst" in said
    assert "De toestemming voor “Zo is het.” is ingetrokken." in said
    # The municipality has somebody who signs; the school and the childcare have not.
    assert "Gemeente Hier" not in said
    assert "Namens Schoolbestuur Hier en Kinderopvang Hier kan nog niemand elektronisch tekenen." in said
    assert not blocking(people)


def test_it_says_that_nothing_changed_since_the_newest_version(people, client_for, section):
    version = workflow.freeze(people.pact, by=people.coordinator)
    client, there = client_for(people.coordinator), address("pact_freeze", people)
    assert is_unchanged_since(people.pact, version)
    assert "Er is niets veranderd sinds versie 1." in client.get(there).content.decode()
    save_text(section, body="<p>Anders</p>", base=1, by=people.coordinator)
    assert "Er is niets veranderd" not in client.get(there).content.decode()
    assert 'name="after" value="1"' in client.get(there).content.decode()


def test_it_says_that_the_file_is_made_and_certified(people, client_for, section):
    data = {"after": "0", "confirmed": "1"}
    answer = client_for(people.coordinator).post(address("pact_freeze", people), data, follow=True)
    assert "De PDF wordt nu gemaakt en gewaarmerkt." in answer.content.decode()


def test_it_lets_only_the_coordinator_of_this_pact_freeze(people, client_for, section):
    there = address("pact_freeze", people)
    for send in ("get", "post"):
        assert getattr(client_for(people.other), send)(there).status_code == 403
        assert getattr(client_for(people.stranger), send)(there).status_code == 404
    assert not PactVersion.objects.in_pact(people.pact).exists()


def test_it_names_chapters_by_their_section_so_that_versions_can_be_compared(people, section):
    workflow.add_section(people.pact, title="Ambitie", body="<p>Tekst</p>", by=people.coordinator)
    workflow.move_section(section, up=False, by=people.coordinator)
    content = Document.from_data(workflow.freeze(people.pact, by=people.coordinator).content)
    assert [chapter.title for chapter in content.chapters[:2]] == ["Ambitie", "Aanleiding"]
    assert content.chapters[1].key == f"section-{section.pk}"


def test_it_reads_a_quotation_that_was_frozen_before_it_could_have_a_link(people, section, testimony):
    """What was frozen then has no such field, and keeps the fingerprint that stands on its sheets."""
    version = workflow.freeze(people.pact, by=people.coordinator)
    document = Document.from_data(version.content)
    old = copy.deepcopy(version.content)
    assert "link" not in old["chapters"][0]["blocks"][0]
    assert document.chapters[0].blocks[0] == Quote("Zo is het.", "student", link="")
    assert Document.from_data(old).fingerprint == version.content_sha256


# Comparing


@pytest.fixture
def versions(people, section, testimony):
    workflow.freeze(people.pact, by=people.coordinator)
    save_text(section, body="<p>Wij helpen alle jongeren.</p>", base=1, by=people.coordinator)
    workflow.add_section(people.pact, title="Ambitie", body="<p>Geheel nieuw.</p>", by=people.coordinator)
    workflow.freeze(people.pact, by=people.coordinator)


def test_it_compares_the_two_newest_versions_unless_told_otherwise(people, client_for, versions):
    client = client_for(people.reader)
    text = client.get(address("pact_compare", people)).content.decode()
    assert "Van versie 1 naar versie 2" in text
    assert '<ins><span class="visually-hidden">toegevoegd: </span>alle<' in text
    assert "nieuw onderdeel" in text
    back = client.get(address("pact_compare", people), {"from": "2", "to": "1"}).content.decode()
    assert '<del><span class="visually-hidden">weggehaald: </span>alle<' in back
    assert "weggehaald onderdeel" in back
    same = client.get(address("pact_compare", people), {"from": "1", "to": "1"}).content.decode()
    assert "<ins><span" not in same
    assert "Kies twee verschillende versies." in same


@pytest.mark.parametrize("query", [{"from": "1", "to": "9"}, {"from": "x", "to": "2"}, {"from": "1"}, {"to": "9" * 40}])
def test_it_says_that_a_version_is_not_there(people, client_for, versions, query):
    answer = client_for(people.reader).get(address("pact_compare", people), query)
    assert answer.status_code == 404
    assert "uit de lijst" in answer.content.decode()


def test_it_says_that_there_is_nothing_to_compare_yet(people, client_for, section):
    workflow.freeze(people.pact, by=people.coordinator)
    text = client_for(people.reader).get(address("pact_compare", people)).content.decode()
    assert "Er zijn twee vastgestelde versies nodig" in text


def test_it_compares_only_versions_of_this_pact_for_its_members(people, client_for, versions):
    assert client_for(people.stranger).get(address("pact_compare", people)).status_code == 404
    elsewhere = reverse("partners:pact_compare", args=[people.other_pact.slug])
    text = client_for(people.stranger).get(elsewhere, {"from": "1", "to": "2"}).content.decode()
    assert "jongeren" not in text


def test_it_shows_what_is_frozen_as_text_never_as_markup(people, client_for, section, versions):
    save_text(section, body="<p>Een &lt;script&gt;alert(1)&lt;/script&gt; hier.</p>", base=2, by=people.coordinator)
    workflow.freeze(people.pact, by=people.coordinator)
    text = client_for(people.reader).get(address("pact_compare", people)).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert(1)" not in text
