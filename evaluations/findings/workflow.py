"""What happens to findings and adjustments: recorded, closed, proposed, withdrawn, applied, rejected, taken back.

Locks: the pact, then the measure, then the finding or adjustment.
"""

import hashlib
from copy import copy
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from evaluations.findings.models import STOP, Adjustment, Finding
from evaluations.findings.values import NOTHING_CHANGES, STOPPED, as_text, from_text, in_words
from evaluations.series.models import Evaluation
from pact_portal.foundation.audit import workflow as audit
from partners.pact.models import Pact
from partners.people.models import User
from plan.decisions.models import ProposalItem
from plan.measures import workflow as measures
from plan.measures.models import Measure
from plan.questions.marks import refuse_unseen

ADJUSTED = measures.ADJUSTED_IN
"""The states in which a measure can be adjusted or stopped: one that is still proposed is revised by its lead."""
KIND = "adjustment"
"""The name of the kind of row that proposals carry."""


@transaction.atomic
def record(evaluation: Evaluation, *, text: str, by: User, measure: Measure | None = None) -> tuple[Finding, bool]:
    """Write down what a reported evaluation showed, about one measure or the whole plan.

    Gives the finding, and whether it was made now: the same words about the same twice are one finding. Raises
    ValidationError when the evaluation is not reported, the text is missing or the measure is of another pact.
    """
    pact = evaluation.series.pact
    evaluation = Evaluation.objects.in_pact(pact).select_for_update(of=("self",)).get(pk=evaluation.pk)
    if evaluation.state not in Evaluation.REPORTED:
        raise ValidationError(_("Bevindingen legt u vast zodra de evaluatie gesloten is en het verslag er is."))
    if measure is not None and measure.pact_id != pact.pk:
        raise ValidationError({"measure": _("Kies een maatregel van dit pact.")})
    text = text.strip()
    same = Finding.objects.in_pact(pact).filter(evaluation=evaluation, measure=measure, text=text, closed_at=None)
    if found := same.first():
        return found, False
    finding = Finding(evaluation=evaluation, measure=measure, text=text, recorded_by=by)
    finding.full_clean()
    finding.save()
    about = measure.code if measure else ""
    audit.record("finding.recorded", finding, by=by, pact=pact, evaluation=evaluation.pk, measure=about)
    return finding, True


@transaction.atomic
def close(finding: Finding, *, reason: str, by: User) -> bool:
    """Close a finding from which nothing changes, with the reason; False when it was closed already.

    Raises ValidationError without a reason, or while an adjustment of it stands.
    """
    pact = finding.evaluation.series.pact
    locked = Finding.objects.in_pact(pact).select_for_update(of=("self",)).get(pk=finding.pk)
    if locked.closed_at is not None:
        return False
    if standing := Adjustment.objects.in_pact(pact).standing().filter(finding=locked).first():
        raise ValidationError(
            _("Uit deze bevinding volgt bijstelling %(code)s. Sluiten kan alleen als die is ingetrokken of afgewezen.")
            % {"code": standing.code}
        )
    if not reason.strip():
        raise ValidationError({"reason": _("Schrijf op waarom er niets verandert.")})
    locked.closed_at, locked.closed_by, locked.close_reason = timezone.now(), by, reason.strip()
    locked.full_clean()
    locked.save(update_fields=["closed_at", "closed_by", "close_reason"])
    audit.record("finding.closed", locked, by=by, pact=pact)
    return True


def present(measure: Measure, field: str) -> str:
    """What stands on the measure now, as text."""
    return as_text(getattr(measure, field))


def mark_of(measure: Measure, field: str) -> str:
    """A short text that changes when what stands there does."""
    return hashlib.sha256(present(measure, field).encode()).hexdigest()[:32]


def refusal(measure: Measure) -> str:
    """Why the measure cannot be adjusted now, as a sentence; "" when it can."""
    if measure.state in ADJUSTED:
        return ""
    sentence = _("Maatregel %(code)s is %(state)s. Bijstellen kan alleen als zij is goedgekeurd of in uitvoering is.")
    return sentence % {"code": measure.code, "state": measure.get_state_display()}


