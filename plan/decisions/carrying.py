"""What the registers of measures and money put on the route: measures, allocations and reallocations."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pact_portal.foundation.templatetags.portal import euro
from partners.bodies.calendar import words_of
from partners.pact.models import Pact
from partners.people.models import User
from plan.decisions.kinds import Kind, Pair, Shown, register
from plan.decisions.models import Decision, Outcome
from plan.funding import reallocating
from plan.funding import workflow as funding
from plan.funding.holding import NO_MONEY_FOR, hold_measure
from plan.funding.models import Allocation, Reallocation
from plan.measures import workflow as measures
from plan.measures.models import Indicator, Measure
from plan.measures.workflow import ADJUSTED_IN

MEASURE_AFTER = {
    Outcome.ADOPTED: Measure.State.APPROVED,
    Outcome.REJECTED: Measure.State.REJECTED,
    Outcome.DEFERRED: Measure.State.DEFERRED,
    Outcome.SENT_BACK: Measure.State.PROPOSED,
}
"""What an outcome makes of a measure; one that was approved and is sent back after all is a proposal again."""


def register_kinds() -> None:
    """Hand in the three kinds; called from AppConfig.ready()."""
    register(MEASURE, ALLOCATION, REALLOCATION)


# --- Measures --------------------------------------------------------------------------------------------------------


def _measures_offered(pact: Pact) -> Sequence[Measure]:
    waiting = [Measure.State.PROPOSED, Measure.State.DEFERRED]
    return list(Measure.objects.in_pact(pact).filter(state__in=waiting).order_by("number"))


def _show_measures(pact: Pact, keys: Collection[int]) -> dict[int, Shown]:
    rows = (
        Measure.objects.in_pact(pact)
        .filter(pk__in=keys)
        .select_related("lead__organisation")
        .prefetch_related("areas", "questions", "programmes", "executing__organisation", "indicators")
    )
    return {
        measure.pk: Shown(
            code=measure.code,
            title=measure.title,
            url=reverse("plan:measure_detail", args=[pact.slug, measure.number]),
            lines=_lines_of_measure(measure),
            problem=_problem_of_measure(measure),
        )
        for measure in rows
    }


def _lines_of_measure(measure: Measure) -> list[Pair]:
    lines = [
        (_("Soort"), measure.get_kind_display()),
        (_("Programmalijn"), measure.get_line_display()),
        (_("Samenwerkingsgebieden"), _list(area.name for area in measure.areas.all())),
        (_("Beantwoordt"), _list(_numbered(measure.questions.all()))),
        (_("Bouwt voort op"), _list(_numbered(measure.programmes.all()))),
        (_("Waarom nieuw"), measure.reason_not_broaden),
        (_("Trekker"), str(measure.lead)),
        (_("Uitvoerende partners"), _list(sorted(str(partner) for partner in measure.executing.all()))),
        (_("Periode"), _period(measure.starts_on, measure.ends_on)),
        (_("Doel"), words_of(measure.goal)),
        (_("Leervraag"), measure.learning_question),
        (_("Begroting"), euro(measure.budget)),
        (_("Indicatoren"), _list(_aims(measure))),
        (_("Wat er blijft"), measure.remains_after),
    ]
    return [(label, text) for label, text in lines if text]


def _aims(measure: Measure) -> list[str]:
    """Each indicator in words: its name and unit, and from which value to which."""
    return [_aim(one) for one in sorted(measure.indicators.all(), key=lambda one: one.pk)]


def _aim(one: Indicator) -> str:
    values = {
        "name": one.name,
        "baseline": _number(one.baseline),
        "target": _number(one.target),
        "unit": one.unit,
        "direction": one.get_direction_display(),
    }
    if one.baseline is None:
        return _("%(name)s: %(direction)s, naar %(target)s %(unit)s") % values
    return _("%(name)s: %(direction)s, van %(baseline)s naar %(target)s %(unit)s") % values


def _problem_of_measure(measure: Measure) -> str:
    if measure.state in (Measure.State.PROPOSED, Measure.State.DEFERRED):
        return ""
    return _("deze maatregel is al %(state)s.") % {"state": measure.get_state_display()}


def _measure_takes_effect(pact: Pact, pk: int, *, outcome: Outcome, decision: Decision, by: User) -> None:
    measure = _one(Measure.objects.in_pact(pact), pk)
    wanted = MEASURE_AFTER[outcome]
    if measure.state != wanted:
        measures.decide(
            measure,
            outcome=wanted,
            on=decision.decided_on,
            reason=decision.reason,
            by=by,
            decision=decision.code,
        )


def _measure_is_undone(pact: Pact, pk: int, *, outcome: Outcome, decision: Decision, by: User) -> None:
    measures.undo_approval(
        _one(Measure.objects.in_pact(pact), pk),
        outcome=MEASURE_AFTER[outcome],
        on=decision.decided_on,
        reason=decision.reason,
        by=by,
        decision=decision.code,
    )


def _measure_is_corrected(pact: Pact, pk: int, *, former: Decision, decision: Decision, by: User) -> None:
    measure = Measure.objects.in_pact(pact).filter(pk=pk).first()
    if measure is not None:
        was = (former.decided_on, former.reason)
        measures.correct_outcome(measure, was=was, on=decision.decided_on, reason=decision.reason)


# --- Allocations -----------------------------------------------------------------------------------------------------


def _allocations_offered(pact: Pact) -> Sequence[Allocation]:
    return list(Allocation.objects.in_pact(pact).filter(state=Allocation.State.PROPOSED))


def _show_allocations(pact: Pact, keys: Collection[int]) -> dict[int, Shown]:
    rows = (
        Allocation.objects.in_pact(pact)
        .filter(pk__in=keys)
        .select_related("package_year__package", "measure", "partnership__organisation")
    )
    return {
        allocation.pk: Shown(
            code=allocation.package_year.package.code,
            title=_("%(amount)s voor %(target)s") % {"amount": euro(allocation.amount), "target": allocation.target},
            url=reverse("plan:allocation_detail", args=[pact.slug, allocation.pk]),
            lines=[
                (_("Steunpakket"), str(allocation.package_year.package)),
                (_("Jaar"), str(allocation.package_year.year)),
                (_("Bedrag"), euro(allocation.amount)),
                (_("Bestemming"), allocation.target),
                *([(_("Toelichting"), allocation.note)] if allocation.note else []),
            ],
            problem=_problem_of_allocation(allocation),
            needs=_needs_of_target(allocation.measure),
        )
        for allocation in rows
    }


def _problem_of_allocation(allocation: Allocation) -> str:
    if allocation.state != Allocation.State.PROPOSED:
        return _("deze toewijzing is al %(state)s.") % {"state": allocation.get_state_display()}
    return _problem_of_target(allocation.measure)


def _problem_of_target(measure: Measure | None) -> str:
    if measure is not None and measure.state in NO_MONEY_FOR:
        return _("maatregel %(code)s is %(state)s. Daar kan geen geld meer naartoe.") % {
            "code": measure.code,
            "state": measure.get_state_display(),
        }
    return ""


def _needs_of_target(measure: Measure | None) -> dict[tuple[str, int], str]:
    """Money goes to a measure that was approved: before, or in the same proposal."""
    if measure is None or measure.state in ADJUSTED_IN:
        return {}
    return {("measure", measure.pk): _not_approved(measure)}


def _refuse_unapproved(pact: Pact, measure_id: int | None) -> None:
    """Measures of the same proposal are approved before their money is committed (see the positions below)."""
    if measure_id is not None and (measure := hold_measure(pact.pk, measure_id)).state not in ADJUSTED_IN:
        raise ValidationError(_not_approved(measure), code="not_approved")


def _not_approved(measure: Measure) -> str:
    return _(
        "maatregel %(code)s is %(state)s. Geld gaat alleen naar een goedgekeurde maatregel: zet de maatregel in "
        "hetzelfde voorstel, of laat die eerst goedkeuren."
    ) % {"code": measure.code, "state": measure.get_state_display()}


def _allocation_takes_effect(pact: Pact, pk: int, *, outcome: Outcome, decision: Decision, by: User) -> None:
    allocation = _one(Allocation.objects.in_pact(pact).select_related("package_year__package__pact"), pk)
    if outcome == Outcome.ADOPTED:
        _refuse_unapproved(pact, allocation.measure_id)
        funding.commit(allocation, by=by, decision=decision.code)
    # Who rejects what was taken back before, finds it done.
    elif outcome == Outcome.REJECTED and allocation.state != Allocation.State.REJECTED:
        funding.reject(allocation, by=by, decision=decision.code)


def _allocation_is_undone(pact: Pact, pk: int, *, outcome: Outcome, decision: Decision, by: User) -> None:
    allocation = _one(Allocation.objects.in_pact(pact).select_related("package_year__package__pact"), pk)
    # What is not rejected can still be decided about: its money waits for that.
    to = Allocation.State.REJECTED if outcome == Outcome.REJECTED else Allocation.State.PROPOSED
    funding.undo_commit(allocation, to=to, by=by, decision=decision.code)


# --- Reallocations ---------------------------------------------------------------------------------------------------


def _reallocations_offered(pact: Pact) -> Sequence[Reallocation]:
    return list(Reallocation.objects.in_pact(pact).filter(state=Reallocation.State.PROPOSED))


def _show_reallocations(pact: Pact, keys: Collection[int]) -> dict[int, Shown]:
    rows = (
        Reallocation.objects.in_pact(pact)
        .filter(pk__in=keys)
        .select_related(
            "source__package_year__package",
            "source__measure",
            "source__partnership__organisation",
            "measure",
            "partnership__organisation",
        )
    )
    return {
        one.pk: Shown(
            code=one.source.package_year.package.code,
            title=_("%(amount)s van %(source)s naar %(target)s")
            % {"amount": euro(one.amount), "source": one.source.target, "target": one.target},
            url=reverse("plan:allocation_detail", args=[pact.slug, one.source_id]),
            lines=[
                (_("Steunpakket"), str(one.source.package_year.package)),
                (_("Jaar"), str(one.source.package_year.year)),
                (_("Bedrag"), euro(one.amount)),
                (_("Van"), one.source.target),
                (_("Naar"), one.target),
                (_("Waarom"), one.reason),
            ],
            problem=_problem_of_reallocation(one),
            needs=_needs_of_target(one.measure),
        )
        for one in rows
    }


def _problem_of_reallocation(one: Reallocation) -> str:
    if one.state != Reallocation.State.PROPOSED:
        return _("deze herverdeling is al %(state)s.") % {"state": one.get_state_display()}
    if one.source.state != Allocation.State.COMMITTED:
        return _("de toewijzing waar dit uit komt, is %(state)s.") % {"state": one.source.get_state_display()}
    if one.source.unspent < one.amount:
        return _("er is nog %(left)s onbesteed, minder dan de %(amount)s die zou verhuizen.") % {
            "left": euro(one.source.unspent),
            "amount": euro(one.amount),
        }
    return _problem_of_target(one.measure)


def _reallocation_takes_effect(pact: Pact, pk: int, *, outcome: Outcome, decision: Decision, by: User) -> None:
    one = _one(Reallocation.objects.in_pact(pact).select_related("source__package_year__package__pact"), pk)
    if outcome == Outcome.ADOPTED:
        _refuse_unapproved(pact, one.measure_id)
        reallocating.apply(one, by=by, decision=decision.code)
    elif outcome == Outcome.REJECTED and one.state != Reallocation.State.REJECTED:
        reallocating.reject(one, by=by, decision=decision.code)


# --- What they share -------------------------------------------------------------------------------------------------


def _one(rows: Any, pk: int) -> Any:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise ValidationError(_("Dit onderdeel is er niet meer. Haal het uit het voorstel."))
    return found


def _numbered(rows: Any) -> list[str]:
    return [str(row) for row in sorted(rows, key=lambda row: row.number)]


def _list(texts: Any) -> str:
    """One text per line: names may hold commas."""
    return "\n".join(str(text) for text in texts)


def _period(first: date, last: date) -> str:
    return _("%(first)s tot en met %(last)s") % {
        "first": date_format(first, "j F Y"),
        "last": date_format(last, "j F Y"),
    }


def _number(value: Any) -> str:
    return "" if value is None else f"{value.normalize():f}".replace(".", ",")


MEASURE = Kind(
    name="measure",
    label=gettext_lazy("maatregel"),
    position=10,
    offered=_measures_offered,
    show=_show_measures,
    take_effect=_measure_takes_effect,
    undo=_measure_is_undone,
    correct=_measure_is_corrected,
)
ALLOCATION = Kind(
    name="allocation",
    label=gettext_lazy("toewijzing"),
    position=20,
    offered=_allocations_offered,
    show=_show_allocations,
    take_effect=_allocation_takes_effect,
    undo=_allocation_is_undone,
)
REALLOCATION = Kind(
    name="reallocation",
    label=gettext_lazy("herverdeling"),
    position=30,
    offered=_reallocations_offered,
    show=_show_reallocations,
    take_effect=_reallocation_takes_effect,
)
