"""What stands beside the text of the pact: pictures with a description, voices with consent."""

from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from pact_portal.foundation.documents.blocks import Document, Narrative, Picture, Quote
from pact_portal.foundation.documents.registry import CannotRender
from pact_portal.foundation.documents.render import render_document
from pact_portal.foundation.uploads.images import check_image
from partners import models  # a test module cannot hold a name that begins with Test
from partners.models import SectionPicture
from partners.pact import views, workflow
from partners.pact.document import compile_pact
from partners.pact.pictures import files_of
from partners.pact.testimonies import versions_with
from tests.factories import put_in_force
from tests.foundation.pdf_reading import failures

TODAY = timezone.localdate


def png(colour="teal", size=(40, 30)):
    made = BytesIO()
    Image.new("RGB", size, colour).save(made, "PNG")
    return made.getvalue()


def upload(content=None, name="foto.png"):
    return SimpleUploadedFile(name, png() if content is None else content, "image/png")


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def section(people):
    return workflow.add_section(people.pact, title="Aanleiding", body="<p>Tekst</p>", by=people.coordinator)


@pytest.fixture
def picture(people, section):
    return workflow.add_picture(section, image=check_image(upload()), alt="Een klas", by=people.coordinator)


@pytest.fixture
def testimony(people, section):
    return workflow.add_testimony(
        people.pact,
        section=section,
        quotation="Ik hoefde maar één keer mijn verhaal te doen.",
        source="student mbo, 18 jaar",
        link="https://film.voorbeeld.nl/verhaal",
        consent_on=date(2026, 1, 5),
        consent_note="schriftelijk, bij de coördinator",
        by=people.coordinator,
    )


def address(name, people, *args):
    return reverse(f"partners:{name}", args=[people.pact.slug, *args])


def frozen(people):
    return Document.from_data(workflow.freeze(people.pact, by=people.coordinator).content)


def kept(picture):
    with default_storage.open(picture.file.name) as file:
        return file.read()


def read(answer):
    return b"".join(answer.streaming_content)


def blocks(document, kind):
    return [block for block in document.blocks() if isinstance(block, kind)]


def sign(people):
    put_in_force(people.pact.versions.first())


# Pictures


