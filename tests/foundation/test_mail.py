"""Outgoing mail: queued once, delivered to a real SMTP server on this machine."""

import socket
import threading
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from pact_portal.foundation.mail import delivery, tasks, workflow
from pact_portal.foundation.mail.models import OutgoingMail
from tests.factories import make_pact, make_user

pytestmark = pytest.mark.django_db

WAITING, SENT, FAILED = OutgoingMail.State.WAITING, OutgoingMail.State.SENT, OutgoingMail.State.FAILED


class Postbox:
    """What an SMTP server does with what it gets. `answers` are given in place of "yes", in order."""

    def __init__(self):
        self.messages, self.answers = [], []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


class OnAnyPort(Controller):
    """Takes a free port; the controller itself cannot look up which one it got."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def use(settings, port):
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port, "timeout": 5},
        }
    }


@pytest.fixture
def postbox(settings):
    """A real SMTP server on a free port."""
    box = Postbox()
    controller = OnAnyPort(box, hostname="127.0.0.1", port=0)
    controller.start()
    use(settings, controller.port)
    yield box
    controller.stop()


@pytest.fixture
def nobody_listens(settings):
    """The port of a server that is down."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    use(settings, port)


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    """What the broker was asked; the tests deliver by hand."""
    asked = []
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda self, args, *_rest, **_options: asked.append(args))
    return asked


def queued(**fields):
    return workflow.queue_rendered(
        **{"key": "test:1", "to": "school@hier.example", "subject": "Hallo", "text": "Tekst é", "html": "", **fields}
    )


def again(mail, **changes):
    """The row as it stands, its waiting time over."""
    OutgoingMail.objects.filter(pk=mail.pk).update(leased_until=timezone.now() - timedelta(seconds=1), **changes)
    mail.refresh_from_db()
    return mail


# --- Queueing ---


def test_it_queues_a_mail_once_per_key():
    first = queued()
    assert queued(subject="Nog eens").pk == first.pk
    assert queued(key="test:2").pk != first.pk
    assert OutgoingMail.objects.count() == 2


def test_it_is_refused_by_the_database_to_queue_a_key_twice():
    first = queued()
    with pytest.raises(IntegrityError), transaction.atomic():
        OutgoingMail.objects.create(key=first.key, recipient="a@b.example", subject="x", text="x", message_id="<x@y>")


def test_it_wakes_a_worker_once_and_only_after_the_commit(no_worker, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        mail = queued()
        queued()
        assert no_worker == []
    assert no_worker == [(mail.pk,)]


def test_it_queues_nothing_when_the_reason_is_undone(no_worker):
    @transaction.atomic
    def reason():
        queued()
        raise RuntimeError("what the mail was about failed")

    with pytest.raises(RuntimeError):
        reason()
    assert not OutgoingMail.objects.exists()
    assert no_worker == []


def test_it_keeps_line_ends_out_of_the_subject():
    mail = queued(subject="Hallo\r\nBcc: iedereen@elders.example\n")
    assert mail.subject == "Hallo Bcc: iedereen@elders.example"
    assert len(queued(key="lang", subject="x" * 400).subject) == 300


def test_it_gives_every_mail_a_message_id_of_the_portal():
    one, two = queued(), queued(key="test:2")
    assert one.message_id != two.message_id
    assert one.message_id.endswith("@testserver>")


def test_it_remembers_to_whom_and_for_which_pact():
    pact, user = make_pact(), make_user()
    mail = queued(pact=pact, user=user)
    assert (mail.pact, mail.recipient_user) == (pact, user)


# --- Delivering ---


def test_it_delivers_text_and_html_to_a_real_server(postbox):
    mail = queued(html="<p>Tekst <b>é</b></p>", subject="Vóór maart")
    assert delivery.deliver(mail.pk)
    (message,) = postbox.messages
    assert message["Subject"] == "Vóór maart"
    assert message["To"] == "school@hier.example"
    assert message["From"] == "Pactportaal <portaal@pact.example>"
    assert message["Message-ID"] == mail.message_id
    assert message.get_body(["plain"]).get_content().strip() == "Tekst é"
    assert message.get_body(["html"]).get_content().strip() == "<p>Tekst <b>é</b></p>"
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.failure) == (SENT, 1, "")
    assert mail.sent_at is not None
    assert mail.text == "Tekst é"


