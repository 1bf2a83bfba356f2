"""What happens to a programme, and the judging of how far it answers a question."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from partners.organisations.models import Partnership
from partners.pact.models import CollaborationArea, Pact
from partners.people.models import User
from plan.programmes.models import Fit, Programme, a_year_from_today
from plan.questions import marks
from plan.questions.belonging import check_areas, check_municipalities, refuse_strangers
from plan.questions.models import SupportQuestion

FIELDS = (
    "provider",
    "name",
    "description",
    "amplitie",
    "preventie",
    "curatie",
    "age_from",
    "age_to",
    "reach_per_year",
    "starts_on",
    "ends_on",
    "funding_source",
    "yearly_cost",
)
"""What its provider writes, besides the areas and the municipalities."""

JUDGED_IN = (SupportQuestion.State.SUBMITTED, SupportQuestion.State.ACCEPTED)
"""A question is matched once it is handed in; before that, or after a return, it may still change its meaning."""


def mark_of(programme: Programme) -> str:
    """The mark of what its provider wrote: tells whether the programme is still what a reader saw."""
    return marks.mark_of(programme, FIELDS)


@transaction.atomic
def add(
    pact: Pact,
    *,
    provider: Partnership,
    by: User,
    areas: Sequence[CollaborationArea],
    municipalities: Sequence[Partnership] = (),
    **fields: Any,
) -> Programme:
    """Put a programme on the list. `fields` are those of FIELDS; raises ValidationError for what does not hold."""
    programme = Programme(pact=pact, created_by=by)
    programme.take_number()
    _write(programme, {"provider": provider, **fields}, areas, municipalities)
    audit.record("programme.added", programme, by=by)
    return programme


@transaction.atomic
def revise(
    programme: Programme,
    *,
    by: User,
    areas: Sequence[CollaborationArea] | None = None,
    municipalities: Sequence[Partnership] | None = None,
    seen: str | None = None,
    **fields: Any,
) -> Programme:
    """Change what is known of a programme. What is not given stays.

    `seen` is the mark of the programme that the writer started from; when somebody changed it meanwhile,
    ValidationError says so and nothing is written.
    """
    _lock(programme)
    marks.refuse_unseen(mark_of(programme), seen)
    _write(programme, fields, areas, municipalities)
    audit.record("programme.revised", programme, by=by)
    return programme


@transaction.atomic
def judge_fit(
    question: SupportQuestion,
    programme: Programme,
    *,
    level: str,
    reason: str,
    by: User,
    evidence: str = "",
    expires_on: date | None = None,
) -> Fit:
    """Say how far a programme answers a question, or say it anew: the earlier judgement is replaced.

    It counts from today until `expires_on` (a year when not given), after which the fit is unknown again.
    """
    # The question's row is the queue: two people who judge the same pair at once do so one after the other.
    locked = SupportQuestion.unscoped.select_for_update().get(pk=question.pk)
    if locked.state not in JUDGED_IN:
        raise ValidationError(
            _("Vraag %(code)s is %(state)s. U kunt de aansluiting beoordelen als de vraag is ingediend of aangenomen.")
            % {"code": locked.code, "state": locked.get_state_display()},
            code="state",
        )
    refuse_strangers(locked.pact, field="programme", rows=[programme])
    fit = Fit.unscoped.filter(question=locked, programme=programme).first()
    renewed, before = fit is not None, fit.level if fit else ""
    fit = fit or Fit(question=locked, programme=programme)
    fit.level, fit.reason, fit.evidence = level, reason, evidence
    fit.judged_by, fit.judged_on = by, timezone.localdate()
    fit.expires_on = expires_on or a_year_from_today()
    fit.full_clean()
    fit.save()
    audit.record(
        "fit.renewed" if renewed else "fit.judged",
        fit,
        by=by,
        pact=locked.pact,
        level=str(fit.level),
        before=str(before),
    )
    return fit


def _lock(programme: Programme) -> None:
    programme.refresh_from_db(from_queryset=Programme.unscoped.select_for_update())


def _write(
    programme: Programme,
    fields: dict[str, Any],
    areas: Sequence[CollaborationArea] | None,
    municipalities: Sequence[Partnership] | None,
) -> None:
    if unknown := set(fields) - set(FIELDS):
        raise TypeError(f"a programme has no {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(programme, name, value)
    refuse_strangers(programme.pact, field="provider", rows=[programme.provider])
    if areas is not None:
        check_areas(programme.pact, areas)
    if municipalities is not None:
        check_municipalities(programme.pact, municipalities)
    programme.full_clean()
    programme.save()
    if areas is not None:
        programme.areas.set(areas)
    if municipalities is not None:
        programme.municipalities.set(municipalities)