def test_it_takes_a_picture_with_a_description_and_shows_it(people, client_for, section):
    client = client_for(people.coordinator)
    there = address("picture_add", people, section.pk)
    answer = client.post(there, {"image": upload(), "alt": "Een klas\nin Bergen", "caption": "Foto: school"})
    assert answer.url == f"{address('pact_detail', people)}#section-{section.pk}"
    picture = SectionPicture.objects.in_pact(people.pact).get()
    assert (picture.alt, picture.width, picture.height) == ("Een klas in Bergen", 40, 30)
    text = client.get(address("pact_detail", people)).content.decode()
    assert f'src="{address("pact_picture", people, picture.address)}" alt="Een klas in Bergen"' in text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"alt": ""}, "Beschrijf de afbeelding"),
        ({"alt": "   "}, "Beschrijf de afbeelding"),
        ({"alt": "Een klas", "image": upload(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png")}, "SVG"),
        ({"alt": "Een klas", "image": upload(b"", "a.png")}, "leeg"),
        ({"alt": "Een klas", "image": ""}, "Kies een bestand"),
    ],
)
def test_it_refuses_a_picture_that_cannot_be_shown_or_read_out(people, client_for, section, data, said):
    answer = client_for(people.coordinator).post(
        address("picture_add", people, section.pk), {"image": upload(), "caption": "Bewaar mij", **data}
    )
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert "Bewaar mij" in answer.content.decode()
    assert not SectionPicture.objects.in_pact(people.pact).exists()


def test_it_has_the_database_refuse_a_picture_without_description(people, picture):
    with pytest.raises(IntegrityError), transaction.atomic():
        SectionPicture.objects.in_pact(people.pact).update(alt="")
    with pytest.raises(ValidationError):
        workflow.describe_picture(picture, alt=" ", caption="", by=people.coordinator)


def test_it_describes_orders_and_removes_pictures(people, client_for, section, picture):
    client = client_for(people.coordinator)
    second = workflow.add_picture(
        section, image=check_image(upload(png("red"))), alt="Een plein", by=people.coordinator
    )
    client.post(address("picture_edit", people, second.pk), {"alt": "Het plein", "caption": "In Heiloo"})
    client.post(address("picture_move", people, second.pk), {"direction": "up"})
    assert [block.alt for block in blocks(frozen(people), Picture)] == ["Het plein", "Een klas"]
    there = address("picture_remove", people, picture.pk)
    assert "houden haar" in client.post(there).content.decode()
    client.post(there, {"confirmed": "1"})
    assert [(block.alt, block.caption) for block in blocks(frozen(people), Picture)] == [("Het plein", "In Heiloo")]
    assert client.get(address("picture_edit", people, picture.pk)).status_code == 404


def test_it_keeps_the_same_image_once(people, section, picture):
    again = workflow.add_picture(section, image=check_image(upload()), alt="Nog eens", by=people.coordinator)
    assert again.file.name == picture.file.name
    assert default_storage.listdir(f"pictures/{people.pact.pk}")[1] == [picture.address]


def test_it_leaves_out_what_stands_beside_a_removed_section(people, section, picture, testimony):
    workflow.add_section(people.pact, title="Ambitie", body="<p>Tekst</p>", by=people.coordinator)
    workflow.remove_section(section, by=people.coordinator)
    assert not blocks(frozen(people), (Picture, Quote))


def test_it_serves_a_picture_to_members_with_its_own_type(people, client_for, picture):
    answer = client_for(people.reader).get(address("pact_picture", people, picture.address))
    assert read(answer) == kept(picture)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer.headers["Cache-Control"]


def test_it_shows_the_public_only_pictures_of_a_version_they_may_read(people, client_for, section, picture):
    there = address("pact_picture", people, picture.address)
    workflow.freeze(people.pact, by=people.coordinator)
    assert client_for(people.stranger).get(there).status_code == 404
    assert Client().get(there).status_code == 302
    sign(people)
    later = workflow.add_picture(section, image=check_image(upload(png("red"))), alt="Later", by=people.coordinator)
    shown = Client().get(there)
    assert read(shown) == kept(picture)
    assert Client().get(address("pact_picture", people, later.address)).status_code == 302
    elsewhere = reverse("partners:pact_picture", args=[people.other_pact.slug, picture.address])
    assert client_for(people.stranger).get(elsewhere).status_code == 404


@pytest.mark.parametrize("name", ["x.png", f"{'a' * 64}.svg", f"{'a' * 64}.png", "..%2Fgeheim", f"{'A' * 64}.png"])
def test_it_knows_no_picture_under_a_strange_name(people, client_for, picture, name):
    assert client_for(people.reader).get(f"/{people.pact.slug}/pact/pictures/{name}/").status_code == 404


def test_it_shows_the_frozen_picture_on_the_page_of_the_version(people, client_for, picture):
    frozen(people)
    workflow.remove_picture(picture, by=people.coordinator)
    text = client_for(people.reader).get(address("pact_version", people, 1)).content.decode()
    assert f'<img src="{address("pact_picture", people, picture.address)}" alt="Een klas"' in text
    shown = client_for(people.reader).get(address("pact_picture", people, picture.address))
    assert read(shown) == kept(picture)


def test_it_hands_the_renderer_the_bytes_that_were_frozen(people, picture):
    document = frozen(people)
    assert files_of(document) == {picture.file.name: kept(picture)}
    Path(default_storage.path(picture.file.name)).write_bytes(png("black"))
    with pytest.raises(CannotRender, match="Een klas"):
        files_of(document)
    default_storage.delete(picture.file.name)
    with pytest.raises(CannotRender):
        files_of(document)


@pytest.mark.slow
def test_it_prints_pictures_and_voices_for_every_reader(people, section, picture, testimony, tmp_path):
    """Beside the text, below it where the margin is full, and on the cover; accessible and archivable."""
    for colour in ("red", "blue", "green"):
        image = check_image(upload(png(colour, size=(60, 80))))
        workflow.add_picture(section, image=image, alt=f"Vlak {colour}", caption="Een vlak", by=people.coordinator)
    document = frozen(people)
    kinds = [type(block) for block in document.chapters[0].blocks]
    assert 0 < kinds.index(Narrative) < len(kinds) - 1
    content = render_document(document, files=files_of(document))
    assert failures(content, tmp_path) == []
    pages = PdfReader(BytesIO(content)).pages
    assert len(pages[0].images) == 1
    with pikepdf.open(BytesIO(content)) as book:
        alts = [
            str(row.Alt) for row in book.objects if isinstance(row, pikepdf.Dictionary) and row.get("/S") == "/Figure"
        ]
    assert sorted(alts) == ["Een klas", "Een klas", "Vlak blue", "Vlak green", "Vlak red"]
    page = next(page for page in pages if "één keer mijn verhaal" in " ".join(page.extract_text().split()))
    links = [note.get_object().get("/A", {}).get("/URI") for note in page.get("/Annots", [])]
    assert testimony.link in links


@pytest.mark.parametrize("name", ["picture_edit", "picture_move", "picture_remove"])
def test_it_lets_only_the_coordinator_of_this_pact_change_pictures(people, client_for, picture, name):
    there, data = address(name, people, picture.pk), {"direction": "up", "alt": "X", "confirmed": "1"}
    assert client_for(people.other).post(there, data).status_code == 403
    elsewhere = reverse(f"partners:{name}", args=[people.other_pact.slug, picture.pk])
    assert client_for(people.stranger).post(elsewhere, data).status_code == 404
    picture.refresh_from_db()
    assert (picture.alt, picture.removed_at) == ("Een klas", None)
    assert client_for(people.coordinator).post(there, data).status_code == 302


# Voices


def told(**changes):
    return {
        "quotation": "Vraag ook wat ik heb geleerd.",
        "source": "student, 17 jaar",
        "link": "",
        "section": "",
        "consent_on": "5-1-2026",
        "consent_note": "op papier",
        **changes,
    }


def test_it_records_a_voice_with_its_consent(people, client_for, section):
    client = client_for(people.coordinator)
    client.post(address("testimony_add", people), told(section=section.pk, link="film.voorbeeld.nl"))
    testimony = models.Testimony.objects.in_pact(people.pact).get()
    assert (testimony.section, testimony.link) == (section, "https://film.voorbeeld.nl")
    assert "op papier" in client.get(address("testimony_list", people)).content.decode()
    assert "op papier" not in client_for(people.reader).get(address("pact_detail", people)).content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"consent_on": ""}, "wanneer toestemming is gegeven"),
        ({"consent_note": ""}, "hoe toestemming is gegeven"),
        ({"consent_on": "1-1-2999"}, "niet in de toekomst"),
        ({"quotation": " "}, "wat er is gezegd"),
        ({"source": ""}, "zonder naam"),
        ({"link": "javascript:alert(1)"}, "webadres"),
        ({"link": "ftp://voorbeeld.nl/film"}, "webadres"),
        ({"section": "999999"}, "staat niet meer in de tekst"),
        ({"section": "9" * 30}, "staat niet meer in de tekst"),
    ],
)
def test_it_refuses_a_voice_without_consent_or_with_a_strange_field(people, client_for, section, changes, said):
    answer = client_for(people.coordinator).post(address("testimony_add", people), told(**changes))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not models.Testimony.objects.in_pact(people.pact).exists()


