"""The laws of counting questions: no database, any questions."""

from hypothesis import given
from hypothesis import strategies as st

from plan.questions.analysis import Question, Subject, count, most, total
from plan.questions.phases import PHASES, Ages

AREAS, PLACES = [1, 2, 3], [7, 8, 9]
SECTORS, LEVELS, SOURCES, URGENCIES = (
    ["po", "vo"],
    ["family", "surroundings"],
    ["conversation", "own_signal"],
    [1, 2, 3],
)
VALUES = {
    Subject.AREA: AREAS,
    Subject.SECTOR: SECTORS,
    Subject.MUNICIPALITY: PLACES,
    Subject.PHASE: list(PHASES),
    Subject.LEVEL: LEVELS,
    Subject.SOURCE: SOURCES,
    Subject.URGENCY: URGENCIES,
}
SINGLE = [Subject.SECTOR, Subject.LEVEL, Subject.SOURCE, Subject.URGENCY]

ages = st.tuples(st.integers(0, 23), st.integers(0, 23)).map(lambda pair: Ages(min(pair), max(pair)))
questions = st.lists(
    st.builds(
        Question,
        st.integers(1, 9),
        st.frozensets(st.sampled_from(AREAS), min_size=1),
        st.sampled_from(SECTORS),
        st.frozensets(st.sampled_from(PLACES)),
        ages,
        st.sampled_from(LEVELS),
        st.sampled_from(SOURCES),
        st.sampled_from(URGENCIES),
        st.integers(0, 500),
        st.frozensets(st.integers(1, 5), min_size=1),
    ),
    unique_by=lambda question: question.key,
)


@given(questions)
def test_it_counts_every_question_once_where_it_has_one_value(asked):
    for subject in SINGLE:
        counts = count(asked, subject, VALUES[subject])
        assert sum(each.questions for each in counts) == len(asked)
        assert sum(each.young_people for each in counts) == sum(question.young_people for question in asked)


@given(questions)
def test_it_counts_every_question_once_per_value_that_it_has(asked):
    def summed(subject):
        return sum(each.questions for each in count(asked, subject, VALUES[subject]))

    assert summed(Subject.AREA) == sum(len(question.areas) for question in asked)
    assert summed(Subject.MUNICIPALITY) == sum(len(question.municipalities) or len(PLACES) for question in asked)
    assert summed(Subject.PHASE) == sum(
        sum(1 for phase in PHASES.values() if phase.overlap(question.ages)) for question in asked
    )


@given(questions)
def test_it_agrees_with_the_total(asked):
    every = total(asked)
    assert every.questions == len(asked)
    assert every.partners == len({partner for question in asked for partner in question.partners})
    for subject, values in VALUES.items():
        counts = count(asked, subject, values)
        assert [each.value for each in counts] == values
        for each in counts:
            assert each.questions <= every.questions
            assert each.young_people <= every.young_people
            assert each.partners <= every.partners
            assert (each.questions == 0) == (each.partners == 0)
        assert bool(asked) == any(each.questions for each in counts)


@given(questions)
def test_it_names_all_that_have_the_most(asked):
    for subject, values in VALUES.items():
        counts = count(asked, subject, values)
        highest = max(each.questions for each in counts)
        assert most(counts) == ([each.value for each in counts if each.questions == highest] if asked else [])


def test_it_counts_a_question_of_the_whole_region_in_every_municipality():
    asked = [
        Question(1, frozenset({1}), "po", frozenset(), Ages(4, 12), "family", "conversation", 2, 10, frozenset({1})),
        Question(2, frozenset({1}), "po", frozenset({7}), Ages(4, 5), "family", "conversation", 2, 5, frozenset({1})),
    ]
    found = {
        each.value: (each.questions, each.young_people, each.partners)
        for each in count(asked, Subject.MUNICIPALITY, PLACES)
    }
    assert found == {7: (2, 15, 1), 8: (1, 10, 1), 9: (1, 10, 1)}


def test_it_counts_nothing_where_there_is_nothing():
    assert most(count([], Subject.AREA, AREAS)) == []
    assert total([]).questions == 0
