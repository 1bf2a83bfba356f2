"""What the coordinator finds about two that overlap: tuned to each other, or better merged."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from partners.pact.models import Pact
from partners.people.models import User
from plan.programmes.models import OverlapMark
from plan.programmes.overlap import Pair

NOT_MARKED = "none"
"""The mark of a page that showed two without a mark."""


def seen_of(mark: OverlapMark | None) -> str:
    """A short text that changes with the mark; a page carries it in its form, and hands it back as `seen`."""
    return mark.marked_at.isoformat() if mark else NOT_MARKED


@transaction.atomic
def mark_overlap(
    pact: Pact, pair: Pair, *, kind: str, by: User, note: str = "", seen: str | None = None
) -> tuple[OverlapMark, bool]:
    """Mark two that overlap, or mark them anew. Gives the mark, and whether anything was written.

    Marking the same again changes nothing. Raises ValidationError when it is said to be tuned without saying how, and
    when somebody else changed the mark since the page with the mark `seen` was opened.
    """
    mark = _locked(pact, *pair.key)
    note = note.strip()
    if mark and (mark.kind, mark.note) == (kind, note):
        return mark, False
    _refuse_unseen(mark, seen)
    mark = mark or OverlapMark(pact=pact, first=pair.first.code, second=pair.second.code)
    mark.kind, mark.note, mark.marked_by = kind, note, by
    mark.full_clean()
    mark.save()
    audit.record("overlap.marked", mark, by=by, pact=pact, kind=str(mark.kind))
    return mark, True


@transaction.atomic
def clear_mark(pact: Pact, first: str, second: str, *, by: User, seen: str | None = None) -> bool:
    """Take a mark away; says whether there was one. Raises ValidationError when somebody else changed it meanwhile."""
    mark = _locked(pact, first, second)
    if mark is None:
        return False
    _refuse_unseen(mark, seen)
    audit.record("overlap.cleared", mark, by=by, pact=pact, kind=str(mark.kind))
    mark.delete()
    return True


def _locked(pact: Pact, first: str, second: str) -> OverlapMark | None:
    """The mark of two. The row of the pact is the queue: there may be no mark yet that two coordinators wait for."""
    Pact.objects.select_for_update(no_key=True).get(pk=pact.pk)
    return OverlapMark.objects.in_pact(pact).filter(first=first, second=second).first()


def _refuse_unseen(mark: OverlapMark | None, seen: str | None) -> None:
    if seen is not None and seen != seen_of(mark):
        raise ValidationError(
            _("Iemand anders heeft deze afspraak gewijzigd terwijl u haar open had. Bekijk eerst wat er nu staat."),
            code="stale",
        )