def test_it_sends_a_sent_mail_no_more(postbox):
    mail = queued()
    assert delivery.deliver(mail.pk)
    assert not delivery.deliver(mail.pk)
    again(mail)
    assert not delivery.deliver(mail.pk)
    assert len(postbox.messages) == 1


def test_it_wipes_the_text_of_a_secret_mail_once_it_is_sent(postbox):
    mail = queued(is_secret=True, html="<p>geheim</p>", text="geheim")
    delivery.deliver(mail.pk)
    mail.refresh_from_db()
    assert (mail.text, mail.html) == ("", "")
    assert "geheim" in postbox.messages[0].get_body(["plain"]).get_content()


def test_it_keeps_a_mail_waiting_while_the_server_is_down(nobody_listens):
    mail = queued(is_secret=True)
    with time_machine.travel("2027-03-01T08:00:00+01:00", tick=False):
        OutgoingMail.objects.update(created_at=timezone.now(), leased_until=timezone.now())
        assert not delivery.deliver(mail.pk)
        mail.refresh_from_db()
        assert (mail.state, mail.attempts, mail.text) == (WAITING, 1, "Tekst é")
        assert "ConnectionRefusedError" in mail.failure
        assert mail.leased_until == timezone.now() + timedelta(seconds=15)
        # Not before its time.
        assert not delivery.deliver(mail.pk)
        mail.refresh_from_db()
        assert mail.attempts == 1


def test_it_waits_longer_at_each_attempt_and_never_longer_than_an_hour(nobody_listens):
    mail = queued()
    waits = []
    for _attempt in range(12):
        again(mail)
        before = timezone.now()
        delivery.deliver(mail.pk)
        mail.refresh_from_db()
        waits.append(round((mail.leased_until - before).total_seconds()))
    assert waits == [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]
    assert mail.state == WAITING


def test_it_sends_with_the_same_message_id_when_the_server_is_back(nobody_listens, postbox):
    mail = queued()
    first = mail.message_id
    postbox.answers = ["451 4.3.0 try again later"]
    assert not delivery.deliver(mail.pk)
    assert delivery.deliver(again(mail).pk)
    assert [message["Message-ID"] for message in postbox.messages] == [first]
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.failure) == (SENT, 2, "")


def test_it_gives_a_mail_up_after_five_days(nobody_listens):
    mail = queued()
    again(mail, created_at=timezone.now() - timedelta(days=5, minutes=1))
    assert not delivery.deliver(mail.pk)
    mail.refresh_from_db()
    assert mail.state == FAILED


def test_it_fails_a_mail_to_an_address_that_is_refused(postbox):
    postbox.answers = ["550 5.1.1 no such mailbox"]
    mail = queued()
    assert not delivery.deliver(mail.pk)
    mail.refresh_from_db()
    assert mail.state == FAILED
    assert "no such mailbox" in mail.failure
    assert not delivery.deliver(again(mail).pk)
    assert postbox.messages == []


def test_it_tries_again_when_the_server_only_says_not_now(postbox):
    """A server that makes unknown senders wait ("greylisting") refuses the first time, and takes the second."""
    postbox.answers = ["450 4.2.0 greylisted"]
    mail = queued()
    assert not delivery.deliver(mail.pk)
    mail.refresh_from_db()
    assert mail.state == WAITING
    assert delivery.deliver(again(mail).pk)


@pytest.mark.parametrize("recipient", ["a@b.example\nBcc: c@d.example", "geen adres@@x"])
def test_it_fails_a_mail_that_cannot_be_made(postbox, recipient):
    mail = again(queued(), recipient=recipient)
    assert not delivery.deliver(mail.pk)
    mail.refresh_from_db()
    assert mail.state == FAILED
    assert postbox.messages == []


# --- Falling back ---


REFUSED = "550 5.1.1 no such mailbox"


def fallback_of(mail, number=1):
    return OutgoingMail.objects.get(key=f"{mail.key}-fallback-{number}")


