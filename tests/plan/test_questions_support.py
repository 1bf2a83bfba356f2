"""Who stands behind a question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from plan.questions.models import Endorsement, SupportQuestion
from plan.questions.support import number_of_supporters, support_counts, supporters_of
from tests.factories import make_member, make_pact, make_partner, make_question

State = SupportQuestion.State


def endorse(question, partnership, by, note=""):
    return Endorsement.unscoped.create(question=question, partnership=partnership, endorsed_by=by, note=note)


def merge(question, root):
    question.state, question.merged_into = State.MERGED, root
    question.save()


def sorted_counts(pact):
    rows = SupportQuestion.objects.in_pact(pact).annotate(support=number_of_supporters())
    return dict(rows.values_list("pk", "support"))


def test_it_names_the_submitter_first_and_each_partner_once(people, django_assert_max_num_queries):
    root = make_question(people.pact, partnership=people.school)
    other = make_question(people.pact, partnership=people.childcare)
    endorse(other, people.school, people.representative)
    endorse(root, people.municipality, people.signatory, "Bij ons ook.")
    endorse(root, people.childcare, people.other)
    merge(other, root)
    with django_assert_max_num_queries(3):
        found = [(each.partnership, each.question, each.note, each.is_submitter) for each in supporters_of(root)]
    assert found[0] == (people.school, root, "", True)
    assert sorted(found[1:], key=lambda each: each[0].pk) == [
        (people.municipality, root, "Bij ons ook.", False),
        (people.childcare, other, "", True),
    ]
    assert [each.partnership for each in supporters_of(other)] == [each.partnership for each in supporters_of(root)]
    with django_assert_max_num_queries(2):
        assert support_counts([root, other]) == {root.pk: 3, other.pk: 2}
    assert sorted_counts(people.pact)[root.pk] == 3


def test_it_counts_nothing_of_another_question(people):
    one, two = make_question(people.pact, partnership=people.school), make_question(people.pact)
    endorse(two, people.childcare, people.other)
    assert support_counts([one]) == {one.pk: 1}
    assert support_counts([]) == {}
    assert [each.partnership for each in supporters_of(one)] == [people.school]


class SupportLaws(TestCase):
    @given(
        submitters=st.lists(st.integers(0, 3), min_size=1, max_size=5),
        given_at=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=8, unique=True),
        merged=st.sets(st.integers(1, 4)),
    )
    def test_it_counts_the_same_in_each_of_three_ways(self, submitters, given_at, merged):
        pact = make_pact()
        partners = [make_partner(pact) for _ in range(4)]
        user = make_member(partners[0])
        questions = [make_question(pact, partnership=partners[each], created_by=user) for each in submitters]
        for question, partner in given_at:
            if question < len(questions):
                endorse(questions[question], partners[partner], user)
        for place in merged:
            if place < len(questions):
                merge(questions[place], questions[0])
        counts, by_database = support_counts(questions), sorted_counts(pact)
        for question in questions:
            if question.merged_into_id is None:
                assert counts[question.pk] == by_database[question.pk] == len(supporters_of(question))


@pytest.mark.django_db
def test_it_asks_two_queries_for_any_number_of_questions(people, django_assert_max_num_queries):
    questions = [make_question(people.pact) for _ in range(20)]
    with django_assert_max_num_queries(2):
        assert set(support_counts(questions).values()) == {1}
