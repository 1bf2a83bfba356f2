"""When somebody leaves: what stands on the membership moves to a successor, and history stays with who made it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.mail.models import OutgoingMail
from partners.models import Membership, Partnership
from partners.people import handover, workflow
from partners.permissions import Role
from tests.factories import make_measure, make_member, make_partner, make_question


def address(name, people, *args):
    return reverse(f"partners:{name}", args=[people.pact.slug, *args])


def membership_of(people, user):
    return Membership.objects.in_pact(people.pact).select_related("partnership__pact", "user").get(user=user)


def contact_of(people):
    return Partnership.objects.in_pact(people.pact).get(pk=people.school.pk).contact


@pytest.fixture
def leaver(people):
    """The representative of the school, who is its contact person."""
    membership = membership_of(people, people.representative)
    Partnership.objects.in_pact(people.pact).filter(pk=people.school.pk).update(contact=membership)
    return membership_of(people, people.representative)


@pytest.fixture
def kind(monkeypatch):
    """A kind of a slice above: notes what it was asked."""
    asked = []
    monkeypatch.setattr(handover, "_kinds", dict(handover._kinds))
    handover.register(
        "lists", lambda membership: ["een takenlijst"], lambda *asked_for: asked.append(asked_for) or len(asked)
    )
    return asked


def test_it_asks_who_takes_over_and_shows_what_moves(people, client_for, leaver, kind):
    text = client_for(people.coordinator).get(address("membership_end", people, leaver.pk)).content.decode()
    assert "contactpersoon van Schoolbestuur Hier" in text
    assert "een takenlijst" in text
    assert "lid klankbordgroep (adviseur)" in text
    assert "niemand, dit blijft open" in text
    # Only who takes part for the same organisation, and not the leaver.
    form = text.split('name="successor"', 1)[1]
    assert "bestuurder opvang" not in form
    assert "bestuurder school" not in form


def test_it_does_not_ask_when_nothing_moves(people, client_for):
    make_member(people.childcare, Role.REPRESENTATIVE)
    membership = membership_of(people, people.other)
    text = client_for(people.coordinator).get(address("membership_end", people, membership.pk)).content.decode()
    assert "Er is verder niets dat iemand anders moet overnemen." in text
    assert "Niemand anders heeft de rol" not in text
    assert 'name="successor"' not in text


def test_it_says_that_nobody_else_has_the_role_and_lets_it_go_over(people, client_for):
    """Tasks go by role: whoever gets the role gets the tasks."""
    membership, heir = membership_of(people, people.other), membership_of(people, people.reader)
    there = address("membership_end", people, membership.pk)
    client = client_for(people.coordinator)
    assert "Niemand anders heeft de rol ‘vertegenwoordiger’" in client.get(there).content.decode()
    client.post(there, {"confirmed": "1", "successor": heir.pk, "with_role": "on"})
    given = Membership.objects.in_pact(people.pact).current().get(user=people.reader, role=Role.REPRESENTATIVE)
    assert given.partnership == people.childcare
    mail = OutgoingMail.objects.get(recipient="lezer@hier.example")
    assert "U bent vanaf vandaag ook vertegenwoordiger namens Kinderopvang Hier" in mail.text
    assert mail.fallbacks == ["coordinator@hier.example"]


def test_it_gives_no_role_unasked_nor_twice(people):
    heir = membership_of(people, people.reader)
    workflow.end(membership_of(people, people.other), by=people.coordinator, successor=heir)
    assert Membership.objects.in_pact(people.pact).current().filter(user=people.reader).count() == 1
    second = make_member(people.childcare, Role.READER)
    workflow.end(membership_of(people, second), by=people.coordinator, successor=heir, with_role=True)
    assert Membership.objects.in_pact(people.pact).current().filter(user=people.reader).count() == 1
    assert not OutgoingMail.objects.exists()


def test_it_asks_who_gets_the_role(people, client_for):
    membership = membership_of(people, people.other)
    page = client_for(people.coordinator).post(
        address("membership_end", people, membership.pk), {"confirmed": "1", "with_role": "on"}
    )
    assert "Kies wie de rol krijgt, of haal het vinkje weg." in page.content.decode()
    assert Membership.objects.in_pact(people.pact).current().filter(pk=membership.pk).exists()


def test_it_lets_the_last_coordinator_go_who_hands_over_the_role(people):
    last, heir = membership_of(people, people.coordinator), membership_of(people, people.signatory)
    workflow.end(last, by=people.coordinator, successor=heir, with_role=True)
    (coordinator,) = Membership.objects.in_pact(people.pact).current().in_roles(Role.COORDINATOR)
    assert coordinator.user == people.signatory


def test_it_moves_what_there_is_to_the_successor(people, client_for, leaver, kind):
    heir = membership_of(people, people.advisor)
    answer = client_for(people.coordinator).post(
        address("membership_end", people, leaver.pk), {"confirmed": "1", "successor": heir.pk}
    )
    assert answer.url == address("people_list", people)
    assert contact_of(people) == heir
    ((moved, to, by),) = kind
    assert (moved.pk, to, by) == (leaver.pk, heir, people.coordinator)
    record = AuditRecord.objects.in_pact(people.pact).get(action="membership.handed_over")
    assert record.details == {"moved": {"contact": 1, "lists": 1}, "to": heir.pk}


def test_it_lets_go_when_nobody_takes_over(people, client_for, leaver, kind):
    client_for(people.coordinator).post(address("membership_end", people, leaver.pk), {"confirmed": "1"})
    assert contact_of(people) is None
    assert kind[0][1] is None
    assert not Membership.objects.in_pact(people.pact).current().filter(pk=leaver.pk).exists()


def test_it_leaves_history_with_who_made_it(people, leaver):
    question = make_question(people.pact, partnership=people.school, created_by=people.representative)
    measure = make_measure(people.pact, lead=people.school, proposed_by=people.representative)
    workflow.end(leaver, by=people.coordinator, successor=membership_of(people, people.advisor))
    question.refresh_from_db()
    measure.refresh_from_db()
    assert (question.created_by, measure.proposed_by) == (people.representative, people.representative)


@pytest.mark.parametrize("who", ["other", "stranger", "representative"])
def test_it_refuses_a_successor_who_is_not_somebody_else_of_the_partner(people, client_for, leaver, who):
    wrong = Membership.unscoped.get(user=getattr(people, who))
    page = client_for(people.coordinator).post(
        address("membership_end", people, leaver.pk), {"confirmed": "1", "successor": wrong.pk}
    )
    assert page.status_code == 200
    assert "Kies iemand anders die nu meedoet namens dezelfde organisatie." in page.content.decode()
    # Past the form as well.
    with pytest.raises(ValidationError, match="Kies iemand anders"):
        workflow.end(leaver, by=people.coordinator, successor=wrong)
    assert contact_of(people) == leaver


@pytest.mark.parametrize("typed", ["x", "9" * 40, "\x00", "-1"])
def test_it_refuses_strange_successors_with_a_sentence(people, client_for, leaver, typed):
    page = client_for(people.coordinator).post(
        address("membership_end", people, leaver.pk), {"confirmed": "1", "successor": typed}
    )
    assert page.status_code == 200
    assert contact_of(people) == leaver


def test_it_refuses_a_successor_who_left_meanwhile_and_the_same_person_in_another_role(people, leaver):
    second = Membership.unscoped.create(
        user=people.representative, partnership=people.school, role=Role.SIGNATORY, started_on="2024-01-01"
    )
    gone = workflow.end(membership_of(people, people.advisor), by=people.coordinator)
    for wrong in (second, gone):
        with pytest.raises(ValidationError, match="Kies iemand anders"):
            workflow.end(leaver, by=people.coordinator, successor=wrong)


def test_it_moves_nothing_when_the_membership_cannot_end(people, client_for):
    """The last coordinator, who is the contact person: nothing of it is done by half."""
    last = membership_of(people, people.coordinator)
    Partnership.objects.in_pact(people.pact).filter(pk=people.municipality.pk).update(contact=last)
    page = client_for(people.coordinator).post(
        address("membership_end", people, last.pk),
        {"confirmed": "1", "successor": membership_of(people, people.signatory).pk},
    )
    assert "laatste coördinator" in page.content.decode()
    assert Partnership.objects.in_pact(people.pact).get(pk=people.municipality.pk).contact == last


def test_it_ends_nothing_when_a_kind_cannot_move(people, leaver, monkeypatch):
    def cannot(*_asked):
        raise ValidationError("Dit kan niet.")

    monkeypatch.setattr(handover, "_kinds", dict(handover._kinds))
    handover.register("stuck", lambda membership: [], cannot)
    with pytest.raises(ValidationError, match=r"Dit kan niet\."):
        workflow.end(leaver, by=people.coordinator)
    assert contact_of(people) == leaver
    assert Membership.objects.in_pact(people.pact).current().filter(pk=leaver.pk).exists()


def test_it_counts_no_coordinator_who_is_about_to_leave(people):
    second = make_member(people.school, Role.COORDINATOR)
    Partnership.objects.in_pact(people.pact).filter(pk=people.school.pk).update(left_on="2100-01-01")
    with pytest.raises(ValidationError, match="laatste coördinator"):
        workflow.end(membership_of(people, people.coordinator), by=second)


def test_it_says_that_a_membership_has_ended_already(people, client_for):
    membership = workflow.end(membership_of(people, people.other), by=people.coordinator)
    client = client_for(people.coordinator)
    for answer in (
        client.get(address("membership_end", people, membership.pk), follow=True),
        client.post(address("membership_end", people, membership.pk), {"confirmed": "1"}, follow=True),
    ):
        assert "Dit lidmaatschap is al beëindigd." in answer.content.decode()


def test_it_lets_only_a_coordinator_of_the_pact_end_a_membership(people, client_for, leaver):
    here = address("membership_end", people, leaver.pk)
    there = reverse("partners:membership_end", args=[people.other_pact.slug, leaver.pk])
    for client, path, status in (
        (client_for(people.advisor), here, 403),
        (client_for(people.stranger), here, 404),
        (client_for(people.stranger), there, 404),
    ):
        assert client.get(path).status_code == status
        assert client.post(path, {"confirmed": "1"}).status_code == status
    assert Membership.objects.in_pact(people.pact).current().filter(pk=leaver.pk).exists()


# --- Who has left everywhere ---


def test_it_leaves_who_has_no_role_any_more_an_account_without_pacts(people, client_for):
    client = client_for(people.other)
    assert client.get(address("people_list", people)).status_code == 200
    workflow.end(membership_of(people, people.other), by=people.coordinator)
    assert client.get(address("people_list", people)).status_code == 404
    assert client.get("/").status_code == 200
    page = client.get(reverse("partners:own_memberships")).content.decode()
    assert "U hebt nu geen rol in een pact" in page
    # What was, is still told, without a way in.
    assert "Kinderopvang Hier" in page
    assert address("organisation_detail", people, people.childcare.pk) not in page


# --- Several roles ---


def test_it_shows_every_own_role_in_every_pact_and_nobody_else_s(people, client_for):
    second = make_partner(people.other_pact, "School Elders")
    Membership.unscoped.create(user=people.representative, partnership=second, role=Role.READER)
    Membership.unscoped.create(user=people.representative, partnership=people.school, role=Role.SIGNATORY)
    text = client_for(people.representative).get(reverse("partners:own_memberships")).content.decode()
    for shown in ("Pact Hier", "Pact Elders", "School Elders", "vertegenwoordiger", "ondertekenaar", "lezer"):
        assert shown in text
    assert people.pact.get_absolute_url() in text
    assert address("organisation_detail", people, people.school.pk) in text
    assert "Kinderopvang Hier" not in text
    assert Client().get(reverse("partners:own_memberships")).status_code == 302


def test_it_asks_as_many_queries_for_ten_roles_as_for_one(people, client_for, django_assert_num_queries):
    client, there = client_for(people.other), reverse("partners:own_memberships")
    client.get(there)
    with CaptureQueriesContext(connection) as few:
        client.get(there)
    for _number in range(10):
        Membership.unscoped.create(user=people.other, partnership=make_partner(people.pact), role=Role.READER)
    with django_assert_num_queries(len(few)):
        client.get(there)
