"""Several partners at the same moment, with real connections: every signature is kept, and none is put twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from pathlib import Path
from subprocess import run
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from pact_portal.foundation.mail.models import OutgoingMail
from pact_portal.foundation.sealing import checking
from partners.models import Deed, DeedRevision, SealCertificate, Signature
from partners.signing import completion, reminders, sealing, verification, workflow
from tests.factories import PASSWORD
from tests.signing import Signing, open_pact, signing_of

pytestmark = pytest.mark.django_db(transaction=True)

FOURTEEN = 14


def all_at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """What each of these simultaneous calls gave: its result, or what it raised."""
    start = Barrier(len(acts))

    def call(act: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait(30)
            return act()
        except (ValidationError, IntegrityError) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(call, acts))


def whole_act(made: Signing, at: int) -> Callable[[], Any]:
    """What one alderman does, and at once the worker for him."""
    place = made.places[at]
    given = signing_of(place, made.signatories[at])

    def act() -> bool:
        return sealing.seal(workflow.sign(place, **given).pk)

    return act


def revisions(made: Signing) -> list[DeedRevision]:
    return list(DeedRevision.objects.in_pact(made.pact).filter(deed=made.deed).order_by("number"))


@pytest.mark.slow
def test_it_keeps_fourteen_signatures_that_come_at_once(tmp_path: Path):
    made = open_pact(FOURTEEN)
    assert all_at_once([whole_act(made, at) for at in range(FOURTEEN)]) == [True] * FOURTEEN
    kept = revisions(made)
    assert [revision.number for revision in kept] == list(range(FOURTEEN + 1))
    assert {revision.signature_id for revision in kept[1:]} == set(
        Signature.objects.in_pact(made.pact).values_list("pk", flat=True)
    )
    pems = [certificate.pem for certificate in SealCertificate.objects.all()]
    before = b""
    for revision in kept:
        content = sealing.read(revision)
        assert content.startswith(before), "an earlier file is the beginning of every later one"
        verdict = checking.check(content, certificates=pems)
        assert verdict.is_whole
        assert len(verdict.signatures) == revision.number + 1
        before = content
    orders = sorted(signature.evidence["order"] for signature in Signature.objects.in_pact(made.pact))
    assert orders == list(range(1, FOURTEEN + 1))
    made.deed.refresh_from_db()
    assert made.deed.state == Deed.State.COMPLETE
    assert verification.verify(before).outcome == "whole"
    file = tmp_path / "pact.pdf"
    file.write_bytes(before)
    told = run(["pdfsig", str(file)], capture_output=True, text=True, check=False).stdout
    assert told.count("Signature is Valid.") == FOURTEEN + 1


def session_of(made: Signing, at: int) -> Client:
    """A browser in which this signatory has just signed in by the page."""
    client = Client()
    data = {"login": made.signatories[at].email, "password": PASSWORD}
    assert client.post("/accounts/login/", data).status_code == 302
    return client


@pytest.mark.slow
def test_it_takes_fourteen_sessions_at_once_by_the_page():
    """Through the door that they take: fourteen browsers press the button, then four workers seal what came in."""
    made = open_pact(FOURTEEN)
    sessions = [session_of(made, at) for at in range(FOURTEEN)]
    typed = {"function": "bestuurder", "mandate": "besluit", "signed_in": "Hier", "consent": "on", "read": "0"}

    def press(at: int) -> Callable[[], Any]:
        there = reverse("partners:sign", args=[made.pact.slug, made.places[at].pk])
        data = {**typed, "signatory": f"bestuurder {at + 1}", "confirmed": "1"}
        return lambda: sessions[at].post(there, data).status_code

    assert all_at_once([press(at) for at in range(FOURTEEN)]) == [302] * FOURTEEN
    waiting = list(Signature.objects.in_pact(made.pact).to_seal().values_list("pk", flat=True))
    assert len(waiting) == FOURTEEN
    sealed = [all_at_once([lambda pk=pk: sealing.seal(pk) for pk in batch]) for batch in batched(waiting, 4)]
    assert all(all(results) for results in sealed)
    assert [revision.number for revision in revisions(made)] == list(range(FOURTEEN + 1))
    pems = [certificate.pem for certificate in SealCertificate.objects.all()]
    verdict = checking.check(made.file(), certificates=pems)
    assert verdict.is_whole
    assert len(verdict.signatures) == FOURTEEN + 1


def without_lock(patch: pytest.MonkeyPatch) -> None:
    """Take the locks away: what the code would be without them."""
    patch.setattr(QuerySet, "select_for_update", lambda rows, **how: rows.all())


@pytest.mark.slow
@pytest.mark.logs_errors
def test_it_would_clash_without_the_lock(monkeypatch):
    """The twin: without the lock several build on the same file, and all but one of those lose what they did."""
    made = open_pact(4)
    signatures = [made.sign(at) for at in range(4)]
    barrier = Barrier(4)
    real = sealing.sealing.sign

    def together(*args: Any, **kwargs: Any) -> bytes:
        """Whoever has read the newest file waits until all have: what the lock makes impossible."""
        barrier.wait(30)
        return real(*args, **kwargs)

    with monkeypatch.context() as unlocked:
        without_lock(unlocked)
        unlocked.setattr(sealing.sealing, "sign", together)
        results = all_at_once([lambda pk=signature.pk: sealing.seal(pk) for signature in signatures])
    assert results.count(True) < len(signatures)
    # The rows still say what is due, so with the lock nothing is lost.
    for signature in signatures:
        sealing.seal(signature.pk)
    assert [revision.number for revision in revisions(made)] == [0, 1, 2, 3, 4]


def test_it_signs_the_same_place_once():
    made = open_pact(2)
    place, given = made.places[0], signing_of(made.places[0], made.signatories[0])
    results = all_at_once([lambda: workflow.sign(place, **given)] * 6)
    assert sum(isinstance(result, Signature) for result in results) == 1
    assert [result.code for result in results if isinstance(result, ValidationError)] == ["signed"] * 5
    assert Signature.objects.in_pact(made.pact).count() == 1


def test_it_seals_the_same_signature_once():
    made = open_pact(2)
    signature = made.sign(0)
    assert sorted(all_at_once([lambda: sealing.seal(signature.pk)] * 4)) == [False, False, False, True]
    assert [revision.number for revision in revisions(made)] == [0, 1]


@pytest.mark.slow
def test_it_either_signs_a_version_or_supersedes_it():
    """Never both: a signature on a version that was taken off the table in the same moment."""
    ways = set()
    for turn in range(6):
        made = open_pact(2, slug=f"wedloop-{turn}", first=900_001 + 1_000 * turn)
        version = made.freeze_next()
        place, given = made.places[0], signing_of(made.places[0], made.signatories[0])
        acts = [
            lambda place=place, given=given: workflow.sign(place, **given),
            lambda made=made, version=version: workflow.open_signing(version, by=made.coordinator),
        ]
        signed, opened = all_at_once(acts if turn % 2 else acts[::-1])[:: 1 if turn % 2 else -1]
        made.deed.refresh_from_db()
        if isinstance(signed, Signature):
            assert opened.code == "sealing"
            assert made.deed.state == Deed.State.OPEN
            assert sealing.seal(signed.pk)
            ways.add("signed")
        else:
            assert signed.code == "superseded"
            assert isinstance(opened, Deed)
            assert made.deed.state == Deed.State.SUPERSEDED
            assert not Signature.objects.in_pact(made.pact).exists()
            ways.add("superseded")
    assert ways


def test_it_opens_a_version_once_when_two_press():
    made = open_pact(1)
    version = made.freeze_next()
    results = all_at_once([lambda: workflow.open_signing(version, by=made.coordinator)] * 3)
    assert sum(isinstance(result, Deed) for result in results) == 1
    assert Deed.objects.in_pact(made.pact).filter(version=version).count() == 1


def test_it_completes_once_and_tells_once():
    made = open_pact(1)
    made.sign(0, seal=True)
    results = all_at_once([lambda: completion.complete(made.deed.pk)] * 4)
    assert results == [False] * 4
    assert OutgoingMail.objects.filter(key__startswith=f"signing-completed-{made.deed.pk}-").count() == 2


def test_it_reminds_once_when_the_job_runs_twice_at_once():
    made = open_pact(2)
    workflow.SignaturePlace.objects.in_pact(made.pact).update(asked_at="2026-06-02T08:00:00Z")
    assert sum(all_at_once([reminders.remind_all] * 4)) == 2
    assert OutgoingMail.objects.filter(key__startswith="signing-reminder-").count() == 2
