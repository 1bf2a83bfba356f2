"""Where everybody starts: home, dashboard, public page and audit trail."""

from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from pact_portal.foundation.audit.workflow import record
from partners.models import SignaturePlace, User
from partners.pact import workflow as pacts
from plan.models import SupportQuestion
from tests.factories import make_member, make_question, put_in_force
from tests.people import People

ClientFor = Callable[[User], Client]


def _sign(people: People) -> None:
    pacts.add_section(people.pact, title="Aanleiding", body="<p>Tekst</p>", by=people.coordinator)
    version = pacts.freeze(people.pact, by=people.coordinator)
    deed = put_in_force(version)
    SignaturePlace.unscoped.create(deed=deed, partnership=people.school, field="school", position=1)


def test_it_leads_a_member_of_one_pact_straight_there(people: People, client_for: ClientFor) -> None:
    assert client_for(people.reader).get("/").url == "/hier/"  # type: ignore[attr-defined]


def test_it_lets_a_member_of_two_pacts_choose(people: People, client_for: ClientFor) -> None:
    membership = people.other_pact.partnerships.get().memberships.create(user=people.reader, role="reader")
    page = client_for(membership.user).get("/").content.decode()
    assert "Pact Hier" in page
    assert "Pact Elders" in page


def test_it_shows_the_public_only_pacts_that_were_signed(people: People, client: Client) -> None:
    assert "Pact Hier" not in client.get("/").content.decode()
    assert client.get("/hier/").status_code == 404
    _sign(people)
    assert "Pact Hier" in client.get("/").content.decode()
    page = client.get("/hier/").content.decode()
    assert "Schoolbestuur Hier" in page
    assert "Wat wordt er van u gevraagd" not in page


def test_it_shows_a_stranger_the_public_page_only(people: People, client_for: ClientFor) -> None:
    client = client_for(people.stranger)
    assert client.get("/hier/").status_code == 404
    _sign(people)
    assert "Wat wordt er van u gevraagd" not in client.get("/hier/").content.decode()


def test_it_asks_of_each_what_is_theirs(people: People, client_for: ClientFor) -> None:
    make_question(people.pact, partnership=people.school, state=SupportQuestion.State.SUBMITTED)
    make_question(people.pact, partnership=people.school, state=SupportQuestion.State.RETURNED, remark="Hoeveel?")
    assert "Beoordeel 1 ingediende vraag" in client_for(people.coordinator).get("/hier/").content.decode()
    assert "Vul vraag V2 aan" in client_for(people.representative).get("/hier/").content.decode()
    assert "Vul vraag V2 aan" not in client_for(people.other).get("/hier/").content.decode()
    assert "Er wacht nu niets op u" in client_for(people.reader).get("/hier/").content.decode()


def test_it_keeps_the_audit_trail_for_coordinators(people: People, client_for: ClientFor) -> None:
    record("question.accepted", make_question(people.pact, title="Alleen hier"), by=people.coordinator)
    assert "Alleen hier" in client_for(people.coordinator).get("/hier/log/").content.decode()
    assert client_for(people.representative).get("/hier/log/").status_code == 403
    assert client_for(people.stranger).get("/hier/log/").status_code == 404
    partial = client_for(people.coordinator).get("/hier/log/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in partial
    assert client_for(people.coordinator).post("/hier/log/").status_code == 405


def test_it_takes_no_number_for_a_page_that_is_none(people: People, client_for: ClientFor) -> None:
    for page in ("x", "0", "99999999999999999999", "%00"):
        assert client_for(people.coordinator).get(f"/hier/log/?page={page}").status_code == 200


def test_it_ends_a_membership_at_once(people: People, client_for: ClientFor) -> None:
    user = make_member(people.school)
    client = client_for(user)
    assert client.get("/hier/").status_code == 200
    user.memberships.update(ended_on=timezone.localdate())
    assert client.get("/hier/").status_code == 404
