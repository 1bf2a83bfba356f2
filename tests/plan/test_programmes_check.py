"""The yearly "is this still right?": who is asked, once, and what one click may do and may not."""

import contextlib
import re
import threading
import uuid
from datetime import date, timedelta

import pytest
import time_machine
from django.core import signing
from django.db import connection, models, transaction
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.mail.models import OutgoingMail
from partners.models import Membership, Partnership
from partners.permissions import Role
from plan.programmes import checking, own_views, workflow
from plan.programmes.models import Programme
from plan.programmes.tasks import ask_checks
from tests.factories import make_fit, make_member, make_pact, make_partner, make_programme, make_question

LONG_AGO = timedelta(days=366)


def address(name, pact, *args):
    return reverse(f"plan:{name}", args=[pact.slug, *args])


def text_of(response):
    return response.content.decode()


def make_due(pact, **fields):
    return make_programme(pact, **{"confirmed_on": timezone.localdate() - LONG_AGO, **fields})


def link_in(mail):
    return re.search(r"https?://[^/]+(/\S+/programmes/check/\S+/)", mail.text)[1]


def asked(people, **fields):
    """A programme of the school that is due, and the link that its representative got."""
    programme = make_due(people.pact, provider=people.school, name="Brugklascoach", **fields)
    checking.ask_all()
    return programme, link_in(OutgoingMail.objects.get(recipient=people.representative.email))


# --- Who is asked ----------------------------------------------------------------------------------------------------


def test_it_asks_each_provider_once_about_all_its_programmes(people):
    due = [make_due(people.pact, provider=people.school, name=f"Oud aanbod {n}") for n in "ab"]
    make_programme(people.pact, provider=people.school, name="Vers aanbod")
    make_due(people.pact, provider=people.childcare)
    assert checking.ask_all() == 2
    mail = OutgoingMail.objects.get(recipient=people.representative.email)
    assert all(programme.name in mail.text and programme.name in mail.html for programme in due)
    assert "Vers aanbod" not in mail.text
    assert mail.text.count("http") == 2  # the one link, and the portal in the footer
    assert OutgoingMail.objects.count() == 2
    assert {programme.asked_on for programme in Programme.objects.in_pact(people.pact)} == {None, timezone.localdate()}


@pytest.mark.parametrize(
    ("fields", "is_asked"),
    [
        ({"confirmed_on": timedelta(days=366)}, True),
        ({"confirmed_on": timedelta(days=365)}, False),
        ({"ends_on": timedelta(days=1)}, False),
        ({"ends_on": timedelta(days=0)}, True),
        ({"asked_on": timedelta(days=29)}, False),
        ({"asked_on": timedelta(days=30)}, True),
    ],
)
def test_it_asks_what_is_due(people, fields, is_asked):
    today = timezone.localdate()
    make_due(people.pact, provider=people.school, **{name: today - ago for name, ago in fields.items()})
    assert checking.ask_all() == int(is_asked)


def test_it_asks_no_partner_that_left_and_none_twice_within_a_month(people):
    make_due(people.pact, provider=people.school)
    make_due(people.pact, provider=people.childcare)
    Partnership.unscoped.filter(pk=people.childcare.pk).update(left_on=timezone.localdate())
    assert checking.ask_all() == 1
    # Another programme becomes due a day later: it waits for the next mail.
    make_due(people.pact, provider=people.school)
    assert checking.ask_all() == 0
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        assert checking.ask_all() == 1
        assert OutgoingMail.objects.count() == 2


def test_it_stops_asking_once_somebody_said_yes(people):
    programme, _link = asked(people)
    workflow.confirm([programme], by=people.representative)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert checking.ask_all() == 0


def test_it_writes_to_whom_it_can_and_gives_a_link_only_to_who_may_say(people):
    reader_only = make_partner(people.pact, "Alleen lezers")
    reader = make_member(reader_only, Role.READER)
    contact = Membership.unscoped.get(user=reader)
    Partnership.unscoped.filter(pk=reader_only.pk).update(contact=contact)
    make_due(people.pact, provider=reader_only)
    nobody = make_partner(people.pact, "Niemand", contact_email="info@niemand.example")
    make_due(people.pact, provider=nobody)
    empty = make_partner(people.pact, "Leeg")
    make_due(people.pact, provider=empty)
    assert checking.ask_all() == 3
    assert "/check/" not in OutgoingMail.objects.get(recipient=reader.email).text
    general = OutgoingMail.objects.get(recipient="info@niemand.example")
    assert "/check/" not in general.text
    assert "/programmes/own/" in general.text
    assert "/check/" in OutgoingMail.objects.get(recipient=people.coordinator.email).text


