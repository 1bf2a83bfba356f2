"""Telling that a row is no longer what a reader saw, without a column for it."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

STALE = "stale"
"""The code of the fault that says so."""


def mark_of(row: Any, fields: Iterable[str], many: Iterable[str] = ("areas", "municipalities")) -> str:
    """A short text that changes when one of the fields of the row changes, or which rows one of `many` leads to.

    A page carries it in its form, and hands it back as `seen`.
    """
    values = [str(getattr(row, row._meta.get_field(name).attname)) for name in fields]
    values += [str(sorted(each.pk for each in getattr(row, name).all())) for name in many]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:32]


def is_stale(fault: ValidationError) -> bool:
    """Whether the fault says that the row is no longer what its reader saw, and nothing else."""
    return getattr(fault, "code", None) == STALE


def refuse_unseen(mark: str, seen: str | None) -> None:
    """Raise ValidationError when `seen` was given and is not the mark of the row as it stands, read under lock."""
    if seen is not None and seen != mark:
        raise ValidationError(
            _(
                "Iemand anders heeft dit gewijzigd terwijl u het open had. Er is nu niets veranderd. "
                "Bekijk eerst hoe het er nu staat."
            ),
            code=STALE,
        )
