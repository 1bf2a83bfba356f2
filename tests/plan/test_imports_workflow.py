"""Bringing in questions and programmes: looked through, taken over as a whole or not at all, safe from its workers."""

import io
import re
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.privacy import guard
from pact_portal.foundation.privacy.signs import normalised
from partners.models import CollaborationArea, Membership
from plan.imports import checking, running, tasks, workflow
from plan.imports.cells import WholeCell
from plan.imports.models import Import
from plan.models import Programme, SupportQuestion
from tests.factories import make_programme, make_question
from tests.foundation import privacy_sentences
from tests.people import People
from tests.plan.import_samples import PROGRAMME, QUESTION, bring, reasons, replaced, sheet, take_over, workbook

State = Import.State


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def awake(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The imports for which a worker was woken."""
    woken: list[int] = []
    monkeypatch.setattr(tasks.work, "apply_async", lambda ids, **how: woken.extend(ids))
    return woken


# --- What comes in ---------------------------------------------------------------------------------------------------


def test_it_takes_over_a_question(people: People) -> None:
    row = bring(people.pact, people.representative, sheet([{}]))
    assert (row.state, row.counts["created"], row.total, row.done) == (State.READY, 1, 1, 1)
    assert row.sample == [{"row": 2, "action": "created", "title": QUESTION["vraag in één zin"]}]
    assert not SupportQuestion.unscoped.exists()
    row = take_over(row, people.representative)
    question = SupportQuestion.unscoped.get()
    assert (row.state, row.file.name) == (State.APPLIED, "")
    assert (question.state, question.number, question.partnership) == ("submitted", 1, people.school)
    assert question.description == "<p>Wij zien spanning.</p><p>Een bezoek vooraf helpt.</p>"
    assert (question.age_from, question.age_to, question.young_people) == (10, 13, 120)
    assert (question.transition, question.protective_level) == ("primary_secondary", "surroundings")
    assert (question.urgency, question.source, question.created_by) == (3, "conversation", people.representative)
    assert [area.name for area in question.areas.all()] == ["Soepele overgangen", "Onderwijs en jeugdhulp"]
    assert list(question.municipalities.all()) == [people.municipality]
    assert question.submitted_at is not None
    question.full_clean()


def test_it_takes_over_a_programme(people: People) -> None:
    row = bring(people.pact, people.coordinator, sheet([{}], like=PROGRAMME), kind="programmes")
    assert (row.state, row.counts["created"]) == (State.READY, 1), row.faults
    take_over(row, people.coordinator)
    programme = Programme.unscoped.get()
    assert (programme.amplitie, programme.preventie, programme.curatie) == (True, True, False)
    assert (programme.reach_per_year, programme.yearly_cost) == (1200, Decimal("12500.50"))
    assert (programme.starts_on, programme.ends_on) == (date(2026, 9, 1), date(2028, 7, 31))
    assert (programme.nji_level, programme.link) == ("well_founded", "https://www.voorbeeld.example/klas")
    assert programme.confirmed_on == timezone.localdate()
    programme.full_clean()


@pytest.mark.parametrize(("kind", "like"), [("questions", QUESTION), ("programmes", PROGRAMME)])
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_it_changes_nothing_the_second_time(people: People, kind: str, like: dict[str, Any], form: str) -> None:
    content = sheet([{}], form=form, like=like)
    take_over(bring(people.pact, people.coordinator, content, kind=kind), people.coordinator)
    again = bring(people.pact, people.coordinator, content, kind=kind)
    assert {name: again.counts[name] for name in ("created", "changed", "unchanged")} == {
        "created": 0,
        "changed": 0,
        "unchanged": 1,
    }
    again = take_over(again, people.coordinator)
    assert again.state == State.APPLIED
    model = SupportQuestion if kind == "questions" else Programme
    assert model.unscoped.count() == 1


def test_it_knows_a_question_by_its_words_whatever_the_capitals(people: People) -> None:
    take_over(bring(people.pact, people.representative, sheet([{}])), people.representative)
    words = "  hoe helpen wij  KINDEREN die naar het vo gaan? "
    row = bring(people.pact, people.representative, sheet([{"vraag in één zin": words, "aantal jongeren": 90}]))
    assert row.counts["changed"] == 1
    take_over(row, people.representative)
    question = SupportQuestion.unscoped.get()
    assert (question.young_people, question.title) == (90, words.strip())


def test_it_knows_a_question_by_its_number(people: People) -> None:
    question = make_question(people.pact, partnership=people.school, state="submitted")
    row = take_over(
        bring(people.pact, people.representative, sheet([{"nummer": "v1", "gemeenten": None}])), people.representative
    )
    assert row.counts["changed"] == 1
    question.refresh_from_db()
    assert question.title == QUESTION["vraag in één zin"]
    assert question.areas.count() == 2
    assert not question.municipalities.exists()


def test_it_leaves_what_the_file_has_no_column_for(people: People) -> None:
    question = make_question(
        people.pact, partnership=people.school, state="submitted", young_people=7, description="<p><em>Zo</em></p>"
    )
    few = {"namens": "Schoolbestuur Hier", "vraag in één zin": question.title, "gebieden": "Soepele overgangen"}
    content = sheet([{}], like={**few, "wat moet sterker worden": "in het gezin"})
    take_over(bring(people.pact, people.representative, content), people.representative)
    question.refresh_from_db()
    assert (question.protective_level, question.young_people) == ("family", 7)
    assert question.description == "<p><em>Zo</em></p>"


def test_it_gives_every_new_row_its_own_number(people: People) -> None:
    make_question(people.pact)
    rows = [{"vraag in één zin": f"Wat doen wij in groep {group}?"} for group in range(1, 8)]
    take_over(bring(people.pact, people.representative, sheet(rows)), people.representative)
    assert list(SupportQuestion.unscoped.order_by("number").values_list("number", flat=True)) == list(range(1, 9))
    assert SupportQuestion.unscoped.get(number=2).title == rows[0]["vraag in één zin"]


def test_it_writes_one_record(people: People) -> None:
    row = take_over(bring(people.pact, people.representative, sheet([{}])), people.representative)
    record = AuditRecord.unscoped.get(action="questions.imported")
    assert record.details == {"created": 1, "changed": 0, "unchanged": 0, "handed_in": 0, "sha256": row.sha256}
    assert record.by == people.representative
    actions = list(AuditRecord.unscoped.order_by("pk").values_list("action", flat=True))
    assert actions == ["import.uploaded", "import.confirmed", "questions.imported"]


# --- What waits to be handed in --------------------------------------------------------------------------------------


def waiting(people: People, state: str, **fields: Any) -> SupportQuestion:
    """A question of the school that is not handed in, by the title of the sample."""
    remark = "Noem de leeftijd." if state == "returned" else ""
    reason = "Dubbel." if state == "withdrawn" else ""
    title = QUESTION["vraag in één zin"]
    return make_question(
        people.pact,
        **{
            "partnership": people.school,
            "state": state,
            "title": title,
            "remark": remark,
            "withdrawal_reason": reason,
            **fields,
        },
    )


@pytest.mark.parametrize("cells", [{}, {"nummer": "V1"}])
@pytest.mark.parametrize("state", ["draft", "returned", "withdrawn"])
def test_it_hands_in_what_waited_for_it(people: People, state: str, cells: dict[str, Any]) -> None:
    question = waiting(people, state)
    row = bring(people.pact, people.representative, sheet([cells]))
    assert (row.counts["changed"], row.counts["handed_in"]) == (1, 1)
    assert (row.sample[0]["code"], row.sample[0]["hands_in"]) == ("V1", True)
    before = timezone.now()
    row = take_over(row, people.representative)
    question.refresh_from_db()
    assert (row.state, question.state, question.young_people) == (State.APPLIED, "submitted", 120)
    assert question.submitted_at is not None
    assert question.submitted_at >= before
    assert (question.withdrawn_at, question.withdrawal_reason) == (None, "")
    question.full_clean()
    assert AuditRecord.unscoped.get(action="questions.imported").details["handed_in"] == 1
    again = bring(people.pact, people.representative, sheet([cells]))
    assert (again.counts["unchanged"], again.counts["handed_in"], again.counts["rests"]) == (1, 0, 0)


FEW = {
    "namens": "Schoolbestuur Hier",
    "vraag in één zin": QUESTION["vraag in één zin"],
    "gebieden": "Soepele overgangen",
    "wat moet sterker worden": "in de omgeving",
}


def test_it_hands_in_a_draft_that_stays_as_it_is(people: People) -> None:
    question = waiting(people, "draft")
    row = bring(people.pact, people.representative, sheet([{}], like=FEW))
    assert (row.counts["changed"], row.sample[0]["columns"], row.sample[0]["hands_in"]) == (1, [], True)
    take_over(row, people.representative)
    question.refresh_from_db()
    assert question.state == "submitted"


@pytest.mark.parametrize("state", ["returned", "withdrawn"])
def test_it_lets_what_came_back_rest_when_nothing_changes(people: People, state: str) -> None:
    """Otherwise a list that was taken out and brought in again would ask once more what was taken back."""
    question = waiting(people, state)
    row = bring(people.pact, people.representative, sheet([{}], like=FEW))
    assert (row.counts["unchanged"], row.counts["rests"], row.counts["handed_in"]) == (1, 1, 0)
    take_over(row, people.representative)
    question.refresh_from_db()
    assert question.state == state


def test_it_refuses_when_a_question_was_sent_back_since(people: People) -> None:
    question = waiting(people, "submitted")
    row = bring(people.pact, people.representative, sheet([{}]))
    assert row.counts["handed_in"] == 0
    SupportQuestion.unscoped.update(state="returned", remark="Noem de leeftijd.")
    row = take_over(row, people.representative)
    assert row.state == State.REFUSED
    assert row.faults[0]["reason"].startswith("De gegevens in het portaal zijn veranderd")
    question.refresh_from_db()
    assert question.state == "returned"


# --- What the preview says -------------------------------------------------------------------------------------------


def test_it_tells_what_changes(people: People) -> None:
    make_question(people.pact, partnership=people.school, state="submitted", title="Wat was het?")
    cells = {"nummer": "V1", "namens": "Kinderopvang Hier"}
    row = bring(people.pact, people.coordinator, sheet([{"vraag in één zin": "Een nieuwe vraag?"}, cells]))
    changed, created = row.sample
    assert (changed["row"], changed["action"], changed["code"]) == (3, "changed", "V1")
    assert changed["columns"][:2] == ["namens", "vraag in één zin"]
    assert {"gebieden", "aantal jongeren"} <= set(changed["columns"])
    assert "nummer" not in changed["columns"]
    assert changed["before"] == [
        {"column": "namens", "text": "Schoolbestuur Hier"},
        {"column": "vraag in één zin", "text": "Wat was het?"},
    ]
    assert created == {"row": 2, "action": "created", "title": "Een nieuwe vraag?"}


def test_it_takes_equal_rows_of_others_and_no_other_ones(people: People) -> None:
    make_question(people.pact, partnership=people.childcare, state="submitted", title=FEW["vraag in één zin"])
    like = {**FEW, "namens": "Kinderopvang Hier"}
    assert bring(people.pact, people.representative, sheet([{}], like=like)).counts["unchanged"] == 1
    own = "2 namens: U kunt alleen rijen van uw eigen organisatie aanleveren."
    changes: list[dict[str, Any]] = [
        {"wat moet sterker worden": "in het gezin"},
        {"nummer": "V1", "namens": "Schoolbestuur Hier"},
        {"vraag in één zin": "Een nieuwe vraag?"},
    ]
    for change in changes:
        row = bring(people.pact, people.representative, sheet([change], like=like))
        assert (row.state, reasons(row)) == (State.REFUSED, [own])


# --- What does not fit -----------------------------------------------------------------------------------------------

BAD_CELLS: list[tuple[dict[str, Any], str]] = [
    ({"leeftijd vanaf": 24}, "2 leeftijd vanaf: Vul een hele leeftijd in, van 0 tot en met 23."),
    ({"leeftijd vanaf": -1}, "2 leeftijd vanaf: Vul een hele leeftijd in, van 0 tot en met 23."),
    ({"leeftijd vanaf": "tien"}, "2 leeftijd vanaf: Vul een hele leeftijd in, van 0 tot en met 23."),
    ({"leeftijd vanaf": Decimal("10.5")}, "2 leeftijd vanaf: Vul een hele leeftijd in, van 0 tot en met 23."),
    ({"leeftijd vanaf": 14}, "2 leeftijd tot en met: De leeftijden staan omgekeerd. Zet de laagste leeftijd eerst."),
    ({"leeftijd vanaf": date(2026, 9, 1)}, "2 leeftijd vanaf: Vul een hele leeftijd in, van 0 tot en met 23."),
    ({"vraag in één zin": None}, "2 vraag in één zin: Vul deze cel in."),
    ({"vraag in één zin": "a" * 201}, "2 vraag in één zin: Deze tekst is te lang: 201 tekens."),
    ({"toelichting": "a" * 20_001}, "2 toelichting: Deze tekst is te lang: 20001 tekens."),
    ({"toelichting": "<" * 19_000}, "2 toelichting: Deze tekst is te lang. Kort de tekst in."),
    ({"vraag in één zin": "Wat\x85nu"}, "2 vraag in één zin: Hier staan tekens die niet te zien zijn."),
    (
        {"gebieden": "Soepele overgang"},
        "2 gebieden: “Soepele overgang” kennen wij niet. Bedoelt u “Soepele overgangen”?",
    ),
    ({"gebieden": "Zzz"}, "2 gebieden: “Zzz” kennen wij niet."),
    ({"gebieden": " ; "}, "2 gebieden: Vul deze cel in."),
    ({"gemeenten": "Gemeente Elders"}, "2 gemeenten: “Gemeente Elders” kennen wij niet."),
    ({"gemeenten": "Schoolbestuur Hier"}, "2 gemeenten: “Schoolbestuur Hier” kennen wij niet."),
    (
        {"namens": "Schoolbestuur Heir"},
        "2 namens: “Schoolbestuur Heir” kennen wij niet. Bedoelt u “Schoolbestuur Hier”?",
    ),
    ({"namens": "Kinderopvang Hier"}, "2 namens: U kunt alleen rijen van uw eigen organisatie aanleveren."),
    ({"urgentie": "heel snel"}, "2 urgentie: “heel snel” kennen wij niet."),
    ({"aantal jongeren": 1_000_001}, "2 aantal jongeren: Vul een heel aantal in van hooguit een miljoen jongeren."),
    ({"aantal jongeren": "9" * 5000}, "2 aantal jongeren: Vul een heel aantal in van hooguit een miljoen jongeren."),
    ({"nummer": "V77"}, "2 nummer: V77 kennen wij niet. Laat het nummer leeg als dit nieuw is."),
    ({"nummer": "A1"}, "2 nummer: Dit is geen nummer. Vul een nummer in als V12"),
    ({"toelichting": "Over 111222333."}, "2 toelichting: Hier staat een burgerservicenummer."),
]


@pytest.mark.parametrize(("cells", "sentence"), BAD_CELLS)
def test_it_names_row_column_and_reason(people: People, cells: dict[str, Any], sentence: str) -> None:
    row = bring(people.pact, people.representative, sheet([cells]))
    assert row.state == State.REFUSED
    assert reasons(row)[0].startswith(sentence)
    assert (row.fault_count, row.file.name) == (1, "")


BAD_PROGRAMMES: list[tuple[dict[str, Any], str]] = [
    ({"lagen": "zorg"}, "2 lagen: “zorg” kennen wij niet."),
    ({"lagen": None}, "2 lagen: Vul deze cel in."),
    ({"loopt vanaf": "32-1-2026"}, "2 loopt vanaf: Vul een datum in als dag, maand en jaar"),
    ({"loopt vanaf": 46266}, "2 loopt vanaf: Vul een datum in als dag, maand en jaar"),
    ({"loopt vanaf": "1-9-26"}, "2 loopt vanaf: Vul een datum in als dag, maand en jaar"),
    ({"loopt tot en met": date(2020, 1, 1)}, "2 loopt tot en met: De einddatum mag niet voor de begindatum liggen."),
    ({"kosten per jaar": "veel"}, "2 kosten per jaar: Vul een bedrag in euro's in"),
    ({"kosten per jaar": -5}, "2 kosten per jaar: Het bedrag mag niet lager zijn dan 0 euro."),
    ({"kosten per jaar": Decimal("1.005")}, "2 kosten per jaar: Een bedrag heeft hooguit twee cijfers"),
    ({"kosten per jaar": 10**12}, "2 kosten per jaar: Dit bedrag is te groot."),
    ({"link": "javascript:alert(1)"}, "2 link: Dit is geen webadres."),
    ({"erkenning NJi": "bewezen"}, "2 erkenning NJi: “bewezen” kennen wij niet."),
]


@pytest.mark.parametrize(("cells", "sentence"), BAD_PROGRAMMES)
def test_it_names_what_is_wrong_with_a_programme(people: People, cells: dict[str, Any], sentence: str) -> None:
    row = bring(people.pact, people.representative, sheet([cells], like=PROGRAMME), kind="programmes")
    assert row.state == State.REFUSED
    assert reasons(row)[0].startswith(sentence)


def test_it_refuses_areas_of_another_pact(people: People) -> None:
    CollaborationArea.unscoped.create(pact=people.other_pact, position=9, name="Wonen")
    row = bring(people.pact, people.coordinator, sheet([{"gebieden": "Wonen"}]))
    assert reasons(row)[0].startswith("2 gebieden: “Wonen” kennen wij niet.")


def test_it_refuses_two_equal_rows(people: People) -> None:
    shouted = str(QUESTION["vraag in één zin"]).upper()
    row = bring(people.pact, people.representative, sheet([{}, {"vraag in één zin": shouted}]))
    assert reasons(row) == ["3 vraag in één zin: Deze rij staat ook in rij 2. Haal een van beide weg."]


def test_it_refuses_the_same_question_by_number_and_by_words(people: People) -> None:
    take_over(bring(people.pact, people.representative, sheet([{}])), people.representative)
    row = bring(people.pact, people.representative, sheet([{"nummer": 1}, {}]))
    assert reasons(row) == ["3 vraag in één zin: Deze rij staat ook in rij 2. Haal een van beide weg."]


def test_it_leaves_an_accepted_question(people: People) -> None:
    take_over(bring(people.pact, people.representative, sheet([{}])), people.representative)
    SupportQuestion.unscoped.update(state="accepted")
    assert bring(people.pact, people.representative, sheet([{}])).counts["unchanged"] == 1
    row = bring(people.pact, people.representative, sheet([{"urgentie": "kan wachten"}]))
    assert reasons(row) == [
        "2 vraag in één zin: Vraag V1 is aangenomen en kan niet meer worden gewijzigd. Haal deze rij weg."
    ]


def test_it_asks_which_of_several_is_meant(people: People) -> None:
    for _each in range(2):
        make_question(people.pact, partnership=people.school, state="submitted", title="Twee keer gevraagd?")
    row = bring(people.pact, people.representative, sheet([{"vraag in één zin": "Twee keer gevraagd?"}]))
    assert "(V1, V2)" in reasons(row)[0]


def test_it_does_not_tell_of_a_draft_of_another_organisation(people: People) -> None:
    make_question(people.pact, partnership=people.school, state="draft", title=QUESTION["vraag in één zin"])
    row = bring(people.pact, people.coordinator, sheet([{"nummer": 1}]))
    assert reasons(row)[0].startswith("2 nummer: V1 kennen wij niet.")
    assert bring(people.pact, people.coordinator, sheet([{}])).counts["created"] == 1


def test_it_counts_all_faults_and_tells_the_first_two_hundred(people: People) -> None:
    rows = [{"vraag in één zin": f"Vraag {number}?", "leeftijd vanaf": 99} for number in range(250)]
    row = bring(people.pact, people.representative, sheet(rows))
    assert (row.fault_count, len(row.faults), row.faults[199]["row"]) == (250, 200, 201)


def test_it_writes_nothing_for_a_fault_in_the_last_row(people: People) -> None:
    rows = [{"vraag in één zin": f"Vraag {number}?"} for number in range(20)]
    row = bring(people.pact, people.representative, sheet([*rows, {"urgentie": "nooit"}]))
    assert (row.state, row.fault_count) == (State.REFUSED, 1)
    with pytest.raises(ValidationError):
        workflow.confirm(row, by=people.representative)
    assert not SupportQuestion.unscoped.exists()


def test_it_writes_nothing_when_the_last_row_fails_in_writing(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    row = bring(people.pact, people.representative, sheet([{}, {"vraag in één zin": "De laatste?"}]))
    real = SupportQuestion.clean_fields

    def refuse(question: SupportQuestion, exclude: Any = None) -> None:
        real(question, exclude=exclude)
        if question.title == "De laatste?":
            raise ValidationError({"title": "Dit kan niet."})

    monkeypatch.setattr(SupportQuestion, "clean_fields", refuse)
    row = take_over(row, people.representative)
    assert (row.state, row.faults[0]["reason"]) == (State.REFUSED, "Dit kan niet.")
    assert not SupportQuestion.unscoped.exists()


def test_it_asks_to_look_at_personal_data(people: People) -> None:
    row = bring(people.pact, people.representative, sheet([{"toelichting": "Mail naar jan.jansen@voorbeeld.nl."}]))
    assert (row.state, row.counts["warnings"]) == (State.READY, 1)
    assert row.warnings[0]["row"] == 2
    assert "e-mailadres" in row.warnings[0]["reason"]
    assert "jansen" not in str(row.warnings)
    with pytest.raises(ValidationError, match="Kruis aan"):
        workflow.confirm(row, by=people.representative)
    assert take_over(row, people.representative).state == State.APPLIED


def test_it_takes_markup_as_words(people: People) -> None:
    cells = {"toelichting": "<script>alert(1)</script> & <b>vet</b>"}
    take_over(bring(people.pact, people.representative, sheet([cells])), people.representative)
    question = SupportQuestion.unscoped.get()
    assert question.description == "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;vet&lt;/b&gt;</p>"
    assert bring(people.pact, people.representative, sheet([cells])).counts["unchanged"] == 1


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 400])
@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("questions", "aantal jongeren"),
        ("questions", "nummer"),
        ("questions", "vraag in één zin"),
        ("programmes", "bereik per jaar"),
        ("programmes", "kosten per jaar"),
        ("programmes", "loopt vanaf"),
    ],
)
def test_it_refuses_a_number_that_is_none(people: People, kind: str, column: str, number: str) -> None:
    like = {**(QUESTION if kind == "questions" else PROGRAMME), column: 77.5}
    part = "xl/worksheets/sheet1.xml"
    content = replaced(workbook(list(like), list(like.values())), part, b"<v>77.5</v>", f"<v>{number}</v>".encode())
    row = bring(people.pact, people.coordinator, content, kind=kind)
    assert (row.state, row.attempts, row.fault_count) == (State.REFUSED, 1, 1)
    assert (row.faults[0]["row"], row.faults[0]["column"]) == (2, column)


@pytest.mark.parametrize("number", [Decimal("Infinity"), Decimal("-Infinity"), Decimal("NaN"), Decimal("sNaN")])
def test_it_takes_no_number_without_an_end(number: Decimal) -> None:
    with pytest.raises(ValidationError, match="Een aantal"):
        WholeCell(0, 10, "Een aantal.").clean(number)


BSN = "123456782"


@pytest.mark.parametrize(
    "cells",
    [
        {"namens": f"Jan de Vries {BSN}"},
        {"gebieden": f"Soepele overgangen; {BSN}"},
        {"gemeenten": f"Hier {BSN}"},
        {"nummer": BSN},
        {"overgang": f"bsn {BSN}"},
        {"aantal jongeren": int(BSN)},
        {"toelichting": f"Over {BSN}."},
        {f"leerling {BSN}": "x"},
    ],
)
def test_it_repeats_no_citizen_service_number(people: People, cells: dict[str, Any]) -> None:
    row = bring(people.pact, people.representative, sheet([cells]))
    assert row.state == State.REFUSED
    assert "Hier staat een burgerservicenummer." in reasons(row)[0]
    assert BSN not in str([row.faults, row.warnings, row.sample, row.filename, row.failure])


def test_it_repeats_no_citizen_service_number_of_a_fault_of_the_spreadsheet(people: People) -> None:
    content = workbook(list(QUESTION), list({**QUESTION, "aantal jongeren": 77.5}.values()))
    part = "xl/worksheets/sheet1.xml"
    inside = zipfile.ZipFile(io.BytesIO(content)).read(part)
    cell = re.search(rb'<c r="[A-Z]+2"( t="n")?><v>77.5</v>', inside)
    assert cell
    fault = re.sub(rb"<c (r=\S+?)( t=\"n\")?>", rb'<c \1 t="e">', cell[0]).replace(b"77.5", f"#{BSN}".encode())
    row = bring(people.pact, people.representative, replaced(content, part, cell[0], fault))
    assert (row.state, BSN in str(row.faults)) == (State.REFUSED, False)


@pytest.mark.parametrize("name", [f"leerling {BSN}.xlsx", f"{BSN}_v2.xlsx", f"{BSN}{'x' * 300}.xlsx"])
def test_it_keeps_no_file_name_with_a_citizen_service_number(people: People, name: str) -> None:
    row = bring(people.pact, people.representative, sheet([{}]), name=name)
    assert (row.state, row.filename) == (State.READY, "bestand.xlsx")


def test_it_takes_a_programme_that_began_long_ago(people: People) -> None:
    content = sheet([{"loopt vanaf": "1-9-1926"}], like=PROGRAMME)
    row = bring(people.pact, people.coordinator, content, kind="programmes")
    take_over(row, people.coordinator)
    assert Programme.unscoped.get().starts_on == date(1926, 9, 1)


# --- Columns ---------------------------------------------------------------------------------------------------------


def test_it_refuses_a_column_that_it_does_not_know(people: People) -> None:
    row = bring(people.pact, people.representative, sheet([{"urgentiee": "x", "opmerking": "y"}]))
    assert reasons(row) == [
        "1 urgentiee: Deze kolom kennen wij niet. Bedoelt u “urgentie”? Pas de naam aan.",
        "1 opmerking: Deze kolom kennen wij niet. Haal de kolom weg, of gebruik het voorbeeldbestand.",
    ]


def test_it_refuses_a_file_without_a_column_that_it_needs(people: People) -> None:
    like = {name: value for name, value in QUESTION.items() if name != "gebieden"}
    row = bring(people.pact, people.representative, sheet([{}], like=like))
    assert reasons(row)[0].startswith("1 gebieden: Deze kolom ontbreekt.")


def test_it_refuses_cells_under_no_heading(people: People) -> None:
    row = bring(people.pact, people.representative, sheet([{" ": "los"}]))
    assert reasons(row)[0].startswith("2 kolom 14: Boven deze cel staat geen kolomnaam.")


# --- Who -------------------------------------------------------------------------------------------------------------


def test_it_lets_a_coordinator_bring_rows_of_all(people: People) -> None:
    row = bring(people.pact, people.coordinator, sheet([{}, {"namens": "Kinderopvang Hier"}]))
    assert row.counts["created"] == 2


@pytest.mark.parametrize("who", ["reader", "advisor", "signatory", "stranger"])
def test_it_refuses_rows_of_who_may_not(people: People, who: str) -> None:
    row = bring(people.pact, getattr(people, who), sheet([{}]))
    assert (row.state, row.faults[0]["reason"][:30]) == (State.REFUSED, "U mag geen rijen meer aanlever")


def test_it_asks_again_who_may_when_it_takes_over(people: People) -> None:
    row = bring(people.pact, people.representative, sheet([{}]))
    Membership.unscoped.filter(user=people.representative).update(role="reader")
    row = take_over(row, people.representative)
    assert (row.state, SupportQuestion.unscoped.count()) == (State.REFUSED, 0)


# --- Between preview and taking over ---------------------------------------------------------------------------------


def test_it_refuses_when_the_register_changed_since(people: People) -> None:
    question = make_question(people.pact, partnership=people.school, state="submitted")
    row = bring(people.pact, people.representative, sheet([{"nummer": 1}]))
    SupportQuestion.unscoped.update(young_people=5)
    row = take_over(row, people.representative)
    assert (row.state, row.faults[0]["row"]) == (State.REFUSED, 0)
    assert row.faults[0]["reason"].startswith("De gegevens in het portaal zijn veranderd")
    before = question.title
    question.refresh_from_db()
    assert question.title == before


def test_it_would_overwrite_what_changed_without_its_basis(people: People) -> None:
    """The twin: with the basis of the changed register, the newer words of another are lost."""
    question = make_question(people.pact, partnership=people.school, state="submitted")
    row = bring(people.pact, people.representative, sheet([{"nummer": 1}]))
    SupportQuestion.unscoped.update(young_people=5)
    Import.unscoped.filter(pk=row.pk).update(
        basis=bring(people.pact, people.representative, sheet([{"nummer": 1}])).basis
    )
    assert take_over(row, people.representative).state == State.APPLIED
    question.refresh_from_db()
    assert question.young_people == QUESTION["aantal jongeren"]


def test_it_refuses_when_a_question_was_accepted_since(people: People) -> None:
    make_question(people.pact, partnership=people.school, state="submitted")
    row = bring(people.pact, people.representative, sheet([{"nummer": 1}]))
    SupportQuestion.unscoped.update(state="accepted")
    row = take_over(row, people.representative)
    assert reasons(row)[0].startswith("2 vraag in één zin: Vraag V1 is aangenomen")


def test_it_changes_nothing_when_another_brought_the_same_meanwhile(people: People) -> None:
    first, second = (bring(people.pact, people.representative, sheet([{}])) for _each in range(2))
    take_over(first, people.representative)
    second = take_over(second, people.representative)
    assert (second.state, second.counts["unchanged"]) == (State.APPLIED, 1)
    assert SupportQuestion.unscoped.count() == 1


def test_it_says_so_when_it_is_confirmed_twice(people: People, awake: list[int]) -> None:
    row = bring(people.pact, people.representative, sheet([{}]))
    workflow.confirm(row, by=people.representative)
    with pytest.raises(ValidationError, match="al overgenomen"):
        workflow.confirm(row, by=people.representative)
    running.work(row.pk)
    with pytest.raises(ValidationError, match="al overgenomen"):
        workflow.confirm(row, by=people.representative)
    assert not running.work(row.pk)
    assert SupportQuestion.unscoped.count() == 1


def test_it_lets_an_import_be_cancelled(people: People, django_capture_on_commit_callbacks: Any) -> None:
    row = bring(people.pact, people.representative, sheet([{}]))
    with django_capture_on_commit_callbacks(execute=True):
        workflow.cancel(row, by=people.representative)
    row.refresh_from_db()
    assert (row.state, row.file.name) == (State.CANCELLED, "")
    with pytest.raises(ValidationError, match="was al geannuleerd"):
        workflow.cancel(row, by=people.representative)
    with pytest.raises(ValidationError, match="Dit kan niet"):
        workflow.confirm(row, by=people.representative)


# --- Workers ---------------------------------------------------------------------------------------------------------


def uploaded(people: People, monkeypatch: pytest.MonkeyPatch, rows: int = 1) -> Import:
    """An import that no worker has looked at."""
    with monkeypatch.context() as patch:
        patch.setattr(running, "work", lambda import_id: False)
        return bring(
            people.pact, people.representative, sheet([{"vraag in één zin": f"Vraag {each}?"} for each in range(rows)])
        )


def test_it_wakes_a_worker(
    people: People, monkeypatch: pytest.MonkeyPatch, awake: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        row = uploaded(people, monkeypatch)
    assert awake == [row.pk]
    tasks.work(row.pk)
    row.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        workflow.confirm(row, by=people.representative)
    assert awake == [row.pk, row.pk]


def test_it_tells_how_far_it_is(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    row = uploaded(people, monkeypatch, rows=600)
    told: list[tuple[int, int]] = []
    real = running.look_through

    def look_through(resource: Any, content: bytes, *, sheet: str, progress: Any) -> Any:
        def both(done: int, total: int) -> None:
            progress(done, total)
            told.append(Import.unscoped.values_list("done", "total").get(pk=row.pk))

        return real(resource, content, sheet=sheet, progress=both)

    monkeypatch.setattr(running, "look_through", look_through)
    running.work(row.pk)
    assert told == [(0, 600), (250, 600), (500, 600), (600, 600)]


def test_it_goes_on_after_a_worker_was_killed(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    row = uploaded(people, monkeypatch, rows=600)

    class Killed(BaseException):
        """As when the system takes a process down."""

    with monkeypatch.context() as patch:
        patch.setattr(running, "_finish", lambda row, **values: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            running.work(row.pk)
    row.refresh_from_db()
    assert (row.state, row.done, row.attempts) == (State.WAITING, 600, 1)
    # Its lease still runs: nobody takes it from a worker that may be alive.
    assert not running.work(row.pk)
    assert running.sweep() == []
    with time_machine.travel(timezone.now() + running.LEASE + timedelta(seconds=1), tick=False):
        assert running.sweep() == [row.pk]
        assert running.work(row.pk)
    row.refresh_from_db()
    assert (row.state, row.counts["created"]) == (State.READY, 600)


def test_it_writes_nothing_when_killed_while_taking_over(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    row = bring(people.pact, people.representative, sheet([{}]))
    workflow.confirm(row, by=people.representative)

    class Killed(BaseException):
        """As when the system takes a process down."""

    with monkeypatch.context() as patch:
        patch.setattr(running, "_finish", lambda row, **values: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            running.work(row.pk)
    assert not SupportQuestion.unscoped.exists()
    with time_machine.travel(timezone.now() + running.LEASE + timedelta(seconds=1), tick=False):
        assert running.work(row.pk)
    assert SupportQuestion.unscoped.count() == 1


def test_it_leaves_an_import_that_was_cancelled_under_its_hands(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = uploaded(people, monkeypatch)
    real = running.look_through

    def cancelled(*args: Any, **how: Any) -> Any:
        workflow.cancel(Import.unscoped.get(pk=row.pk), by=people.representative)
        return real(*args, **how)

    monkeypatch.setattr(running, "look_through", cancelled)
    assert not running.work(row.pk)
    row.refresh_from_db()
    assert (row.state, row.counts) == (State.CANCELLED, {})


def test_it_would_bring_a_cancelled_import_back_without_asking(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: a worker that does not ask whether the file is still its own writes over what the reader chose."""
    row = uploaded(people, monkeypatch)
    real = running.look_through

    def cancelled(*args: Any, **how: Any) -> Any:
        workflow.cancel(Import.unscoped.get(pk=row.pk), by=people.representative)
        return real(*args, **how)

    monkeypatch.setattr(running, "look_through", cancelled)
    monkeypatch.setattr(running, "_mine", lambda row: Import.objects.across_pacts().filter(pk=row.pk))
    running.work(row.pk)
    row.refresh_from_db()
    assert row.state == State.READY


@pytest.mark.logs_errors
def test_it_gives_up_after_three_attempts(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    row = uploaded(people, monkeypatch)

    def broken(*args: Any, **how: Any) -> Any:
        raise RuntimeError("de schijf is weg")

    monkeypatch.setattr(running, "look_through", broken)
    now = timezone.now()
    for attempt in range(running.MOST_ATTEMPTS):
        with time_machine.travel(now + attempt * 2 * running.BETWEEN_ATTEMPTS, tick=False):
            assert not running.work(row.pk)
    with time_machine.travel(now + timedelta(minutes=10), tick=False):
        tasks.sweep()
    row.refresh_from_db()
    assert row.state == State.REFUSED
    assert row.failure.startswith("Het lezen van dit bestand is niet gelukt.")
    assert row.file.name == ""


def test_it_lets_go_of_files_after_a_week(people: People, tmp_path: Any) -> None:
    row = bring(people.pact, people.representative, sheet([{}]))
    assert list(tmp_path.rglob("*.xlsx"))
    with time_machine.travel(row.uploaded_at + timedelta(days=6), tick=False):
        running.sweep()
        assert list(tmp_path.rglob("*.xlsx"))
    with time_machine.travel(row.uploaded_at + timedelta(days=7, minutes=1), tick=False):
        running.sweep()
    row.refresh_from_db()
    assert (row.state, row.file.name) == (State.CANCELLED, "")
    assert not list(tmp_path.rglob("*.xlsx"))


def test_it_lets_go_of_what_was_said_of_a_file_after_a_week(people: People) -> None:
    refused = bring(people.pact, people.representative, sheet([{"urgentie": "nooit"}]))
    warned = bring(people.pact, people.representative, sheet([{"toelichting": "Mail naar info@voorbeeld.nl."}]))
    take_over(warned, people.representative)
    with time_machine.travel(refused.uploaded_at + timedelta(days=6), tick=False):
        running.sweep()
    refused.refresh_from_db()
    warned.refresh_from_db()
    assert refused.faults
    assert warned.warnings
    assert warned.sample
    with time_machine.travel(warned.uploaded_at + timedelta(days=7, minutes=1), tick=False):
        running.sweep()
    for row in (refused, warned):
        row.refresh_from_db()
        assert (row.faults, row.warnings, row.sample) == ([], [], [])
    assert (refused.state, refused.fault_count, warned.state) == (State.REFUSED, 1, State.APPLIED)


def test_it_says_that_a_programme_is_right_when_it_changes(people: People) -> None:
    long_ago = datetime(2024, 1, 2, tzinfo=timezone.get_current_timezone())
    programme = make_programme(people.pact, provider=people.school, confirmed_on=long_ago.date())
    content = sheet([{"nummer": 1}], like=PROGRAMME)
    take_over(bring(people.pact, people.representative, content, kind="programmes"), people.representative)
    programme.refresh_from_db()
    assert (programme.confirmed_on, programme.confirmed_by) == (timezone.localdate(), people.representative)


# --- The privacy guard, asked only where there may be something ------------------------------------------------------


@given(st.text(st.sampled_from("0123456789 .-/'@()[]atbsnNL\n²１éa＠﹫［（"), max_size=60))
@example("Geboren op 1 mei '12.")
@example("jan apenstaartje")
@example("info [at] voorbeeld.nl")
@example("info＠voorbeeld.nl")
@example("info﹫voorbeeld.nl")
@example("info ［at］ voorbeeld.nl")
@hypothesis_settings(max_examples=1000)
def test_it_asks_the_guard_whenever_that_finds_something(text: str) -> None:
    assert checking.NOISE.search(text) or not guard.find(text)


def test_it_asks_the_guard_for_every_sign_that_is_read_as_one_of_an_address() -> None:
    read_so = [chr(point) for point in range(0x80, 0x20000) if normalised(chr(point))[0] in ("@", "[", "(")]
    assert {"＠", "﹫", "［", "（"} <= set(read_so)
    assert [sign for sign in read_so if not checking.NOISE.search(sign)] == []


@pytest.mark.parametrize("kind", sorted({*privacy_sentences.TUNED, *privacy_sentences.HELD}))
def test_it_asks_the_guard_for_every_sentence_that_points_at_a_person(kind: str) -> None:
    sentences = [*privacy_sentences.TUNED.get(kind, ()), *privacy_sentences.HELD.get(kind, ())]
    assert [text for text in sentences if guard.find(text) and not checking.NOISE.search(text)] == []
