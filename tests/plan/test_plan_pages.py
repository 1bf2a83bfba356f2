"""The pages of the plan, for the people who come there."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from pact_portal.foundation.documents import rendering
from pact_portal.foundation.documents.models import Rendition
from partners.models import User
from partners.wording import workflow as wording
from plan.document.models import Component, PlanSection, PlanVersion
from plan.document.workflow import freeze, sections_of
from plan.models import Fit, Measure
from tests.factories import make_allocation, make_measure, make_package, make_programme, make_question
from tests.people import People

ClientFor = Callable[[User], Client]
HTMX = {"HX-Request": "true"}

READING = ["plan", "plan_preview", "version_list", "version_detail", "version_rendition", "version_pdf", "section"]
EDITING = ["section_edit", "section_autosave", "plan_freeze"]


def address(name: str, pact: str = "hier") -> str:
    """The address of a page of the plan, of the first version or the component funding where it needs one."""
    more = {"number": 1} if name.startswith("version_") and name != "version_list" else {}
    more |= {"component": "funding"} if name.startswith("section") else {}
    return reverse(f"plan:{name}", kwargs={"pact": pact, **more})


@pytest.fixture
def funding(people: People) -> PlanSection:
    """The text of the component that the tests write."""
    return next(section for section in sections_of(people.pact) if section.component == Component.FUNDING)


@pytest.fixture
def version(people: People) -> PlanVersion:
    question = make_question(people.pact, title="Wie helpt bij de overstap?")
    measure = make_measure(people.pact, title="Meer transfercoaches", questions=[question])
    make_allocation(make_package(people.pact).years.get(), Decimal("12500.50"), measure=measure)
    return freeze(people.pact, by=people.coordinator)


def made(version: PlanVersion, content: bytes = b"%PDF-1.7 voorbeeld") -> Rendition:
    """The rendition of a version as the worker leaves it."""
    rendition = Rendition.objects.in_pact(version.pact).get()
    rendition.file.save("voorbeeld.pdf", ContentFile(content), save=False)
    rendition.state, rendition.progress, rendition.sha256 = Rendition.State.READY, 100, "0" * 64
    rendition.size = len(content)
    rendition.save()
    return rendition


# --- Who may come ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", READING)
def test_it_lets_every_member_read(name: str, people: People, version: PlanVersion, client_for: ClientFor) -> None:
    for user in (people.coordinator, people.representative, people.signatory, people.advisor, people.reader):
        assert client_for(user).get(address(name)).status_code in (200, 302), user


@pytest.mark.parametrize("name", EDITING)
def test_it_lets_only_the_coordinator_edit(
    name: str, people: People, version: PlanVersion, client_for: ClientFor
) -> None:
    for user in (people.representative, people.signatory, people.advisor, people.reader):
        assert client_for(user).post(address(name)).status_code == 403, user
        assert client_for(user).post(address(name), headers=HTMX).status_code == 403, user
    assert client_for(people.coordinator).post(address(name), {"body": "", "base": "0"}).status_code in (200, 302)


@pytest.mark.parametrize("name", READING + EDITING)
def test_it_does_not_exist_for_strangers(
    name: str, people: People, version: PlanVersion, client_for: ClientFor
) -> None:
    made(version)
    for headers in ({}, HTMX):
        assert client_for(people.stranger).get(address(name), headers=headers).status_code == 404
        assert client_for(people.stranger).post(address(name), headers=headers).status_code == 404


@pytest.mark.parametrize("name", READING + EDITING)
def test_it_sends_the_unknown_to_the_entrance(name: str, version: PlanVersion, client: Client) -> None:
    answer = client.get(address(name))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_it_answers_405_where_the_method_is_wrong(people: People, version: PlanVersion, client_for: ClientFor) -> None:
    client = client_for(people.coordinator)
    for name in ("plan", "plan_preview", "version_list", "version_detail", "version_pdf", "section"):
        assert client.post(address(name)).status_code == 405, name
    assert client.get(address("section_autosave")).status_code == 405


def test_it_answers_404_for_what_is_not_there(people: People, version: PlanVersion, client_for: ClientFor) -> None:
    client = client_for(people.coordinator)
    for number in (2, 99999999999999999999):
        for name in ("version_detail", "version_rendition", "version_pdf"):
            url = reverse(f"plan:{name}", kwargs={"pact": "hier", "number": number})
            assert client.get(url).status_code == 404
    for name in ("section", "section_edit"):
        assert client.get(reverse(f"plan:{name}", kwargs={"pact": "hier", "component": "niets"})).status_code == 404


def test_it_hides_the_buttons_from_who_may_only_read(people: People, client_for: ClientFor) -> None:
    assert address("plan_freeze") in client_for(people.coordinator).get(address("plan")).text
    page = client_for(people.reader).get(address("plan")).text
    assert address("plan_freeze") not in page
    assert address("section_edit") not in page


# --- Editing ---------------------------------------------------------------------------------------------------------


def test_it_shows_six_texts_with_how_their_registers_stand(
    people: People, version: PlanVersion, client_for: ClientFor
) -> None:
    make_question(people.pact)
    page = client_for(people.reader).get(address("plan")).text
    for component in Component:
        assert str(component.label) in page
    assert "2 aangenomen vragen" in page
    assert "1 aangenomen vraag zonder maatregel" in page
    assert "0 voorstellen zijn onderweg" in page
    assert "12.500,50 toegewezen" in page


def test_it_opens_the_editor_in_place(people: People, funding: PlanSection, client_for: ClientFor) -> None:
    client = client_for(people.coordinator)
    part = client.get(address("section_edit"), headers=HTMX).text
    assert part.lstrip().startswith("<section")
    assert 'id="funding"' in part
    assert 'name="base" value="0"' in part
    assert address("section_autosave") in part
    assert "<html" in client.get(address("section_edit")).text


def test_it_saves_and_shows_who_and_when(people: People, funding: PlanSection, client_for: ClientFor) -> None:
    client = client_for(people.coordinator)
    answer = client.post(address("section_edit"), {"body": "<p>Wij delen het geld eerlijk.</p>", "base": 0})
    assert answer["Location"] == f"{address('plan')}#funding"
    page = client.get(address("plan")).text
    assert "Wij delen het geld eerlijk." in page
    assert "Laatst gewijzigd door coördinator" in page
    funding.refresh_from_db()
    assert (funding.revision, funding.revisions.count()) == (1, 1)


def test_it_swaps_the_saved_text_back(people: People, funding: PlanSection, client_for: ClientFor) -> None:
    part = client_for(people.coordinator).post(
        address("section_edit"), {"body": "<p>Nieuwe tekst.</p>", "base": 0}, headers=HTMX
    )
    assert part.status_code == 200
    assert part.text.lstrip().startswith("<section")
    assert "Nieuwe tekst." in part.text
    assert "De tekst is bewaard." in part.text
    assert "<form" not in part.text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_it_shows_both_texts_when_somebody_was_first(
    headers: dict[str, str], people: People, funding: PlanSection, client_for: ClientFor
) -> None:
    client = client_for(people.coordinator)
    client.post(address("section_edit"), {"body": "<p>Tekst van de ander.</p>", "base": 0})
    answer = client.post(address("section_edit"), {"body": "<p>Mijn eigen tekst.</p>", "base": 0}, headers=headers)
    assert answer.status_code == 200
    assert "Tekst van de ander." in answer.text
    assert "&lt;p&gt;Mijn eigen tekst.&lt;/p&gt;" in answer.text
    assert 'name="base" value="1"' in answer.text
    assert address("section_autosave") not in answer.text
    funding.refresh_from_db()
    assert funding.body == "<p>Tekst van de ander.</p>"
    client.post(address("section_edit"), {"body": "<p>Mijn eigen tekst.</p>", "base": 1})
    funding.refresh_from_db()
    assert [revision.body for revision in funding.revisions.all()] == [
        "<p>Mijn eigen tekst.</p>",
        "<p>Tekst van de ander.</p>",
    ]


def test_it_saves_while_one_types(people: People, funding: PlanSection, client_for: ClientFor) -> None:
    client = client_for(people.coordinator)
    first = client.post(address("section_autosave"), {"body": "<p>Half</p>", "base": 0}, headers=HTMX)
    assert first.status_code == 200
    assert "Bewaard om" in first.text
    assert 'name="base" value="1"' in first.text
    assert f'id="text-{funding.pk}-base" hx-swap-oob="true"' in first.text
    assert f'id="text-{funding.pk}-base"' in client.get(address("section_edit"), headers=HTMX).text
    client.post(address("section_autosave"), {"body": "<p>Half</p>", "base": 1}, headers=HTMX)
    funding.refresh_from_db()
    assert funding.revision == 1


def test_it_does_not_overwrite_by_itself(people: People, funding: PlanSection, client_for: ClientFor) -> None:
    client = client_for(people.coordinator)
    client.post(address("section_autosave"), {"body": "<p>Van de ander</p>", "base": 0}, headers=HTMX)
    stale = client.post(address("section_autosave"), {"body": "<p>Van mij</p>", "base": 0}, headers=HTMX)
    assert stale.status_code == 422
    assert "intussen gewijzigd" in stale.text
    assert 'name="base"' not in stale.text
    funding.refresh_from_db()
    assert funding.body == "<p>Van de ander</p>"


@pytest.mark.parametrize("base", ["", "x", "-1", "9" * 30])
def test_it_keeps_what_was_typed_when_the_form_is_wrong(
    base: str, people: People, funding: PlanSection, client_for: ClientFor
) -> None:
    data = {"body": "<p>Lang werk.</p>", "base": base}
    answer = client_for(people.coordinator).post(address("section_edit"), data)
    assert answer.status_code == 200
    assert "Lang werk." in answer.text
    assert client_for(people.coordinator).post(address("section_autosave"), data).status_code == 422
    funding.refresh_from_db()
    assert funding.revision == 0


def test_it_cleans_what_is_written(people: People, funding: PlanSection, client_for: ClientFor) -> None:
    client_for(people.coordinator).post(
        address("section_edit"), {"body": "<p onclick='x()'>Goed</p><script>alert(1)</script>", "base": 0}
    )
    funding.refresh_from_db()
    assert funding.body == "<p>Goed</p>"


def test_it_puts_the_text_back_on_cancel(people: People, funding: PlanSection, client_for: ClientFor) -> None:
    client = client_for(people.coordinator)
    assert "<form" not in client.get(address("section"), headers=HTMX).text
    assert client.get(address("section"))["Location"] == f"{address('plan')}#funding"


# --- Reading and freezing --------------------------------------------------------------------------------------------


def test_it_shows_the_whole_plan_as_it_would_be_frozen(people: People, client_for: ClientFor) -> None:
    make_question(people.pact, title="Wie helpt bij de overstap?")
    page = client_for(people.reader).get(address("plan_preview")).text
    assert "Wie helpt bij de overstap?" in page
    assert "versie 1" in page
    assert 'id="vraag-1"' in page
    assert not PlanVersion.objects.in_pact(people.pact).exists()


def test_it_states_what_freezing_means_before_it_is_done(people: People, client_for: ClientFor) -> None:
    client = client_for(people.coordinator)
    assert "verandert nooit meer" in client.get(address("plan_freeze")).text
    assert not PlanVersion.objects.in_pact(people.pact).exists()
    answer = client.post(address("plan_freeze"), {"label": "Voor de stuurgroep"}, follow=True)
    assert answer.redirect_chain == [(address("version_detail"), 302)]
    assert "Versie 1 is bevroren." in answer.text
    assert "Voor de stuurgroep" in answer.text


def test_it_makes_one_version_of_a_double_click(people: People, client_for: ClientFor) -> None:
    client = client_for(people.coordinator)
    client.post(address("plan_freeze"), {"label": ""})
    again = client.post(address("plan_freeze"), {"label": ""}, follow=True)
    assert again.redirect_chain == [(address("version_detail"), 302)]
    assert "Er is niets veranderd sinds versie 1." in again.text
    assert PlanVersion.objects.in_pact(people.pact).count() == 1


def test_it_keeps_a_name_that_is_too_long(people: People, client_for: ClientFor) -> None:
    answer = client_for(people.coordinator).post(address("plan_freeze"), {"label": "n" * 121})
    assert answer.status_code == 200
    assert "n" * 121 in answer.text
    assert not PlanVersion.objects.in_pact(people.pact).exists()


def test_it_shows_a_version_as_it_was(people: People, version: PlanVersion, client_for: ClientFor) -> None:
    Measure.objects.in_pact(people.pact).update(title="Later anders genoemd")
    page = client_for(people.reader).get(address("version_detail")).text
    assert "Meer transfercoaches" in page
    assert "Later anders genoemd" not in page
    assert version.content_sha256[:12] in page


def test_it_lists_the_versions(people: People, version: PlanVersion, client_for: ClientFor) -> None:
    client = client_for(people.reader)
    assert "wordt gemaakt" in client.get(address("version_list")).text
    made(version)
    page = client.get(address("version_list")).text
    assert address("version_pdf") in page
    assert address("version_detail") in page


def test_it_offers_the_first_step_when_there_is_no_version(people: People, client_for: ClientFor) -> None:
    assert address("plan_freeze") in client_for(people.coordinator).get(address("version_list")).text
    assert "Zodra de coördinator" in client_for(people.reader).get(address("version_list")).text


# --- The file --------------------------------------------------------------------------------------------------------


def test_it_says_how_far_the_file_is(people: People, version: PlanVersion, client_for: ClientFor) -> None:
    client = client_for(people.reader)
    Rendition.objects.in_pact(people.pact).update(state="working", progress=40, step="De pagina's worden gemaakt")
    part = client.get(address("version_rendition"), headers=HTMX)
    assert part.status_code == 200
    assert "40 %" in part.text
    assert "<html" not in part.text
    assert client.get(address("version_rendition"))["Location"] == address("version_detail")
    made(version)
    done = client.get(address("version_rendition"), headers=HTMX)
    assert done.status_code == 286
    assert address("version_pdf") in done.text


def test_it_hands_out_the_file_under_a_name_that_says_what_it_is(
    people: People, version: PlanVersion, client_for: ClientFor
) -> None:
    made(version, b"%PDF-1.7 dit is het")
    answer = client_for(people.reader).get(address("version_pdf"))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="uitvoeringsplan-hier-v1.pdf"'
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 dit is het"


def test_it_says_so_when_the_file_is_not_there_yet(people: People, version: PlanVersion, client_for: ClientFor) -> None:
    answer = client_for(people.reader).get(address("version_pdf"), follow=True)
    assert answer.redirect_chain == [(address("version_detail"), 302)]
    assert "nog niet klaar" in answer.text


def test_it_can_be_asked_for_again_after_a_failure(people: People, version: PlanVersion, client_for: ClientFor) -> None:
    client = client_for(people.reader)
    Rendition.objects.in_pact(people.pact).update(state="failed", attempts=3)
    failed = client.get(address("version_rendition"), headers=HTMX)
    assert failed.status_code == 286
    assert "Probeer opnieuw" in failed.text
    again = client.post(address("version_rendition"), headers=HTMX)
    assert again.status_code == 200
    assert "hx-get" in again.text
    rendition = Rendition.objects.in_pact(people.pact).get()
    assert (rendition.state, rendition.attempts) == (Rendition.State.WAITING, 0)
    assert client.post(address("version_rendition"))["Location"] == address("version_detail")


def test_it_goes_from_freezing_to_a_file_that_says_it_all(
    people: People, version: PlanVersion, client_for: ClientFor
) -> None:
    assert rendering.render(Rendition.objects.in_pact(people.pact).get().pk)
    answer = client_for(people.reader).get(address("version_pdf"))
    text = " ".join(
        page.extract_text() for page in PdfReader(BytesIO(b"".join(answer.streaming_content))).pages
    ).replace("\u00a0", " ")
    text = " ".join(text.split())
    for words in ("Wie helpt bij de overstap?", "Meer transfercoaches", "€ 12.500,50", "Losse einden"):
        assert words in text


# --- How much work a page is -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["plan", "plan_preview", "version_list", "version_detail"])
def test_it_takes_the_same_number_of_queries_for_many_rows(
    name: str, people: People, client_for: ClientFor, django_assert_num_queries: Callable[..., object]
) -> None:
    def rows(count: int) -> None:
        for _ in range(count):
            question, programme = make_question(people.pact), make_programme(people.pact)
            Fit.unscoped.create(
                question=question,
                programme=programme,
                level="partly",
                reason="Te klein.",
                evidence="Gesprek met de aanbieder.",
                judged_by=people.coordinator,
            )
            measure = make_measure(
                people.pact, questions=[question], programmes=[programme], executing=[people.childcare]
            )
            make_allocation(make_package(people.pact).years.get(), 5, measure=measure)
            freeze(people.pact, by=people.coordinator)

    client = client_for(people.coordinator)
    rows(1)
    client.get(address(name))
    with CaptureQueriesContext(connection) as few:
        client.get(address(name))
    rows(8)
    with django_assert_num_queries(len(few)):
        client.get(address(name))


def test_it_shows_what_the_mirror_says_of_a_text(people: People, client_for: ClientFor, funding: PlanSection) -> None:
    wording.install_defaults(people.pact)
    client = client_for(people.coordinator)
    sent = {"body": "<p>Wij helpen hangjongeren.</p>", "base": 0}
    swapped = client.post(address("section_edit"), sent, headers=HTMX)
    assert "<strong>hangjongeren</strong>" in swapped.content.decode()
    sent = {"body": "<p>Wij helpen drop-outs.</p>", "base": 1}
    page = client.post(address("section_edit"), sent, follow=True)
    assert "“drop-outs” (liever:" in page.content.decode()


def test_it_says_why_it_did_not_save_by_itself(people: People, client_for: ClientFor, funding: PlanSection) -> None:
    client = client_for(people.coordinator)
    refused = client.post(address("section_autosave"), {"body": "<p>BSN 725763863</p>", "base": 0}, headers=HTMX)
    assert refused.status_code == 422
    assert "burgerservicenummer" in refused.content.decode()
    assert "725763863" not in refused.content.decode()
    asked = client.post(address("section_autosave"), {"body": "<p>Bel 06-12345678</p>", "base": 0}, headers=HTMX)
    assert asked.status_code == 422
    assert "een telefoonnummer (06-…)" in asked.content.decode()
    form = client.post(address("section_edit"), {"body": "<p>Bel 06-12345678</p>", "base": 0}).context["form"]
    confirmed = {"privacy_confirmed": "on", "privacy_seen": form["privacy_seen"].value()}
    saved = client.post(address("section_edit"), {"body": "<p>Bel 06-12345678</p>", "base": 0, **confirmed})
    assert saved.status_code == 302
    again = client.post(address("section_autosave"), {"body": "<p>Bel: 06-12345678</p>", "base": 1}, headers=HTMX)
    assert again.status_code == 200
