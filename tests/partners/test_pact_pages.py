"""The pact: its text, edited in place; its frozen versions; what the public may read of it."""

from datetime import date
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.documents.blocks import Document
from pact_portal.foundation.documents.models import Rendition
from partners.models import Pact, PactSection, PactVersion
from partners.pact import workflow
from partners.pact.rendering import render_version
from tests.factories import put_in_force

HTMX = {"HX-Request": "true"}


@pytest.fixture
def section(people):
    return workflow.add_section(
        people.pact, title="Aanleiding", body="<p>Jongeren zijn veerkrachtig.</p>", by=people.coordinator
    )


@pytest.fixture
def version(people, section):
    return workflow.freeze(people.pact, by=people.coordinator)


def address(name, people, *args):
    return reverse(f"partners:{name}", args=[people.pact.slug, *args])


def make_file(version):
    row = Rendition.objects.in_pact(version.pact).get(kind="pact", object_id=version.pk)
    row.file.save("proef.pdf", ContentFile(b"%PDF-1.7 proef"), save=False)
    row.state, row.sha256, row.size, row.progress = Rendition.State.READY, "0" * 64, 14, 100
    row.save()
    return row


def read(answer):
    return b"".join(answer.streaming_content)


def test_it_founds_a_pact_with_its_areas(people):
    pact = workflow.found(
        slug="regio-nieuw",
        name="Pact Nieuw",
        region="Nieuw",
        motto="Samen",
        starts_on=date(2026, 1, 1),
        ends_on=date(2028, 1, 1),
        areas=["Eerste", "Tweede"],
        by=people.coordinator,
        hue=120,
    )
    assert [area.name for area in pact.areas.all()] == ["Eerste", "Tweede"]
    assert AuditRecord.objects.in_pact(pact).get().action == "pact.founded"


@pytest.mark.parametrize("slug", ["accounts", "language", "invitations", "hier"])
def test_it_refuses_an_address_that_is_taken(people, slug):
    with pytest.raises(ValidationError):
        workflow.found(
            slug=slug,
            name="X",
            region="X",
            motto="",
            starts_on=date(2026, 1, 1),
            ends_on=date(2028, 1, 1),
            areas=[],
            by=None,
        )
    assert Pact.objects.count() == 2


def test_it_shows_the_text_to_members(people, client_for, section):
    text = client_for(people.reader).get(address("pact_detail", people)).content.decode()
    assert "Jongeren zijn veerkrachtig." in text
    assert "Bewerken" not in text
    assert "vaststellen" not in text


def test_it_asks_as_many_queries_for_many_sections_as_for_one(people, client_for, section):
    client = client_for(people.coordinator)
    client.get(address("pact_detail", people))
    with CaptureQueriesContext(connection) as few:
        client.get(address("pact_detail", people))
    for number in range(30):
        workflow.add_section(people.pact, title=f"Onderdeel {number}", body="<p>x</p>", by=people.coordinator)
    for _number in range(3):
        workflow.freeze(people.pact, by=people.coordinator)
    with CaptureQueriesContext(connection) as many:
        client.get(address("pact_detail", people))
    assert len(many) == len(few)


def test_it_adds_a_section_and_leads_to_its_editor(people, client_for):
    answer = client_for(people.coordinator).post(address("section_add", people), {"title": "Ambitie"})
    section = PactSection.objects.in_pact(people.pact).get()
    assert answer.url == address("section_edit", people, section.pk)
    assert client_for(people.coordinator).post(address("section_add", people), {"title": ""}).status_code == 200


def test_it_saves_a_text_on_a_page_of_its_own(people, client_for, section):
    client = client_for(people.coordinator)
    page = client.get(address("section_edit", people, section.pk))
    assert "Jongeren zijn veerkrachtig." in page.content.decode()
    answer = client.post(address("section_edit", people, section.pk), {"body": "<p>Nieuw</p>", "base": "1"})
    assert answer.url == f"{address('pact_detail', people)}#section-{section.pk}"
    section.refresh_from_db()
    assert (section.body, section.revision, section.edited_by) == ("<p>Nieuw</p>", 2, people.coordinator)


