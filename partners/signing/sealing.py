"""Putting the seal of one signature into the file: in the worker, which alone holds the key.

Signatures on one deed are sealed one after the other, under the lock of the deed, each upon the newest file; so none
is lost, and every earlier one stays valid. It may run twice, or be lost: the row of the signature says what is due.
"""

import hashlib
import logging
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from pact_portal.foundation.sealing import keys, sealing
from pact_portal.foundation.sealing.keys import SealKey, SealKeyFault
from pact_portal.foundation.sealing.sealing import Stamp
from partners.signing import completion
from partners.signing.models import Deed, DeedRevision, SealCertificate, Signature

log = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)


class BrokenFile(RuntimeError):
    """The stored file of a deed is not the one that was stored."""


def seal(signature_id: int) -> bool:
    """Seal one signature and, when it was the last one waited for, complete its deed. True when this call sealed it.

    A fault of the key is told to the reader in its own words; any other fault is logged as well. Either way the
    signature waits, and the sweep tries again, later at each attempt.
    """
    try:
        deed_id, sealed = _seal(signature_id)
    except SealKeyFault as fault:
        _failed(signature_id, str(fault))
        log.warning("signature %s waits for its seal: the key cannot be used", signature_id)
        return False
    except Exception:  # whatever goes wrong in a file: the reader is told, the log says what, the worker lives on
        log.exception("sealing signature %s failed", signature_id)
        _failed(signature_id, _("Het zegel zetten is niet gelukt. Het portaal probeert het vanzelf opnieuw."))
        return False
    completion.complete(deed_id)
    return sealed


@transaction.atomic
def _seal(signature_id: int) -> tuple[int, bool]:
    """Add a revision to the deed. Gives the deed, and whether there was something to do.

    A file that was stored while the database then refused its row stays behind, and nothing points to it.
    """
    signature = (
        Signature.objects.across_pacts()
        .select_related("place__deed__version__pact", "place__partnership__organisation")
        .get(pk=signature_id, way=Signature.Way.ELECTRONIC)
    )
    place = signature.place
    deed = place.deed
    pact = deed.version.pact
    Deed.objects.in_pact(pact).select_for_update(no_key=True).get(pk=deed.pk)
    revisions = DeedRevision.objects.in_pact(pact).filter(deed=deed)
    if revisions.filter(signature=signature).exists():
        return deed.pk, False
    newest = revisions.latest("number")
    key = keys.load()
    stamp = Stamp(
        name=signature.signatory,
        function=signature.function,
        organisation=signature.evidence.get("organisation") or place.partnership.organisation.name,
        mandate=signature.mandate,
        place=signature.signed_in,
        signed_at=signature.signed_at,
    )
    content = sealing.sign(read(newest), field=place.field, stamp=stamp, key=key)
    digest = hashlib.sha256(content).hexdigest()
    revision = DeedRevision(
        deed=deed,
        number=newest.number + 1,
        signature=signature,
        certificate=certificate_for(key),
        size=len(content),
        sha256=digest,
    )
    revision.file.save(f"{pact.pk}/{deed.pk}/{digest}.pdf", ContentFile(content), save=False)
    revision.full_clean()
    revision.save()
    Signature.objects.in_pact(pact).filter(pk=signature.pk).update(failure="", attempts=F("attempts") + 1)
    audit.record("signature.sealed", place, by=None, pact=pact, version=deed.version.number, revision=revision.number)
    return deed.pk, True


def read(revision: DeedRevision) -> bytes:
    """The bytes of a revision. Raises BrokenFile when they are not those that were stored."""
    with revision.file.open("rb") as file:
        content: bytes = file.read()
    if hashlib.sha256(content).hexdigest() != revision.sha256:
        raise BrokenFile(f"revision {revision.pk} of deed {revision.deed_id} is not the file that was stored")
    return content


def certificate_for(key: SealKey) -> SealCertificate:
    """The row of the key's certificate, made at its first use: what others need to check a file without the key."""
    certificate, _created = SealCertificate.objects.get_or_create(
        fingerprint=key.fingerprint,
        defaults={
            "pem": key.certificate_pem,
            "subject": key.subject[:300],
            "valid_from": key.valid_from,
            "valid_until": key.valid_until,
            "is_demo": key.is_demo,
        },
    )
    return certificate


def due(*, now: datetime | None = None) -> list[int]:
    """The signatures that wait for their seal and are due for another attempt, the oldest first."""
    now = now or timezone.now()
    waiting = Signature.objects.across_pacts().to_seal().values_list("pk", "signed_at", "attempts")
    return [pk for pk, signed_at, attempts in waiting if signed_at + waited(attempts) <= now]


def unfinished() -> list[int]:
    """The deeds of which everything is there and that are still open: a crash came between seal and completion."""
    still_open = Deed.objects.across_pacts().filter(state=Deed.State.OPEN).select_related("version")
    return [deed.pk for deed in still_open if completion.is_done(deed)]


def waited(attempts: int) -> timedelta:
    """How long after signing the next attempt comes: 15 s, 30 s, 1 minute, … and from then on every hour."""
    # Beyond eight attempts each wait is the longest one.
    growing = sum((min(FIRST_WAIT * 2**turn, LONGEST_WAIT) for turn in range(min(attempts, 8))), timedelta())
    return growing + LONGEST_WAIT * max(0, attempts - 8)


def _failed(signature_id: int, sentence: str) -> None:
    waiting = Signature.objects.across_pacts().filter(pk=signature_id, revision=None)
    waiting.update(failure=sentence[:300], attempts=F("attempts") + 1)
