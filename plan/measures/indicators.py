"""The indicators of a measure: added, revised and removed by those who may propose for its lead."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from pact_portal.foundation.audit.workflow import record
from partners.models import User
from plan.measures.aims import written
from plan.measures.models import Indicator, Measure
from plan.questions import marks

FIELDS = ("name", "unit", "direction", "baseline", "target", "every_months", "source", "counts_people")
MOST = 20
"""Indicators of one measure: who counts more, steers on nothing."""
SETTLED = (Measure.State.REJECTED, Measure.State.FINISHED, Measure.State.STOPPED)
"""In these states what a measure should move stands as it was."""
DECIDED = (Measure.State.APPROVED, Measure.State.RUNNING)
"""In these states a decision stands about what the measure should move: targets stay, and no indicator goes."""


def mark_of(indicator: Indicator) -> str:
    """Tells whether the indicator is still what a reader saw."""
    return marks.mark_of(indicator, FIELDS, ())


@transaction.atomic
def add(measure: Measure, *, by: User, **fields: Any) -> Indicator:
    """Put an indicator at a measure, and return it; `fields` are those of FIELDS.

    Raises ValidationError when a value does not hold, the target does not fit the direction, the measure has one of
    that name or too many, or is over.
    """
    locked = _lock(measure)
    if locked.indicators.count() >= MOST:
        raise ValidationError(
            _("Een maatregel heeft hooguit %(most)d indicatoren. Haal er eerst een weg.") % {"most": MOST}
        )
    indicator = _write(Indicator(measure=locked), fields)
    _record("indicator.added", indicator, by=by)
    return indicator


@transaction.atomic
def revise(indicator: Indicator, *, by: User, seen: str | None = None, **fields: Any) -> Indicator:
    """Change an indicator, and return it; what is not given stays. `seen` is the mark that the writer started from.

    Raises ValidationError as `add` does, when somebody changed or removed it meanwhile, and when it would change what
    was decided about: of a measure that was approved the target, direction and unit stay, and so does a baseline that
    is known. A baseline that was not known yet can be filled in.
    """
    locked = _held(indicator)
    marks.refuse_unseen(mark_of(locked), seen)
    _refuse_decided(locked, fields)
    before = {name: str(getattr(locked, name)) for name in FIELDS}
    _write(locked, fields)
    changed = {name: [was, now] for name, was in before.items() if (now := str(getattr(locked, name))) != was}
    _record("indicator.revised", locked, by=by, changed=changed)
    return locked


@transaction.atomic
def remove(indicator: Indicator, *, by: User) -> None:
    """Take an indicator away.

    Raises ValidationError when something was read of it already, or its measure was approved or is over.
    """
    locked = _held(indicator)
    if locked.measure.state in DECIDED:
        raise ValidationError(
            _("Over maatregel %(code)s is besloten, met deze indicator erbij. Daarom blijft hij staan.")
            % {"code": locked.measure.code},
            code="decided",
        )
    _record("indicator.removed", locked, by=by)
    try:
        locked.delete()
    except ProtectedError as fault:
        raise ValidationError(_("Van deze indicator is al iets gemeten. Daarom blijft hij staan.")) from fault


def _lock(measure: Measure) -> Measure:
    """The measure as it stands, so that two who change its indicators do so one after the other."""
    rows = Measure.objects.in_pact(measure.pact_id).select_related("pact").select_for_update(of=("self",), no_key=True)
    locked: Measure = rows.get(pk=measure.pk)
    if locked.state in SETTLED:
        raise ValidationError(
            _("Maatregel %(code)s is %(state)s. De indicatoren veranderen daarom niet meer.")
            % {"code": locked.code, "state": locked.get_state_display()}
        )
    return locked


def _held(indicator: Indicator) -> Indicator:
    measure = _lock(indicator.measure)
    held = measure.indicators.filter(pk=indicator.pk).first()
    if held is None:
        raise ValidationError(_("Deze indicator is al weggehaald."), code="gone")
    held.measure = measure
    return held


def _write(indicator: Indicator, fields: dict[str, Any]) -> Indicator:
    if unknown := fields.keys() - set(FIELDS):
        raise TypeError(f"an indicator takes no {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(indicator, name, " ".join(value.split()) if isinstance(value, str) else value)
    _refuse_same_name(indicator)
    indicator.clean_fields()
    _refuse_target(indicator)
    indicator.full_clean()
    indicator.save()
    return indicator


def _refuse_decided(indicator: Indicator, fields: dict[str, Any]) -> None:
    """Raise ValidationError at each value that a decision stands about and that would become another."""
    if indicator.measure.state not in DECIDED:
        return
    held = ["unit", "direction", "target", *(["baseline"] if indicator.baseline is not None else [])]
    changed = [name for name in held if name in fields and fields[name] != getattr(indicator, name)]
    if changed:
        fault = _("Hierover is besloten. Laat staan: %(value)s. Voeg een indicator toe als u iets anders wilt meten.")
        raise ValidationError(
            {name: ValidationError(fault % {"value": _in_words(indicator, name)}, code="decided") for name in changed}
        )
    baseline = fields.get("baseline")
    if (
        indicator.baseline is None
        and baseline is not None
        and not _fits(indicator.direction, baseline, indicator.target)
    ):
        fault = _(
            "Deze nulmeting past niet bij het streefgetal van %(target)s, waarover is besloten. "
            "Laat de nulmeting leeg, en voeg een indicator toe met een streefgetal dat wel past."
        )
        raise ValidationError(
            {"baseline": ValidationError(fault % {"target": written(indicator.target)}, code="direction")}
        )


def _in_words(indicator: Indicator, name: str) -> str:
    if name == "direction":
        return str(indicator.get_direction_display())
    value = getattr(indicator, name)
    return value if isinstance(value, str) else written(value)


def _fits(direction: str, baseline: Decimal, target: Decimal) -> bool:
    """Whether the target lies on the side of the baseline that the direction says."""
    if direction == Indicator.Direction.HOLD:
        return True
    return target > baseline if direction == Indicator.Direction.UP else target < baseline


def _refuse_same_name(indicator: Indicator) -> None:
    others = Indicator.objects.in_pact(indicator.measure.pact_id).filter(measure=indicator.measure)
    if others.exclude(pk=indicator.pk).filter(name__iexact=indicator.name).exists():
        raise ValidationError({"name": ValidationError(_("Deze indicator staat al bij de maatregel."), code="twice")})


def _refuse_target(indicator: Indicator) -> None:
    """Raise ValidationError on the target when it lies on the wrong side of a known baseline; the database does too."""
    baseline, target = indicator.baseline, indicator.target
    if baseline is None or _fits(indicator.direction, baseline, target):
        return
    if indicator.direction == Indicator.Direction.UP:
        fault = _("U koos omhoog. Vul een streefgetal in dat hoger is dan de nulmeting van %(baseline)s.")
    else:
        fault = _("U koos omlaag. Vul een streefgetal in dat lager is dan de nulmeting van %(baseline)s.")
    raise ValidationError({"target": ValidationError(fault % {"baseline": written(baseline)}, code="direction")})


def _record(action: str, indicator: Indicator, *, by: User, **details: Any) -> None:
    measure = indicator.measure
    record(action, indicator, by=by, pact=measure.pact, measure=measure.code, state=measure.state, **details)
