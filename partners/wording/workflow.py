"""Keeping the list of the language mirror: one per pact, by who manages the pact."""

import hashlib
import json

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from partners.pact.models import Pact
from partners.wording.defaults import DEFAULTS
from partners.wording.models import MirrorTerm
from partners.wording.signs import refuse_unfindable

MOST = 200
"""Words on one list: every text is held against all of them."""


@transaction.atomic
def add(pact: Pact, *, term: str, reason: str, alternative: str, by: models.Model | None) -> MirrorTerm:
    """Put a word on the list. Raises ValidationError when it stands there, or when the list is full."""
    _lock(pact)
    if MirrorTerm.objects.in_pact(pact).count() >= MOST:
        raise ValidationError(_("Op de lijst passen %(most)s woorden. Haal eerst een woord weg.") % {"most": MOST})
    refuse_unfindable(term)
    row = MirrorTerm(pact=pact, term=_tidy(term), reason=_tidy(reason), alternative=_tidy(alternative))
    row.full_clean()
    row.save()
    audit.record("mirror_term.added", row, by=by)
    return row


@transaction.atomic
def change(
    row: MirrorTerm, *, term: str, reason: str, alternative: str, by: models.Model | None, seen: str = ""
) -> MirrorTerm:
    """Change a word of the list.

    `seen` is the mark of the word as its writer got it, where there is one. Raises ValidationError when the word was
    taken away or changed meanwhile, or stands there twice then.
    """
    _lock(row.pact)
    current = _current(row)
    if current is None:
        raise ValidationError(_("Dit woord is intussen van de lijst gehaald. Voeg het opnieuw toe als u het mist."))
    wanted = {"term": _tidy(term), "reason": _tidy(reason), "alternative": _tidy(alternative)}
    if all(getattr(current, name) == value for name, value in wanted.items()):
        return current
    if seen and seen != mark_of(current):
        sentence = _(
            "Iemand anders heeft dit woord intussen gewijzigd. Nu staat er: “%(term)s”, “%(reason)s” en liever "
            "“%(alternative)s”. Sla nog een keer op als uw tekst daarvoor in de plaats moet komen."
        )
        raise ValidationError(sentence % {name: getattr(current, name) for name in wanted}, code="stale")
    if wanted["term"] != current.term:
        refuse_unfindable(term)
    for name, value in wanted.items():
        setattr(current, name, value)
    current.full_clean()
    current.save()
    audit.record("mirror_term.changed", current, by=by)
    return current


@transaction.atomic
def remove(row: MirrorTerm, *, by: models.Model | None) -> bool:
    """Take a word from the list; False when somebody did so before."""
    _lock(row.pact)
    current = _current(row)
    if current is None:
        return False
    audit.record("mirror_term.removed", current, by=by)
    current.delete()
    return True


@transaction.atomic
def install_defaults(pact: Pact, *, by: models.Model | None = None) -> int:
    """Put the words of the standard list on it that are missing, and leave the others as they are; how many."""
    _lock(pact)
    standing = {term.lower() for term in MirrorTerm.objects.in_pact(pact).values_list("term", flat=True)}
    missing = [each for each in DEFAULTS if each.term.lower() not in standing][: max(0, MOST - len(standing))]
    rows = [MirrorTerm(pact=pact, term=each.term, reason=each.reason, alternative=each.alternative) for each in missing]
    MirrorTerm.unscoped.bulk_create(rows)
    if rows:
        audit.record("mirror_term.defaults_added", pact, by=by, pact=pact, words=len(rows))
    return len(rows)


def mark_of(row: MirrorTerm) -> str:
    """A short text that changes when the word, the reason or the alternative changes."""
    values = json.dumps([row.term, row.reason, row.alternative])
    return hashlib.sha256(values.encode()).hexdigest()[:32]


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _lock(pact: Pact) -> None:
    Pact.objects.select_for_update().get(pk=pact.pk)


def _current(row: MirrorTerm) -> MirrorTerm | None:
    current: MirrorTerm | None = (
        MirrorTerm.objects.in_pact(row.pact_id).select_for_update().select_related("pact").filter(pk=row.pk).first()
    )
    return current
