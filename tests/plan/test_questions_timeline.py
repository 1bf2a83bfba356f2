"""What became of a question and what comes next, told without a database."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from plan.questions.models import QuestionNews, SupportQuestion
from plan.questions.timeline import next_step, timeline_of

State = SupportQuestion.State
Kind = QuestionNews.Kind


def at(day):
    return datetime(2026, 1, day, 12, tzinfo=UTC)


def question(state, **fields):
    values = {"pk": 1, "number": 1, "created_at": at(1), "submitted_at": at(2), "curated_at": at(3), **fields}
    return SupportQuestion(state=state, **values)


def news(kind, day, of=None, **details):
    return QuestionNews(kind=kind, happened_at=at(day), question=of or question(State.ACCEPTED), details=details)


def told(*args):
    steps = timeline_of(*args)
    return [step.text for step in steps if step.is_done], [step.text for step in steps if not step.is_done]


def test_it_expects_everything_of_a_draft():
    done, expected = told(question(State.DRAFT, submitted_at=None), [], [], [])
    assert done == ["Opgeschreven"]
    assert expected[0] == "Ingediend bij de coördinator"
    assert len(expected) == 6


def test_it_tells_what_happened_in_order_and_expects_the_rest():
    rows = [news(Kind.ACCEPTED, 3), news(Kind.MEASURE, 9, code="M1", title="Maatje")]
    fits = [SimpleNamespace(judged_on=date(2026, 1, 5))]
    done, expected = told(question(State.ACCEPTED), rows, fits, [SimpleNamespace(code="M1")])
    assert done[2:4] == ["Aangenomen voor het plan.", "Vergeleken met 1 bestaand aanbod"]
    assert "M1" in done[4]
    assert len(done) == 5
    assert expected == ["Besluit over de maatregel", "Nagegaan of het heeft geholpen"]


def test_it_tells_what_came_before_there_was_news():
    done, _expected = told(question(State.ACCEPTED), [], [], [SimpleNamespace(code="M4")])
    assert done[2:] == ["Aangenomen voor het plan.", "Beantwoord met M4"]
    steps = timeline_of(question(State.RETURNED, remark="Noem de leeftijd."), [], [], [])
    assert [step.remark for step in steps if step.remark] == ["Noem de leeftijd."]


def test_it_expects_nothing_of_what_was_taken_back():
    done, expected = told(question(State.WITHDRAWN, withdrawn_at=at(8)), [], [], [])
    assert done[-1] == "Ingetrokken door de indiener"
    assert expected == []


def test_it_tells_at_the_root_what_became_of_a_merged_one_but_not_that_it_was_merged():
    child = SupportQuestion(pk=2, number=12, state=State.MERGED, merged_into_id=1)
    rows = [news(Kind.MATCHED, 4, child, code="A1", name="Maatje", level="partly"), news(Kind.MERGED, 5, child)]
    done, _expected = told(question(State.ACCEPTED), rows, [], [])
    assert "V12: Aanbod A1, “Maatje”, sluit deels aan." in done
    assert not any("amengevoegd" in text for text in done)


def test_it_tells_at_a_merged_one_what_became_of_the_root():
    root = question(State.ACCEPTED)
    child = SupportQuestion(pk=2, number=12, state=State.MERGED, merged_into_id=1, created_at=at(1))
    done, _expected = told(child, [news(Kind.MERGED, 2, child, code="V1"), news(Kind.ACCEPTED, 3, root)], [], [])
    assert done[-1] == "V1: Aangenomen voor het plan."


@pytest.mark.parametrize("state", list(State))
def test_it_says_what_is_waited_for(state):
    closed = (State.MERGED, State.WITHDRAWN)
    assert bool(next_step(question(state))) is (state not in closed)


def test_it_waits_for_what_comes_after_the_last_news():
    accepted = question(State.ACCEPTED)
    sentences = [
        next_step(accepted),
        next_step(accepted, news(Kind.MEASURE, 4)),
        next_step(accepted, news(Kind.DECIDED, 5, outcome="approved")),
        next_step(accepted, news(Kind.EVALUATED, 6)),
    ]
    assert len(set(sentences)) == 4
    assert next_step(accepted, news(Kind.DECIDED, 5, outcome="rejected")) == sentences[0]
