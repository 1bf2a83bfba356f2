"""Writing the audit trail: called inside the transaction of the act, so that neither exists without the other."""

from typing import Any

from django.db import models

from pact_portal.foundation.audit.models import AuditRecord


def record(
    action: str, subject: models.Model, *, by: models.Model | None, pact: models.Model | None = None, **details: Any
) -> AuditRecord:
    """Add one record.

    `action` is "noun.past-tense", such as "question.accepted"; `by` is None for what the portal does by itself;
    `pact` is taken from `subject.pact` when it is not given; `details` must be JSON and hold no personal data.
    """
    return AuditRecord.unscoped.create(
        pact=pact if pact is not None else getattr(subject, "pact", None),
        by=by,
        action=action,
        subject_kind=subject._meta.label_lower,
        subject_id=subject.pk,
        subject_label=str(subject)[:300],
        details=details,
    )
