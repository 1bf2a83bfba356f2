"""The yearly review of rights: everybody is looked at, who must go goes, and what was found is kept for good."""

from datetime import date

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pact_portal.foundation.audit.models import AuditRecord
from partners.models import Membership, RightsReview
from partners.people import workflow
from partners.people.review import findings_of, rights_review_due
from partners.permissions import Role
from tests.factories import make_member, make_partner


def address(people, *args):
    return reverse(
        "partners:rights_review_detail" if args else "partners:rights_review", args=[people.pact.slug, *args]
    )


def current(people):
    return Membership.objects.in_pact(people.pact).current()


def of(people, user):
    return Membership.objects.in_pact(people.pact).get(user=user)


def answers(people, *leavers, **fields):
    return {
        "seen": [membership.pk for membership in current(people)],
        "end": [of(people, user).pk for user in leavers],
        "confirmed": "1",
        **fields,
    }


def everybody(people, *leavers):
    gone = {of(people, user).pk for user in leavers}
    return {membership.pk: membership.pk not in gone for membership in current(people)}


def test_it_shows_everybody_with_role_last_sign_in_and_second_factor(people, client_for):
    people.reader.last_login = timezone.make_aware(timezone.datetime(2026, 3, 1, 12))
    people.reader.save()
    for number, kind in enumerate(("totp", "webauthn", "recovery_codes")):
        user = [people.reader, people.other, people.advisor][number]
        Authenticator.objects.create(user=user, type=kind, data={})
    text = client_for(people.coordinator).get(address(people)).content.decode()
    assert "1 maart 2026" in text
    assert "nog nooit" in text
    assert "coordinator@elders.example" not in text
    secured = {line.membership.user for line in findings_of(people.pact) if line.has_second_factor}
    # Recovery codes alone are no second factor.
    assert secured == {people.reader, people.other}


def test_it_asks_before_it_records_and_names_who_loses_a_role(people, client_for):
    client = client_for(people.coordinator)
    page = client.post(address(people), answers(people, people.reader, confirmed="")).content.decode()
    assert "lezer (lezer)" in page
    assert "Deze mensen verliezen vandaag deze rol" in page
    quiet = client.post(address(people), answers(people, confirmed="")).content.decode()
    assert "Iedereen houdt de eigen rol." in quiet
    assert not RightsReview.objects.in_pact(people.pact).exists()
    assert current(people).filter(user=people.reader).exists()


def test_it_records_the_review_and_ends_what_was_marked(people, client_for):
    answer = client_for(people.coordinator).post(
        address(people), answers(people, people.reader, note=" Besproken met de projectgroep. ")
    )
    review = RightsReview.objects.in_pact(people.pact).get()
    assert answer.url == address(people, review.pk)
    assert (review.reviewed_by, review.note) == (people.coordinator, "Besproken met de projectgroep.")
    found = {line["who"]: line for line in review.findings}
    assert len(found) == 6
    assert found["lezer"]["outcome"] == "ended"
    assert found["lezer"]["organisation"] == "Kinderopvang Hier"
    assert found["wethouder"] | {"membership": 0} == {
        "membership": 0,
        "who": "wethouder",
        "organisation": "Gemeente Hier",
        "role": "signatory",
        "last_login": None,
        "second_factor": False,
        "outcome": "kept",
    }
    assert not current(people).filter(user=people.reader).exists()
    assert current(people).count() == 5
    record = AuditRecord.objects.in_pact(people.pact).get(action="rights.reviewed")
    assert record.details == {"kept": 5, "ended": 1}


def test_it_shows_former_reviews_as_they_were(people, client_for):
    workflow.review_rights(people.pact, by=people.coordinator, kept=everybody(people, people.reader), note="Klopt zo.")
    review = RightsReview.objects.in_pact(people.pact).get()
    people.reader.name = "iemand anders"
    people.reader.save()
    client = client_for(people.coordinator)
    text = client.get(address(people, review.pk)).content.decode()
    assert "Klopt zo." in text
    assert "lezer" in text
    assert "beëindigd" in text
    assert "iemand anders" not in text
    assert address(people, review.pk) in client.get(address(people)).content.decode()


def test_it_is_due_when_nobody_looked_for_a_year(people):
    assert rights_review_due(people.pact)
    with time_machine.travel("2027-03-01T12:00:00+01:00", tick=False):
        workflow.review_rights(people.pact, by=people.coordinator, kept=everybody(people))
    for moment, is_due in (("2027-03-02", False), ("2028-02-28", False), ("2028-02-29T12:00:00", True)):
        with time_machine.travel(f"{moment}+01:00" if "T" in moment else f"{moment}T11:00:00+01:00", tick=False):
            assert rights_review_due(people.pact) is is_due
    assert rights_review_due(people.other_pact)


