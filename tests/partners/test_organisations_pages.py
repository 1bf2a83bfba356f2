"""The pages of partners: who sees them, who changes them, and what they keep."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pact_portal.foundation.audit.models import AuditRecord
from partners.models import Membership, Organisation, Partnership, Sector
from partners.organisations import workflow
from partners.permissions import Role
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


def membership_of(people, user):
    return Membership.objects.in_pact(people.pact).get(user=user)


def school_of(people):
    return Partnership.objects.in_pact(people.pact).get(pk=people.school.pk)


def test_it_lets_a_coordinator_edit_every_field(people, client_for):
    contact = membership_of(people, people.advisor)
    answer = client_for(people.coordinator).post(
        address("organisation_edit", people, people.school.pk),
        FILLED | {"municipality": people.municipality.pk, "contact": contact.pk},
    )
    assert answer.status_code == 302
    changed = school_of(people)
    assert (changed.organisation.name, changed.kind, changed.position) == ("Stichting Sport", "executing", 9)
    assert (changed.municipality, changed.contact) == (people.municipality, contact)
    text = client_for(people.reader).get(address("organisation_detail", people, people.school.pk)).content.decode()
    assert "Gemeente Hier" in text
    assert "lid klankbordgroep" in text


def test_it_lets_a_representative_edit_only_what_is_the_own_organisation_s(people, client_for):
    client = client_for(people.representative)
    contact = membership_of(people, people.advisor)
    answer = client.post(address("organisation_edit", people, people.school.pk), FILLED | {"contact": contact.pk})
    changed = Partnership.objects.in_pact(people.pact).get(pk=people.school.pk)
    assert answer.status_code == 302
    assert (changed.contact_email, changed.contact) == ("info@sport.example", contact)
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


# --- Municipality and contact person ---


def test_it_filters_by_municipality(people, client_for):
    second = make_partner(people.pact, "Gemeente Verder", Sector.MUNICIPALITY)
    workflow.update_partner(people.school, by=None, municipality=people.municipality)
    make_partner(people.pact, "Jeugdhulp Verder", Sector.YOUTH_CARE, municipality=second)
    client = client_for(people.reader)
    page = client.get(address("organisation_list", people), {"municipality": people.municipality.pk})
    found = page.content.decode().split('id="rows"')[1]
    assert "Gemeente Hier" in found
    assert "Schoolbestuur Hier" in found
    assert "Verder" not in found
    assert "Kinderopvang Hier" not in found


@pytest.mark.parametrize("typed", ["x", "9" * 40, "\x00", "-1"])
def test_it_answers_a_strange_filter(people, client_for, typed):
    page = client_for(people.reader).get(address("organisation_list", people), {"municipality": typed})
    assert page.status_code == 200


def test_it_shows_no_municipality_of_another_pact_in_filter_or_form(people, client_for):
    client = client_for(people.coordinator)
    elsewhere = people.other_pact.partnerships.get()
    for there in (address("organisation_list", people), address("organisation_edit", people, people.school.pk)):
        assert "Gemeente Elders" not in client.get(there).content.decode()
    page = client.get(address("organisation_list", people), {"municipality": elsewhere.pk}).content.decode()
    assert "Gemeente Elders" not in page


@pytest.mark.parametrize("which", ["elsewhere", "school", "itself"])
def test_it_refuses_a_municipality_that_is_none_of_this_pact(people, client_for, which):
    wrong = {"elsewhere": people.other_pact.partnerships.get(), "school": people.childcare, "itself": people.school}
    page = client_for(people.coordinator).post(
        address("organisation_edit", people, people.school.pk), FILLED | {"municipality": wrong[which].pk}
    )
    assert "Kies een gemeente die meedoet aan dit pact." in page.content.decode()
    assert "Stichting Sport" in page.content.decode()
    # Past the form as well.
    with pytest.raises(ValidationError, match="Kies een gemeente"):
        workflow.update_partner(people.school, by=people.coordinator, municipality=wrong[which])
    assert school_of(people).municipality is None


def test_it_adds_a_partner_in_a_municipality_of_this_pact_only(people, client_for):
    client = client_for(people.coordinator)
    elsewhere = people.other_pact.partnerships.get()
    page = client.post(address("organisation_add", people), FILLED | {"municipality": elsewhere.pk})
    assert page.context["form"].errors["municipality"]
    with pytest.raises(ValidationError, match="Kies een gemeente"):
        workflow.add_partner(
            people.pact, name="x", sector="po", kind="adviser", joined_on="2024-01-01", by=None, municipality=elsewhere
        )
    client.post(address("organisation_add", people), FILLED | {"municipality": people.municipality.pk})
    added = Partnership.objects.in_pact(people.pact).get(organisation__name="Stichting Sport")
    assert added.municipality == people.municipality


def test_it_takes_a_municipality_of_elsewhere_without_the_check(people, monkeypatch):
    """The twin: what keeps the pacts apart is the check of the model, not the foreign key."""
    monkeypatch.setattr(Partnership, "clean", lambda self: None)
    workflow.update_partner(people.school, by=None, municipality=people.other_pact.partnerships.get())
    assert school_of(people).municipality.pact == people.other_pact


def test_it_refuses_a_contact_person_of_somebody_else(people, client_for):
    for user in (people.other, people.stranger):
        wrong = Membership.unscoped.get(user=user)
        for editor in (people.coordinator, people.representative):
            page = client_for(editor).post(
                address("organisation_edit", people, people.school.pk), FILLED | {"contact": wrong.pk}
            )
            assert "Kies iemand die meedoet namens deze organisatie." in page.content.decode()
        with pytest.raises(ValidationError, match="Kies iemand"):
            workflow.update_partner(people.school, by=None, contact=wrong)
    assert school_of(people).contact is None


def test_it_refuses_a_contact_person_who_has_left_and_keeps_one_who_leaves_later(people):
    former = membership_of(people, people.advisor)
    workflow.update_partner(people.school, by=None, contact=former)
    Membership.unscoped.filter(pk=former.pk).update(ended_on="2026-01-01")
    # Something else can still be changed.
    assert workflow.update_partner(people.school, by=None, website="https://school.example").contact == former
    workflow.update_partner(people.school, by=None, contact=None)
    with pytest.raises(ValidationError, match="Kies iemand"):
        workflow.update_partner(people.school, by=None, contact=former)


# --- Leaving ---


def leave(people, client, partner, day="31-12-2027"):
    return client.post(address("organisation_leave", people, partner.pk), {"left_on": day})


def test_it_says_what_leaving_means_before_it_happens(people, client_for):
    text = client_for(people.coordinator).get(address("organisation_leave", people, people.school.pk)).content.decode()
    assert "kunnen de mensen van deze organisatie niet meer bij de werkpagina" in text
    assert "bestuurder school" in text
    assert "bestuurder opvang" not in text
    assert school_of(people).left_on is None


def test_it_lets_a_partner_leave_on_a_day_and_its_members_from_that_day(people, client_for):
    answer = leave(people, client_for(people.coordinator), people.school)
    assert answer.url == address("organisation_detail", people, people.school.pk)
    record = AuditRecord.objects.in_pact(people.pact).get(action="partnership.left")
    assert (record.by, record.details) == (people.coordinator, {"left_on": "2027-12-31"})
    there = address("people_list", people)
    with time_machine.travel("2027-12-30T23:00:00+01:00", tick=False):
        assert client_for(people.representative).get(there).status_code == 200
    with time_machine.travel("2027-12-31T00:30:00+01:00", tick=False):
        assert client_for(people.representative).get(there).status_code == 404
        assert client_for(people.other).get(there).status_code == 200
        text = client_for(people.other).get(address("organisation_detail", people, people.school.pk)).content.decode()
        assert "doet niet meer mee" in text
        assert "31 december 2027" in text


def test_it_lets_a_partner_take_part_again_after_asking(people, client_for):
    client = client_for(people.coordinator)
    leave(people, client, people.school, "1-1-2026")
    assert client_for(people.representative).get(address("people_list", people)).status_code == 404
    there = address("organisation_stay", people, people.school.pk)
    assert "Weer laten meedoen" in client.post(there).content.decode()
    assert school_of(people).left_on is not None
    client.post(there, {"confirmed": "1"})
    assert client_for(people.representative).get(address("people_list", people)).status_code == 200
    again = client.post(there, {"confirmed": "1"}, follow=True).content.decode()
    assert "Deze organisatie doet al mee aan het pact." in again


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("1-1-2021", "De einddatum moet na de begindatum liggen."),
        ("", "Vul in vanaf welke dag de organisatie niet meer meedoet."),
        ("morgen", "Vul een datum in als dag, maand en jaar"),
    ],
)
def test_it_refuses_a_day_of_leaving_that_cannot_be(people, client_for, day, sentence):
    page = leave(people, client_for(people.coordinator), people.school, day)
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert school_of(people).left_on is None


def test_it_keeps_the_partner_of_the_last_coordinator(people, client_for):
    page = leave(people, client_for(people.coordinator), people.municipality)
    assert "laatste coördinator" in page.content.decode()
    with pytest.raises(ValidationError, match="laatste coördinator"):
        workflow.update_partner(people.municipality, by=None, left_on=date(2027, 12, 31))
    make_member(people.school, Role.COORDINATOR)
    assert leave(people, client_for(people.coordinator), people.municipality).status_code == 302
    # The other one has become the last.
    with pytest.raises(ValidationError, match="laatste coördinator"):
        workflow.leave(people.school, left_on=date(2028, 1, 1), by=None)


def test_it_leads_who_lets_the_own_organisation_go_to_the_own_pacts(people, client_for):
    make_member(people.school, Role.COORDINATOR)
    assert leave(people, client_for(people.coordinator), people.municipality, "1-1-2026").url == "/"


def test_it_lets_only_a_coordinator_of_the_pact_record_a_leaving(people, client_for):
    for name in ("organisation_leave", "organisation_stay"):
        here = address(name, people, people.school.pk)
        assert client_for(people.representative).post(here, {"left_on": "1-1-2026"}).status_code == 403
        assert client_for(people.stranger).post(here, {"left_on": "1-1-2026"}).status_code == 404
        there = reverse(f"partners:{name}", args=[people.other_pact.slug, people.school.pk])
        assert client_for(people.stranger).post(there, {"left_on": "1-1-2026"}).status_code == 404
    assert school_of(people).left_on is None


def test_it_says_that_a_partner_has_yet_to_join(people, client_for):
    later = make_partner(people.pact, "Later Hier", joined_on=date(2100, 1, 1))
    client = client_for(people.reader)
    assert "doet nog niet mee" in client.get(address("organisation_detail", people, later.pk)).content.decode()
    assert "doet nog niet mee" in client.get(address("organisation_list", people)).content.decode()
