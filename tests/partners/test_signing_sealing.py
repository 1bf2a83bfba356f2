"""The seal: put by the worker, once, in the right field; a fault of the key costs time and never a signature."""

import subprocess
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from django.utils import timezone

from pact_portal.foundation.documents import rendering as documents
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.documents.registry import CannotRender
from pact_portal.foundation.sealing import checking, keys
from partners.models import Deed, DeedRevision, SealCertificate, Signature
from partners.signing import completion, evidence, progress, rendering, sealing, tasks, workflow
from partners.signing.document import evidence_facts
from tests.foundation.pdf_reading import failures, text_of
from tests.signing import CONSENT, open_pact

pytestmark = pytest.mark.django_db


def revisions(made: Any) -> list[DeedRevision]:
    return list(DeedRevision.objects.in_pact(made.pact).filter(deed=made.deed).order_by("number"))


def certificates() -> list[str]:
    return [certificate.pem for certificate in SealCertificate.objects.all()]


def no_progress(percent: int, step: str) -> None:
    pass


class TestSealing:
    def test_it_adds_a_revision_in_the_field_of_the_partner(self):
        made = open_pact(2)
        before = made.file()
        signature = made.sign(1)
        assert progress.status_of(made.deed)[1].state == "sealing"
        assert sealing.seal(signature.pk)
        assert progress.status_of(made.deed)[1].state == "signed"
        after = made.file()
        assert after.startswith(before)
        verdict = checking.check(after, certificates=certificates())
        assert verdict.is_whole
        assert [found.field for found in verdict.signatures] == ["certification", made.places[1].field]
        assert verdict.signatures[1].name == "bestuurder 2"

    def test_it_seals_once_however_often_it_is_asked(self):
        made = open_pact(2)
        signature = made.sign(0)
        assert [sealing.seal(signature.pk) for _turn in range(3)] == [True, False, False]
        assert [revision.number for revision in revisions(made)] == [0, 1]

    def test_it_keeps_every_file_and_each_is_whole(self):
        made = open_pact(3)
        made.sign_all()
        kept = revisions(made)
        assert [revision.number for revision in kept] == [0, 1, 2, 3]
        for revision in kept:
            verdict = checking.check(sealing.read(revision), certificates=certificates())
            assert verdict.is_whole
            assert len(verdict.signatures) == revision.number + 1

    def test_it_is_confirmed_by_an_independent_verifier(self, tmp_path: Path):
        made = open_pact(2)
        made.sign_all()
        file = tmp_path / "pact.pdf"
        file.write_bytes(made.file())
        told = subprocess.run(["pdfsig", str(file)], capture_output=True, text=True, check=False).stdout
        assert told.count("Signature is Valid.") == 3
        assert "Total document signed" in told

    def test_it_leaves_nothing_by_half_when_the_database_refuses(self, monkeypatch):
        made = open_pact(1)
        signature = made.sign(0)
        with monkeypatch.context() as broken:
            broken.setattr("partners.signing.sealing.audit.record", lambda *args, **kwargs: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                sealing._seal(signature.pk)
        assert [revision.number for revision in revisions(made)] == [0]
        assert sealing.seal(signature.pk)
        assert [revision.number for revision in revisions(made)] == [0, 1]

    def test_it_completes_what_a_crash_left_behind(self, monkeypatch):
        made = open_pact(1)
        signature = made.sign(0)
        with monkeypatch.context() as crash:
            crash.setattr(completion, "complete", lambda deed_id: False)
            assert sealing.seal(signature.pk)
        made.deed.refresh_from_db()
        assert made.deed.state == Deed.State.OPEN
        tasks.seal_waiting()
        made.deed.refresh_from_db()
        assert made.deed.state == Deed.State.COMPLETE


class TestWaking:
    def test_it_wakes_the_worker_once_the_signature_is_kept(self, monkeypatch, django_capture_on_commit_callbacks):
        sent: list[Any] = []
        monkeypatch.setattr(tasks.seal, "apply_async", lambda ids, **how: sent.append(ids))
        made = open_pact(2)
        with django_capture_on_commit_callbacks(execute=True):
            signature = made.sign(0)
            assert sent == []
        assert sent == [(signature.pk,)]

    def test_it_has_a_job_for_what_was_lost_and_for_reminders(self, settings):
        jobs = {job["task"] for job in settings.CELERY_BEAT_SCHEDULE.values()}
        own = {tasks.seal_waiting.name, tasks.open_prepared.name, tasks.remind.name}
        assert own <= jobs

    def test_it_hands_out_again_what_was_lost(self, monkeypatch):
        sent: list[int] = []
        monkeypatch.setattr(tasks.seal, "delay", sent.append)
        made = open_pact(2)
        signature = made.sign(0)
        tasks.seal_waiting()
        tasks.open_prepared()
        tasks.remind()
        assert sent == [signature.pk]


class TestFaults:
    def test_it_waits_with_a_sentence_when_there_is_no_key(self, settings):
        made = open_pact(1)
        signature = made.sign(0)
        settings.SEAL_DEMO = False
        assert not sealing.seal(signature.pk)
        status = progress.status_of(made.deed)[0]
        assert status.state == "sealing"
        assert status.seal_failure.startswith("Het portaal heeft nog geen sleutel")
        assert [revision.number for revision in revisions(made)] == [0]
        settings.SEAL_DEMO = True
        assert sealing.seal(signature.pk)
        assert progress.status_of(made.deed)[0].seal_failure == ""

    @pytest.mark.logs_errors
    def test_it_refuses_a_stored_file_that_was_changed(self):
        made = open_pact(1)
        signature = made.sign(0)
        path = Path(revisions(made)[0].file.path)
        content = path.read_bytes()
        try:
            path.write_bytes(content[:-1] + b"x")
            assert not sealing.seal(signature.pk)
        finally:
            path.write_bytes(content)
        signature.refresh_from_db()
        assert "niet gelukt" in signature.failure
        assert sealing.seal(signature.pk)

    def test_it_tries_again_later_at_each_attempt(self):
        waits = [sealing.waited(attempts) for attempts in range(12)]
        steps = [later - earlier for earlier, later in pairwise(waits)]
        assert steps[0] == timedelta(seconds=15)
        assert steps == sorted(steps)
        assert steps[-1] == timedelta(hours=1)

    def test_it_finds_what_the_broker_lost(self):
        made = open_pact(2)
        signature = made.sign(0)
        assert sealing.due() == [signature.pk]
        Signature.objects.in_pact(made.pact).update(attempts=3)
        assert sealing.due() == []
        assert sealing.due(now=timezone.now() + timedelta(minutes=2)) == [signature.pk]
        sealing.seal(signature.pk)
        assert sealing.due(now=timezone.now() + timedelta(days=1)) == []

    def test_it_makes_no_file_of_a_version_without_a_key(self, settings):
        made = open_pact(1)
        version = workflow.PactVersion.objects.in_pact(made.pact).get()
        settings.SEAL_DEMO = False
        with pytest.raises(keys.SealKeyFault, match="sleutel"):
            rendering.render_version(version.pk, no_progress)


class TestRendering:
    def test_it_certifies_a_version_in_the_worker(self):
        made = open_pact(1)
        rendition = Rendition.objects.in_pact(made.pact).get()
        content = rendering.render_version(rendition.object_id, no_progress)
        verdict = checking.check(content, certificates=certificates())
        assert verdict.is_whole
        assert [found.is_certification for found in verdict.signatures] == [True]

    def test_it_makes_the_page_with_evidence_once_the_seal_is_there(self, tmp_path: Path):
        made = open_pact(1)
        signature = made.sign(0)
        with pytest.raises(CannotRender, match="zegel"):
            rendering.render_evidence(signature.pk, no_progress)
        sealing.seal(signature.pk)
        content = rendering.render_evidence(signature.pk, no_progress)
        assert failures(content, tmp_path) == []
        assert "gewone elektronische handtekening (SES)" in " ".join(text_of(content).split())

    def test_it_tells_all_that_is_promised_of_a_signature(self):
        made = open_pact(1)
        made.sign(0, seal=True)
        signature = Signature.objects.in_pact(made.pact).get()
        told = {fact.label: fact.value for fact in evidence_facts(signature)}
        assert told["Kenmerk van de inhoud (SHA-256)"] == made.version.content_sha256
        assert told["Hiermee ging de ondertekenaar akkoord"] == CONSENT
        assert told["Soort handtekening"] == "gewone elektronische handtekening (SES) met zegel van het portaal"
        assert told["Ingelogd met"] == "wachtwoord"
        assert told["Tweede factor"] == "code van een authenticator-app"
        assert told["IP-adres"] == "192.0.2.7"
        assert told["Zegelcertificaat (SHA-256)"] == keys.load().fingerprint
        assert all(told.values())

    def test_it_makes_the_sheet_that_a_partner_prints(self, tmp_path: Path):
        made = open_pact(1)
        document = rendering.compile_sheet(made.places[0])
        assert made.version.content_sha256 in str(document.to_data())
        content = rendering.render_sheet(made.places[0].pk, no_progress)
        assert failures(content, tmp_path) == []
        assert made.version.content_sha256 in text_of(content)

    def test_it_hands_its_renderers_in(self):
        made = open_pact(1)
        rendition = workflow.documents.request("sheet", made.places[0].pk, pact=made.pact, by=made.coordinator)
        assert documents.render(rendition.pk)


class TestEvidence:
    def request(self, user: Any, records: list[dict[str, Any]], **meta: Any) -> Any:
        request = RequestFactory().post("/", **meta)
        request.user, request.session = user, SessionStore()
        request.session["account_authentication_methods"] = records
        request.session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
        return request

    def test_it_tells_how_and_when_somebody_signed_in(self):
        user = open_pact(1).signatories[0]
        records = [
            {"method": "password", "at": 1780387200.0, "email": user.email},
            {"method": "mfa", "at": 1780387230.0, "type": "totp", "id": 1},
            {"method": "mfa", "at": 1780390800.0, "type": "webauthn", "reauthenticated": True},
        ]
        found = evidence.of_request(
            self.request(user, records, REMOTE_ADDR="192.0.2.9", HTTP_USER_AGENT="Proef\x00 1.0" + "x" * 500),
            text_sha256="a",
            file_sha256="b",
            consent=CONSENT,
        )
        assert (found.sign_in_method, found.sign_in_at) == ("password", "2026-06-02T08:00:00+00:00")
        assert (found.second_factor, found.second_factor_at) == ("webauthn", "2026-06-02T09:00:00+00:00")
        assert found.reauthenticated_at == "2026-06-02T09:00:00+00:00"
        assert found.ip == "192.0.2.9"
        assert found.browser.startswith("Proef  1.0x")
        assert len(found.browser) == 300

    def test_it_believes_no_header_about_the_address_unless_a_proxy_of_our_own_set_it(self, settings):
        user = open_pact(1).signatories[0]
        sent = {"REMOTE_ADDR": "192.0.2.9", "HTTP_X_FORWARDED_FOR": "203.0.113.1, 198.51.100.2"}
        asked = {"text_sha256": "a", "file_sha256": "b", "consent": CONSENT}
        assert evidence.of_request(self.request(user, [], **sent), **asked).ip == "192.0.2.9"
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        assert evidence.of_request(self.request(user, [], **sent), **asked).ip == "198.51.100.2"

    def test_it_takes_nothing_from_the_session_of_somebody_else(self):
        made = open_pact(2)
        request = self.request(made.signatories[0], [{"method": "password", "at": 1780387200.0}])
        request.user = made.signatories[1]
        found = evidence.of_request(request, text_sha256="a", file_sha256="b", consent=CONSENT)
        assert (found.sign_in_method, found.sign_in_at) == ("", "")


def test_it_leaves_a_withdrawn_partner_out_of_what_is_waited_for():
    made = open_pact(3)
    made.sign(0, seal=True)
    workflow.withdraw(made.places[1], by=made.coordinator, withdrawn_on=timezone.localdate(), reason="Geen mandaat")
    count = progress.count_of(progress.status_of(made.deed))
    assert (count.signed, count.waiting, count.withdrawn, count.percent) == (1, 1, 1, 50)
    with pytest.raises(ValidationError):
        made.sign(1)
