"""Invitations: the only way to get an account; by mail, for a time, once."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.mail.delivery import deliver
from pact_portal.foundation.mail.fallback import fall_back
from pact_portal.foundation.mail.models import OutgoingMail
from partners.models import Invitation, Membership, User
from partners.people import workflow
from partners.permissions import Role
from tests.factories import PASSWORD, make_member, make_user

FILLED = {"email": "Nieuw@Hier.example", "name": "bestuurder", "role": Role.READER}


@pytest.fixture
def invited(people):
    """An open invitation of the school for a reader, with its secret."""
    return workflow.invite(
        people.school, email="nieuw@hier.example", name="bestuurder", role=Role.READER, by=people.coordinator
    )


def link(secret):
    return reverse("partners:accept", args=[secret])


def address(name, people, *args):
    return reverse(f"partners:{name}", args=[people.pact.slug, *args])


def members(people, user):
    return Membership.objects.in_pact(people.pact).current().filter(user=user)


def test_it_invites_by_a_mail_whose_secret_is_kept_nowhere(people, client_for, mailoutbox):
    answer = client_for(people.coordinator).post(address("invite", people), FILLED | {"partnership": people.school.pk})
    assert answer.url == address("people_list", people)
    invitation = Invitation.objects.in_pact(people.pact).get()
    assert invitation.email == "nieuw@hier.example"
    queued = OutgoingMail.objects.get()
    assert deliver(queued.pk)
    (sent,) = mailoutbox
    assert sent.to == ["nieuw@hier.example"]
    path = next(line for line in sent.body.splitlines() if "/invitations/" in line).removeprefix("http://testserver")
    secret = path.strip("/").split("/")[-1]
    assert secret not in invitation.secret_sha256
    queued.refresh_from_db()
    assert secret not in queued.text + queued.html
    assert Client().get(path).status_code == 200
    html = sent.alternatives[0].content
    assert path in html
    assert "<table" not in html
    assert "Schoolbestuur Hier" in html


def test_it_keeps_what_was_typed_when_an_invitation_is_wrong(people, client_for):
    page = client_for(people.coordinator).post(
        address("invite", people), FILLED | {"email": "geen adres", "partnership": people.school.pk}
    )
    assert page.status_code == 200
    assert 'value="geen adres"' in page.content.decode()
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("partnership", ["", "0", "9" * 40, "x"])
def test_it_refuses_an_organisation_that_is_none(people, client_for, partnership):
    page = client_for(people.coordinator).post(address("invite", people), FILLED | {"partnership": partnership})
    assert page.status_code == 200
    assert "partnership" in page.context["form"].errors


def test_it_refuses_an_organisation_of_another_pact(people, client_for):
    elsewhere = people.other_pact.partnerships.get()
    page = client_for(people.coordinator).post(address("invite", people), FILLED | {"partnership": elsewhere.pk})
    assert "Kies een organisatie uit de lijst." in page.content.decode()


def test_it_invites_nobody_twice_at_once(people, client_for, invited):
    page = client_for(people.coordinator).post(address("invite", people), FILLED | {"partnership": people.school.pk})
    assert "Voor dit e-mailadres staat al een uitnodiging open." in page.content.decode()


def test_it_invites_again_when_the_earlier_invitation_ran_out(people, invited):
    Invitation.unscoped.update(expires_at=timezone.now() - timedelta(minutes=1))
    again, _secret = workflow.invite(
        people.school, email="nieuw@hier.example", name="bestuurder", role=Role.READER, by=people.coordinator
    )
    assert again.is_open
    invited[0].refresh_from_db()
    assert invited[0].withdrawn_at


def test_it_refuses_to_invite_who_holds_the_role(people):
    with pytest.raises(ValidationError, match="heeft deze rol al"):
        workflow.invite(
            people.school, email="SCHOOL@hier.example", name="x", role=Role.REPRESENTATIVE, by=people.coordinator
        )


def test_it_shows_what_one_is_invited_for(people, invited):
    text = Client().get(link(invited[1])).content.decode()
    assert "Pact Hier" in text
    assert "Schoolbestuur Hier" in text
    assert "lezer" in text


def test_it_makes_an_account_with_a_password_and_signs_in(people, invited):
    client = Client()
    answer = client.post(link(invited[1]), {"way": "password", "password": "een-lange-zin-voor-mij"})
    user = User.objects.get(email="nieuw@hier.example")
    assert answer.url == people.pact.get_absolute_url()
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.check_password("een-lange-zin-voor-mij")
    assert EmailAddress.objects.get(user=user).verified
    assert members(people, user).get().role == Role.READER
    assert client.get(address("people_list", people)).status_code == 200


def test_it_makes_an_account_without_a_password(people, invited):
    client = Client()
    assert client.post(link(invited[1]), {"way": "code"}).status_code == 302
    assert not User.objects.get(email="nieuw@hier.example").has_usable_password()
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "Vul een wachtwoord in"),
        ("kort", "te kort"),
        ("nieuw@hier.example", "lijkt te veel op"),
        ("q1w2e3r4t5y6", "te vaak gebruikt"),
    ],
)
def test_it_refuses_a_weak_password(people, invited, password, sentence):
    page = Client().post(link(invited[1]), {"way": "password", "password": password})
    assert page.status_code == 200
    assert sentence in page.context["form"].errors["password"][0]
    assert not User.objects.filter(email="nieuw@hier.example").exists()
    invited[0].refresh_from_db()
    assert invited[0].is_open


def test_it_works_once(people, invited):
    workflow.accept(invited[1], password=None)
    answer = Client().get(link(invited[1]))
    assert answer.status_code == 410
    assert "al gebruikt" in answer.content.decode()
    assert Client().post(link(invited[1]), {"way": "code"}).status_code == 410


def test_it_says_that_an_invitation_ran_out(people, invited):
    Invitation.unscoped.update(expires_at=timezone.now())
    answer = Client().get(link(invited[1]))
    assert answer.status_code == 410
    assert "verlopen" in answer.content.decode()


def test_it_says_that_an_invitation_was_withdrawn(people, client_for, invited):
    address_of_withdrawal = address("invitation_withdraw", people, invited[0].pk)
    client = client_for(people.coordinator)
    assert "Intrekken" in client.post(address_of_withdrawal).content.decode()
    assert Client().get(link(invited[1])).status_code == 200
    assert client.post(address_of_withdrawal, {"confirmed": "1"}).status_code == 302
    answer = Client().get(link(invited[1]))
    assert answer.status_code == 410
    assert "ingetrokken" in answer.content.decode()
    again = client.post(address_of_withdrawal, {"confirmed": "1"}, follow=True)
    assert "Deze uitnodiging is al ingetrokken." in again.content.decode()


@pytest.mark.parametrize("secret", ["onbekend", "%00", "é" * 100, "..", "a" * 5000])
def test_it_does_not_know_other_secrets(people, secret):
    answer = Client().get(f"/invitations/{secret}/")
    assert answer.status_code == 404


def test_it_does_not_let_a_withdrawal_reach_another_pact(people, client_for, invited):
    client = client_for(people.stranger)
    there = reverse("partners:invitation_withdraw", args=[people.other_pact.slug, invited[0].pk])
    assert client.post(there, {"confirmed": "1"}).status_code == 404


def test_it_asks_who_has_an_account_to_sign_in_first(people, invited):
    make_user("nieuw@hier.example")
    client = Client()
    page = client.get(link(invited[1]))
    assert "Er is al een account" in page.content.decode()
    assert (
        client.post(link(invited[1]), {"way": "password", "password": "een-heel-ander-wachtwoord"}).status_code == 200
    )
    assert "_auth_user_id" not in client.session
    client.post(reverse("account_login"), {"login": "nieuw@hier.example", "password": PASSWORD})
    answer = client.post(link(invited[1]))
    user = User.objects.get(email="nieuw@hier.example")
    assert answer.url == people.pact.get_absolute_url()
    assert user.check_password(PASSWORD)
    assert members(people, user).exists()


def test_it_knows_an_account_by_its_second_address(people, client_for, invited):
    EmailAddress.objects.create(user=people.other, email="nieuw@hier.example", verified=True, primary=False)
    assert client_for(people.other).post(link(invited[1])).url == people.pact.get_absolute_url()
    assert members(people, people.other).count() == 2
    assert not User.objects.filter(email="nieuw@hier.example").exists()


def test_it_trusts_no_address_that_was_not_confirmed(people, invited):
    EmailAddress.objects.create(user=people.other, email="nieuw@hier.example", verified=False, primary=False)
    user = workflow.accept(invited[1], password=None)
    assert user != people.other


def test_it_does_not_take_the_invitation_of_somebody_else(people, client_for, invited):
    page = client_for(people.other).get(link(invited[1]))
    assert "opvang@hier.example" in page.content.decode()
    client_for(people.other).post(link(invited[1]), {"way": "code"})
    invited[0].refresh_from_db()
    assert invited[0].is_open
    assert not User.objects.filter(email="nieuw@hier.example").exists()


def test_it_opens_no_closed_account(people, invited):
    user = make_user("nieuw@hier.example")
    user.is_active = False
    user.save()
    with pytest.raises(workflow.InvitationRefused, match="gesloten"):
        workflow.accept(invited[1], password=None)


def test_it_refuses_when_the_organisation_has_left(people, invited):
    people.school.left_on = timezone.localdate()
    people.school.save()
    assert Client().get(link(invited[1])).status_code == 410


def test_it_lists_open_invitations_for_who_manages_them(people, client_for, invited):
    assert "nieuw@hier.example" in client_for(people.coordinator).get(address("people_list", people)).content.decode()
    text = client_for(people.reader).get(address("people_list", people)).content.decode()
    assert "nieuw@hier.example" not in text
    assert "school@hier.example" not in text
    assert "bestuurder school" in text


def test_it_ends_a_membership_after_asking(people, client_for):
    membership = members(people, people.other).get()
    client = client_for(people.coordinator)
    there = address("membership_end", people, membership.pk)
    assert "Lidmaatschap beëindigen" in client.post(there).content.decode()
    assert members(people, people.other).exists()
    client.post(there, {"confirmed": "1"})
    assert not members(people, people.other).exists()
    assert client_for(people.other).get(address("people_list", people)).status_code == 404


def test_it_leads_who_leaves_to_the_own_pacts(people, client_for):
    second = make_member(people.school, Role.COORDINATOR)
    membership = members(people, second).get()
    answer = client_for(second).post(address("membership_end", people, membership.pk), {"confirmed": "1"})
    assert answer.url == "/"


def test_it_mails_in_dutch_whatever_the_language_of_the_inviter(people):
    with translation.override("en"):
        workflow.invite(people.school, email="a@hier.example", name="a", role=Role.READER, by=people.coordinator)
    assert "Goedendag" in OutgoingMail.objects.get().text


def test_it_keeps_the_last_coordinator(people, client_for):
    membership = members(people, people.coordinator).get()
    page = client_for(people.coordinator).post(
        address("membership_end", people, membership.pk), {"confirmed": "1"}, follow=True
    )
    assert "laatste coördinator" in page.content.decode()
    assert members(people, people.coordinator).exists()


def test_it_starts_an_ended_membership_again(people):
    membership = workflow.end(members(people, people.other).get(), by=people.coordinator)
    again = workflow.join(people.other, people.childcare, Role.REPRESENTATIVE, by=people.coordinator)
    assert again.pk == membership.pk
    assert members(people, people.other).exists()


def test_it_refuses_the_same_membership_twice(people):
    user = make_member(people.school, Role.READER)
    with pytest.raises(ValidationError, match="heeft deze rol al"):
        workflow.join(user, people.school, Role.READER, by=people.coordinator)


# --- Declining ---


def refusing(secret):
    return reverse("partners:decline", args=[secret])


def test_it_declines_with_a_reason_that_the_coordinator_reads(people, invited):
    client = Client()
    assert refusing(invited[1]) in client.get(link(invited[1])).content.decode()
    assert "Niet meedoen?" in client.get(refusing(invited[1])).content.decode()
    answer = client.post(refusing(invited[1]), {"reason": "Wij <hebben> geen tijd."})
    assert "U doet niet mee" in answer.content.decode()
    invited[0].refresh_from_db()
    assert invited[0].declined_at
    mail = OutgoingMail.objects.get(key__startswith=f"invitation-{invited[0].pk}-declined")
    assert mail.recipient == "coordinator@hier.example"
    assert "Wij <hebben> geen tijd." in mail.text
    assert "Wij &lt;hebben&gt; geen tijd." in mail.html
    assert AuditRecord.objects.in_pact(people.pact).filter(action="invitation.declined", by=None).exists()
    assert not User.objects.filter(email="nieuw@hier.example").exists()


def test_it_declines_without_a_reason(invited):
    assert Client().post(refusing(invited[1]), {}).status_code == 200
    invited[0].refresh_from_db()
    assert invited[0].declined_at
    assert "De reden" not in OutgoingMail.objects.latest("pk").text


def test_it_declines_nothing_by_looking(invited):
    Client().get(refusing(invited[1]))
    invited[0].refresh_from_db()
    assert invited[0].is_open


def test_it_keeps_a_reason_that_is_too_long(invited):
    page = Client().post(refusing(invited[1]), {"reason": "x" * 501})
    assert page.status_code == 200
    assert page.context["form"].errors["reason"]
    invited[0].refresh_from_db()
    assert invited[0].is_open


def test_it_tells_every_coordinator_when_the_inviting_one_has_left(people, invited):
    second = make_member(people.school, Role.COORDINATOR, "tweede@hier.example")
    workflow.end(members(people, people.coordinator).get(), by=second)
    workflow.decline(invited[1], reason="")
    mail = OutgoingMail.objects.get(key__startswith=f"invitation-{invited[0].pk}-declined")
    assert (mail.recipient, mail.fallbacks) == ("tweede@hier.example", [])


def test_it_falls_back_to_the_other_coordinators_with_what_was_declined(people, invited):
    make_member(people.school, Role.COORDINATOR, "tweede@hier.example")
    workflow.decline(invited[1], reason="")
    mail = OutgoingMail.objects.get(key__startswith=f"invitation-{invited[0].pk}-declined")
    assert (mail.recipient, mail.fallbacks) == ("coordinator@hier.example", ["tweede@hier.example"])


def test_it_says_that_an_invitation_was_declined(invited):
    workflow.decline(invited[1], reason="")
    for there in (link(invited[1]), refusing(invited[1])):
        for answer in (Client().get(there), Client().post(there, {"way": "code"})):
            assert answer.status_code == 410
            assert "afgeslagen" in answer.content.decode()


def test_it_invites_again_who_declined(people, invited):
    workflow.decline(invited[1], reason="")
    again, _secret = workflow.invite(
        people.school, email="nieuw@hier.example", name="bestuurder", role=Role.READER, by=people.coordinator
    )
    assert again.pk != invited[0].pk


def test_it_shows_the_reason_to_who_manages_invitations(people, client_for, invited):
    workflow.decline(invited[1], reason="Volgend jaar wel.")
    assert "Volgend jaar wel." in client_for(people.coordinator).get(address("people_list", people)).content.decode()
    assert "Volgend jaar wel." not in client_for(people.other).get(address("people_list", people)).content.decode()


def test_it_lets_nobody_decline_for_another_account(people, client_for, invited):
    client = client_for(people.other)
    assert client.post(refusing(invited[1]), {}).url == link(invited[1])
    invited[0].refresh_from_db()
    assert invited[0].is_open


@pytest.mark.parametrize("secret", ["onbekend", "%00", "a" * 5000])
def test_it_declines_no_other_secrets(people, secret):
    assert Client().post(f"/invitations/{secret}/decline/").status_code == 404


def test_it_has_the_database_refuse_two_answers(invited):
    workflow.decline(invited[1], reason="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.unscoped.update(accepted_at=timezone.now())


# --- Sending again ---


def send_again(people, client, invitation, after=1, **fields):
    there = address("invitation_send_again", people, invitation.pk)
    return client.post(there, {"after": after, "confirmed": "1", **fields}, follow=True).content.decode()


def test_it_asks_before_it_sends_again(people, client_for, invited):
    there = address("invitation_send_again", people, invited[0].pk)
    page = client_for(people.coordinator).post(there, {"after": 1}).content.decode()
    assert "De link in de eerdere mail werkt dan niet meer." in page
    assert 'name="after" value="1"' in page
    assert OutgoingMail.objects.count() == 1


def test_it_sends_again_by_a_new_link_and_says_so_behind_the_old_one(people, client_for, invited, mailoutbox):
    with time_machine.travel("2027-03-01T09:30:00+01:00", tick=False):
        assert "opnieuw onderweg" in send_again(people, client_for(people.coordinator), invited[0])
        invitation = Invitation.objects.in_pact(people.pact).get()
        assert (invitation.times_sent, invitation.sent_at) == (2, timezone.now())
        assert invitation.expires_at == timezone.now() + workflow.VALID_FOR
        deliver(OutgoingMail.objects.latest("pk").pk)
        body = mailoutbox[0].body
        assert "U krijgt deze mail opnieuw." in body
        path = next(line for line in body.splitlines() if "/invitations/" in line).removeprefix("http://testserver")
        assert path != link(invited[1])
        for there in (link(invited[1]), refusing(invited[1])):
            for answer in (Client().get(there), Client().post(there, {"way": "code"})):
                assert answer.status_code == 410
                assert "Op 1 maart 2027 09:30 is een nieuwere mail gestuurd." in answer.content.decode()
        assert not User.objects.filter(email="nieuw@hier.example").exists()
        assert Client().post(path, {"way": "code"}).url == people.pact.get_absolute_url()
    assert "al gebruikt" in Client().get(link(invited[1])).content.decode()


def test_it_gives_every_sending_a_mail_of_its_own(people, invited):
    workflow.send_again(invited[0], by=people.coordinator, after=1)
    workflow.send_again(invited[0], by=people.coordinator, after=2)
    keys = OutgoingMail.objects.order_by("pk").values_list("key", flat=True)
    assert list(keys) == [f"invitation-{invited[0].pk}-{number}" for number in (1, 2, 3)]


def test_it_sends_again_what_ran_out(people, invited):
    Invitation.unscoped.update(expires_at=timezone.now() - timedelta(minutes=1))
    again, secret = workflow.send_again(invited[0], by=people.coordinator, after=1)
    assert again.is_open
    assert workflow.accept(secret, password=None).email == "nieuw@hier.example"


@pytest.mark.parametrize("after", ["0", "2", "", "x", "-1", "²", "9" * 400])
def test_it_does_not_send_again_from_an_older_page(people, client_for, invited, after):
    assert "net al opnieuw verstuurd" in send_again(people, client_for(people.coordinator), invited[0], after)
    assert OutgoingMail.objects.count() == 1


def test_it_sends_nothing_again_that_was_answered_or_withdrawn(people, client_for, invited):
    client = client_for(people.coordinator)
    workflow.withdraw(invited[0], by=people.coordinator)
    assert "al ingetrokken" in send_again(people, client, invited[0])
    Invitation.unscoped.update(withdrawn_at=None, declined_at=timezone.now())
    assert "al afgeslagen" in send_again(people, client, invited[0])
    Invitation.unscoped.update(declined_at=None, accepted_at=timezone.now())
    assert "al aangenomen" in send_again(people, client, invited[0])
    assert OutgoingMail.objects.count() == 1


def test_it_sends_nothing_again_for_a_partner_that_has_left(people, client_for, invited):
    people.school.left_on = timezone.localdate()
    people.school.save()
    assert "doet niet meer mee aan het pact" in send_again(people, client_for(people.coordinator), invited[0])


def test_it_sends_nothing_again_from_another_pact_or_without_the_right(people, client_for, invited):
    there = reverse("partners:invitation_send_again", args=[people.other_pact.slug, invited[0].pk])
    assert client_for(people.stranger).post(there, {"after": 1, "confirmed": "1"}).status_code == 404
    here = address("invitation_send_again", people, invited[0].pk)
    assert client_for(people.stranger).post(here, {"after": 1, "confirmed": "1"}).status_code == 404
    assert client_for(people.representative).post(here, {"after": 1, "confirmed": "1"}).status_code == 403
    assert OutgoingMail.objects.count() == 1


def test_it_shows_how_an_invitation_stands(people, client_for, invited):
    client = client_for(people.coordinator)
    assert "niet bezorgd" not in client.get(address("people_list", people)).content.decode()
    workflow.send_again(invited[0], by=people.coordinator, after=1)
    OutgoingMail.objects.update(state=OutgoingMail.State.FAILED)
    text = client.get(address("people_list", people)).content.decode()
    assert "niet bezorgd" in text
    assert "2 keer" in text
    Invitation.unscoped.update(expires_at=timezone.now())
    assert "verlopen" in client.get(address("people_list", people)).content.decode()


# --- Mail that does not arrive ---


def test_it_tells_the_organisation_without_the_link_that_an_invitation_did_not_arrive(people):
    people.school.contact_email = "info@hier.example"
    people.school.save()
    _invitation, secret = workflow.invite(
        people.school, email="fout@hier.example", name="x", role=Role.READER, by=people.coordinator
    )
    mail = OutgoingMail.objects.get()
    assert mail.fallbacks == ["info@hier.example", "coordinator@hier.example"]
    with transaction.atomic():
        OutgoingMail.objects.update(state=OutgoingMail.State.FAILED)
        notice = fall_back(mail)
    assert notice.recipient == "info@hier.example"
    assert secret not in notice.text + notice.html
    assert "/invitations/" not in notice.text + notice.html
    assert "fout@hier.example" in notice.text
    assert "Schoolbestuur Hier" in notice.text
    assert address("people_list", people) in notice.text


# --- The right account ---


def test_it_offers_somebody_else_to_sign_out_and_go_on(people, client_for, invited):
    client = client_for(people.other)
    page = client.get(link(invited[1])).content.decode()
    assert "Uitloggen en verder met deze uitnodiging" in page
    assert f'name="next" value="{link(invited[1])}"' in page
    assert "Ik doe niet mee" not in page
    answer = client.post(reverse("account_logout"), {"next": link(invited[1])})
    assert answer.url == link(invited[1])
    assert client.post(link(invited[1]), {"way": "code"}).status_code == 302
    assert members(people, User.objects.get(email="nieuw@hier.example")).exists()
    assert members(people, people.other).count() == 1


def test_it_lets_no_account_be_used_by_who_is_not_signed_in_with_it(people, invited):
    """An account may be made between the page and the answer to it."""
    user = make_user("nieuw@hier.example")
    for reader in (None, people.other):
        with pytest.raises(workflow.InvitationRefused, match="Log in met dat account"):
            workflow.accept(invited[1], password=None, by=reader)
    assert not members(people, user).exists()
    assert workflow.accept(invited[1], password=None, by=user) == user


def test_it_keeps_invitations_of_who_has_left(people, invited):
    second = make_member(people.school, Role.COORDINATOR)
    workflow.end(members(people, people.coordinator).get(), by=second)
    assert workflow.accept(invited[1], password=None).email == "nieuw@hier.example"