def test_it_falls_back_to_the_next_address_and_says_for_whom_it_was(postbox):
    postbox.answers = [REFUSED]
    mail = queued(fallbacks=["info@hier.example"], html="<html><body><main><h1>Hallo</h1></main></body></html>")
    assert not delivery.deliver(mail.pk)
    copy = fallback_of(mail)
    assert (copy.state, copy.fallback_of, copy.pact) == (WAITING, mail, mail.pact)
    assert delivery.deliver(copy.pk)
    (message,) = postbox.messages
    assert message["To"] == "info@hier.example"
    assert message["Subject"] == "Hallo"
    assert message["Message-ID"] != mail.message_id
    line = "Deze mail was voor school@hier.example, maar kon daar niet worden bezorgd."
    assert message.get_body(["plain"]).get_content().startswith(line)
    assert "Tekst é" in message.get_body(["plain"]).get_content()
    html = message.get_body(["html"]).get_content()
    assert html.index("<main>") < html.index(line) < html.index("<h1>Hallo</h1>")


def test_it_tries_the_fallbacks_one_after_the_other_until_one_is_taken(postbox):
    postbox.answers = [REFUSED, REFUSED]
    mail = queued(fallbacks=["een@hier.example", "twee@hier.example", "drie@hier.example"], html="<p>x</p>")
    delivery.deliver(mail.pk)
    delivery.deliver(fallback_of(mail).pk)
    assert delivery.deliver(fallback_of(mail, 2).pk)
    (message,) = postbox.messages
    assert message["To"] == "twee@hier.example"
    # It tells for whom it was at first, and once.
    assert message.get_body(["plain"]).get_content().count("Deze mail was voor school@hier.example") == 1
    assert "een@hier.example" not in message.get_body(["plain"]).get_content()
    assert OutgoingMail.objects.count() == 3


def test_it_stops_when_no_address_is_left(postbox):
    postbox.answers = [REFUSED, REFUSED]
    mail = queued(fallbacks=["een@hier.example"])
    delivery.deliver(mail.pk)
    delivery.deliver(fallback_of(mail).pk)
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {FAILED}
    assert OutgoingMail.objects.count() == 2


def test_it_does_not_fall_back_while_there_is_hope(nobody_listens):
    mail = queued(fallbacks=["een@hier.example"])
    delivery.deliver(mail.pk)
    assert OutgoingMail.objects.count() == 1
    again(mail, created_at=timezone.now() - timedelta(days=5, minutes=1))
    delivery.deliver(mail.pk)
    assert fallback_of(mail).recipient == "een@hier.example"


def test_it_shows_a_secret_to_nobody_else(postbox):
    postbox.answers = [REFUSED]
    mail = queued(
        text="geheim",
        html="<p>geheim</p>",
        is_secret=True,
        fallbacks=["een@hier.example"],
        notice="Verbeter het <adres>.",
    )
    delivery.deliver(mail.pk)
    mail.refresh_from_db()
    assert (mail.text, mail.html) == ("", "")
    assert delivery.deliver(fallback_of(mail).pk)
    (message,) = postbox.messages
    assert message["Subject"] == "Niet bezorgd: Hallo"
    text, html = (message.get_body([kind]).get_content() for kind in ("plain", "html"))
    assert "geheim" not in text + html
    assert "school@hier.example" in text
    assert "Verbeter het <adres>." in text
    assert "Verbeter het &lt;adres&gt;." in html


def test_it_would_show_the_secret_if_it_were_not_marked(postbox):
    """The twin: the same mail without the mark goes to the next address as it is."""
    postbox.answers = [REFUSED]
    mail = queued(text="geheim", fallbacks=["een@hier.example"])
    delivery.deliver(mail.pk)
    assert "geheim" in fallback_of(mail).text


def test_it_takes_each_fallback_once_and_never_the_address_itself():
    mail = queued(fallbacks=["een@hier.example", "", "SCHOOL@hier.example", "twee@hier.example", "Een@hier.example"])
    assert mail.fallbacks == ["een@hier.example", "twee@hier.example"]


def test_it_refuses_a_key_that_leaves_no_room_for_fallbacks():
    assert queued(key="x" * 200).pk
    with pytest.raises(ValueError, match="180"):
        queued(key="y" * 200, fallbacks=["een@hier.example"])


def test_it_leaves_no_failure_without_its_fallback(postbox, monkeypatch):
    """A crash between the two: the mail still waits, and is tried again."""
    postbox.answers = [REFUSED, REFUSED]
    mail = queued(fallbacks=["een@hier.example"])

    def crash(_mail):
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(delivery.fallback, "fall_back", crash)
        with pytest.raises(MemoryError):
            delivery.deliver(mail.pk)
    mail.refresh_from_db()
    assert mail.state == WAITING
    delivery.deliver(again(mail).pk)
    assert fallback_of(mail).state == WAITING