def test_it_gives_the_link_to_nobody_else_when_the_mail_does_not_arrive(people):
    asked(people)
    mail = OutgoingMail.objects.get(recipient=people.representative.email)
    assert mail.is_secret
    assert mail.fallbacks
    assert "/check/" not in mail.notice
    assert "/programmes/own/" in mail.notice


def test_it_keeps_to_what_an_address_can_hold(people):
    for _ in range(checking.MOST_AT_ONCE + 3):
        make_due(people.pact, provider=people.school)
    checking.ask_all()
    mail = OutgoingMail.objects.get()
    assert len(link_in(mail)) < 1500
    assert Programme.objects.in_pact(people.pact).filter(asked_on__isnull=True).count() == 3


def test_it_may_run_twice_or_be_missed(people):
    make_due(people.pact, provider=people.school)
    ask_checks()
    ask_checks()
    assert OutgoingMail.objects.count() == 1


def test_it_forgets_nothing_when_the_mail_cannot_be_made(people, monkeypatch):
    programme = make_due(people.pact, provider=people.school)

    def broken(**_fields):
        raise RuntimeError

    monkeypatch.setattr(checking.mail, "queue", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        checking.ask_all()
    programme.refresh_from_db()
    assert programme.asked_on is None


def ask_at_once(monkeypatch):
    """How many mails two workers queue who tick at the same moment, both with what they found due."""
    pact = make_pact()
    school = make_partner(pact)
    with transaction.atomic():
        make_member(school)
        programme = make_due(pact, provider=school)
    queued, both = [], threading.Barrier(2)
    found = checking.addressees_of
    real = checking.mail.queue

    def slow(partnership, **roles):
        # Whoever comes here has decided to ask. Alone, he goes on when the other did not come.
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(timeout=3)
        return found(partnership, **roles)

    def queue(**fields):
        queued.append(fields["to"])
        return real(**{**fields, "key": uuid.uuid4().hex})

    monkeypatch.setattr(checking, "addressees_of", slow)
    monkeypatch.setattr(checking.mail, "queue", queue)

    def tick():
        try:
            checking.ask_all()
        finally:
            connection.close()

    threads = [threading.Thread(target=tick) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    programme.refresh_from_db()
    assert programme.asked_on == timezone.localdate()
    return len(queued)


@pytest.mark.django_db(transaction=True)
def test_it_mails_once_when_two_workers_tick_at_once(monkeypatch):
    assert ask_at_once(monkeypatch) == 1


@pytest.mark.django_db(transaction=True)
def test_it_would_mail_twice_without_the_lock(monkeypatch):
    """The lock off: both ask."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_options: self.all())
    assert ask_at_once(monkeypatch) == 2


# --- The link --------------------------------------------------------------------------------------------------------


def test_it_changes_nothing_when_a_scanner_follows_the_link(people):
    programme, link = asked(people)
    client = Client()
    assert client.head(link).status_code == 200
    page = client.get(link)
    assert "Ja, dit klopt nog" in text_of(page)
    assert "Brugklascoach" in text_of(page)
    assert "no-store" in page.headers["Cache-Control"]
    programme.refresh_from_db()
    assert programme.confirmed_on < timezone.localdate()


def test_it_takes_one_click_without_signing_in(people):
    programme, link = asked(people)
    client = Client()
    page = client.post(link, {"seen": workflow.mark_of_all([programme])}, follow=True)
    assert "Dank u wel" in text_of(page)
    assert "Ja, dit klopt nog" not in text_of(page)
    assert "Brugklascoach" not in text_of(page)
    programme.refresh_from_db()
    assert (programme.confirmed_on, programme.confirmed_by) == (timezone.localdate(), people.representative)
    record = AuditRecord.objects.in_pact(people.pact).get(action="programme.confirmed")
    assert (record.by_id, record.details) == (people.representative.pk, {"way": "mail"})
    again = client.post(link, {"seen": workflow.mark_of_all([programme])}, follow=True)
    assert "al bewaard" in text_of(again)
    assert AuditRecord.objects.in_pact(people.pact).filter(action="programme.confirmed").count() == 1
    # The link lets nobody into the working pages.
    assert client.get(address("programme_own", people.pact)).status_code == 302


def test_it_lets_a_reader_confirm_only_what_he_saw(people):
    programme, link = asked(people)
    seen = workflow.mark_of_all([programme])
    workflow.revise(programme, by=people.coordinator, name="Heel iets anders")
    Programme.objects.in_pact(people.pact).update(confirmed_on=date(2020, 1, 1))
    for sent in ({"seen": seen}, {"seen": "\x00"}, {"seen": "x" * 10_000}, {}):
        page = Client().post(link, sent, follow=True)
        assert "Iemand anders" in text_of(page)
    programme.refresh_from_db()
    assert programme.confirmed_on == date(2020, 1, 1)


def test_it_shows_nothing_of_the_programmes_after_the_answer(people):
    programme, link = asked(people)
    assert "Brugklascoach" in text_of(Client().get(link))
    workflow.confirm([programme], by=people.coordinator)
    page = text_of(Client().get(link))
    assert "Alles is nagekeken" in page
    assert "Brugklascoach" not in page
    assert address("programme_edit", people.pact, programme.number) not in page


def refused(link):
    """The page that says that a link does not work, after trying both methods."""
    pages = [Client().get(link), Client().post(link)]
    assert all("Er is niets veranderd." in text_of(page) for page in pages)
    assert not AuditRecord.objects.across_pacts().filter(action="programme.confirmed").exists()
    return text_of(pages[0])


def test_it_refuses_an_old_link(people):
    _programme, link = asked(people)
    with time_machine.travel(timezone.now() + timedelta(days=59)):
        assert Client().get(link).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=61)):
        assert "verlopen" in refused(link)
        assert Client().get(link).status_code == 410


@pytest.mark.parametrize("token", ["onzin", "a:b:c", "%00", "é" * 50, "x" * 3000])
def test_it_refuses_a_forged_link_without_naming_the_pact(people, token):
    page = refused(f"/{people.pact.slug}/programmes/check/{token}/")
    assert "Deze link klopt niet" in page
    assert people.pact.name not in page


def test_it_refuses_a_link_with_another_salt_key_or_pact(people, settings):
    programme, link = asked(people)
    token = link.rstrip("/").rsplit("/", 1)[1]
    content = signing.loads(token, salt=checking.SALT)
    for forged in (signing.dumps(content, salt="other"), signing.dumps(content, key="other", salt=checking.SALT)):
        assert "klopt niet" in refused(address("programme_check", people.pact, forged))
    assert "klopt niet" in refused(address("programme_check", people.other_pact, token))
    elsewhere = make_programme(people.other_pact)
    mixed = signing.dumps({**content, "programmes": [elsewhere.pk]}, salt=checking.SALT)
    assert "hoeft niets te doen" in refused(address("programme_check", people.pact, mixed))
    assert programme.confirmed_on < timezone.localdate()


def ended(people):
    Membership.unscoped.filter(user=people.representative).update(ended_on=timezone.localdate())


def demoted(people):
    Membership.unscoped.filter(user=people.representative).update(role=Role.READER)


def closed(people):
    people.representative.is_active = False
    people.representative.save()


def left(people):
    Partnership.unscoped.filter(pk=people.school.pk).update(left_on=timezone.localdate())


def moved(people):
    Membership.unscoped.filter(user=people.representative).update(partnership=people.childcare)


@pytest.mark.parametrize("change", [ended, demoted, closed, left, moved])
def test_it_asks_anew_whether_the_reader_may_still_say_so(people, change):
    programme, link = asked(people)
    change(people)
    assert "niet meer bij" in refused(link)
    programme.refresh_from_db()
    assert programme.confirmed_on < timezone.localdate()


def test_it_leaves_out_what_went_to_another_provider(people):
    programme, link = asked(people)
    Programme.objects.in_pact(people.pact).filter(pk=programme.pk).update(provider=people.childcare)
    assert "hoeft niets te doen" in refused(link)


# --- Ons aanbod ------------------------------------------------------------------------------------------------------


def test_it_shows_the_own_programmes_with_what_is_asked(people, client_for):
    due = make_due(people.pact, provider=people.school, name="Brugklascoach")
    make_programme(people.pact, provider=people.childcare, name="Van een ander")
    today = timezone.localdate()
    make_fit(make_question(people.pact), due, judged_on=today - LONG_AGO, expires_on=today)
    page = text_of(client_for(people.representative).get(address("programme_own", people.pact)))
    assert "Brugklascoach" in page
    assert "Van een ander" not in page
    assert "na te kijken" in page
    assert "1 oordeel over een vraag is verlopen" in page
    assert address("programme_confirm", people.pact, due.number) in page
    assert address("programme_edit", people.pact, due.number) in page


def test_it_groups_the_programmes_of_several_own_organisations(people, client_for):
    Membership.unscoped.create(
        user=people.representative, partnership=people.childcare, role=Role.REPRESENTATIVE, started_on=date(2021, 1, 1)
    )
    for partner in (people.school, people.childcare):
        make_programme(people.pact, provider=partner)
    page = text_of(client_for(people.representative).get(address("programme_own", people.pact)))
    assert 'id="group-2"' in page


def test_it_shows_the_coordinator_what_waits_at_others(people, client_for):
    make_due(people.pact, provider=people.school, name="Wacht op de school")
    client = client_for(people.coordinator)
    page = text_of(client.get(address("programme_own", people.pact)))
    assert "Bij andere organisaties is 1 keer aanbod" in page
    found = text_of(client.get(address("programme_list", people.pact), {"check": "due"}))
    assert "Wacht op de school" in found


def test_it_says_yes_with_one_click_and_the_second_does_no_harm(people, client_for):
    programme = make_due(people.pact, provider=people.school)
    client, url = client_for(people.representative), address("programme_confirm", people.pact, programme.number)
    seen = {"seen": workflow.mark_of_all([programme])}
    for name, args in (("programme_own", []), ("programme_detail", [programme.number])):
        assert f'name="seen" value="{seen["seen"]}"' in text_of(client.get(address(name, people.pact, *args)))
    assert "klopt nog" in text_of(client.post(url, seen, follow=True))
    assert "vandaag al nagekeken" in text_of(client.post(url, {**seen, "next": "detail"}, follow=True))
    record = AuditRecord.objects.in_pact(people.pact).get()
    assert (record.action, record.details) == ("programme.confirmed", {"way": "page"})
    assert client.get(url).status_code == 405


def shown(client, pact, page=1):
    """What the button for all sends from a page of the own programmes."""
    context = client.get(address("programme_own", pact), {"page": page}).context
    return {"number": [programme.number for programme in context["due_here"]], "seen": context["seen"]}


def test_it_says_yes_only_to_what_the_page_showed(people, client_for):
    first = make_due(people.pact, provider=people.school, name="Getoond")
    client, url = client_for(people.representative), address("programme_confirm_all", people.pact)
    sent = shown(client, people.pact)
    second = make_due(people.pact, provider=people.school, name="Later verlopen")
    assert "1 keer aanbod klopt nog" in text_of(client.post(url, sent, follow=True))
    second.refresh_from_db()
    assert second.confirmed_on < timezone.localdate()
    # What somebody changed after the page was opened is not confirmed unseen, alone nor with the rest.
    stale = shown(client, people.pact)
    workflow.revise(second, by=people.coordinator, name="Heel iets anders")
    Programme.objects.in_pact(people.pact).update(confirmed_on=date(2020, 1, 1))
    one = address("programme_confirm", people.pact, second.number)
    for address_, data in ((url, stale), (url, {}), (one, {"seen": stale["seen"]}), (one, {}), (one, {"seen": "\x00"})):
        said = text_of(client.post(address_, data, follow=True))
        assert "Iemand anders" in said or "al nagekeken" in said
    for number in ("x", "9" * 40, "\x00", "²"):
        assert client.post(url, {**stale, "number": [number]}).status_code == 302
    assert set(Programme.objects.in_pact(people.pact).values_list("confirmed_on", flat=True)) == {date(2020, 1, 1)}
    # The guard off: it would have been.
    workflow.confirm([first, second], by=people.representative)
    second.refresh_from_db()
    assert second.confirmed_on == timezone.localdate()


def test_it_says_yes_to_one_page_at_a_time(people, client_for, monkeypatch):
    monkeypatch.setattr(own_views, "PER_PAGE", 2)
    for name in "abc":
        make_due(people.pact, provider=people.school, name=name)
    make_programme(people.pact, provider=people.school, name="d")
    client, url = client_for(people.representative), address("programme_confirm_all", people.pact)
    assert "Alles op deze pagina klopt nog" in text_of(client.get(address("programme_own", people.pact)))
    client.post(url, shown(client, people.pact))
    due = Programme.objects.in_pact(people.pact).check_due(timezone.localdate())
    assert [programme.name for programme in due] == ["c"]
    assert "Op deze pagina staat er geen" in text_of(client.get(address("programme_own", people.pact)))
    client.post(url, shown(client, people.pact, page=2))
    assert not due.all().exists()


def test_it_confirms_nothing_that_has_ended(people, client_for):
    over = make_due(people.pact, provider=people.school, ends_on=timezone.localdate() - timedelta(days=1))
    client, url = client_for(people.representative), address("programme_confirm", people.pact, over.number)
    said = text_of(client.post(url, {"seen": workflow.mark_of_all([over])}, follow=True))
    assert f"{over.code} is gestopt" in said
    assert workflow.confirm([over], by=people.representative) == []
    over.refresh_from_db()
    assert over.confirmed_on < timezone.localdate()
    assert not AuditRecord.objects.in_pact(people.pact).exists()


def test_it_leaves_what_a_partner_that_left_offered_to_the_coordinator(people, client_for):
    programme = make_due(people.pact, provider=people.school, name="Van wie vertrok")
    Partnership.unscoped.filter(pk=people.school.pk).update(left_on=timezone.localdate())
    assert checking.ask_all() == 0
    client = client_for(people.coordinator)
    assert "Bij andere organisaties is 1 keer aanbod" in text_of(client.get(address("programme_own", people.pact)))
    assert "Van wie vertrok" in text_of(client.get(address("programme_list", people.pact), {"check": "due"}))
    seen = {"seen": workflow.mark_of_all([programme])}
    client.post(address("programme_confirm", people.pact, programme.number), seen)
    assert "Bij andere organisaties" not in text_of(client.get(address("programme_own", people.pact)))


def test_it_says_yes_to_all_own_programmes_that_are_due(people, client_for):
    own = [make_due(people.pact, provider=people.school) for _ in range(2)]
    foreign = make_due(people.pact, provider=people.childcare)
    client, url = client_for(people.representative), address("programme_confirm_all", people.pact)
    sent = shown(client, people.pact)
    assert len(sent["number"]) == 2
    assert "2 keer aanbod klopt nog" in text_of(client.post(url, sent, follow=True))
    assert "Er is niets veranderd" in text_of(client.post(url, sent, follow=True))
    # The number of another's programme confirms nothing of it.
    client.post(url, {"number": [foreign.number], "seen": workflow.mark_of_all([foreign])})
    for programme in (*own, foreign):
        programme.refresh_from_db()
    assert [programme.confirmed_on == timezone.localdate() for programme in (*own, foreign)] == [True, True, False]


def test_it_is_kept_to_who_keeps_the_programme(people, client_for):
    programme = make_due(people.pact, provider=people.school)
    url = address("programme_confirm", people.pact, programme.number)
    for who, status in (("other", 403), ("reader", 403), ("signatory", 403), ("advisor", 403), ("stranger", 404)):
        assert client_for(getattr(people, who)).post(url).status_code == status, who
    for who, status in (("reader", 403), ("stranger", 404)):
        assert client_for(getattr(people, who)).get(address("programme_own", people.pact)).status_code == status, who
        all_url = address("programme_confirm_all", people.pact)
        assert client_for(getattr(people, who)).post(all_url).status_code == status, who
    elsewhere = make_due(people.other_pact)
    strange = address("programme_confirm", people.pact, elsewhere.number + 500)
    assert client_for(people.coordinator).post(strange).status_code == 404
    programme.refresh_from_db()
    assert programme.confirmed_on < timezone.localdate()


def test_it_counts_a_change_as_confirmed(people):
    programme = make_due(people.pact, provider=people.school)
    workflow.revise(programme, by=people.coordinator, name="Nieuwe naam")
    programme.refresh_from_db()
    assert (programme.confirmed_on, programme.confirmed_by) == (timezone.localdate(), people.coordinator)


def test_it_says_what_belongs_on_an_empty_page(people, client_for):
    page = text_of(client_for(people.representative).get(address("programme_own", people.pact)))
    assert "Zet het eerste aanbod op de lijst" in page


def test_it_asks_the_database_as_often_for_one_row_as_for_fifty(people, client_for):
    client, url = client_for(people.representative), address("programme_own", people.pact)

    def queries():
        client.get(url)
        with CaptureQueriesContext(connection) as counted:
            assert client.get(url).status_code == 200
        return len(counted)

    def add():
        programme = make_due(people.pact, provider=people.school, confirmed_by=make_member(people.school))
        make_fit(make_question(people.pact), programme)

    add()
    before = queries()
    for _ in range(20):
        add()
    assert queries() == before


def test_it_has_no_row_that_is_both_due_and_not(people):
    """What one row says of itself is what the query finds."""
    today = timezone.localdate()
    for days in (0, 364, 365, 366, 400):
        for ends_on in (None, today - timedelta(days=1), today, today + timedelta(days=1)):
            make_programme(people.pact, confirmed_on=today - timedelta(days=days), ends_on=ends_on)
    rows: models.QuerySet = Programme.objects.in_pact(people.pact)
    assert set(rows.check_due(today)) == {row for row in rows if row.is_check_due}