def test_it_says_on_the_pages_that_it_is_due(people, client_for):
    there = reverse("partners:people_list", args=[people.pact.slug])
    assert "Het is tijd om na te kijken wie wat mag." in client_for(people.coordinator).get(there).content.decode()
    assert "Het is tijd" not in client_for(people.reader).get(there).content.decode()
    workflow.review_rights(people.pact, by=people.coordinator, kept=everybody(people))
    assert "Het is tijd" not in client_for(people.coordinator).get(there).content.decode()


def test_it_refuses_to_end_the_last_coordinator_and_does_nothing_by_half(people, client_for):
    page = client_for(people.coordinator).post(address(people), answers(people, people.reader, people.coordinator))
    assert page.status_code == 200
    assert "laatste coördinator" in page.content.decode()
    assert not RightsReview.objects.in_pact(people.pact).exists()
    assert current(people).count() == 6
    # What was marked is marked still.
    marked = f'value="{of(people, people.reader).pk}" checked'
    assert marked in page.content.decode()


def test_it_refuses_both_coordinators_at_once(people):
    second = make_member(people.school, Role.COORDINATOR)
    with pytest.raises(ValidationError, match="laatste coördinator"):
        workflow.review_rights(people.pact, by=second, kept=everybody(people, people.coordinator, second))
    assert current(people).in_roles(Role.COORDINATOR).count() == 2


def test_it_leads_who_ends_the_own_role_to_the_own_pacts(people, client_for):
    make_member(people.school, Role.COORDINATOR)
    answer = client_for(people.coordinator).post(address(people), answers(people, people.coordinator))
    assert answer.url == "/"


def test_it_asks_anew_when_somebody_joined_or_left_since(people, client_for):
    client, stale = client_for(people.coordinator), answers(people)
    make_member(people.school, Role.READER)
    assert "intussen veranderd" in client.post(address(people), stale).content.decode()
    assert not RightsReview.objects.in_pact(people.pact).exists()
    with pytest.raises(ValidationError, match="intussen veranderd"):
        workflow.review_rights(people.pact, by=people.coordinator, kept={})
    seen = everybody(people)
    workflow.end(of(people, people.other), by=people.coordinator)
    with pytest.raises(ValidationError, match="intussen veranderd"):
        workflow.review_rights(people.pact, by=people.coordinator, kept=seen)


def test_it_ends_no_membership_of_another_pact(people, client_for):
    elsewhere = Membership.unscoped.get(user=people.stranger)
    for fields in ({"end": [elsewhere.pk]}, {"end": [elsewhere.pk], "seen": [elsewhere.pk]}):
        page = client_for(people.coordinator).post(address(people), answers(people) | fields)
        assert page.status_code == 200
        assert page.context["form"].errors
    with pytest.raises(ValidationError, match="intussen veranderd"):
        workflow.review_rights(people.pact, by=people.coordinator, kept=everybody(people) | {elsewhere.pk: False})
    elsewhere.refresh_from_db()
    assert elsewhere.ended_on is None


@pytest.mark.parametrize("fields", [{"end": "x"}, {"end": "\x00"}, {"seen": "9" * 40}, {"note": "x" * 2001}])
def test_it_refuses_strange_input_with_a_sentence(people, client_for, fields):
    page = client_for(people.coordinator).post(address(people), answers(people) | fields)
    assert page.status_code == 200
    assert page.context["form"].errors
    assert not RightsReview.objects.in_pact(people.pact).exists()


def test_it_has_the_database_refuse_to_change_or_remove_a_review(people):
    workflow.review_rights(people.pact, by=people.coordinator, kept=everybody(people))
    with pytest.raises(IntegrityError), transaction.atomic():
        RightsReview.unscoped.update(note="anders")
    with pytest.raises(IntegrityError), transaction.atomic():
        RightsReview.unscoped.all().delete()


def test_it_lets_only_a_coordinator_of_the_pact_review(people, client_for):
    workflow.review_rights(people.pact, by=people.coordinator, kept=everybody(people))
    review = RightsReview.objects.in_pact(people.pact).get()
    for path in (address(people), address(people, review.pk)):
        assert client_for(people.representative).get(path).status_code == 403
        assert client_for(people.stranger).get(path).status_code == 404
    elsewhere = reverse("partners:rights_review_detail", args=[people.other_pact.slug, review.pk])
    assert client_for(people.stranger).get(elsewhere).status_code == 404
    assert client_for(people.representative).post(address(people), answers(people)).status_code == 403
    assert client_for(people.stranger).post(address(people), answers(people)).status_code == 404


def test_it_asks_as_many_queries_for_fifty_members_as_for_one(people, client_for, django_assert_num_queries):
    client = client_for(people.coordinator)
    client.get(address(people))
    with CaptureQueriesContext(connection) as few:
        client.get(address(people))
    for _number in range(50):
        make_member(make_partner(people.pact, joined_on=date(2021, 1, 1)))
    with django_assert_num_queries(len(few)):
        client.get(address(people))
