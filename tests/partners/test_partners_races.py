"""Several people at the same moment, with real connections: nothing happens twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from partners.models import Membership, PactSection, PactVersion, Partnership, User
from partners.organisations import workflow as organisations
from partners.pact import workflow as pacts
from partners.people import workflow as workflow_of_people
from partners.permissions import Role
from tests.factories import make_member, make_pact, make_partner

AT_ONCE = 4

pytestmark = pytest.mark.django_db(transaction=True)


def all_at_once(act: Callable[[], Any]) -> list[Any]:
    """What each of several simultaneous calls gave: its result, or the ValidationError."""
    start = Barrier(AT_ONCE)

    def call(_number: int) -> Any:
        try:
            start.wait(10)
            return act()
        except ValidationError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(call, range(AT_ONCE)))


def refused(results: list[Any]) -> int:
    return sum(isinstance(result, ValidationError) for result in results)


@pytest.fixture
def school() -> Partnership:
    return make_partner(make_pact(), "School")


@pytest.fixture
def coordinator(school: Partnership) -> User:
    return make_member(school, Role.COORDINATOR)


def test_it_accepts_an_invitation_once(school, coordinator):
    _invitation, secret = workflow_of_people.invite(
        school, email="nieuw@hier.example", name="nieuw", role=Role.READER, by=coordinator
    )
    results = all_at_once(lambda: workflow_of_people.accept(secret, password=None))
    assert refused(results) == AT_ONCE - 1
    assert User.objects.filter(email="nieuw@hier.example").count() == 1
    assert Membership.objects.in_pact(school.pact).filter(role=Role.READER).count() == 1


def test_it_freezes_once_what_several_press_at_once(school, coordinator):
    pacts.add_section(school.pact, title="Aanleiding", body="<p>Tekst</p>", by=coordinator)
    results = all_at_once(lambda: pacts.freeze(school.pact, by=coordinator, after=0))
    assert refused(results) == AT_ONCE - 1
    assert PactVersion.objects.in_pact(school.pact).count() == 1


def test_it_adds_an_organisation_once(school):
    results = all_at_once(
        lambda: organisations.add_partner(
            school.pact, name="Gemeente", sector="gemeente", kind="signatory", joined_on="2024-01-01", by=None
        )
    )
    assert refused(results) == AT_ONCE - 1
    assert Partnership.objects.in_pact(school.pact).filter(organisation__name="Gemeente").count() == 1


def test_it_keeps_one_coordinator_when_all_are_ended_at_once(school, coordinator):
    make_member(school, Role.COORDINATOR)
    memberships = list(Membership.objects.in_pact(school.pact).select_related("partnership__pact"))
    turn = iter(memberships * AT_ONCE)
    all_at_once(lambda: workflow_of_people.end(next(turn), by=coordinator))
    assert Membership.objects.in_pact(school.pact).current().in_roles(Role.COORDINATOR).count() == 1


def test_it_keeps_a_proper_order_when_several_move_sections_at_once(school, coordinator):
    sections = [
        pacts.add_section(school.pact, title=f"Onderdeel {number}", body="", by=coordinator) for number in range(4)
    ]
    turn = iter(sections * AT_ONCE)
    results = all_at_once(lambda: pacts.move_section(next(turn), up=False, by=coordinator))
    assert refused(results) == 0
    rows = PactSection.objects.in_pact(school.pact).in_text()
    assert [row.position for row in rows] == [1, 2, 3, 4]
    assert {row.pk for row in rows} == {section.pk for section in sections}


def test_it_removes_and_moves_at_once_without_a_gap_or_a_double(school, coordinator):
    sections = [
        pacts.add_section(school.pact, title=f"Onderdeel {number}", body="", by=coordinator) for number in range(4)
    ]
    acts = iter(
        [
            lambda: pacts.remove_section(sections[1], by=coordinator),
            lambda: pacts.move_section(sections[1], up=True, by=coordinator),
            lambda: pacts.move_section(sections[2], up=True, by=coordinator),
            lambda: pacts.put_back_section(sections[1], by=coordinator),
        ]
    )

    def act():
        next(acts)()

    all_at_once(act)
    positions = [row.position for row in PactSection.objects.in_pact(school.pact).in_text()]
    assert positions == sorted(set(positions))
    assert len(positions) >= len(sections) - 1
