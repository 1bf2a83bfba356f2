"""Answers to one invitation at the same moment, with real connections: one of them counts."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from pact_portal.foundation.mail.models import OutgoingMail
from partners.models import Invitation, Membership, Partnership, RightsReview, User
from partners.organisations import workflow as organisations
from partners.people import workflow
from partners.permissions import Role
from tests.factories import make_member, make_pact, make_partner

AT_ONCE = 4

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each of several simultaneous calls gave: its result, or the ValidationError."""
    start = Barrier(len(acts))

    def call(act: Callable[[], Any]) -> Any:
        try:
            start.wait(10)
            return act()
        except ValidationError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(call, acts))


def refused(results: list[Any]) -> int:
    return sum(isinstance(result, ValidationError) for result in results)


@pytest.fixture
def school() -> Partnership:
    return make_partner(make_pact(), "School")


@pytest.fixture
def coordinator(school: Partnership) -> User:
    return make_member(school, Role.COORDINATOR)


@pytest.fixture
def invited(school: Partnership, coordinator: User) -> tuple[Invitation, str]:
    return workflow.invite(school, email="nieuw@hier.example", name="nieuw", role=Role.READER, by=coordinator)


def taken_part(school: Partnership) -> bool:
    return Membership.objects.in_pact(school.pact).filter(role=Role.READER).exists()


@pytest.mark.parametrize("_round", range(3))
def test_it_is_either_declined_or_accepted(school, invited, _round):
    _invitation, secret = invited
    results = at_once(
        [
            lambda: workflow.accept(secret, password=None),
            lambda: workflow.decline(secret, reason="nee"),
            lambda: workflow.accept(secret, password=None),
            lambda: workflow.decline(secret, reason="nee"),
        ]
    )
    assert refused(results) == AT_ONCE - 1
    invitation = Invitation.objects.in_pact(school.pact).get()
    assert (invitation.accepted_at is None) != (invitation.declined_at is None)
    assert taken_part(school) is (invitation.accepted_at is not None)
    declined = OutgoingMail.objects.filter(key__contains="-declined-").count()
    assert declined == (1 if invitation.declined_at else 0)


def test_it_is_both_without_the_lock_and_only_the_database_says_no(school, invited, monkeypatch):
    """The twin: both look before either writes; what stops the second is the constraint, with a fault of the server."""
    _invitation, secret = invited
    met = Barrier(2)

    def look_only(of_secret):
        found = workflow.find(of_secret)
        met.wait(10)
        return found

    monkeypatch.setattr(workflow, "_held", look_only)

    def act(answer):
        try:
            return answer()
        except IntegrityError as fault:
            return fault

    results = at_once(
        [
            lambda: act(lambda: workflow.accept(secret, password=None)),
            lambda: act(lambda: workflow.decline(secret, reason="nee")),
        ]
    )
    assert [isinstance(result, ValidationError | IntegrityError) for result in results] != [False, False]
    assert any(isinstance(result, IntegrityError) for result in results)


def test_it_is_sent_again_once(school, coordinator, invited):
    results = at_once([lambda: workflow.send_again(invited[0], by=coordinator, after=1)] * AT_ONCE)
    assert refused(results) == AT_ONCE - 1
    assert OutgoingMail.objects.count() == 2
    ((_again, secret),) = [result for result in results if not isinstance(result, ValidationError)]
    assert workflow.accept(secret, password=None)


def test_it_is_sent_four_times_when_nobody_says_what_they_saw(school, coordinator, invited):
    """The twin: with the number of this moment instead of that of the page, every press sends."""

    def press():
        while True:
            now = Invitation.objects.in_pact(school.pact).get().times_sent
            try:
                return workflow.send_again(invited[0], by=coordinator, after=now)
            except ValidationError:
                continue

    assert refused(at_once([press] * AT_ONCE)) == 0
    assert OutgoingMail.objects.count() == 1 + AT_ONCE


@pytest.mark.parametrize("_round", range(3))
def test_it_is_accepted_by_the_old_link_or_sent_again(school, coordinator, invited, _round):
    _invitation, secret = invited
    results = at_once(
        [
            lambda: workflow.accept(secret, password=None),
            lambda: workflow.send_again(invited[0], by=coordinator, after=1),
        ]
    )
    assert refused(results) == 1
    assert taken_part(school) is isinstance(results[0], User)


def test_it_makes_one_account_for_two_invitations_of_one_person(school, coordinator):
    secrets = [
        workflow.invite(partner, email="nieuw@hier.example", name="nieuw", role=Role.READER, by=coordinator)[1]
        for partner in [school, *(make_partner(school.pact) for _number in range(AT_ONCE - 1))]
    ]
    results = at_once([lambda secret=secret: workflow.accept(secret, password=None) for secret in secrets])
    assert refused(results) == AT_ONCE - 1
    assert User.objects.filter(email="nieuw@hier.example").count() == 1
    assert Membership.objects.in_pact(school.pact).filter(role=Role.READER).count() == 1


def test_it_is_invited_once(school, coordinator):
    invite = {"email": "nieuw@hier.example", "name": "nieuw", "role": Role.READER, "by": coordinator}
    results = at_once([lambda: workflow.invite(school, **invite)] * AT_ONCE)
    assert refused(results) == AT_ONCE - 1
    assert OutgoingMail.objects.count() == 1


def test_it_reviews_once_when_somebody_is_ended(school, coordinator):
    """Two who each end somebody: the second sees that the list has changed."""
    leaver = make_member(school, Role.READER)
    memberships = Membership.objects.in_pact(school.pact).current()
    kept = {membership.pk: membership.user_id != leaver.pk for membership in memberships}
    results = at_once([lambda: workflow.review_rights(school.pact, by=coordinator, kept=kept)] * AT_ONCE)
    assert refused(results) == AT_ONCE - 1
    assert RightsReview.objects.in_pact(school.pact).count() == 1


@pytest.mark.parametrize("_round", range(3))
def test_it_keeps_a_coordinator_when_one_ends_and_the_other_s_partner_leaves(school, coordinator, _round):
    other = make_partner(school.pact)
    make_member(other, Role.COORDINATOR)
    own = Membership.objects.in_pact(school.pact).select_related("partnership__pact").get(user=coordinator)
    results = at_once(
        [
            lambda: workflow.end(own, by=coordinator),
            lambda: organisations.leave(other, left_on=own.started_on.replace(year=2100), by=coordinator),
        ]
    )
    assert refused(results) == 1


@pytest.mark.parametrize("_round", range(3))
def test_it_lets_no_two_wait_for_each_other(school, coordinator, invited, _round):
    """Handing over writes the partnership under the pact's lock; accepting writes the trail under the partner's."""
    leaver = make_member(school)
    membership = Membership.objects.in_pact(school.pact).select_related("partnership__pact").get(user=leaver)
    organisations.update_partner(school, by=coordinator, contact=membership)
    results = at_once(
        [
            lambda: workflow.end(membership, by=coordinator),
            lambda: workflow.accept(invited[1], password=None),
            lambda: organisations.update_partner(school, by=coordinator, website="https://school.example"),
        ]
    )
    assert refused(results) == 0
    school.refresh_from_db()
    assert (school.contact, school.website) == (None, "https://school.example")