def test_it_edits_in_place_by_htmx(people, client_for, section):
    client = client_for(people.coordinator)
    there = address("section_edit", people, section.pk)
    opened = client.get(there, headers=HTMX).content.decode()
    assert f'id="section-{section.pk}"' in opened
    assert f'hx-target="#section-{section.pk}"' in opened
    assert "<html" not in opened
    saved = client.post(there, {"body": "<p>Nieuw</p>", "base": "1"}, headers=HTMX).content.decode()
    assert "Nieuw" in saved
    assert "is bewaard om" in saved
    assert "<html" not in saved


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_it_loses_neither_text_of_two_writers(people, client_for, section, headers):
    client = client_for(people.coordinator)
    there = address("section_edit", people, section.pk)
    client.post(there, {"body": "<p>Van de eerste</p>", "base": "1"})
    page = client.post(there, {"body": "<p>Van de tweede</p>", "base": "1"}, headers=headers)
    text = page.content.decode()
    assert page.status_code == 200
    assert "Van de eerste" in text
    assert "Van de tweede" in text
    assert 'name="base" value="2"' in text
    section.refresh_from_db()
    assert section.body == "<p>Van de eerste</p>"
    client.post(there, {"body": "<p>Van de tweede</p>", "base": "2"})
    section.refresh_from_db()
    assert section.body == "<p>Van de tweede</p>"
    assert {revision.body for revision in section.revisions.all()} >= {"<p>Van de eerste</p>", "<p>Van de tweede</p>"}


@pytest.mark.parametrize("base", ["", "x", "-1", "9" * 40])
def test_it_keeps_the_text_when_the_base_is_strange(people, client_for, section, base):
    page = client_for(people.coordinator).post(
        address("section_edit", people, section.pk), {"body": "<p>Mijn tekst</p>", "base": base}
    )
    assert page.status_code == 200
    assert "Mijn tekst" in page.content.decode()
    section.refresh_from_db()
    assert section.revision == 1


def test_it_asks_before_freezing_and_freezes_once(people, client_for, section):
    client = client_for(people.coordinator)
    asked = client.post(address("pact_freeze", people), {"after": "0"}).content.decode()
    assert "verandert nooit meer" in asked
    assert 'name="after" value="0"' in asked
    answer = client.post(address("pact_freeze", people), {"after": "0", "confirmed": "1"})
    assert answer.url == address("pact_version", people, 1)
    again = client.post(address("pact_freeze", people), {"after": "0", "confirmed": "1"}, follow=True)
    assert "Intussen is versie 1 vastgesteld." in again.content.decode()
    assert PactVersion.objects.in_pact(people.pact).count() == 1
    assert Rendition.objects.in_pact(people.pact).get().kind == "pact"


def test_it_says_what_stands_in_the_way_of_freezing(people, client_for):
    client = client_for(people.coordinator)
    assert "Het pact heeft nog geen tekst." in client.get(address("pact_freeze", people)).content.decode()
    answer = client.post(address("pact_freeze", people), {"confirmed": "1"}, follow=True)
    assert "Het pact heeft nog geen tekst." in answer.content.decode()
    with pytest.raises(ValidationError) as refused:
        workflow.freeze(people.other_pact, by=people.stranger)
    assert len(refused.value.messages) == 1


def test_it_freezes_sections_and_two_sheets_in_order(people, section, version):
    document = Document.from_data(version.content)
    assert document.fingerprint == version.content_sha256
    assert [chapter.title for chapter in document.chapters] == ["Aanleiding", "Ondertekening"]
    municipalities, others = document.chapters[-1].blocks[1:]
    assert [party.name for party in municipalities.parties] == ["Gemeente Hier"]
    assert [party.name for party in others.parties] == ["Schoolbestuur Hier", "Kinderopvang Hier"]