@transaction.atomic
def propose(
    measure: Measure,
    *,
    field: str,
    reason: str,
    by: User,
    after: Any = None,
    finding: Finding | None = None,
    seen: str | None = None,
) -> tuple[Adjustment, bool]:
    """Propose to change one field of a measure, or with the field "state" to stop it.

    `after` is the new value as the column takes it; `seen` is the mark of what stood there when the writer read it.
    Gives the adjustment, and whether it was made now. Raises ValidationError when the measure cannot be adjusted or
    would not be right afterwards, nothing changes, something else stands there meanwhile, or the finding is closed or
    about another measure.
    """
    if field != STOP and field not in measures.ADJUSTABLE:
        raise ValidationError({"field": _("Kies wat er verandert uit de lijst.")})
    adjustment = Adjustment(pact=measure.pact, measure=measure, finding=finding, field=field, created_by=by)
    # The pact before its measure, as whoever decides takes them.
    adjustment.take_number()
    measure = Measure.objects.in_pact(measure.pact_id).select_for_update().get(pk=measure.pk)
    if problem := refusal(measure):
        raise ValidationError(problem)
    adjustment.before = present(measure, field)
    refuse_unseen(mark_of(measure, field), seen)
    adjustment.after = STOPPED if field == STOP else _checked(measure, field, after)
    if adjustment.after == adjustment.before:
        raise ValidationError({"after": NOTHING_CHANGES})
    if finding is not None:
        _check_finding(finding, measure)
    adjustment.reason = reason.strip()
    same = Adjustment.objects.in_pact(measure.pact_id).filter(
        measure=measure, finding=finding, field=field, after=adjustment.after, state=Adjustment.State.PROPOSED
    )
    if found := same.first():
        return found, False
    adjustment.full_clean()
    adjustment.save()
    audit.record("adjustment.proposed", adjustment, by=by, field=field, measure=measure.code)
    return adjustment, True


def _checked(measure: Measure, field: str, after: Any) -> str:
    """The new value as text, when the measure is right with it; faults of the field are those of `after`."""
    changed = copy(measure)
    setattr(changed, field, after.strip() if isinstance(after, str) else after)
    try:
        changed.full_clean()
    except ValidationError as fault:
        raise ValidationError({"after": [text for texts in fault.message_dict.values() for text in texts]}) from fault
    return as_text(getattr(changed, field))


def _check_finding(finding: Finding, measure: Measure) -> None:
    locked = Finding.objects.in_pact(measure.pact_id).select_for_update(of=("self",)).filter(pk=finding.pk).first()
    if locked is None or locked.measure_id not in (None, measure.pk):
        raise ValidationError(_("Deze bevinding gaat niet over maatregel %(code)s.") % {"code": measure.code})
    if locked.closed_at is not None:
        raise ValidationError(_("Deze bevinding is gesloten: er volgt niets meer uit."))


def proposal_of(adjustment: Adjustment) -> str:
    """The code of the proposal in which the adjustment stands now; "" when it stands in none."""
    items = ProposalItem.objects.in_pact(adjustment.pact_id).filter(kind=KIND, object_id=adjustment.pk, is_open=True)
    found = items.select_related("proposal").first()
    return found.proposal.code if found else ""


@transaction.atomic
def withdraw(adjustment: Adjustment, *, by: User) -> bool:
    """Take back an adjustment that nobody decided on; False when it was taken back already.

    Raises ValidationError when it was decided on, or stands in a proposal.
    """
    # Whoever puts it in a proposal locks the pact as well.
    Pact.objects.select_for_update(no_key=True).get(pk=adjustment.pact_id)
    locked = _locked(adjustment)
    if locked.state == Adjustment.State.WITHDRAWN:
        return False
    if locked.state != Adjustment.State.PROPOSED:
        raise ValidationError(
            _("Bijstelling %(code)s is %(state)s door besluit %(decision)s. Intrekken kan niet meer.")
            % {"code": locked.code, "state": locked.get_state_display(), "decision": locked.decision}
        )
    if proposal := proposal_of(locked):
        raise ValidationError(
            _("Bijstelling %(code)s staat in voorstel %(proposal)s. Haal die daar eerst uit, of trek het voorstel in.")
            % {"code": locked.code, "proposal": proposal}
        )
    locked.state = Adjustment.State.WITHDRAWN
    locked.full_clean()
    locked.save(update_fields=["state"])
    audit.record("adjustment.withdrawn", locked, by=by)
    return True