def test_it_has_the_database_refuse_a_voice_without_consent(people, testimony):
    for change in ({"consent_note": ""}, {"consent_on": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            models.Testimony.objects.in_pact(people.pact).update(**change)


def test_it_places_no_voice_beside_a_section_of_another_pact(people, client_for, testimony):
    elsewhere = workflow.add_section(people.other_pact, title="Elders", body="", by=people.stranger)
    answer = client_for(people.coordinator).post(address("testimony_add", people), told(section=elsewhere.pk))
    assert "staat niet meer in de tekst" in answer.content.decode()
    with pytest.raises(ValidationError):
        workflow.edit_testimony(testimony, section=elsewhere, by=people.coordinator)


def test_it_freezes_a_voice_beside_its_section_before_the_text(people, testimony):
    first, *_rest = frozen(people).chapters[0].blocks
    assert first == Quote(testimony.quotation, testimony.source, testimony.link)


def test_it_keeps_the_words_that_stand_in_a_version(people, client_for, section, testimony):
    client, there = client_for(people.coordinator), address("testimony_edit", people, testimony.pk)
    client.post(there, told(section=section.pk))
    testimony.refresh_from_db()
    assert testimony.source == "student, 17 jaar"
    frozen(people)
    assert versions_with(testimony) == [1]
    page = client.get(there).content.decode()
    assert "blijven daarom zoals ze zijn" in page
    assert 'name="quotation"' not in page
    with pytest.raises(ValidationError, match="versie 1"):
        workflow.edit_testimony(testimony, quotation="Iets anders", by=people.coordinator)
    client.post(there, {"section": ""})
    testimony.refresh_from_db()
    assert testimony.section is None


def test_it_uses_a_voice_no_more_once_consent_is_withdrawn(people, client_for, testimony):
    frozen(people)
    client, there = client_for(people.coordinator), address("testimony_withdraw", people, testimony.pk)
    assert "In versie 1 blijft de stem staan." in client.post(there).content.decode()
    client.post(there, {"confirmed": "1"})
    assert not blocks(frozen(people), Quote)
    text = client.get(address("pact_version", people, 1)).content.decode()
    assert testimony.quotation in text
    assert "De toestemming voor dit citaat is later ingetrokken." in text
    assert testimony.quotation not in client.get(address("pact_detail", people)).content.decode()
    assert 'name="section"' not in client.get(address("testimony_edit", people, testimony.pk)).content.decode()
    with pytest.raises(ValidationError, match="ingetrokken"):
        workflow.edit_testimony(testimony, section=None, by=people.coordinator)


def test_it_withdraws_consent_once(people, testimony):
    first = workflow.withdraw_consent(testimony, by=people.coordinator).consent_withdrawn_at
    assert workflow.withdraw_consent(testimony, by=people.coordinator).consent_withdrawn_at == first


@pytest.mark.parametrize("name", ["testimony_list", "testimony_add", "testimony_edit", "testimony_withdraw"])
def test_it_shows_consent_only_to_who_writes_the_text(people, client_for, testimony, name):
    args = [testimony.pk] if name in ("testimony_edit", "testimony_withdraw") else []
    send = "post" if name == "testimony_withdraw" else "get"
    assert getattr(client_for(people.other), send)(address(name, people, *args)).status_code == 403
    assert getattr(client_for(people.stranger), send)(address(name, people, *args)).status_code == 404
    if args:
        elsewhere = reverse(f"partners:{name}", args=[people.other_pact.slug, *args])
        assert getattr(client_for(people.stranger), send)(elsewhere).status_code == 404
    assert getattr(client_for(people.coordinator), send)(address(name, people, *args)).status_code == 200


def test_it_takes_a_consent_of_today_but_not_of_tomorrow(people, testimony):
    workflow.edit_testimony(testimony, consent_on=TODAY(), by=people.coordinator)
    with pytest.raises(ValidationError):
        workflow.edit_testimony(testimony, consent_on=TODAY() + timedelta(days=1), by=people.coordinator)


def test_it_would_show_strangers_a_picture_without_its_guard(people, client_for, picture, monkeypatch):
    """The twin of the test that a picture is hidden: it is the guard that hides it."""
    monkeypatch.setattr(views, "_shows_picture", lambda request, name: True)
    there = address("pact_picture", people, picture.address)
    assert read(client_for(people.stranger).get(there)) == kept(picture)


def test_it_would_print_withdrawn_words_without_its_guard(people, section, testimony):
    """The twin of the test that they are left out: a row without the mark of withdrawal is printed."""
    withdrawn = workflow.withdraw_consent(testimony, by=people.coordinator)
    rows = {"sections": [section], "signatories": [], "number": 1, "frozen_at": timezone.localtime()}
    assert not blocks(compile_pact(people.pact, **rows, testimonies=[withdrawn]), Quote)
    withdrawn.consent_withdrawn_at = None
    assert blocks(compile_pact(people.pact, **rows, testimonies=[withdrawn]), Quote)
