"""Compiling and freezing the plan."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from pypdf import PdfReader

from pact_portal.foundation.documents.blocks import Document, Narrative, Row, Table
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.documents.render import render_document
from pact_portal.foundation.models import AuditRecord
from partners.models import CollaborationArea, Pact, Sector
from plan.document import chapters
from plan.document.compile import compile_plan
from plan.document.live import lines_of
from plan.document.models import Component, PlanSection, PlanVersion
from plan.document.registers import read
from plan.document.workflow import Unchanged, freeze, sections_of
from plan.models import Fit, Measure, SupportQuestion
from plan.questions.merging import merge, undo
from tests.factories import (
    make_allocation,
    make_fit,
    make_measure,
    make_package,
    make_pact,
    make_programme,
    make_question,
)
from tests.people import People

MOMENT = datetime(2026, 11, 23, 9, 15, tzinfo=UTC)


def compiled(pact: Pact, *, frozen_at: datetime = MOMENT, number: int = 1, label: str = "") -> Document:
    return compile_plan(pact, number=number, label=label, frozen_at=frozen_at)


def rows(document: Document, chapter: str) -> list[Row]:
    """All rows of the tables of a chapter."""
    found = next(each for each in document.chapters if each.key == chapter)
    return [row for block in found.blocks if isinstance(block, Table) for row in block.rows]


def words(document: Document) -> str:
    """The whole document as JSON, to look for a sentence; a space that does not break is a space."""
    return document.canonical().decode().replace("\u00a0", " ")


@pytest.fixture
def chain(people: People) -> Pact:
    """One question, its programme and measure, and money for it."""
    question = make_question(people.pact, title="Wie helpt bij de overstap?", young_people=1200)
    programme = make_programme(people.pact, name="Transfercoach vo-mbo", amplitie=True)
    make_fit(question, programme, level=Fit.Level.PARTLY, reason="Te klein.")
    measure = make_measure(
        people.pact,
        title="Meer transfercoaches",
        questions=[question],
        programmes=[programme],
        budget=Decimal("12500.50"),
    )
    package = make_package(people.pact, {2026: Decimal(40_000)}, name="Welbevinden jeugd")
    make_allocation(package.years.get(), Decimal("12500.50"), measure=measure)
    return people.pact


def test_it_makes_the_six_sections_once(people: People) -> None:
    first, second = sections_of(people.pact), sections_of(people.pact)
    assert [section.component for section in first] == list(Component)
    assert [section.pk for section in first] == [section.pk for section in second]


def test_it_makes_only_the_sections_that_are_missing(people: People) -> None:
    PlanSection.unscoped.create(pact=people.pact, component=Component.FUNDING, body="<p>Geld.</p>")
    assert [section.body for section in sections_of(people.pact)] == ["", "", "", "", "<p>Geld.</p>", ""]
    assert not PlanSection.objects.in_pact(people.other_pact).exists()


def test_it_gives_a_chapter_per_component_and_one_for_loose_ends(people: People) -> None:
    document = compiled(people.pact)
    assert [chapter.number for chapter in document.chapters] == ["1", "2", "3", "4", "5", "6", "7"]
    assert document.chapters[1].title == "Ondersteuningsvragen"
    assert document.chapters[-1].key == "losse-einden"
    assert Document.from_data(json.loads(document.canonical())) == document


def test_it_joins_question_programme_measure_and_money(chain: Pact) -> None:
    document = compiled(chain)
    question = rows(document, "vragen")[0]
    assert [cell.text for cell in question.cells][0:2] == ["V1", "Wie helpt bij de overstap?"]
    assert question.cells[5].text == "sluit deels aan"
    assert (question.cells[6].text, question.cells[6].to) == ("M1", "maatregel-1")
    measure = next(row for row in rows(document, "besluitvorming") if row.anchor == "maatregel-1")
    assert (measure.cells[3].text, measure.cells[3].to) == ("V1", "vraag-1")
    assert [cell.text.replace("\u00a0", " ") for cell in measure.cells[5:7]] == ["€ 12.500,50", "€ 12.500,50"]
    assert "M1 Meer transfercoaches" in words(document)


def test_it_points_only_to_anchors_that_exist_once(chain: Pact) -> None:
    both = list(chain.areas.all())
    make_question(chain, areas=both)
    document = compiled(chain)
    tables = [block for block in document.blocks() if isinstance(block, Table)]
    targets = {cell.to for table in tables for row in table.rows for cell in row.cells if cell.to}
    assert targets <= document.anchors()
    anchored = [row.anchor for table in tables for row in table.rows if row.anchor]
    assert len(anchored) == len(set(anchored))


def test_it_sums_up_for_aldermen_what_is_asked(chain: Pact) -> None:
    make_question(chain)
    text = words(Document("x", "", "", "", [], summary=compiled(chain).summary))
    assert "1 maatregel zet voort wat er al is (€ 12.500,50)." in text
    assert "Breng 1 maatregel in een voorstel, begroot op € 12.500,50 (losse einden)." in text
    assert "Besluit over 1 voorgestelde toewijzing van € 12.500,50 (hoofdstuk 5)." in text
    assert "Geef een bestemming aan € 27.499,50 dat" in text
    assert "Bespreek 1 vraag die nog geen maatregel heeft" in text
    assert "1.200 jongeren" in text


def test_it_keeps_the_summary_on_one_page_whatever_the_number_of_areas(chain: Pact) -> None:
    for position in range(3, 15):
        name = f"Gebied {position} over onderwijs, jeugdhulp, sport, cultuur en alles wat daarbij hoort in de regio"
        CollaborationArea.unscoped.create(pact=chain, position=position, name=name)
    for kind in Measure.Kind:
        make_measure(chain, kind=kind, reason_not_broaden="Er is niets om te verbreden.")
    document = compiled(chain)
    assert "en nog 6 andere gebieden" in words(document)
    document.chapters, document.glossary = document.chapters[:1], []
    pages = [page.extract_text() for page in PdfReader(BytesIO(render_document(document))).pages]
    assert [index for index, text in enumerate(pages) if "Wat we doen" in text and "Wat wij u vragen" in text] == [2]
    assert "Er zijn nog geen maatregelen om het gedachtegoed" in pages[3]


def test_it_asks_nothing_when_nothing_is_open(people: People) -> None:
    assert "wordt nu geen besluit van u gevraagd" in words(compiled(people.pact))


def test_it_lists_loose_ends(people: People) -> None:
    make_question(people.pact, title="Vraag zonder vervolg")
    make_measure(people.pact, title="Maatregel zonder vraag")
    package = make_package(people.pact, {2026: Decimal(500)}, name="Geld zonder doel")
    make_allocation(package.years.get(), Decimal(200), sector=Sector.PRIMARY)
    document = compiled(people.pact)
    ends = json.dumps([[cell.text for cell in row.cells] for row in rows(document, "losse-einden")], ensure_ascii=False)
    assert "Vraag zonder vervolg" in ends
    assert "Maatregel zonder vraag" in ends
    assert "Geld zonder doel" in ends
    assert "300" in ends
    # The measure twice: it answers nothing, and nobody is asked to decide on it.
    assert "nog 4 losse einden" in words(document)


def test_it_counts_a_rejected_measure_as_no_answer(people: People) -> None:
    question = make_question(people.pact)
    make_measure(
        people.pact,
        questions=[question],
        state=Measure.State.REJECTED,
        outcome_on="2026-10-01",
        outcome_reason="Te duur.",
    )
    document = compiled(people.pact)
    assert [row.cells[0].text for row in rows(document, "losse-einden")] == ["V1"]


def test_it_leaves_out_drafts_and_the_rows_of_other_pacts(people: People) -> None:
    make_question(people.pact, title="Kladvraag", state="draft")
    make_question(people.other_pact, title="Kanarie")
    make_measure(people.other_pact, title="Kanarie")
    make_package(people.other_pact, name="Kanarie")
    text = words(compiled(people.pact))
    assert "Kladvraag" not in text
    assert "Kanarie" not in text


def test_it_counts_an_expired_judgement_as_unknown(chain: Pact) -> None:
    later = MOMENT + timedelta(days=800)
    assert rows(compiled(chain, frozen_at=later), "vragen")[0].cells[5].text == "nog niet beoordeeld"


def test_it_shows_the_narrative_of_a_component(people: People) -> None:
    PlanSection.unscoped.create(pact=people.pact, component=Component.SPREADING, body="<p>Wij delen het verhaal.</p>")
    block = compiled(people.pact).chapters[0].blocks[0]
    assert block == Narrative("<p>Wij delen het verhaal.</p>")


def test_it_says_that_data_is_an_example(db: None) -> None:
    assert compiled(make_pact(is_example=True)).notice == "Voorbeeldgegevens"
    assert compiled(make_pact(is_example=False)).notice == ""


def test_it_speaks_dutch_whoever_asks(chain: Pact) -> None:
    with translation.override("en"):
        english = compiled(chain)
    assert english == compiled(chain)


def test_it_counts_a_merged_question_at_the_one_that_speaks_for_it(chain: Pact, people: People) -> None:
    """V1 has a measure and goes into V2: then V2 is answered, by the partners of both, and V1 stands below it."""
    asked = SupportQuestion.objects.in_pact(chain).get()
    root = make_question(chain, title="Hoe slaagt de overstap?", partnership=people.school)
    assert [question.code for question in read(chain, on=MOMENT.date()).unanswered()] == ["V2"]
    merge(asked, into=root, by=people.coordinator)
    registers = read(chain, on=MOMENT.date())
    assert (registers.unanswered(), registers.purposeless()) == ([], [])
    document = compiled(chain)
    found = [[cell.text for cell in row.cells] for row in rows(document, "vragen")]
    assert [(cells[0], cells[5], cells[6], cells[7]) for cells in found] == [
        ("V2", "nog niet beoordeeld", "M1", "2"),
        ("V1", "opgegaan in V2", "–", "–"),
    ]
    assert next(row.cells[3].text for row in rows(document, "besluitvorming") if row.key == "measure-1") == "V2"
    assert [line.text for line in lines_of(chain)[Component.QUESTIONS]][2].startswith("0 ")
    undo(asked, by=people.coordinator)
    assert [question.code for question in read(chain, on=MOMENT.date()).unanswered()] == ["V2"]
    assert [line.text for line in lines_of(chain)[Component.QUESTIONS]][2].startswith("1 ")


def test_it_places_what_others_hand_in_by_position(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(chapters._builders, Component.EVALUATION, {})
    chapters.register(Component.EVALUATION, lambda pact: [Narrative(f"<p>tweede {pact.slug}</p>")], 20)
    chapters.register(Component.EVALUATION, lambda pact: [Narrative("<p>eerste</p>")], 10)
    blocks = compiled(people.pact).chapters[5].blocks
    assert [block.html for block in blocks if isinstance(block, Narrative)] == ["<p>eerste</p>", "<p>tweede hier</p>"]


def test_it_asks_the_same_number_of_queries_for_many_rows(chain: Pact, people: People) -> None:
    def add() -> None:
        question, root = make_question(chain), make_question(chain)
        programme = make_programme(chain)
        make_fit(root, programme)
        measure = make_measure(chain, questions=[question, root], programmes=[programme])
        make_allocation(make_package(chain).years.get(), 10, measure=measure)
        merge(question, into=root, by=people.coordinator)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            compiled(chain)
        return len(captured)

    for _ in range(2):
        add()
    queries()
    before = queries()
    for _ in range(20):
        add()
    assert queries() == before


def test_it_freezes_the_next_version_with_its_hash_and_asks_for_the_pdf(chain: Pact, people: People) -> None:
    version = freeze(chain, by=people.coordinator, label="Voor de stuurgroep")
    assert (version.number, version.state, version.label) == (1, PlanVersion.State.CONCEPT, "Voor de stuurgroep")
    version.refresh_from_db()
    document = Document.from_data(version.content)
    assert document.fingerprint == version.content_sha256
    assert Rendition.objects.in_pact(chain).get().object_id == version.pk
    assert AuditRecord.objects.in_pact(chain).get().action == "plan.frozen"


def test_it_refuses_a_second_version_that_says_the_same(chain: Pact, people: People) -> None:
    version = freeze(chain, by=people.coordinator)
    with pytest.raises(Unchanged, match="versie 1") as refused:
        freeze(chain, by=people.coordinator)
    assert refused.value.version == version
    assert PlanVersion.objects.in_pact(chain).count() == 1
    make_question(chain)
    assert freeze(chain, by=people.coordinator).number == 2


def test_it_numbers_the_versions_of_each_pact(people: People) -> None:
    assert freeze(people.pact, by=people.coordinator).number == 1
    assert freeze(people.other_pact, by=people.stranger).number == 1


def test_it_gives_equal_content_for_equal_registers(chain: Pact) -> None:
    one, two = compiled(chain), compiled(chain)
    assert one.canonical() == two.canonical()
    assert one.fingerprint != compiled(chain, number=2).fingerprint


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE plan_planversion SET content = '{}' WHERE id = %s",
        "UPDATE plan_planversion SET content_sha256 = 'x' WHERE id = %s",
        "UPDATE plan_planversion SET number = 99 WHERE id = %s",
        "UPDATE plan_planversion SET frozen_at = now() WHERE id = %s",
        "DELETE FROM plan_planversion WHERE id = %s",
    ],
)
def test_it_is_refused_by_the_database_to_change_or_remove_a_version(chain: Pact, people: People, change: str) -> None:
    version = freeze(chain, by=people.coordinator)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, [version.pk])
    assert PlanVersion.objects.in_pact(chain).get().content_sha256 == version.content_sha256


def test_it_may_move_to_another_state(chain: Pact, people: People) -> None:
    version = freeze(chain, by=people.coordinator)
    PlanVersion.objects.in_pact(chain).filter(pk=version.pk).update(state=PlanVersion.State.FINAL)
    version.refresh_from_db()
    assert version.state == PlanVersion.State.FINAL
    assert version.frozen_at <= timezone.now()