@transaction.atomic
def apply(adjustment: Adjustment, *, decision: str, on: date, by: User, confirmed: str | None = None) -> None:
    """Change the measure as an adopting decision says.

    `confirmed` is what the deciders saw and confirmed that stands on the measure now, as text: then that is taken as
    what it was before. Raises ValidationError when something else stands there than was said and confirmed.
    """
    measure = Measure.objects.in_pact(adjustment.pact_id).select_for_update().get(pk=adjustment.measure_id)
    locked = _locked(adjustment)
    if locked.state == Adjustment.State.APPLIED and locked.decision == decision:
        return
    if locked.state not in (Adjustment.State.PROPOSED, Adjustment.State.REJECTED):
        raise ValidationError(
            _("Bijstelling %(code)s is %(state)s, en wordt niet nog eens doorgevoerd.")
            % {"code": locked.code, "state": locked.get_state_display()}
        )
    if problem := refusal(measure):
        raise ValidationError(problem)
    now = present(measure, locked.field)
    if now not in (locked.before, confirmed):
        raise ValidationError(
            _("Bij maatregel %(measure)s staat nu iets anders dan bij het voorstellen van %(code)s: “%(now)s”.")
            % {"measure": measure.code, "code": locked.code, "now": in_words(locked.field, now)}
        )
    if locked.stops:
        measures.stop(measure, on=on, reason=locked.reason, by=by, decision=decision)
    elif now != locked.after:
        changes = {locked.field: from_text(locked.field, locked.after)}
        measures.adjust(measure, changes=changes, by=by, decision=decision, on=on)
    locked.before, locked.state, locked.decision = now, Adjustment.State.APPLIED, decision
    locked.full_clean()
    locked.save(update_fields=["before", "state", "decision"])
    audit.record("adjustment.applied", locked, by=by, decision=decision, field=locked.field, measure=measure.code)


@transaction.atomic
def reject(adjustment: Adjustment, *, decision: str, by: User) -> None:
    """Turn an adjustment down, as a decision says. Raises ValidationError when it was applied or taken back."""
    locked = _locked(adjustment)
    if locked.state == Adjustment.State.REJECTED:
        return
    if locked.state != Adjustment.State.PROPOSED:
        raise ValidationError(
            _("Bijstelling %(code)s is %(state)s, en kan niet worden afgewezen.")
            % {"code": locked.code, "state": locked.get_state_display()}
        )
    locked.state, locked.decision = Adjustment.State.REJECTED, decision
    locked.full_clean()
    locked.save(update_fields=["state", "decision"])
    audit.record("adjustment.rejected", locked, by=by, decision=decision)


@transaction.atomic
def take_back(adjustment: Adjustment, *, decision: str, on: date, by: User) -> None:
    """Undo what an adoption changed: the measure says again what it said. Afterwards the adjustment is proposed.

    Raises ValidationError when the measure was stopped by it, or says something else by now.
    """
    measure = Measure.objects.in_pact(adjustment.pact_id).select_for_update().get(pk=adjustment.measure_id)
    locked = _locked(adjustment)
    if locked.state != Adjustment.State.APPLIED:
        raise ValidationError(_("Bijstelling %(code)s is niet doorgevoerd.") % {"code": locked.code})
    if locked.stops:
        raise ValidationError(
            _("Maatregel %(code)s is gestopt. Dat is niet terug te draaien: stel een nieuwe maatregel voor.")
            % {"code": measure.code}
        )
    if present(measure, locked.field) != locked.after:
        raise ValidationError(
            _("Bij maatregel %(measure)s staat inmiddels iets anders dan bijstelling %(code)s ervan maakte.")
            % {"measure": measure.code, "code": locked.code}
        )
    changes = {locked.field: from_text(locked.field, locked.before)}
    measures.adjust(measure, changes=changes, by=by, decision=decision, on=on)
    locked.state, locked.decision = Adjustment.State.PROPOSED, ""
    locked.full_clean()
    locked.save(update_fields=["state", "decision"])
    audit.record("adjustment.undone", locked, by=by, decision=decision, measure=measure.code)


def _locked(adjustment: Adjustment) -> Adjustment:
    rows = Adjustment.objects.in_pact(adjustment.pact_id).select_for_update(of=("self",))
    found: Adjustment = rows.select_related("pact", "measure").get(pk=adjustment.pk)
    return found
