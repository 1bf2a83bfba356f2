"""The rules of signing, past every form: who may sign what, when, and what it does to the rest."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.documents import rendering as documents
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.mail.models import OutgoingMail
from pact_portal.foundation.uploads.files import CheckedFile, checked
from partners.models import (
    Deed,
    DeedRevision,
    Membership,
    Partnership,
    Reservation,
    Sector,
    Signature,
    SignaturePlace,
    Withdrawal,
)
from partners.permissions import Role
from partners.signing import opening, progress, reminders, sealing, workflow
from tests.factories import make_member, make_partner
from tests.signing import FROZEN_AT, evidence_of, freeze_pact, make_ready, open_pact, signing_of

pytestmark = pytest.mark.django_db


def scan() -> CheckedFile:
    return checked(b"%PDF-1.7 een scan", "application/pdf", "pdf")


def paper(by: Any, **changes: Any) -> dict[str, Any]:
    """What workflow.record_paper takes, as the form hands it in."""
    return {
        "by": by,
        "signatory": "bestuurder",
        "function": "voorzitter college van bestuur",
        "mandate": "statuten, artikel 9",
        "signed_in": "Heiloo",
        "signed_on": timezone.localdate(),
        "scan": scan(),
        **changes,
    }


def mails(start: str) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(key__startswith=start).order_by("pk"))


def code_of(refused: Any) -> Any:
    return refused.value.code


class TestOpening:
    def test_it_gives_every_partner_on_the_sheets_a_place_and_a_mail(self):
        made = open_pact(3)
        assert [place.partnership for place in made.places] == made.partners
        assert [place.field for place in made.places] == [f"partnership-{partner.pk}" for partner in made.partners]
        assert [mail.recipient for mail in mails("signing-asked-")] == [user.email for user in made.signatories]
        assert all(place.asked_at for place in made.places)

    def test_it_starts_with_the_certified_file_itself(self):
        made = open_pact(1)
        revision = DeedRevision.objects.in_pact(made.pact).get()
        rendition = Rendition.objects.in_pact(made.pact).get()
        assert (revision.number, revision.sha256, revision.file.name) == (0, rendition.sha256, rendition.file.name)
        assert revision.certificate.is_demo
        assert made.deed.content_sha256 == made.version.content_sha256

    def test_it_mails_the_coordinator_when_a_partner_has_nobody_who_signs(self):
        made = freeze_pact(2)
        Membership.objects.in_pact(made.pact).filter(user=made.signatories[1]).delete()
        workflow.open_signing(made.version, by=made.coordinator)
        assert [mail.recipient for mail in mails("signing-asked-")] == [
            made.signatories[0].email,
            made.coordinator.email,
        ]
        assert "kan nog niemand in het portaal tekenen" in mails("signing-asked-")[1].text

    def test_it_opens_a_version_once(self):
        made = open_pact(1)
        with pytest.raises(ValidationError) as refused:
            workflow.open_signing(made.version, by=made.coordinator)
        assert code_of(refused) == "opened"

    def test_it_refuses_all_but_the_newest_version(self):
        made = freeze_pact(1)
        made.freeze_next()
        with pytest.raises(ValidationError) as refused:
            workflow.open_signing(made.version, by=made.coordinator)
        assert code_of(refused) == "superseded"

    @pytest.mark.parametrize("state", ["waiting", "working", "failed"])
    def test_it_refuses_a_version_of_which_the_file_is_not_there(self, state):
        made = freeze_pact(1)
        Rendition.objects.in_pact(made.pact).update(state=state)
        with pytest.raises(ValidationError) as refused:
            workflow.open_signing(made.version, by=made.coordinator)
        assert code_of(refused) == "no_file"
        assert not Deed.objects.in_pact(made.pact).exists()

    def test_it_refuses_a_file_that_this_portal_did_not_certify(self, monkeypatch):
        made = freeze_pact(1)
        monkeypatch.setattr("partners.signing.opening.SealCertificate.objects.all", list)
        with pytest.raises(ValidationError) as refused:
            workflow.open_signing(made.version, by=made.coordinator)
        assert code_of(refused) == "not_certified"

    def test_it_refuses_a_version_on_which_somebody_stands_who_has_left(self):
        made = freeze_pact(2)
        Partnership.objects.in_pact(made.pact).filter(pk=made.partners[1].pk).update(left_on=timezone.localdate())
        with pytest.raises(ValidationError, match="niet meer meedoet: Partner 2"):
            workflow.open_signing(made.version, by=made.coordinator)

    def test_it_refuses_a_day_to_sign_by_that_has_been(self):
        made = freeze_pact(1)
        with pytest.raises(ValidationError, match="verleden"):
            workflow.open_signing(made.version, by=made.coordinator, sign_by=timezone.localdate() - timedelta(days=1))

    def test_it_takes_an_earlier_version_that_not_all_have_signed_off_the_table(self):
        made = open_pact(2)
        made.sign(0, seal=True)
        workflow.open_signing(made.freeze_next(), by=made.coordinator)
        made.deed.refresh_from_db()
        assert made.deed.state == Deed.State.SUPERSEDED
        with pytest.raises(ValidationError) as refused:
            made.sign(1)
        assert code_of(refused) == "superseded"
        assert Signature.objects.in_pact(made.pact).count() == 1

    def test_it_waits_for_a_seal_before_it_takes_a_version_off_the_table(self):
        made = open_pact(2)
        signature = made.sign(0)
        version = made.freeze_next()
        with pytest.raises(ValidationError) as refused:
            workflow.open_signing(version, by=made.coordinator)
        assert code_of(refused) == "sealing"
        assert not Deed.objects.in_pact(made.pact).filter(version=version).exists()
        sealing.seal(signature.pk)
        assert workflow.open_signing(version, by=made.coordinator).state == Deed.State.OPEN

    def test_it_leaves_a_signed_version_in_force_until_the_next_is_signed_by_all(self):
        made = open_pact(2)
        made.sign_all()
        first = made.deed
        made.version = made.freeze_next()
        made.deed = workflow.open_signing(made.version, by=made.coordinator)
        assert progress.in_force(made.pact) == first
        made.sign(0, seal=True)
        assert progress.in_force(made.pact) == first
        made.sign(1, seal=True)
        assert progress.in_force(made.pact) == made.deed
        first.refresh_from_db()
        assert first.state == Deed.State.SUPERSEDED


class TestSigning:
    def test_it_keeps_who_signed_with_the_whole_evidence(self):
        made = open_pact(2)
        signature = made.sign(0)
        signature.refresh_from_db()
        assert (signature.signatory, signature.function, signature.signed_in) == (
            "bestuurder 1",
            "wethouder",
            "Alkmaar",
        )
        kept = signature.evidence
        assert kept["text_sha256"] == made.version.content_sha256
        assert kept["file_sha256"] == progress.newest_revision(made.deed).sha256
        assert kept["level"] == "gewone elektronische handtekening (SES) met zegel van het portaal"
        assert kept["account"] == made.signatories[0].pk
        assert (kept["order"], made.sign(1).evidence["order"]) == (1, 2)
        told = {
            "consent",
            "person",
            "function",
            "mandate",
            "sign_in_method",
            "sign_in_at",
            "second_factor",
            "second_factor_at",
            "reauthenticated_at",
            "ip",
            "browser",
            "server_time",
        }
        assert all(kept[name] for name in told)

    def test_it_signs_once(self):
        made = open_pact(2)
        made.sign(0)
        with pytest.raises(ValidationError) as refused:
            made.sign(0)
        assert code_of(refused) == "signed"

    def test_it_refuses_a_signatory_of_another_partner(self):
        made = open_pact(2)
        with pytest.raises(ValidationError) as refused:
            made.sign(0, by=made.signatories[1])
        assert code_of(refused) == "not_signatory"

    def test_it_refuses_a_signatory_of_another_pact(self):
        made, other = open_pact(1), open_pact(1, slug="elders", first=910_001)
        with pytest.raises(ValidationError) as refused:
            made.sign(0, by=other.signatories[0])
        assert code_of(refused) == "not_signatory"

    def test_it_refuses_the_coordinator_of_the_same_partner(self):
        made = open_pact(1)
        with pytest.raises(ValidationError) as refused:
            made.sign(0, by=made.coordinator)
        assert code_of(refused) == "not_signatory"

    def test_it_refuses_who_no_longer_signs(self):
        made = open_pact(1)
        Membership.objects.in_pact(made.pact).filter(user=made.signatories[0]).update(ended_on=timezone.localdate())
        with pytest.raises(ValidationError) as refused:
            made.sign(0)
        assert code_of(refused) == "not_signatory"

    def test_it_refuses_without_consent(self):
        made = open_pact(1)
        with pytest.raises(ValidationError, match="Vink aan"):
            made.sign(0, consent=False)

    @pytest.mark.parametrize("field", ["signatory", "function", "mandate", "signed_in"])
    def test_it_refuses_an_empty_field(self, field):
        made = open_pact(1)
        with pytest.raises(ValidationError) as refused:
            made.sign(0, **{field: "  "})
        assert field in refused.value.message_dict
        assert not Signature.objects.in_pact(made.pact).exists()

    def test_it_refuses_who_read_another_text_or_file(self):
        made, other = open_pact(1), open_pact(1, slug="elders", first=910_001)
        read = progress.newest_revision(other.deed).sha256
        for changes in ({"file_sha256": read}, {"text_sha256": other.deed.content_sha256}, {"file_sha256": ""}):
            with pytest.raises(ValidationError) as refused:
                made.sign(0, evidence=evidence_of(made.deed, **changes))
            assert code_of(refused) == "stale"

    def test_it_takes_who_read_an_earlier_file_of_the_same_deed(self):
        made = open_pact(2)
        read = evidence_of(made.deed)
        made.sign(0, seal=True)
        assert made.sign(1, evidence=read).evidence["file_sha256"] == read.file_sha256

    def test_it_refuses_after_withdrawal(self):
        made = open_pact(2)
        workflow.withdraw(made.places[0], by=made.coordinator, withdrawn_on=timezone.localdate(), reason="Geen mandaat")
        with pytest.raises(ValidationError) as refused:
            made.sign(0)
        assert code_of(refused) == "withdrawn"

    def test_it_records_the_act_without_personal_data(self):
        made = open_pact(1)
        made.sign(0)
        record = AuditRecord.objects.in_pact(made.pact).get(action="pact.signed")
        assert record.by == made.signatories[0]
        assert record.details == {"version": 1, "order": 1}


class TestStaying:
    """The database refuses what no function does; as people who come past the code would try."""

    @pytest.mark.parametrize(
        ("model", "changes"),
        [
            (Signature, {"signatory": "een ander"}),
            (Signature, {"evidence": {}}),
            (Signature, {"signed_on": date(2020, 1, 1)}),
            (DeedRevision, {"sha256": "0" * 64}),
            (Deed, {"content_sha256": "0" * 64}),
        ],
    )
    def test_it_refuses_to_change_what_was_signed(self, model, changes):
        made = open_pact(1)
        made.sign_all()
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.in_pact(made.pact).update(**changes)

    @pytest.mark.parametrize("table", ["signature", "deedrevision", "deed", "withdrawal", "reservation", "pactversion"])
    def test_it_refuses_to_remove_what_was_signed(self, table):
        from django.db import connection

        made = open_pact(2)
        workflow.reserve(made.places[1], by=made.signatories[1], reason="Eerst de raad")
        made.sign(0, seal=True)
        workflow.withdraw(made.places[1], by=made.coordinator, withdrawn_on=timezone.localdate(), reason="Geen mandaat")
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM partners_{table}")  # noqa: S608 - our own names

    def test_it_lets_the_sealing_note_how_it_goes(self):
        made = open_pact(1)
        made.sign(0)
        assert Signature.objects.in_pact(made.pact).update(attempts=1, failure="Het portaal heeft nog geen sleutel.")

    def test_it_knows_no_way_back_from_a_signed_version(self):
        """A complete deed takes no further act but a withdrawal, which is added to it."""
        made = open_pact(1)
        made.sign_all()
        with pytest.raises(ValidationError):
            workflow.open_signing(made.version, by=made.coordinator)
        with pytest.raises(ValidationError) as refused:
            workflow.reserve(made.places[0], by=made.signatories[0], reason="Toch niet")
        assert code_of(refused) == "complete"
        assert not [name for name in dir(workflow) if "reject" in name or "replace" in name or "delete" in name]


class TestPaper:
    def test_it_counts_as_much_as_an_electronic_one(self):
        made = open_pact(2)
        made.sign(0, seal=True)
        signature = workflow.record_paper(made.places[1], **paper(made.coordinator))
        made.deed.refresh_from_db()
        assert made.deed.state == Deed.State.COMPLETE
        assert signature.scan_sha256 == scan().sha256
        with signature.scan.open("rb") as kept:
            assert kept.read() == scan().content
        assert signature.scan.name.startswith(f"scans/{made.pact.pk}/")
        assert progress.newest_revision(made.deed).number == 1

    def test_it_refuses_a_day_to_come(self):
        made = open_pact(1)
        with pytest.raises(ValidationError, match="toekomst"):
            workflow.record_paper(
                made.places[0], **paper(made.coordinator, signed_on=timezone.localdate() + timedelta(days=1))
            )

    def test_it_refuses_a_day_before_the_text_was_there(self):
        made = open_pact(1)
        day = timezone.localdate(FROZEN_AT)
        with pytest.raises(ValidationError, match="niet eerder getekend"):
            workflow.record_paper(made.places[0], **paper(made.coordinator, signed_on=day - timedelta(days=1)))
        assert workflow.record_paper(made.places[0], **paper(made.coordinator, signed_on=day))

    def test_it_refuses_a_second_signature(self):
        made = open_pact(2)
        made.sign(0)
        with pytest.raises(ValidationError) as refused:
            workflow.record_paper(made.places[0], **paper(made.coordinator))
        assert code_of(refused) == "signed"

    def test_it_cannot_be_without_a_scan_past_the_form(self):
        made = open_pact(1)
        with pytest.raises(IntegrityError), transaction.atomic():
            Signature.unscoped.create(
                place=made.places[0],
                way=Signature.Way.PAPER,
                signatory="x",
                function="x",
                mandate="x",
                signed_in="x",
                signed_on=timezone.localdate(),
                recorded_by=made.coordinator,
            )


class TestReserving:
    def test_it_stands_until_its_maker_lifts_it(self):
        made = open_pact(1)
        reservation = workflow.reserve(made.places[0], by=made.signatories[0], reason="Eerst de gemeenteraad.")
        assert progress.status_of(made.deed)[0].state == "reserved"
        assert [mail.recipient for mail in mails("signing-reservation-")] == [made.coordinator.email]
        workflow.lift_reservation(reservation, by=made.signatories[0])
        assert progress.status_of(made.deed)[0].state == "waiting"
        reservation.refresh_from_db()
        assert (reservation.lifted_by, reservation.reason) == (made.signatories[0], "Eerst de gemeenteraad.")
        with pytest.raises(ValidationError, match="al opgeheven"):
            workflow.lift_reservation(reservation, by=made.signatories[0])

    def test_it_is_lifted_by_signing(self):
        made = open_pact(1)
        reservation = workflow.reserve(made.places[0], by=made.signatories[0], reason="Eerst de gemeenteraad.")
        made.sign(0)
        reservation.refresh_from_db()
        assert reservation.lifted_at

    def test_it_refuses_others_an_empty_reason_and_a_second(self):
        made = open_pact(2)
        place, own = made.places[0], made.signatories[0]
        for by in (made.signatories[1], made.coordinator):
            with pytest.raises(ValidationError) as refused:
                workflow.reserve(place, by=by, reason="Namens een ander")
            assert code_of(refused) == "not_signatory"
        with pytest.raises(ValidationError):
            workflow.reserve(place, by=own, reason="  ")
        reservation = workflow.reserve(place, by=own, reason="Eerst de raad.")
        with pytest.raises(ValidationError, match="al een voorbehoud"):
            workflow.reserve(place, by=own, reason="Nog een.")
        with pytest.raises(ValidationError):
            workflow.lift_reservation(reservation, by=made.signatories[1])
        assert Reservation.objects.in_pact(made.pact).filter(lifted_at=None).count() == 1


class TestWithdrawing:
    def test_it_completes_the_deed_when_it_was_the_last_one_waiting(self):
        made = open_pact(2)
        made.sign(0, seal=True)
        workflow.withdraw(made.places[1], by=made.coordinator, withdrawn_on=timezone.localdate(), reason="Geen mandaat")
        made.deed.refresh_from_db()
        made.pact.refresh_from_db()
        assert made.deed.state == Deed.State.COMPLETE
        assert (made.pact.signed_on, made.pact.signed_in) == (timezone.localdate(), "Alkmaar")

    def test_it_completes_nothing_that_nobody_signed(self):
        made = open_pact(1)
        workflow.withdraw(made.places[0], by=made.coordinator, withdrawn_on=timezone.localdate(), reason="Geen mandaat")
        made.deed.refresh_from_db()
        assert made.deed.state == Deed.State.OPEN

    def test_it_ends_the_part_of_a_partner_that_had_signed(self):
        made = open_pact(2)
        made.sign_all()
        workflow.withdraw(made.places[1], by=made.coordinator, withdrawn_on=timezone.localdate(), reason="Fusie")
        partner = Partnership.objects.in_pact(made.pact).get(pk=made.partners[1].pk)
        assert partner.left_on == timezone.localdate()
        assert progress.status_of(made.deed)[1].state == "withdrawn"
        assert progress.status_of(made.deed)[1].who == "bestuurder 2"
        made.deed.refresh_from_db()
        assert made.deed.state == Deed.State.COMPLETE

    def test_it_is_waited_for_in_the_next_version_no_longer(self):
        made = open_pact(2)
        made.sign_all()
        signed_place = made.places[1]
        next_deed = workflow.open_signing(made.freeze_next(), by=made.coordinator)
        workflow.withdraw(signed_place, by=made.coordinator, withdrawn_on=timezone.localdate(), reason="Fusie")
        assert [status.state for status in progress.status_of(next_deed)] == ["waiting", "withdrawn"]

    def test_it_lets_who_never_signed_go_on_taking_part(self):
        made = open_pact(2)
        workflow.withdraw(made.places[1], by=made.coordinator, withdrawn_on=timezone.localdate(), reason="Geen mandaat")
        assert Partnership.objects.in_pact(made.pact).get(pk=made.partners[1].pk).left_on is None

    def test_it_refuses_a_day_to_come_no_reason_and_a_second_time(self):
        made = open_pact(2)
        place, today = made.places[1], timezone.localdate()
        for changes in ({"withdrawn_on": today + timedelta(days=1)}, {"reason": " "}):
            with pytest.raises(ValidationError):
                workflow.withdraw(
                    place, **({"by": made.coordinator, "withdrawn_on": today, "reason": "Fusie"} | changes)
                )
        assert not Withdrawal.objects.in_pact(made.pact).exists()
        workflow.withdraw(place, by=made.coordinator, withdrawn_on=today, reason="Fusie")
        with pytest.raises(ValidationError) as refused:
            workflow.withdraw(place, by=made.coordinator, withdrawn_on=today, reason="Nogmaals")
        assert code_of(refused) == "withdrawn"

    def test_it_leaves_the_pact_a_coordinator(self):
        made = open_pact(2)
        made.sign_all()
        with pytest.raises(ValidationError, match="laatste coördinator"):
            workflow.withdraw(made.places[0], by=made.coordinator, withdrawn_on=timezone.localdate(), reason="Fusie")
        assert not Withdrawal.objects.in_pact(made.pact).exists()


class TestAcceding:
    @pytest.fixture
    def made(self):
        made = open_pact(1)
        made.sign_all()
        return made

    @pytest.fixture
    def newcomer(self, made):
        return make_partner(made.pact, "Nieuwkomer", Sector.SECONDARY, position=9, joined_on=timezone.localdate())

    def test_it_adds_a_sheet_that_names_the_text_and_the_file(self, made, newcomer):
        file = progress.newest_revision(made.deed)
        user = make_member(newcomer, Role.SIGNATORY, "nieuw@tekenen.example", name="bestuurder nieuwkomer")
        deed = workflow.accede(made.version, partnership=newcomer, by=made.coordinator)
        assert (deed.number, deed.state) == (1, Deed.State.PREPARING)
        assert made.version.content_sha256 in str(deed.content)
        assert file.sha256 in str(deed.content)
        rendition = Rendition.objects.in_pact(made.pact).get(kind="accession", object_id=deed.pk)
        assert opening.open_prepared() == 0
        assert documents.render(rendition.pk)
        assert opening.open_prepared() == 1
        assert opening.open_prepared() == 0
        deed.refresh_from_db()
        assert deed.state == Deed.State.OPEN
        assert [mail.recipient for mail in mails("signing-asked-")][-1] == user.email
        place = SignaturePlace.objects.in_pact(made.pact).get(deed=deed)
        signature = workflow.sign(place, **signing_of(place, user))
        assert sealing.seal(signature.pk)
        deed.refresh_from_db()
        assert deed.state == Deed.State.COMPLETE
        assert progress.in_force(made.pact) == made.deed

    def test_it_refuses_to_sign_a_sheet_that_is_still_being_made(self, made, newcomer):
        user = make_member(newcomer, Role.SIGNATORY)
        deed = workflow.accede(made.version, partnership=newcomer, by=made.coordinator)
        place = SignaturePlace.objects.in_pact(made.pact).get(deed=deed)
        with pytest.raises(ValidationError) as refused:
            workflow.sign(place, **(signing_of(made.places[0], user)))
        assert code_of(refused) == "preparing"

    def test_it_refuses_who_has_a_place_who_does_not_sign_and_who_left(self, made, newcomer):
        adviser = make_partner(made.pact, "Adviseur", kind=Partnership.Kind.ADVISER)
        left = make_partner(made.pact, "Vertrokken", left_on=timezone.localdate())
        stranger = open_pact(1, slug="elders", first=910_001).partners[0]
        for partner in (made.partners[0], adviser, left, stranger):
            with pytest.raises(ValidationError):
                workflow.accede(made.version, partnership=partner, by=made.coordinator)
        workflow.accede(made.version, partnership=newcomer, by=made.coordinator)
        with pytest.raises(ValidationError, match="al een plaats"):
            workflow.accede(made.version, partnership=newcomer, by=made.coordinator)

    def test_it_refuses_a_version_that_is_not_on_the_table(self, newcomer, made):
        version = made.freeze_next()
        with pytest.raises(ValidationError) as refused:
            workflow.accede(version, partnership=newcomer, by=made.coordinator)
        assert code_of(refused) == "not_open"

    def test_it_gets_its_seal_when_the_next_version_completes_meanwhile(self, made):
        workflow.open_signing(version := made.freeze_next(), by=made.coordinator)
        newcomer = make_partner(made.pact, "Nieuwkomer", Sector.SECONDARY, position=9, joined_on=timezone.localdate())
        user = make_member(newcomer, Role.SIGNATORY)
        deed = workflow.accede(made.version, partnership=newcomer, by=made.coordinator)
        make_ready(Rendition.objects.in_pact(made.pact).get(kind="accession", object_id=deed.pk), deed.content)
        assert opening.open_prepared() == 1
        place = SignaturePlace.objects.in_pact(made.pact).get(deed=deed)
        unsealed = workflow.sign(place, **signing_of(place, user))
        in_next = SignaturePlace.objects.in_pact(made.pact).get(deed__version=version)
        assert sealing.seal(workflow.sign(in_next, **signing_of(in_next, made.signatories[0])).pk)
        deed.refresh_from_db()
        assert deed.state == Deed.State.OPEN
        assert sealing.seal(unsealed.pk)
        deed.refresh_from_db()
        assert (deed.state, deed.completed_at is None) == (Deed.State.SUPERSEDED, False)

    def test_it_goes_off_the_table_with_its_version(self, made, newcomer):
        deed = workflow.accede(made.version, partnership=newcomer, by=made.coordinator)
        rendition = Rendition.objects.in_pact(made.pact).get(kind="accession", object_id=deed.pk)
        workflow.open_signing(made.freeze_next(), by=made.coordinator)
        make_ready(rendition, deed.content)
        assert opening.open_prepared() == 0
        deed.refresh_from_db()
        assert deed.state == Deed.State.SUPERSEDED


class TestCompleting:
    def test_it_tells_all_once_and_keeps_the_day_of_the_last_signature(self):
        made = open_pact(3)
        with time_machine.travel(datetime(2026, 6, 12, 10, tzinfo=UTC), tick=False):
            made.sign(0, seal=True)
            made.sign(1, seal=True, signed_in="Bergen")
        made.deed.refresh_from_db()
        assert made.deed.state == Deed.State.OPEN
        with time_machine.travel(datetime(2026, 6, 14, 10, tzinfo=UTC), tick=False):
            made.sign(2, seal=True, signed_in="Uitgeest")
        made.pact.refresh_from_db()
        assert (made.pact.signed_on, made.pact.signed_in) == (date(2026, 6, 14), "Uitgeest")
        told = {mail.recipient for mail in mails("signing-completed-")}
        assert told == {made.coordinator.email, *(user.email for user in made.signatories)}
        assert AuditRecord.objects.in_pact(made.pact).filter(action="pact.signed_by_all").count() == 1

    def test_it_waits_for_the_last_seal(self):
        made = open_pact(1)
        made.sign(0)
        made.deed.refresh_from_db()
        assert made.deed.state == Deed.State.OPEN


class TestReminding:
    @pytest.fixture
    def made(self):
        with time_machine.travel(datetime(2026, 6, 2, 8, tzinfo=UTC), tick=False):
            return open_pact(2, sign_by=date(2026, 6, 20))

    def remind(self, day: int, hour: int = 9) -> int:
        with time_machine.travel(datetime(2026, 6, day, hour, tzinfo=UTC), tick=False):
            return reminders.remind_all()

    def test_it_reminds_every_week_and_two_days_before_the_day(self, made):
        by_day = {day: self.remind(day) for day in range(2, 28)}
        assert {day for day, sent in by_day.items() if sent == 2} == {9, 16, 18, 25}
        assert len(mails("signing-reminder-")) == 8

    def test_it_reminds_once_when_it_runs_twice(self, made):
        assert [self.remind(9), self.remind(9), self.remind(9, 10)] == [2, 0, 0]
        assert len({mail.key for mail in mails("signing-reminder-")}) == 2

    def test_it_stops_when_signed_withdrawn_reserved_or_superseded(self, made):
        with time_machine.travel(datetime(2026, 6, 3, 8, tzinfo=UTC), tick=False):
            made.sign(0, seal=True)
        assert self.remind(9) == 1
        reservation = workflow.reserve(made.places[1], by=made.signatories[1], reason="Eerst de raad.")
        assert self.remind(16) == 0
        workflow.lift_reservation(reservation, by=made.signatories[1])
        assert self.remind(17) == 1
        workflow.open_signing(made.freeze_next(), by=made.coordinator)
        places = SignaturePlace.objects.in_pact(made.pact).exclude(deed=made.deed)
        places.update(asked_at=datetime(2026, 6, 30, tzinfo=UTC))
        assert self.remind(28) == 0

    def test_it_stops_after_withdrawal(self, made):
        with time_machine.travel(datetime(2026, 6, 3, 8, tzinfo=UTC), tick=False):
            workflow.withdraw(made.places[1], by=made.coordinator, withdrawn_on=date(2026, 6, 3), reason="Geen mandaat")
        assert self.remind(9) == 1
