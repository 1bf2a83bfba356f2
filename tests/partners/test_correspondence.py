"""To whom a mail for a partner goes: members, else contact person, organisation, coordinator."""

from datetime import date

import pytest
import time_machine

from partners.models import Membership
from partners.people.correspondence import Via, addressees_of, fallbacks_of
from partners.permissions import Role
from tests.factories import make_member, make_partner


def membership_of(people, user):
    return Membership.objects.in_pact(people.pact).get(user=user)


def found(partnership, *roles):
    return [(each.email, each.via) for each in addressees_of(partnership, roles=roles)]


def test_it_writes_to_the_members_with_the_role_and_to_no_other(people):
    make_member(people.school, Role.REPRESENTATIVE, "tweede@hier.example", name="adjunct")
    assert found(people.school, Role.REPRESENTATIVE) == [
        ("tweede@hier.example", Via.MEMBER),
        ("school@hier.example", Via.MEMBER),
    ]


def test_it_writes_once_to_who_holds_two_roles(people):
    Membership.unscoped.create(user=people.representative, partnership=people.school, role=Role.SIGNATORY)
    assert found(people.school, Role.REPRESENTATIVE, Role.SIGNATORY) == [("school@hier.example", Via.MEMBER)]


def test_it_falls_back_from_contact_to_organisation_to_coordinator(people):
    people.school.contact, people.school.contact_email = membership_of(people, people.advisor), "info@hier.example"
    assert found(people.school, Role.SIGNATORY) == [("klankbord@hier.example", Via.CONTACT)]
    people.school.contact = None
    assert found(people.school, Role.SIGNATORY) == [("info@hier.example", Via.ORGANISATION)]
    assert addressees_of(people.school)[0].name == "Schoolbestuur Hier"
    people.school.contact_email = ""
    assert found(people.school, Role.SIGNATORY) == [("coordinator@hier.example", Via.COORDINATOR)]


def test_it_begins_with_the_contact_when_no_role_is_asked_for(people):
    people.school.contact = membership_of(people, people.advisor)
    assert found(people.school) == [("klankbord@hier.example", Via.CONTACT)]


def test_it_passes_over_whoever_has_left(people):
    Membership.unscoped.filter(user=people.representative).update(ended_on=date(2026, 1, 1))
    people.school.contact, people.school.contact_email = (
        membership_of(people, people.representative),
        "info@hier.example",
    )
    assert found(people.school, Role.REPRESENTATIVE) == [("info@hier.example", Via.ORGANISATION)]


def test_it_passes_over_closed_accounts_and_a_contact_of_another_organisation(people):
    people.representative.is_active = False
    people.representative.save()
    people.school.contact = membership_of(people, people.other)
    assert found(people.school, Role.REPRESENTATIVE) == [("coordinator@hier.example", Via.COORDINATOR)]


def test_it_knows_a_member_until_the_day_of_leaving(people):
    people.school.left_on = date(2027, 3, 1)
    people.school.save()
    with time_machine.travel("2027-02-28T12:00:00+01:00", tick=False):
        assert found(people.school, Role.REPRESENTATIVE) == [("school@hier.example", Via.MEMBER)]
    with time_machine.travel("2027-03-01T12:00:00+01:00", tick=False):
        assert found(people.school, Role.REPRESENTATIVE) == [("coordinator@hier.example", Via.COORDINATOR)]


def test_it_writes_to_nobody_of_another_pact(people):
    second = make_partner(people.other_pact)
    assert found(second, Role.SIGNATORY) == [("coordinator@elders.example", Via.COORDINATOR)]


def test_it_has_nobody_when_nobody_is_left(people):
    Membership.unscoped.update(ended_on=date(2026, 1, 1))
    assert found(people.school, Role.REPRESENTATIVE) == []


@pytest.mark.parametrize("apart_from", [[], ["INFO@hier.example"]])
def test_it_gives_the_fallbacks_in_order_and_each_once(people, apart_from):
    people.municipality.contact = membership_of(people, people.coordinator)
    people.municipality.contact_email = "info@hier.example"
    order = fallbacks_of(people.municipality, apart_from=apart_from)
    assert order == ["coordinator@hier.example", "info@hier.example"][: 2 - len(apart_from)]
