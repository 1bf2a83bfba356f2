"""The tick: opening, inviting, closing, reporting."""

import threading
from collections import Counter
from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from evaluations.models import Evaluation, Participation
from evaluations.series import tasks, workflow
from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.mail.models import OutgoingMail
from partners.models import Membership, Partnership
from partners.permissions import Role
from tests.factories import make_member, make_pact, make_partner

pytestmark = pytest.mark.django_db


def states(series):
    return list(series.evaluations.values_list("state", flat=True))


def test_it_does_nothing_before_the_day(series):
    workflow.move_on(on=date(2027, 2, 28))
    assert states(series) == ["scheduled"] * 3
    assert not OutgoingMail.objects.exists()


def test_it_opens_what_is_due_and_asks_who_takes_part(series, people):
    with time_machine.travel("2027-03-01T08:00:00+01:00", tick=False):
        tasks.tick()
        opened = series.evaluations.first()
        assert opened.opened_at == timezone.now()
    assert states(series) == ["open", "scheduled", "scheduled"]
    assert opened.closes_on == date(2027, 3, 28)
    assert {each.partnership for each in opened.participations.all()} == {
        people.municipality,
        people.school,
        people.childcare,
    }
    assert AuditRecord.objects.in_pact(people.pact).get(action="evaluation.opened").details == {"invited": 3}


def test_it_follows_the_clock_of_the_netherlands(series):
    with time_machine.travel("2027-02-28T23:30:00+00:00", tick=False):
        tasks.tick()
    assert states(series)[0] == "open"


def test_it_invites_every_member_who_may_answer_once(series, people):
    workflow.move_on(on=date(2027, 3, 1))
    mails = {mail.recipient: mail for mail in OutgoingMail.objects.all()}
    assert set(mails) == {
        people.coordinator.email,
        people.signatory.email,
        people.representative.email,
        people.advisor.email,
        people.other.email,
    }
    assert len(mails) == OutgoingMail.objects.count()
    mail = mails[people.representative.email]
    address = f"http://testserver/hier/evaluations/{series.evaluations.first().pk}/"
    assert mail.pact == people.pact
    assert "28 maart 2027" in mail.subject
    for content in (mail.text, mail.html):
        assert "Schoolbestuur Hier" in content
        assert "28 maart 2027" in content
        assert address in content
        assert "nog niemand" not in content


def test_it_sends_one_mail_to_somebody_with_two_roles(series, people):
    Membership.unscoped.create(
        user=people.representative, partnership=people.school, role=Role.SIGNATORY, started_on=date(2021, 1, 1)
    )
    workflow.move_on(on=date(2027, 3, 1))
    assert OutgoingMail.objects.filter(recipient=people.representative.email).count() == 1


def test_it_asks_the_contact_address_where_nobody_can_answer(people, series_fields):
    silent = make_partner(people.pact, "Stille partner", contact_email="info@stil.example")
    make_member(silent, Role.READER)
    workflow.plan_series(people.pact, **{**series_fields, "participants": [silent]})
    workflow.move_on(on=date(2027, 3, 1))
    mail = OutgoingMail.objects.get()
    assert mail.recipient == "info@stil.example"
    assert "kan nog niemand in het portaal antwoorden" in mail.text
    assert "kan nog niemand in het portaal antwoorden" in mail.html


def test_it_asks_the_coordinator_where_a_partner_has_no_address(people, series_fields):
    silent = make_partner(people.pact, "Stille partner")
    workflow.plan_series(people.pact, **{**series_fields, "participants": [silent]})
    workflow.move_on(on=date(2027, 3, 1))
    mail = OutgoingMail.objects.get()
    assert mail.recipient == people.coordinator.email
    assert "Stille partner" in mail.text


def test_it_leaves_out_a_partner_that_has_left_or_is_yet_to_come(series, people):
    Partnership.unscoped.filter(pk=people.school.pk).update(left_on=date(2027, 3, 1))
    Partnership.unscoped.filter(pk=people.childcare.pk).update(joined_on=date(2027, 3, 2))
    workflow.move_on(on=date(2027, 3, 1))
    asked = series.evaluations.first().participations.all()
    assert [each.partnership for each in asked] == [people.municipality]


def test_it_mails_nobody_of_another_pact(series, people):
    workflow.move_on(on=date(2027, 3, 1))
    assert not OutgoingMail.objects.filter(recipient=people.stranger.email).exists()


def test_it_doubles_nothing_when_it_runs_again(series):
    for _turn in range(3):
        workflow.move_on(on=date(2027, 3, 2))
    assert Participation.unscoped.count() == 3
    assert OutgoingMail.objects.count() == 5
    assert AuditRecord.unscoped.filter(action="evaluation.opened").count() == 1


def test_it_stays_open_on_its_last_day_and_is_reported_on_the_next(series):
    workflow.move_on(on=date(2027, 3, 1))
    workflow.move_on(on=date(2027, 3, 28))
    assert states(series)[0] == "open"
    workflow.move_on(on=date(2027, 3, 29))
    assert states(series)[0] == "reported"
    first = series.evaluations.first()
    assert timezone.localtime(first.opened_at).date() == date(2027, 3, 1)
    assert timezone.localtime(first.closed_at).date() == date(2027, 3, 29)
    actions = AuditRecord.unscoped.filter(subject_kind="evaluations.evaluation").order_by("id")
    assert list(actions.values_list("action", flat=True)) == [
        "evaluation.opened",
        "evaluation.closed",
        "evaluation.reported",
    ]


def test_it_gives_people_their_full_time_when_it_opens_late(series):
    workflow.move_on(on=date(2027, 5, 10))
    first = series.evaluations.first()
    assert (first.state, first.closes_on) == ("open", date(2027, 6, 6))
    assert "6 juni 2027" in OutgoingMail.objects.first().text


