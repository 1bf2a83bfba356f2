"""What a worker does with a file that was brought in: looks it through, and takes it over when that is confirmed.

It may happen twice, at once, or stop in the middle: a worker takes a file by a conditional update with a lease, and
whatever it finds is written by an update that asks whether the file is still its own.
"""

import hashlib
import logging
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from partners.access import Access
from partners.pact.models import Pact
from partners.people.models import Membership
from plan.imports.checking import Cells, Findings, cleaned, held, look_through
from plan.imports.kinds import Kind, kind_of
from plan.imports.models import Import
from plan.imports.registers import RegisterResource

log = logging.getLogger(__name__)

State = Import.State
LEASE = timedelta(minutes=6)
"""Longer than a task may last (CELERY_TASK_TIME_LIMIT), so that who holds it is gone when it ends."""
MOST_ATTEMPTS = 3
BETWEEN_ATTEMPTS = timedelta(seconds=20)
KEPT = timedelta(days=7)
DUE = (State.WAITING, State.CONFIRMED)
OVER = (State.APPLIED, State.CANCELLED, State.REFUSED)


class Lost(Exception):
    """The import is no longer in this worker's hands: cancelled, or taken by another."""


def due() -> Any:
    """The imports that somebody waits for and no worker has."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=timezone.now())
    return Import.objects.across_pacts().filter(free, state__in=DUE)


def work(import_id: int) -> bool:
    """Look through or take over one file, when nobody else has it. True when this call brought it further."""
    claimed = (
        due()
        .filter(pk=import_id, attempts__lt=MOST_ATTEMPTS)
        .update(leased_until=timezone.now() + LEASE, attempts=F("attempts") + 1)
    )
    if not claimed:
        return False
    row = Import.objects.across_pacts().select_related("pact", "uploaded_by").get(pk=import_id)
    try:
        if row.state == State.CONFIRMED:
            _take_over(row)
        elif row.state == State.WAITING:
            _preview(row)
    except Lost:
        return False
    except Exception:  # whatever is in a file: the reader is told, the log says what, the worker lives on
        log.exception("import %s failed", import_id)
        _mine(row).update(leased_until=timezone.now() + BETWEEN_ATTEMPTS)
        give_up()
        return False
    return True


def _mine(row: Import) -> Any:
    """The row, as long as it is what this worker took: in the same state, and taken by nobody since."""
    return Import.objects.across_pacts().filter(pk=row.pk, state=row.state, attempts=row.attempts)


def _finish(row: Import, **values: Any) -> None:
    """Write the outcome. Raises Lost when it is no longer this worker's to write."""
    if not _mine(row).update(leased_until=None, **values):
        raise Lost


def _resource(row: Import) -> tuple[Kind, RegisterResource] | None:
    """The register for the one who brought the file, with what that person may do now; None when that is nothing."""
    kind = kind_of(row.kind)
    memberships = Membership.objects.in_pact(row.pact).current().filter(user=row.uploaded_by_id)
    access = Access(row.pact, list(memberships.select_related("partnership__organisation")))
    if kind is None or not access.can(kind.permission):
        return None
    return kind, kind.resource(row.pact, access, row.uploaded_by)


def _preview(row: Import) -> None:
    found = _resource(row)
    if found is None:
        _refuse(row, _not_allowed())
        return
    kind, resource = found
    resource.prepare()

    def progress(done: int, total: int) -> None:
        # The rows are held against what was read before, so each of these stands by itself and is seen at once.
        if not _mine(row).update(done=done, total=total, leased_until=timezone.now() + LEASE):
            raise Lost

    with row.file.open("rb") as file:
        findings = look_through(resource, file.read(), sheet=kind.sheet, progress=progress)
    if findings.fault_count:
        _refuse(row, findings)
        return
    _finish(
        row,
        state=State.READY,
        attempts=0,
        done=findings.total,
        total=findings.total,
        counts=findings.counts,
        warnings=findings.warnings,
        sample=findings.sample,
        basis=findings.basis,
        failure="",
    )


