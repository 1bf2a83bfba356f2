"""A query that names no pact is refused."""

import asyncio
import pickle

import pytest
from django.db import models, transaction
from django.template import Context, Template

from pact_portal.foundation.scoping import PactScoped, ScopedQuerySet, UnscopedQuery
from partners.models import CollaborationArea, Membership, Partnership
from tests.factories import make_pact, make_partner

pytestmark = pytest.mark.django_db

Area = CollaborationArea


@pytest.fixture
def pact():
    return make_pact()


@pytest.fixture
def other_pact():
    return make_pact()


@pytest.mark.parametrize(
    "ask",
    [
        list,
        bool,
        len,
        lambda rows: rows.count(),
        lambda rows: rows.exists(),
        lambda rows: rows.first(),
        lambda rows: rows.last(),
        lambda rows: rows[0],
        lambda rows: rows[0:2][0],
        lambda rows: rows.get(position=1),
        lambda rows: rows.get_or_create(position=1),
        lambda rows: rows.update_or_create(position=1),
        lambda rows: rows.earliest("position"),
        lambda rows: rows.in_bulk(),
        lambda rows: rows.contains(Area.unscoped.first()),
        lambda rows: rows.aggregate(models.Max("position")),
        lambda rows: rows.update(position=9),
        lambda rows: rows.bulk_update([Area.unscoped.first()], ["name"]),
        lambda rows: rows.delete(),
        lambda rows: list(rows.iterator()),
        lambda rows: list(rows.values("name")),
        lambda rows: list(rows.values_list("name", flat=True)),
        lambda rows: list(rows.filter(position=1).exclude(name="").order_by("name").distinct()),
        lambda rows: list(rows.select_for_update().annotate(again=models.F("name"))),
        lambda rows: list(rows.union(Area.unscoped.all())),
        lambda rows: list(rows | Area.unscoped.all()),
        repr,
        pickle.dumps,
    ],
)
def test_it_refuses_a_query_that_names_no_pact(pact, ask, django_assert_max_num_queries):
    with (
        django_assert_max_num_queries(6),  # savepoints, and at most one row that the test itself fetches
        pytest.raises(UnscopedQuery, match=r"CollaborationArea\.objects was asked"),
        transaction.atomic(),
    ):
        ask(Area.objects.all())
    assert Area.unscoped.filter(position__lt=9).count() == 2


def test_it_refuses_an_asynchronous_walk():
    async def walk():
        return [row async for row in Area.objects.all().aiterator()]

    with pytest.raises(UnscopedQuery):
        asyncio.run(walk())


def test_it_answers_with_the_rows_of_one_pact(pact, other_pact):
    rows = Area.objects.in_pact(pact)
    assert rows.count() == 2
    assert {row.pact_id for row in rows} == {pact.pk}
    assert {row.pact_id for row in rows.filter(position=1).order_by("name")[:5]} == {pact.pk}
    assert {row.pact_id for row in Area.objects.filter(position=1).in_pact(pact)} == {pact.pk}


def test_it_follows_the_path_that_a_model_names(pact, other_pact):
    assert Membership.PACT_PATH == "partnership__pact"
    make_partner(other_pact)
    assert not Membership.objects.in_pact(pact).exists()


def test_it_answers_for_all_pacts_when_asked_in_so_many_words(pact, other_pact):
    assert Area.objects.across_pacts().count() == 4


@pytest.mark.parametrize("join", [lambda a, b: a | b, lambda a, b: b | a, lambda a, b: a ^ b, lambda a, b: a.union(b)])
def test_it_lets_no_unnamed_query_ride_along(pact, other_pact, join):
    with pytest.raises(UnscopedQuery):
        list(join(Area.objects.in_pact(pact), Area.objects.all()))


@pytest.mark.parametrize("join", [lambda a, b: a | b, lambda a, b: a.union(b)])
def test_it_joins_queries_that_both_name_their_pact(pact, other_pact, join):
    assert len(join(Area.objects.in_pact(pact).order_by(), Area.objects.in_pact(other_pact).order_by())) == 4
    assert len(join(Area.objects.in_pact(pact).order_by(), Area.objects.none())) == 2


def test_it_takes_the_rows_that_are_in_both(pact, other_pact):
    assert not (Area.objects.in_pact(pact) & Area.objects.in_pact(other_pact)).exists()


def test_it_answers_nothing_to_none():
    assert list(Area.objects.none()) == []
    assert not Area.objects.none().exists()


def test_it_leaves_the_relations_of_a_row_alone(pact, other_pact):
    """They start from a row that was found already."""
    assert pact.areas.count() == 2
    assert {partnership.pact_id for partnership in [make_partner(pact)]} == {pact.pk}


def test_it_keeps_its_own_adjectives_scoped(pact):
    with pytest.raises(UnscopedQuery):
        list(Partnership.objects.current())
    assert list(Partnership.objects.in_pact(pact).current()) == []


def test_it_lets_no_template_change_rows(pact):
    rows = Area.objects.in_pact(pact)
    Template("{{ rows.delete }}{{ rows.update }}").render(Context({"rows": rows}))
    assert rows.all().count() == 2
    assert not hasattr(Area.objects, "delete")


def test_it_is_the_door_to_every_model_that_belongs_to_a_pact():
    def below(model):
        return {model, *(found for each in model.__subclasses__() for found in below(each))}

    scoped = [model for model in below(PactScoped) if not model._meta.abstract]
    assert len(scoped) > 15
    for model in scoped:
        assert isinstance(model.objects.all(), ScopedQuerySet), model
        assert model._default_manager.name == "unscoped", model
        # The path leads to a pact.
        final = model
        for step in model.PACT_PATH.split("__"):
            final = final._meta.get_field(step).related_model
        assert final._meta.label == "partners.Pact", model
