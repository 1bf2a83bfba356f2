"""What is planned for many questions at once, and what looks alike among thousands: pure, no database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.questions.curation import MOST, Act, Done, Unreadable, marks_of, number_of, numbers_of, plan_of, sentences_of
from plan.questions.models import SupportQuestion
from plan.questions.nearest import nearest
from plan.questions.similarity import rank

State = SupportQuestion.State
MARK = "0123456789abcdef" * 2


def question(number, state=State.SUBMITTED, into=None):
    return SupportQuestion(pk=number, number=number, title=f"Vraag {number}", state=state, merged_into=into)


@pytest.mark.parametrize("act", [Act.ACCEPT, Act.RETURN])
def test_it_judges_only_what_was_handed_in(act):
    planned = plan_of(act, [question(number, state) for number, state in enumerate(State, 1)])
    assert [row.question.state for row in planned if not row.refusal] == [State.SUBMITTED]
    assert all(row.question.code in row.refusal for row in planned if row.refusal)


def test_it_merges_what_can_and_says_of_the_rest_why_not():
    target = question(9)
    rows = [
        question(1),
        question(2, State.ACCEPTED),
        question(3, State.RETURNED),
        target,
        question(4, State.MERGED, target),
    ]
    refusals = [row.refusal for row in plan_of(Act.MERGE, rows, into=target)]
    assert not refusals[0]
    assert "Neem eerst vraag V9 aan" in refusals[1]
    assert "V3 is teruggestuurd" in refusals[2]
    assert "niet in zichzelf" in refusals[3]
    assert "V4 is samengevoegd" in refusals[4]


def test_it_needs_a_target_to_merge():
    with pytest.raises(ValueError, match="target"):
        plan_of(Act.MERGE, [question(1)])


@given(st.lists(st.integers(1, 999_999_999), min_size=1, max_size=MOST, unique=True))
def test_it_reads_what_it_wrote(numbers):
    assert numbers_of([str(number) for number in numbers]) == sorted(numbers)
    assert marks_of([f"{number}:{MARK}" for number in numbers]) == dict.fromkeys(numbers, MARK)


JUNK = ["", "0", "-1", "1.5", "een", "१", "1" * 10, "1" * 5000, "\x00", "1 OR 1=1", "3:", f":{MARK}", f"3:{MARK}x"]


@pytest.mark.parametrize("text", JUNK, ids=range(len(JUNK)))
def test_it_says_that_it_does_not_know_junk(text):
    for read in (numbers_of, marks_of):
        with pytest.raises(Unreadable, match="kennen wij niet"):
            read([text])


@given(st.lists(st.text(), min_size=1))
def test_it_reads_or_refuses_whatever_is_posted(texts):
    for read in (numbers_of, marks_of):
        try:
            found = read(texts)
        except Unreadable:
            continue
        assert all(number > 0 for number in found)


def test_it_says_when_nothing_or_too_much_was_chosen():
    with pytest.raises(Unreadable, match="nog geen vraag gekozen"):
        numbers_of([])
    with pytest.raises(Unreadable, match="100 vragen tegelijk"):
        numbers_of([str(number) for number in range(1, MOST + 2)])
    with pytest.raises(Unreadable, match="nog geen vraag gekozen"):
        marks_of([])
    assert len(numbers_of([str(number) for number in range(1, MOST + 1)])) == MOST


@pytest.mark.parametrize(
    ("text", "number"),
    [("V12", 12), ("v12", 12), (" v 12 ", 12), ("12", 12), ("A12", None), ("V", None), ("", None), ("V12V", None)],
)
def test_it_knows_a_question_by_its_code(text, number):
    assert number_of(text) == number


def test_it_names_what_was_done_and_what_was_passed_over():
    done = Done(Act.ACCEPT, done=["V1"], changed=["V3", "V7"], refused=["Dat kan niet."])
    assert sentences_of(done) == [
        ("success", "1 vraag is aangenomen."),
        ("warning", "2 zijn intussen al beoordeeld of gewijzigd, en overgeslagen: V3, V7."),
        ("warning", "Dat kan niet."),
    ]
    assert [sentences_of(Done(act, done=["V1", "V2"]))[0][1] for act in Act] == [
        "2 vragen zijn aangenomen.",
        "2 vragen zijn teruggestuurd.",
        "2 vragen zijn samengevoegd.",
    ]


TITLES = {
    1: "Hoe maken wij de overgang naar de brugklas makkelijker?",
    2: "Wie begeleidt de schoolovergang naar de brugklas?",
    3: "Meer bewegen in de klas",
    4: "Wat doen wij aan thuiszitters?",
}


def test_it_finds_the_one_that_looks_most_alike_and_never_itself():
    found = {key: match.key for key, match in nearest(TITLES, TITLES).items()}
    assert found == {1: 2, 2: 1}


def test_it_offers_only_the_candidates():
    assert nearest([1], TITLES, candidates=[3, 4]) == {}


WORDS = ["brugklas", "overgang", "thuiszitters", "ouders", "eenzaamheid", "motoriek", "examen", "faalangst", "rouw"]


@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join), min_size=2, max_size=12))
def test_it_finds_the_same_as_comparing_with_every_title(titles):
    by_key = dict(enumerate(titles))
    quick = nearest(by_key, by_key)
    for key, title in by_key.items():
        careful = rank(title, [(other, text) for other, text in by_key.items() if other != key], most=1)
        assert [match.score for match in careful] == ([quick[key].score] if key in quick else [])
