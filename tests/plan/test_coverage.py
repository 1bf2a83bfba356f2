"""The laws of coverage: no database, any questions and judgements."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plan.programmes.coverage import (
    Answer,
    Asked,
    Judgement,
    Offered,
    by_layer,
    by_phase,
    counts_until,
    gaps,
    looked_at,
)
from plan.questions.phases import PHASES, Ages

TODAY = date(2026, 11, 23)
LAYERS = ["amplitie", "preventie", "curatie"]
AREAS = [1, 2, 3]

ages = st.tuples(st.integers(0, 23), st.integers(0, 23)).map(lambda pair: Ages(min(pair), max(pair)))
questions = st.lists(
    st.builds(Asked, st.integers(1, 6), st.frozensets(st.sampled_from(AREAS), min_size=1), ages),
    unique_by=lambda question: question.key,
)
programmes = st.lists(
    st.builds(Offered, st.integers(1, 6), st.frozensets(st.sampled_from(LAYERS), min_size=1), ages),
    unique_by=lambda programme: programme.key,
)
judgements = st.lists(
    st.builds(
        Judgement,
        st.integers(1, 6),
        st.integers(1, 6),
        st.sampled_from([Answer.NONE, Answer.PARTLY, Answer.SUFFICIENT]),
        st.integers(-400, 400).map(lambda days: TODAY + timedelta(days=days)),
    ),
    unique_by=lambda judgement: (judgement.question, judgement.programme),
)


@given(questions, judgements)
def test_it_closes_a_gap_exactly_when_a_sufficient_unexpired_fit_exists(asked, judged):
    open_gaps = gaps(asked, judged, on=TODAY)
    for question in asked:
        answered = any(
            judgement.question == question.key
            and judgement.answer is Answer.SUFFICIENT
            and judgement.expires_on > TODAY
            for judgement in judged
        )
        assert (question.key in open_gaps) is not answered
    assert open_gaps == [question.key for question in asked if question.key in open_gaps]


@given(questions, programmes, judgements)
def test_it_takes_no_notice_of_expired_judgements(asked, offered, judged):
    fresh = [judgement for judgement in judged if judgement.expires_on > TODAY]
    for matrix, columns in ((by_layer, LAYERS), (by_phase, list(PHASES.values()))):
        assert matrix(AREAS, columns, asked, offered, judged, on=TODAY) == matrix(
            AREAS, columns, asked, offered, fresh, on=TODAY
        )


@given(questions, programmes, judgements)
def test_it_shows_the_best_answer_of_the_layer_and_counts_each_programme_once(asked, offered, judged):
    layers_of = {programme.key: programme.layers for programme in offered}
    for line in by_layer(AREAS, LAYERS, asked, offered, judged, on=TODAY):
        here = {question.key for question in asked if line.area in question.areas}
        for layer, cell in zip(LAYERS, line.cells, strict=True):
            counting = [
                judgement
                for judgement in judged
                if judgement.expires_on > TODAY
                and judgement.question in here
                and layer in layers_of.get(judgement.programme, ())
            ]
            assert cell.questions == len(here)
            assert cell.best == max((judgement.answer for judgement in counting), default=Answer.UNKNOWN)
            answering = {judgement.programme for judgement in counting if judgement.answer >= Answer.PARTLY}
            assert cell.programmes == len(answering)


@given(questions, programmes, judgements, st.data())
def test_it_never_shows_less_after_one_more_judgement(asked, offered, judged, data):
    fewer = judged[: data.draw(st.integers(0, len(judged)))]
    before = by_phase(AREAS, list(PHASES.values()), asked, offered, fewer, on=TODAY)
    after = by_phase(AREAS, list(PHASES.values()), asked, offered, judged, on=TODAY)
    for old, new in zip(before, after, strict=True):
        for old_cell, new_cell in zip(old.cells, new.cells, strict=True):
            assert old_cell.best <= new_cell.best
            assert old_cell.programmes <= new_cell.programmes


def test_it_puts_every_age_in_exactly_one_phase():
    for age in range(24):
        assert sum(phase.overlap(Ages(age, age)) for phase in PHASES.values()) == 1


def test_it_counts_a_judgement_no_longer_on_the_day_of_expiry():
    question = Asked(1, frozenset({1}), Ages(0, 23))
    assert gaps([question], [Judgement(1, 1, Answer.SUFFICIENT, TODAY)], on=TODAY) == [1]
    assert gaps([question], [Judgement(1, 1, Answer.SUFFICIENT, TODAY + timedelta(days=1))], on=TODAY) == []


@given(questions, programmes, judgements, st.none() | st.sampled_from([7, 8]), st.none() | ages)
def test_it_closes_a_gap_in_a_place_exactly_when_what_suffices_is_there_and_for_those_ages(
    asked, offered, judged, place, looked_at_ages
):
    there = [
        Offered(each.key, each.layers, each.ages, frozenset({7}) if each.key % 3 else frozenset()) for each in offered
    ]
    by_key = {each.key: each for each in there}
    open_gaps = gaps(asked, looked_at(judged, there, municipality=place, ages=looked_at_ages), on=TODAY)
    for question in asked:
        answered = any(
            judgement.question == question.key
            and judgement.answer is Answer.SUFFICIENT
            and judgement.expires_on > TODAY
            and judgement.programme in by_key
            and (place is None or by_key[judgement.programme].municipalities in (frozenset(), frozenset({place})))
            and (looked_at_ages is None or by_key[judgement.programme].ages.overlap(looked_at_ages))
            for judgement in judged
        )
        assert (question.key in open_gaps) is not answered


@given(
    st.integers(-400, 400).map(lambda days: TODAY + timedelta(days=days)),
    st.none() | st.integers(-400, 400).map(lambda days: TODAY + timedelta(days=days)),
)
def test_it_counts_a_judgement_until_it_expires_or_its_programme_has_ended(expires_on, ends_on):
    judgement = Judgement(1, 1, Answer.SUFFICIENT, counts_until(expires_on, ends_on))
    assert judgement.holds(TODAY) is (expires_on > TODAY and (ends_on is None or ends_on >= TODAY))
