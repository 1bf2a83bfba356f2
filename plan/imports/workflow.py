"""What people do with a file that they bring in: hand it over, have it taken over, or let it be. See running.py."""

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from pact_portal.foundation.background import wake
from pact_portal.foundation.privacy.guard import has_bsn
from pact_portal.foundation.uploads.files import CheckedFile
from partners.pact.models import Pact
from partners.people.models import User
from plan.imports import tasks
from plan.imports.kinds import Kind
from plan.imports.models import Import
from plan.imports.running import drop_file

State = Import.State


def upload(pact: Pact, *, kind: Kind, file: CheckedFile, filename: str, by: User) -> Import:
    """Store a file that has passed the door, and have it looked through. Nothing of it is in the register yet."""
    name = filename[-200:]
    if has_bsn(filename) or has_bsn(name):
        # The name stays on the page and in the list of files, so it may not hold what no text may.
        name = f"bestand.{file.extension}"
    row = Import(pact=pact, kind=kind.name, filename=name, sha256=file.sha256, uploaded_by=by)
    row.file.save(f"{file.sha256[:16]}.{file.extension}", ContentFile(file.content), save=False)
    try:
        with transaction.atomic():
            row.full_clean()
            row.save()
            audit.record("import.uploaded", row, by=by, kind=kind.name, sha256=file.sha256)
            wake(tasks.work, row.pk)
    except BaseException:
        # Without its row nobody would find the file again.
        row.file.storage.delete(str(row.file.name))
        raise
    return row


@transaction.atomic
def confirm(row: Import, *, by: User, has_looked: bool = False) -> Import:
    """Have the file taken over. Where there are warnings, `has_looked` says that the reader saw them."""
    _lock(row)
    if row.state in (State.CONFIRMED, State.APPLIED):
        raise ValidationError(
            _("Dit bestand is al overgenomen, of dat gebeurt nu. Er is niets dubbel gedaan."), code="again"
        )
    if row.state != State.READY:
        raise ValidationError(
            _("Dit kan niet: het bestand %(state)s.") % {"state": row.get_state_display()}, code="state"
        )
    if row.warnings and not has_looked:
        raise ValidationError(
            _("Kruis aan dat u naar de waarschuwingen heeft gekeken. Pas anders het bestand aan en kies het opnieuw."),
            code="warnings",
        )
    row.state, row.attempts, row.leased_until, row.failure = State.CONFIRMED, 0, None, ""
    row.save(update_fields=["state", "attempts", "leased_until", "failure"])
    audit.record("import.confirmed", row, by=by, kind=row.kind)
    wake(tasks.work, row.pk)
    return row


@transaction.atomic
def cancel(row: Import, *, by: User) -> Import:
    """Let the file be. What was taken over already stays."""
    _lock(row)
    if row.state == State.CANCELLED:
        raise ValidationError(_("Deze import was al geannuleerd."), code="again")
    if row.state not in (State.WAITING, State.READY):
        raise ValidationError(
            _("Annuleren kan niet meer: het bestand %(state)s.") % {"state": row.get_state_display()}, code="state"
        )
    row.state, row.finished_at = State.CANCELLED, timezone.now()
    row.save(update_fields=["state", "finished_at"])
    audit.record("import.cancelled", row, by=by, kind=row.kind)
    transaction.on_commit(lambda: drop_file(row.pk))
    return row


def _lock(row: Import) -> None:
    row.refresh_from_db(from_queryset=Import.unscoped.select_for_update())