def test_it_does_not_change_with_the_rows(people, client_for, section, version):
    client = client_for(people.coordinator)
    client.post(address("section_edit", people, section.pk), {"body": "<p>Heel anders</p>", "base": "1"})
    text = client.get(address("pact_version", people, 1)).content.decode()
    assert "Jongeren zijn veerkrachtig." in text
    assert "Heel anders" not in text
    assert workflow.freeze(people.pact, by=people.coordinator).number == 2


@pytest.mark.parametrize("change", [{"number": 9}, {"content": {}}, {"content_sha256": "0" * 64}])
def test_it_has_the_database_refuse_a_changed_version(people, version, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        PactVersion.objects.in_pact(people.pact).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        PactVersion.objects.in_pact(people.pact).delete()


def test_it_shows_how_far_the_pdf_is(people, client_for, version):
    client = client_for(people.reader)
    there = address("pact_version_rendition", people, 1)
    assert client.get(there, headers=HTMX).status_code == 200
    assert client.get(there).url == address("pact_version", people, 1)
    make_file(version)
    ready = client.get(there, headers=HTMX)
    assert ready.status_code == 286
    assert address("pact_version_pdf", people, 1) in ready.content.decode()


def test_it_asks_again_for_a_pdf_that_failed(people, client_for, version):
    Rendition.objects.in_pact(people.pact).update(state=Rendition.State.FAILED, attempts=3)
    answer = client_for(people.reader).post(address("pact_version_rendition", people, 1), headers=HTMX)
    assert answer.status_code == 200
    assert Rendition.objects.in_pact(people.pact).get().state == Rendition.State.WAITING


def test_it_hands_out_the_pdf_to_members(people, client_for, version):
    client = client_for(people.reader)
    assert client.get(address("pact_version_pdf", people, 1)).status_code == 404
    make_file(version)
    answer = client.get(address("pact_version_pdf", people, 1))
    assert read(answer).startswith(b"%PDF")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hier-pact-versie-1.pdf"'


def test_it_shows_the_public_what_was_signed_by_all_and_never_a_newer_text(people, client_for, version):
    page, file = address("pact_version", people, 1), address("pact_version_pdf", people, 1)
    make_file(version)
    assert Client().get(page).url.startswith(reverse("account_login"))
    assert client_for(people.stranger).get(page).status_code == 404
    assert client_for(people.stranger).get(file).status_code == 404
    put_in_force(version)
    assert Client().get(page).status_code == 200
    assert read(Client().get(file)).startswith(b"%PDF")
    assert client_for(people.stranger).get(page).status_code == 200
    newer = workflow.freeze(people.pact, by=people.coordinator)
    assert Client().get(page).status_code == 200
    assert Client().get(address("pact_version", people, 2)).status_code == 302
    assert client_for(people.stranger).get(address("pact_version", people, 2)).status_code == 404
    # What was in force before stays in sight.
    put_in_force(newer)
    assert [Client().get(address("pact_version", people, number)).status_code for number in (1, 2)] == [200, 200]


def test_it_does_not_tell_strangers_which_pacts_exist(people, client_for, version):
    existing = address("pact_version", people, 1)
    unknown = reverse("partners:pact_version", args=["bestaat-niet", 1])
    assert Client().get(existing).status_code == Client().get(unknown).status_code == 302
    known, not_known = (client_for(people.stranger).get(path) for path in (existing, unknown))
    assert (known.status_code, not_known.status_code) == (404, 404)


@pytest.mark.slow
def test_it_prints_the_pact_with_both_sheets(people, section):
    version = workflow.freeze(people.pact, by=people.coordinator)
    steps = []
    content = render_version(version.pk, lambda percent, step: steps.append(percent))
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    assert "Gemeente Hier" in text
    assert "Kinderopvang Hier" in text
    assert steps == sorted(steps)
