"""The pages of partners: who sees them, who changes them, and what they keep."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pact_portal.foundation.audit.models import AuditRecord
from partners.models import Organisation, Partnership, Sector
from partners.organisations import workflow
from tests.factories import make_member, make_partner

FILLED = {
    "name": "Stichting Sport",
    "sector": Sector.LEISURE,
    "kind": Partnership.Kind.EXECUTING,
    "position": "9",
    "joined_on": "16 juni 2022",
    "contact_email": "info@sport.example",
    "website": "https://sport.example",
    "description": "Sport na school.",
}


def address(name, people, *args):
    return reverse(f"partners:{name}", args=[people.pact.slug, *args])


def test_it_lists_the_partners_by_sector(people, client_for):
    page = client_for(people.reader).get(address("organisation_list", people))
    text = page.content.decode().split('id="rows"')[1]
    assert page.status_code == 200
    assert text.index("Gemeente Hier") < text.index("Kinderopvang Hier") < text.index("Schoolbestuur Hier")
    assert "Gemeente Elders" not in text


def test_it_filters_by_kind_and_sector(people, client_for):
    make_partner(people.pact, "Jongerenwerk Hier", Sector.YOUTH_CARE, Partnership.Kind.EXECUTING)
    client = client_for(people.reader)
    executing = client.get(address("organisation_list", people), {"kind": "executing"}).content.decode()
    assert "Jongerenwerk Hier" in executing
    assert "Schoolbestuur Hier" not in executing
    schools = client.get(address("organisation_list", people), {"sector": "po"}).content.decode()
    assert "Schoolbestuur Hier" in schools
    assert "Jongerenwerk Hier" not in schools


def test_it_says_so_when_no_partner_fits_the_filters(people, client_for):
    page = client_for(people.reader).get(address("organisation_list", people), {"sector": "hbo"})
    assert "Geen partners gevonden" in page.content.decode()


def test_it_answers_htmx_with_the_rows_only(people, client_for):
    page = client_for(people.reader).get(address("organisation_list", people), headers={"HX-Request": "true"})
    text = page.content.decode()
    assert 'id="rows"' in text
    assert "<html" not in text
    assert "HX-Request" in page.headers["Vary"]


@pytest.mark.parametrize("name", ["organisation_list", "people_list"])
def test_it_asks_as_many_queries_for_fifty_partners_as_for_one(people, client_for, name, django_assert_num_queries):
    client = client_for(people.coordinator)
    client.get(address(name, people))
    with CaptureQueriesContext(connection) as few:
        client.get(address(name, people))
    for _number in range(50):
        make_member(make_partner(people.pact))
    with django_assert_num_queries(len(few)):
        client.get(address(name, people))


def test_it_shows_a_partner_with_contact_and_members(people, client_for):
    workflow.update_partner(people.school, by=people.coordinator, contact_email="info@school.example")
    text = client_for(people.other).get(address("organisation_detail", people, people.school.pk)).content.decode()
    assert "info@school.example" in text
    assert "bestuurder school" in text
    assert "Gegevens bewerken" not in text


def test_it_adds_a_partner_at_the_end(people, client_for):
    answer = client_for(people.coordinator).post(address("organisation_add", people), FILLED | {"position": ""})
    added = Partnership.objects.in_pact(people.pact).get(organisation__name="Stichting Sport")
    assert answer.url == address("organisation_detail", people, added.pk)
    assert added.position == 4
    assert str(added.joined_on) == "2022-06-16"
    assert AuditRecord.objects.in_pact(people.pact).filter(action="partnership.added", by=people.coordinator).exists()


def test_it_keeps_what_was_typed_when_something_is_wrong(people, client_for):
    page = client_for(people.coordinator).post(
        address("organisation_add", people), FILLED | {"joined_on": "gisteren", "website": "geen adres"}
    )
    text = page.content.decode()
    assert page.status_code == 200
    assert "Stichting Sport" in text
    assert "gisteren" in text
    assert "geen adres" in text
    assert not Organisation.objects.filter(name="Stichting Sport").exists()


@pytest.mark.parametrize("typed", [{"position": "-1"}, {"position": "9" * 30}, {"sector": "x"}, {"name": "a\x00b"}])
def test_it_refuses_strange_input_with_a_sentence(people, client_for, typed):
    page = client_for(people.coordinator).post(address("organisation_add", people), FILLED | typed)
    assert page.status_code == 200
    assert page.context["form"].errors


def test_it_refuses_an_organisation_that_takes_part_already(people, client_for):
    page = client_for(people.coordinator).post(
        address("organisation_add", people), FILLED | {"name": "schoolbestuur hier"}
    )
    assert "Deze organisatie doet al mee aan het pact." in page.content.decode()


def test_it_has_the_database_refuse_the_same_partnership_twice(people):
    with pytest.raises(IntegrityError), transaction.atomic():
        Partnership.unscoped.create(
            pact=people.pact, organisation=people.school.organisation, kind="adviser", joined_on="2024-01-01"
        )


def test_it_lets_a_coordinator_edit_every_field(people, client_for):
    answer = client_for(people.coordinator).post(
        address("organisation_edit", people, people.school.pk), FILLED | {"left_on": "1-8-2026"}
    )
    assert answer.status_code == 302
    changed = Partnership.objects.in_pact(people.pact).get(pk=people.school.pk)
    assert (changed.organisation.name, changed.kind, changed.position) == ("Stichting Sport", "executing", 9)
    assert str(changed.left_on) == "2026-08-01"


def test_it_refuses_to_leave_before_joining(people, client_for):
    page = client_for(people.coordinator).post(
        address("organisation_edit", people, people.school.pk), FILLED | {"left_on": "1-1-2022"}
    )
    assert "De einddatum moet na de begindatum liggen." in page.content.decode()


def test_it_lets_a_representative_edit_only_what_is_the_own_organisation_s(people, client_for):
    client = client_for(people.representative)
    answer = client.post(address("organisation_edit", people, people.school.pk), FILLED)
    changed = Partnership.objects.in_pact(people.pact).get(pk=people.school.pk)
    assert answer.status_code == 302
    assert changed.contact_email == "info@sport.example"
    assert (changed.organisation.name, changed.kind) == ("Schoolbestuur Hier", "signatory")
    assert client.get(address("organisation_edit", people, people.childcare.pk)).status_code == 403
    assert client.post(address("organisation_edit", people, people.childcare.pk), FILLED).status_code == 403


def test_it_hides_partners_of_another_pact(people, client_for):
    elsewhere = people.other_pact.partnerships.get()
    for name in ("organisation_detail", "organisation_edit"):
        assert client_for(people.coordinator).get(address(name, people, elsewhere.pk)).status_code == 404


def test_it_renames_an_organisation_in_this_pact_only(people):
    shared = workflow.add_partner(
        people.other_pact, name="Schoolbestuur Hier", sector="po", kind="signatory", joined_on="2024-01-01", by=None
    )
    assert shared.organisation == people.school.organisation
    renamed = workflow.update_partner(people.school, by=people.coordinator, name="Andere naam")
    shared.refresh_from_db()
    assert renamed.organisation.name == "Andere naam"
    assert shared.organisation.name == "Schoolbestuur Hier"


def test_it_names_a_field_that_does_not_exist(people):
    with pytest.raises(TypeError, match="colour"):
        workflow.update_partner(people.school, by=None, colour="red")


def test_it_records_no_change_that_was_none(people):
    workflow.update_partner(people.school, by=people.coordinator, name="Schoolbestuur Hier")
    assert not AuditRecord.objects.in_pact(people.pact).filter(action="partnership.updated").exists()