def test_it_opens_what_was_missed_one_after_the_other(series):
    """After a long standstill nobody gets the same form three times on one day, and no evaluation is skipped."""
    today = date(2028, 4, 1)
    workflow.move_on(on=today)
    assert states(series) == ["open", "scheduled", "scheduled"]
    workflow.move_on(on=today + timedelta(days=28))
    assert states(series) == ["reported", "open", "scheduled"]
    workflow.move_on(on=today + timedelta(days=56))
    workflow.move_on(on=today + timedelta(days=84))
    assert states(series) == ["reported"] * 3
    assert Participation.unscoped.count() == 9
    assert OutgoingMail.objects.count() == 15


def test_it_reports_what_a_crash_left_closed(series):
    workflow.move_on(on=date(2027, 3, 1))
    series.evaluations.filter(state="open").update(state="closed", closed_at=timezone.now())
    workflow.move_on(on=date(2027, 3, 2))
    assert states(series)[0] == "reported"


def test_it_is_refused_by_the_database_to_open_two_of_one_series(series):
    first, second, _third = series.evaluations.all()
    now = timezone.now()
    Evaluation.unscoped.filter(pk=first.pk).update(state="open", opened_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.unscoped.filter(pk=second.pk).update(state="open", opened_at=now)


def test_it_gives_the_others_their_turn_when_one_series_fails(series, people, series_fields, monkeypatch):
    other_partner = people.other_pact.partnerships.get()
    elsewhere = workflow.plan_series(
        people.other_pact, **{**series_fields, "by": people.stranger, "participants": [other_partner]}
    )
    invite = workflow.invitations.invite

    def fail_here(evaluation, participations):
        if evaluation.series_id == series.pk:
            raise RuntimeError("the first series cannot be mailed")
        invite(evaluation, participations)

    monkeypatch.setattr(workflow.invitations, "invite", fail_here)
    with pytest.raises(ExceptionGroup) as faults:
        workflow.move_on(on=date(2027, 3, 1))
    assert [str(fault) for fault in faults.value.exceptions] == ["the first series cannot be mailed"]
    assert states(elsewhere)[0] == "open"
    # The one that failed is as it was, and has its turn at the next tick.
    assert states(series)[0] == "scheduled"
    assert not series.evaluations.first().participations.exists()
    monkeypatch.undo()
    workflow.move_on(on=date(2027, 3, 1))
    assert states(series)[0] == "open"


@pytest.mark.parametrize("partners", [1, 50])
def test_it_looks_with_one_query_when_nothing_is_due(series_fields, partners, django_assert_num_queries):
    pact = make_pact()
    participants = [make_partner(pact) for _number in range(partners)]
    workflow.plan_series(pact, **{**series_fields, "participants": participants})
    with django_assert_num_queries(1):
        workflow.move_on(on=date(2027, 2, 1))


def all_at_once(workers, work):
    """Run `work` in so many threads with a connection each, from the same moment. The faults that were raised."""
    barrier, faults = threading.Barrier(workers), []

    def run():
        try:
            barrier.wait(10)
            work()
        except Exception as fault:  # noqa: BLE001 - handed to the test
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return faults


@pytest.mark.django_db(transaction=True)
class TestTwoTicksAtTheSameMoment:
    def test_it_opens_once_and_mails_once(self, series):
        faults = all_at_once(6, lambda: workflow.move_on(on=date(2027, 3, 1)))
        assert faults == []
        assert states(series) == ["open", "scheduled", "scheduled"]
        assert Participation.unscoped.count() == 3
        assert OutgoingMail.objects.count() == 5
        assert AuditRecord.unscoped.filter(action="evaluation.opened").count() == 1

    def test_it_would_open_twice_without_the_lock(self, series, monkeypatch):
        """The twin: no lock, and the two meet between looking and writing. The unique keys are what is left."""
        meet = threading.Barrier(2)
        open_one = workflow._open

        def open_together(*args):
            meet.wait(10)
            open_one(*args)

        monkeypatch.setattr(workflow, "_locked", lambda rows: rows)
        monkeypatch.setattr(workflow, "_open", open_together)
        faults = all_at_once(2, lambda: workflow.move_on(on=date(2027, 3, 1)))
        # One of the two broke on "participation_once": without that key there would be six.
        assert Counter(type(fault) for fault in faults) == {ExceptionGroup: 1}
        assert isinstance(faults[0].exceptions[0], IntegrityError)
        assert "participation_once" in str(faults[0].exceptions[0])
        assert Participation.unscoped.count() == 3

    def test_it_would_ask_and_mail_twice_without_lock_and_key(self, series, monkeypatch):
        """The twin without either: every partner is asked twice, every member gets two mails."""
        meet = threading.Barrier(2)
        open_one, queue = workflow._open, workflow.invitations.mail.queue

        def open_together(*args):
            meet.wait(10)
            open_one(*args)

        def queue_without_key(*, key, **mail):
            return queue(key=f"{key}:{threading.get_ident()}", **mail)

        with connection.schema_editor() as editor:
            (once,) = Participation._meta.constraints
            editor.remove_constraint(Participation, once)
        try:
            monkeypatch.setattr(workflow, "_locked", lambda rows: rows)
            monkeypatch.setattr(workflow, "_open", open_together)
            monkeypatch.setattr(workflow.invitations.mail, "queue", queue_without_key)
            assert all_at_once(2, lambda: workflow.move_on(on=date(2027, 3, 1))) == []
            assert Participation.unscoped.count() == 6
            assert OutgoingMail.objects.count() == 10
        finally:
            Participation.unscoped.all().delete()
            with connection.schema_editor() as editor:
                editor.add_constraint(Participation, once)
