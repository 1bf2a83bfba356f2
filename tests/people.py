"""The people of the tests: in every role one who may, somebody of another partner, and somebody of another pact."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client

from partners.models import Pact, Partnership, Sector, User
from partners.permissions import Role
from tests.factories import make_member, make_pact, make_partner


@dataclass(frozen=True)
class People:
    """Two pacts, three partners in the first, and a member for every role."""

    pact: Pact
    other_pact: Pact
    municipality: Partnership
    school: Partnership
    childcare: Partnership
    coordinator: User
    representative: User
    other: User
    signatory: User
    advisor: User
    reader: User
    stranger: User


@pytest.fixture
def people(db: None) -> People:
    pact, other_pact = make_pact(slug="hier", name="Pact Hier"), make_pact(slug="elders", name="Pact Elders")
    municipality = make_partner(pact, "Gemeente Hier", Sector.MUNICIPALITY, position=1)
    school = make_partner(pact, "Schoolbestuur Hier", Sector.PRIMARY, position=2)
    childcare = make_partner(pact, "Kinderopvang Hier", Sector.CHILDCARE, position=3)
    elsewhere = make_partner(other_pact, "Gemeente Elders", Sector.MUNICIPALITY)
    return People(
        pact=pact,
        other_pact=other_pact,
        municipality=municipality,
        school=school,
        childcare=childcare,
        coordinator=make_member(municipality, Role.COORDINATOR, "coordinator@hier.example", name="coördinator"),
        representative=make_member(school, Role.REPRESENTATIVE, "school@hier.example", name="bestuurder school"),
        other=make_member(childcare, Role.REPRESENTATIVE, "opvang@hier.example", name="bestuurder opvang"),
        signatory=make_member(municipality, Role.SIGNATORY, "wethouder@hier.example", name="wethouder"),
        advisor=make_member(school, Role.ADVISOR, "klankbord@hier.example", name="lid klankbordgroep"),
        reader=make_member(childcare, Role.READER, "lezer@hier.example", name="lezer"),
        stranger=make_member(elsewhere, Role.COORDINATOR, "coordinator@elders.example", name="coördinator elders"),
    )


@pytest.fixture
def client_for() -> Callable[[User], Client]:
    """A browser in which the user is signed in."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in