# --- Claiming ---


def test_it_leaves_a_mail_to_the_worker_that_holds_it(postbox):
    mail = queued()
    with time_machine.travel("2027-03-01T08:00:00+01:00", tick=False) as clock:
        OutgoingMail.objects.update(leased_until=timezone.now())
        # A worker claims it and dies.
        assert delivery._claim(mail.pk, timezone.now() + delivery.LEASE)
        assert not delivery.deliver(mail.pk)
        clock.shift(delivery.LEASE - timedelta(seconds=1))
        assert not delivery.deliver(mail.pk)
        clock.shift(timedelta(seconds=1))
        assert delivery.deliver(mail.pk)
    assert [message["Message-ID"] for message in postbox.messages] == [mail.message_id]


def test_it_holds_a_mail_longer_than_a_task_may_take(settings):
    assert delivery.LEASE.total_seconds() > settings.CELERY_TASK_TIME_LIMIT


def test_it_keeps_what_the_next_worker_did_when_a_slow_one_fails_after_its_lease(postbox, monkeypatch):
    mail = queued()
    send = delivery.EmailMultiAlternatives.send

    def overtaken(message):
        monkeypatch.setattr(delivery.EmailMultiAlternatives, "send", send)
        assert delivery.deliver(again(mail).pk)
        raise TimeoutError("the connection of the slow one broke off")

    monkeypatch.setattr(delivery.EmailMultiAlternatives, "send", overtaken)
    assert not delivery.deliver(mail.pk)
    mail.refresh_from_db()
    assert (mail.state, mail.failure) == (SENT, "")
    assert len(postbox.messages) == 1


def test_it_hands_out_again_what_waits(no_worker):
    sent, waits, held = queued(key="1"), queued(key="2"), queued(key="3")
    OutgoingMail.objects.filter(pk=sent.pk).update(state=SENT, sent_at=timezone.now())
    OutgoingMail.objects.filter(pk=held.pk).update(leased_until=timezone.now() + timedelta(minutes=1))
    tasks.deliver_waiting()
    assert no_worker == [(waits.pk,)]


def test_it_delivers_by_its_task(postbox):
    mail = queued()
    tasks.deliver(mail.pk)
    assert len(postbox.messages) == 1


def test_it_does_nothing_for_a_mail_that_is_gone(postbox):
    assert not delivery.deliver(1_000_000)


def at_once(workers, work):
    barrier, outcomes = threading.Barrier(workers), []

    def run():
        try:
            barrier.wait(10)
            outcomes.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


@pytest.mark.django_db(transaction=True)
class TestTwoWorkersAtOnce:
    def test_it_sends_once(self, postbox):
        mails = [queued(key=str(number)) for number in range(5)]
        for mail in mails:
            assert sorted(at_once(4, lambda mail=mail: delivery.deliver(mail.pk))) == [False, False, False, True]
        assert sorted(message["Message-ID"] for message in postbox.messages) == sorted(
            mail.message_id for mail in mails
        )

    def test_it_falls_back_once(self, postbox):
        postbox.answers = [REFUSED] * 4
        mail = queued(fallbacks=["een@hier.example", "twee@hier.example"])
        at_once(4, lambda: delivery.deliver(mail.pk))
        assert OutgoingMail.objects.count() == 2

    def test_it_would_send_twice_without_the_claim(self, postbox, monkeypatch):
        """The twin: both look, both find it waiting, both send."""
        met = threading.Barrier(2)

        def look_only(mail_id, lease):
            waits = OutgoingMail.objects.waiting().filter(pk=mail_id).exists()
            met.wait(10)
            return waits

        monkeypatch.setattr(delivery, "_claim", look_only)
        mail = queued()
        assert at_once(2, lambda: delivery.deliver(mail.pk)) == [True, True]
        assert [message["Message-ID"] for message in postbox.messages] == [mail.message_id] * 2

    def test_it_queues_once_when_two_queue_at_once(self):
        ids = at_once(4, lambda: queued().pk)
        assert len(set(ids)) == 1
        assert OutgoingMail.objects.count() == 1