def _take_over(row: Import) -> None:
    """Write all rows, or none. The pact's row is the queue for all who take numbers in it."""
    with row.file.open("rb") as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise RuntimeError("the stored file is not the one that was looked through")
    # Before the pact is taken: reading takes seconds, and everybody who takes a number would wait for it.
    findings, rows = _read(row, content)
    refused = findings if findings.fault_count else None
    try:
        if not refused:
            with transaction.atomic():
                Pact.objects.select_for_update(no_key=True).get(pk=row.pact_id)
                if not _mine(row).exists():
                    raise Lost
                refused = _written(row, rows, findings)
                if refused:
                    transaction.set_rollback(True)
    except (ValidationError, IntegrityError) as fault:
        log.warning("import %s does not fit: %s", row.pk, type(fault).__name__)
        refused = Findings()
        words = " ".join(fault.messages) if isinstance(fault, ValidationError) else _changed_since()
        refused.fault(0, "", words)
    if refused:
        _refuse(row, refused)
    else:
        drop_file(row.pk)


def _read(row: Import, content: bytes) -> tuple[Findings, list[Cells]]:
    """The cleaned rows of the file, and what is wrong with it."""
    found = _resource(row)
    if found is None:
        return _not_allowed(), []
    kind, resource = found
    resource.read_names()
    findings = Findings()
    rows = list(cleaned(resource, content, findings, sheet=kind.sheet, progress=lambda done, total: None))
    return findings, rows


def _written(row: Import, rows: list[Cells], findings: Findings) -> Findings | None:
    """Write the rows and the outcome; what is wrong when they do not fit any more, and then nothing may stay.

    Holds the pact, so it asks everything anew but the file: who may what, who takes part, what stands.
    """
    found = _resource(row)
    if found is None:
        return _not_allowed()
    kind, resource = found
    resource.prepare(lock=True)
    held(resource, rows, findings)
    if findings.fault_count:
        return findings
    if findings.basis != row.basis and not findings.changes_nothing:
        findings.fault(0, "", _changed_since())
        return findings
    resource.write(findings.steps)
    counts = findings.counts
    audit.record(
        f"{kind.name}.imported",
        row,
        by=row.uploaded_by,
        created=counts["created"],
        changed=counts["changed"],
        unchanged=counts["unchanged"],
        handed_in=counts["handed_in"],
        sha256=row.sha256,
    )
    _finish(row, state=State.APPLIED, counts=counts, finished_at=timezone.now(), failure="")
    return None


def _not_allowed() -> Findings:
    findings = Findings()
    findings.fault(0, "", _("U mag geen rijen meer aanleveren in dit pact. Vraag de coördinator om hulp."))
    return findings


def _changed_since() -> str:
    return _(
        "De gegevens in het portaal zijn veranderd nadat u het voorbeeld zag. Er is niets overgenomen. "
        "Kies het bestand opnieuw en bekijk het nog eens."
    )


def _refuse(row: Import, findings: Findings) -> None:
    _finish(
        row,
        state=State.REFUSED,
        done=findings.total,
        total=findings.total,
        counts={},
        faults=findings.faults,
        fault_count=findings.fault_count,
        warnings=[],
        sample=[],
        finished_at=timezone.now(),
    )
    drop_file(row.pk)


def drop_file(import_id: int) -> None:
    """Remove the file of an import that is over. May run twice; what it does not come to, the sweep does."""
    row = Import.objects.across_pacts().filter(pk=import_id, state__in=OVER).exclude(file="").first()
    if row:
        row.file.storage.delete(str(row.file.name))
        Import.objects.across_pacts().filter(pk=import_id).update(file="")


def give_up() -> None:
    """Tell the reader of files that no worker could do: each try was broken off."""
    sentence = _("Het lezen van dit bestand is niet gelukt. Probeer het opnieuw of meld het aan de beheerder.")
    due().filter(attempts__gte=MOST_ATTEMPTS).update(
        state=State.REFUSED, failure=sentence, finished_at=timezone.now(), leased_until=None
    )


def sweep() -> list[int]:
    """Tidy up, and give the imports that are due: what the broker lost or a crash left behind."""
    give_up()
    old = Import.objects.across_pacts().filter(
        state__in=[State.WAITING, State.READY], uploaded_at__lt=timezone.now() - KEPT
    )
    old.update(state=State.CANCELLED, finished_at=timezone.now(), leased_until=None)
    # What was said of a file quotes it: that goes when the file would.
    said = ~Q(faults=[]) | ~Q(warnings=[]) | ~Q(sample=[])
    Import.objects.across_pacts().filter(said, state__in=OVER, uploaded_at__lt=timezone.now() - KEPT).update(
        faults=[], warnings=[], sample=[]
    )
    left = Import.objects.across_pacts().filter(state__in=OVER).exclude(file="").order_by("pk")
    for pk in left.values_list("pk", flat=True)[:50]:
        drop_file(pk)
    return list(due().order_by("pk").values_list("pk", flat=True)[:50])
