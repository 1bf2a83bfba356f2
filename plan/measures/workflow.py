"""Proposing a measure, and recording what was decided about it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from pact_portal.foundation.audit.workflow import record
from pact_portal.foundation.templatetags.portal import euro
from partners.models import CollaborationArea, Pact, Partnership, User
from plan.measures import existing_first
from plan.measures.models import Measure
from plan.programmes.models import Fit, Programme
from plan.questions import news
from plan.questions.belonging import check_areas, refuse_strangers
from plan.questions.models import QuestionNews, SupportQuestion

MOVES: dict[Measure.State, set[Measure.State]] = {
    Measure.State.PROPOSED: {Measure.State.APPROVED, Measure.State.REJECTED, Measure.State.DEFERRED},
    Measure.State.DEFERRED: {Measure.State.APPROVED, Measure.State.REJECTED},
}
"""From which state a decision leads to which. A decision that was taken is not taken again."""

FIELDS = {
    *("title", "kind", "line", "reason_not_broaden", "starts_on", "ends_on"),
    *("goal", "learning_question", "budget", "remains_after"),
}
"""What the one who proposes writes; number, state and decision are not theirs to give."""


@transaction.atomic
def propose(
    pact: Pact,
    *,
    lead: Partnership,
    by: User,
    areas: Iterable[CollaborationArea],
    questions: Iterable[SupportQuestion],
    programmes: Iterable[Programme] = (),
    executing: Iterable[Partnership] = (),
    **fields: Any,
) -> Measure:
    """Put a measure on the list as proposed, and return it.

    `fields` are those named in FIELDS. Raises ValidationError when a field is wrong, a row is of another pact, a
    question is not accepted, or the rule existing-before-new (see existing_first) refuses it.
    """
    if unknown := fields.keys() - FIELDS:
        raise TypeError(f"propose() takes no {', '.join(sorted(unknown))}")
    areas, questions, programmes, executing = list(areas), list(questions), list(programmes), list(executing)
    refuse_strangers(pact, field="lead", rows=[lead])
    refuse_strangers(pact, field="questions", rows=questions)
    refuse_strangers(pact, field="programmes", rows=programmes)
    refuse_strangers(pact, field="executing", rows=executing)
    # A text of spaces is no text: the reason of a new measure among them.
    written = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    measure = Measure(pact=pact, lead=lead, proposed_by=by, **written)
    # The pact before its questions, as whoever merges takes them.
    measure.take_number()
    # As they stand now, and locked: none is taken back or merged while it is being answered.
    asked = SupportQuestion.objects.in_pact(pact).filter(pk__in=[question.pk for question in questions])
    questions = list(asked.select_for_update().order_by("pk"))
    measure.full_clean()
    check_areas(pact, areas)
    _refuse_unaccepted(questions)
    _refuse_new_before_existing(measure, questions, programmes)
    measure.save()
    measure.areas.set(areas)
    measure.questions.set(questions)
    measure.programmes.set(programmes)
    measure.executing.set(executing)
    record("measure.proposed", measure, by=by, kind=measure.kind, questions=[question.code for question in questions])
    for question in questions:
        _tell(measure, question, QuestionNews.Kind.MEASURE, key=f"measure-{measure.pk}-{question.pk}", by=by)
    return measure


@transaction.atomic
def decide(measure: Measure, *, outcome: Measure.State, on: date, reason: str, by: User) -> Measure:
    """Record that a proposed or deferred measure was approved, rejected or deferred on a day, and return it.

    Raises ValidationError when there is nothing to decide, the reason is missing, the day has not come, or a measure
    is rejected that money still counts on.
    """
    locked = Measure.objects.in_pact(measure.pact_id).select_for_update().get(pk=measure.pk)
    before = Measure.State(locked.state)
    if outcome not in MOVES.get(before, set()):
        raise ValidationError(
            _("Maatregel %(code)s is %(state)s. Het besluit “%(outcome)s” kan dan niet meer.")
            % {"code": locked.code, "state": before.label, "outcome": Measure.State(outcome).label}
        )
    if not reason.strip():
        raise ValidationError({"reason": _("Schrijf op waarom dit besluit is genomen.")})
    if on > timezone.localdate():
        raise ValidationError({"on": _("Een besluit kan niet in de toekomst liggen.")})
    if outcome == Measure.State.REJECTED:
        _refuse_with_money(locked)
    locked.state, locked.outcome_on, locked.outcome_reason = outcome, on, reason.strip()
    locked.full_clean()
    locked.save(update_fields=["state", "outcome_on", "outcome_reason"])
    made = record(f"measure.{locked.state}", locked, by=by, on=on.isoformat(), before=before.value)
    for question in locked.questions.all():
        key = f"decided-{made.pk}-{question.pk}"
        _tell(locked, question, QuestionNews.Kind.DECIDED, key=key, by=by, outcome=str(locked.state))
    measure.state, measure.outcome_on, measure.outcome_reason = locked.state, on, locked.outcome_reason
    return locked


def _tell(
    measure: Measure, question: SupportQuestion, kind: QuestionNews.Kind, *, key: str, by: User, outcome: str = ""
) -> None:
    """Let who follows the question know what became of it by this measure."""
    path = reverse("plan:measure_detail", args=[measure.pact.slug, measure.number])
    news.tell(question, kind, key=key, by=by, path=path, code=measure.code, title=measure.title, outcome=outcome)


def _refuse_unaccepted(questions: list[SupportQuestion]) -> None:
    """A measure stands in the chain: it answers a question, and one that the pact has accepted."""
    if not questions:
        raise ValidationError({"questions": _("Kies ten minste één ondersteuningsvraag die de maatregel beantwoordt.")})
    waiting = [question.code for question in questions if question.state != SupportQuestion.State.ACCEPTED]
    if waiting:
        raise ValidationError(
            {
                "questions": _("Nog niet aangenomen: %(questions)s. Kies alleen aangenomen vragen.")
                % {"questions": get_text_list(waiting, _("en"))}
            }
        )


def _refuse_new_before_existing(
    measure: Measure, questions: list[SupportQuestion], programmes: list[Programme]
) -> None:
    if measure.kind != Measure.Kind.START:
        if not programmes:
            raise ValidationError(
                {"programmes": _("Kies het bestaande aanbod dat u voortzet of verbreedt.")}, code="existing_first"
            )
        return
    # Waits for whoever is judging one of these questions at this moment.
    judged = SupportQuestion.objects.in_pact(measure.pact_id).select_for_update().order_by("pk")
    locked = list(judged.filter(pk__in=[question.pk for question in questions]).prefetch_related("fits__programme"))
    asked = [
        existing_first.Question(
            label=str(question),
            judgements=tuple(
                existing_first.Judgement(str(fit.programme), fit.level == Fit.Level.SUFFICIENT, fit.expires_on)
                for fit in question.fits.all()
                if not fit.programme.has_ended
            ),
        )
        for question in sorted(locked, key=lambda question: question.number)
    ]
    if refusals := existing_first.refusals_of_new(asked, on=timezone.localdate()):
        raise ValidationError({"kind": refusals}, code="existing_first")


def _refuse_with_money(measure: Measure) -> None:
    """Money that serves nothing is a loose end: it is taken back first. Allocating locks the measure as well."""
    funded = Measure.objects.in_pact(measure.pact_id).with_funding().get(pk=measure.pk).funded
    if funded:
        raise ValidationError(
            _("Er is nog %(amount)s toegewezen aan maatregel %(code)s. Wijs eerst die toewijzingen af.")
            % {"amount": euro(funded), "code": measure.code}
        )
