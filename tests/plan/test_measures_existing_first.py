"""Existing before new, as the pure rule and through the workflow."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from partners.models import Pact
from plan.measures import workflow
from plan.measures.existing_first import Judgement, Question, refusals_of_new
from plan.models import Fit, Measure, SupportQuestion
from plan.programmes.workflow import judge_fit
from tests.factories import make_pact, make_partner, make_programme, make_question, make_user

TODAY, LATER = date(2026, 11, 23), date(2027, 11, 23)


def judged(programme: str = "A1 Jongerenwerk", *, sufficient: bool = False, expires_on: date = LATER) -> Judgement:
    return Judgement(programme, sufficient, expires_on)


def refusal(*judgements: Judgement) -> str:
    """What is said about a question with these judgements; "" when nothing is."""
    return " ".join(refusals_of_new([Question("V3 Overstap", judgements)], on=TODAY))


def test_it_lets_a_new_measure_pass_when_everything_was_assessed_and_nothing_suffices() -> None:
    assert refusal(judged(), judged("A2 Coach")) == ""


def test_it_says_which_question_to_assess_first() -> None:
    assert refusal().startswith("Beoordeel eerst of bestaand aanbod aansluit bij vraag “V3 Overstap”")


def test_it_names_every_programme_that_suffices() -> None:
    said = refusal(judged(), judged("A2 Coach", sufficient=True), judged("A3 Training", sufficient=True))
    assert "“V3 Overstap”" in said
    assert "A2 Coach en A3 Training" in said
    assert "A1" not in said


@pytest.mark.parametrize("sufficient", [True, False])
def test_it_counts_an_expired_judgement_as_unknown_whatever_it_said(sufficient: bool) -> None:
    said = refusal(judged(sufficient=sufficient, expires_on=TODAY))
    assert "opnieuw" in said
    assert "A1 Jongerenwerk" in said


def test_it_counts_a_judgement_until_the_day_before_it_expires() -> None:
    assert refusal(judged(expires_on=TODAY + timedelta(days=1))) == ""


def test_it_lets_one_valid_judgement_stand_beside_an_expired_one() -> None:
    assert refusal(judged(), judged("A2 Coach", sufficient=True, expires_on=TODAY)) == ""


def test_it_says_one_sentence_for_each_question_that_hinders() -> None:
    questions = [Question("V1", (judged(),)), Question("V2"), Question("V3", (judged(sufficient=True),))]
    said = refusals_of_new(questions, on=TODAY)
    assert ["V2" in said[0], "V3" in said[1], len(said)] == [True, True, 2]


judgements = st.lists(st.builds(judged, sufficient=st.booleans(), expires_on=st.dates(TODAY, LATER)), max_size=6)


@given(st.lists(judgements, max_size=4))
def test_it_passes_exactly_when_every_question_is_assessed(per_question: list[list[Judgement]]) -> None:
    questions = [Question(f"V{number}", tuple(found)) for number, found in enumerate(per_question)]
    assert (refusals_of_new(questions, on=TODAY) == []) == all(question.is_assessed(TODAY) for question in questions)


@given(judgements)
def test_it_is_never_made_easier_by_a_programme_that_suffices(found: list[Judgement]) -> None:
    assert refusals_of_new([Question("V1", (*found, judged(sufficient=True)))], on=TODAY)


@pytest.fixture
def pact(db: None) -> Pact:
    return make_pact()


def propose(pact: Pact, questions: list[SupportQuestion], **changes: Any) -> Measure:
    return workflow.propose(
        pact,
        **{
            "lead": pact.partnerships.first() or make_partner(pact),
            "by": make_user(),
            "areas": [pact.areas.first()],
            "questions": questions,
            "title": "Een coach op elke school",
            "kind": Measure.Kind.START,
            "line": Measure.Line.DEVELOP,
            "reason_not_broaden": "Het aanbod bereikt deze scholen niet.",
            "starts_on": date(2026, 1, 1),
            "ends_on": date(2027, 12, 31),
            "goal": "<p>Iedere jongere kent een coach.</p>",
            "budget": 25_000,
            "remains_after": "De scholen nemen de coach over.",
            **changes,
        },
    )


def test_it_refuses_a_new_measure_for_a_question_that_nobody_assessed(pact: Pact) -> None:
    question = make_question(pact)
    with pytest.raises(ValidationError) as refused:
        propose(pact, [question])
    assert question.title in refused.value.message_dict["kind"][0]
    assert not Measure.objects.in_pact(pact).exists()


def test_it_refuses_a_new_measure_where_a_programme_suffices_and_names_it(pact: Pact) -> None:
    question, programme = make_question(pact), make_programme(pact, name="Jeugdcoach Noord")
    judge_fit(
        question, programme, level=Fit.Level.SUFFICIENT, reason="Het werkt.", evidence="Evaluatie.", by=make_user()
    )
    with pytest.raises(ValidationError, match="Jeugdcoach Noord"):
        propose(pact, [question])


def test_it_takes_a_new_measure_once_the_programmes_were_assessed(pact: Pact) -> None:
    question, programme = make_question(pact), make_programme(pact)
    judge_fit(
        question, programme, level=Fit.Level.PARTLY, reason="Alleen in de stad.", evidence="Evaluatie.", by=make_user()
    )
    measure = propose(pact, [question])
    assert (measure.code, measure.state) == ("M1", Measure.State.PROPOSED)
    assert list(measure.questions.all()) == [question]


def test_it_forgets_a_judgement_that_expired(pact: Pact) -> None:
    question, programme = make_question(pact), make_programme(pact)
    fit = judge_fit(
        question, programme, level=Fit.Level.PARTLY, reason="Alleen in de stad.", evidence="Evaluatie.", by=make_user()
    )
    today = timezone.localdate()
    Fit.unscoped.filter(pk=fit.pk).update(judged_on=today - timedelta(days=365), expires_on=today)
    with pytest.raises(ValidationError, match="Beoordeel eerst opnieuw"):
        propose(pact, [question])


def test_it_asks_of_a_new_measure_why_broadening_will_not_do(pact: Pact) -> None:
    question, programme = make_question(pact), make_programme(pact)
    judge_fit(question, programme, level=Fit.Level.NONE, reason="Past niet.", evidence="Gesprek.", by=make_user())
    with pytest.raises(ValidationError, match="waarom volstaat verbreden"):
        propose(pact, [question], reason_not_broaden="   ")


@pytest.mark.parametrize("kind", [Measure.Kind.CONTINUE, Measure.Kind.BROADEN])
def test_it_asks_of_a_continued_or_broadened_measure_what_it_builds_on(pact: Pact, kind: str) -> None:
    question = make_question(pact)
    with pytest.raises(ValidationError) as refused:
        propose(pact, [question], kind=kind)
    assert list(refused.value.message_dict) == ["programmes"]
    assert propose(pact, [question], kind=kind, programmes=[make_programme(pact)]).kind == kind
