"""The mail that asks a partner what it thinks of a proposal: one per round, to who can say so."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from pact_portal.foundation.mail.models import OutgoingMail
from partners.models import Membership
from partners.permissions import Role
from plan.decisions import notices, writing
from plan.decisions.carried import next_step
from plan.decisions.deciding import record_outcome
from tests.factories import make_member, make_proposal, make_route


@pytest.fixture
def route(people):
    return make_route(people.pact)


def mails():
    return {mail.recipient: mail for mail in OutgoingMail.objects.filter(key__startswith="proposal-asked-")}


def test_it_asks_every_partner_once(people, route):
    proposal = make_proposal(people.pact, title="Een maatjesproject")
    # The school and the childcare by their representative, the municipality, which has none, by its signatory.
    assert set(mails()) == {people.representative.email, people.other.email, people.signatory.email}
    mail = mails()[people.representative.email]
    assert "P1" in mail.subject
    address = reverse("plan:proposal_detail", args=[people.pact.slug, proposal.number])
    for body in (mail.text, mail.html):
        assert "Een maatjesproject" in body
        assert "Schoolbestuur Hier" in body
        assert body.count(address) >= 1
    assert mail.text.count("http") == 2
    last = proposal.steps.get(position=3)
    assert f"{last.body.name} besluit uiterlijk op" in mail.text
    assert people.coordinator.email in mail.fallbacks


def test_it_asks_once_however_often_it_is_tried(people, route):
    proposal = make_proposal(people.pact)
    for _ in range(3):
        notices.ask(proposal)
    assert OutgoingMail.objects.filter(key__startswith="proposal-asked-").count() == 3


def test_it_asks_again_in_a_second_round(people, route):
    proposal = make_proposal(people.pact)
    record_outcome(
        proposal,
        step=next_step(proposal),
        outcome="sent_back",
        decided_on=timezone.localdate(),
        reason="Nog niet.",
        by=people.coordinator,
    )
    writing.submit(proposal, by=people.coordinator)
    asked = OutgoingMail.objects.filter(key__startswith="proposal-asked-")
    assert asked.count() == 6
    assert "opnieuw ingebracht" in asked.filter(recipient=people.other.email).latest("pk").text
    assert "opnieuw ingebracht" not in asked.filter(recipient=people.other.email).earliest("pk").text


def test_it_writes_to_one_of_several_who_can_say_it_with_the_others_behind(people, route):
    second = make_member(people.school, Role.REPRESENTATIVE, name="aaa bestuurder")
    make_proposal(people.pact)
    own = [mail for mail in mails().values() if "Schoolbestuur Hier" in mail.text]
    assert [mail.recipient for mail in own] == [second.email]
    assert own[0].fallbacks[0] == people.representative.email


def test_it_writes_to_the_coordinator_about_a_partner_without_people(people, route):
    Membership.objects.in_pact(people.pact).filter(partnership=people.childcare).delete()
    make_proposal(people.pact)
    assert "Kinderopvang Hier" in mails()[people.coordinator.email].text


def test_it_mails_nothing_about_a_draft_or_a_refusal(people, route):
    draft = writing.write(
        people.pact,
        title="Leeg",
        explanation="<p>Niets.</p>",
        partnership=people.school,
        items=[],
        by=people.coordinator,
    )
    with pytest.raises(ValidationError):
        writing.submit(draft, by=people.coordinator)
    assert not OutgoingMail.objects.exists()


def test_it_mails_no_other_pact(people, route):
    make_route(people.other_pact)
    make_proposal(people.pact, title="Alleen hier")
    assert people.stranger.email not in mails()


def test_it_shows_what_was_typed_as_text(people, route):
    make_proposal(people.pact, title="<b>Vet</b> & zo")
    mail = mails()[people.other.email]
    assert "<b>Vet</b> & zo" in mail.text
    assert "&lt;b&gt;Vet&lt;/b&gt; &amp; zo" in mail.html
