"""What became of a question and what comes next, told from what hangs on it. Pure: asks the database nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plan.questions.models import QuestionNews, SupportQuestion
from plan.questions.news import sentence_of

State = SupportQuestion.State
Kind = QuestionNews.Kind

OF_THE_ROOT = (Kind.MATCHED, Kind.MEASURE, Kind.DECIDED, Kind.EVALUATED)
"""News of a merged question that is also news of the one in which it lives on."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its sentence, whether it was reached, and when, if that is known. `path` is where it can be seen."""

    text: str
    is_done: bool
    at: datetime | date | None = None
    path: str = ""
    remark: str = ""


def timeline_of(
    question: SupportQuestion,
    news: Sequence[QuestionNews],
    fits: Sequence[Any],
    measures: Sequence[Any],
    *,
    partners: Collection[int] = (),
) -> list[Step]:
    """What happened, in order, and then what is still expected, as a reader of `partners` (their keys) reads it.

    `news` is that of the question and of those that were merged into it (with their `question`); when the question was
    merged itself, also that of its root. `fits` have `judged_on`, `measures` a `code`: they tell what happened before
    there was news.
    """
    done = [Step(_("Opgeschreven"), is_done=True, at=question.created_at)]
    if question.submitted_at:
        done.append(Step(_("Ingediend bij de coördinator"), is_done=True, at=question.submitted_at))
    done += [_told(question, row, partners) for row in news if _is_shown(question, row)]
    done += _untold(question, news, fits, measures)
    if question.state == State.WITHDRAWN and not _is_told_withdrawn(question, news):
        done.append(
            Step(
                _("Ingetrokken door de indiener"),
                is_done=True,
                at=question.withdrawn_at,
                remark=question.withdrawal_reason,
            )
        )
    done.sort(key=_moment)
    return [*done, *(Step(text, is_done=False) for text in _expected(question, news, fits, measures))]


def next_step(question: SupportQuestion, latest: QuestionNews | None = None, *, own: bool = True) -> str:
    """What is waited for now, in one sentence; "" when nothing is. `latest` is the last news of the question.

    `own` says whether the question is of the reader's own partner.
    """
    after = {
        Kind.MEASURE: _("Er wordt een besluit genomen over de maatregel."),
        Kind.EVALUATED: _("Lees wat de evaluatie laat zien."),
    }
    if latest is not None and question.state == State.ACCEPTED:
        if latest.kind == Kind.DECIDED and latest.details.get("outcome") == "approved":
            return _("De partners voeren de maatregel uit.")
        if latest.kind in after:
            return after[Kind(latest.kind)]
    sentences = {
        State.DRAFT: _("Maak de vraag af en dien die in."),
        State.RETURNED: _("Pas de vraag aan en dien die opnieuw in.") if own else _("De indiener past de vraag aan."),
        State.SUBMITTED: _("De coördinator bekijkt de vraag."),
        State.ACCEPTED: _("Wij zoeken aanbod en maatregelen bij de vraag."),
    }
    return sentences.get(State(question.state), "")


def _is_told_withdrawn(question: SupportQuestion, news: Sequence[QuestionNews]) -> bool:
    """Whether there is news of how it was taken back this time: there is when a coordinator did it."""
    return any(row.kind == Kind.WITHDRAWN and row.happened_at == question.withdrawn_at for row in news)


def _is_shown(question: SupportQuestion, row: QuestionNews) -> bool:
    # That this question was put into the other one, or taken out of it, is told by its own news.
    if row.question_id != question.pk and row.details.get("part") == question.pk:
        return False
    # Who endorsed is told by the endorsements themselves: one that was taken back is no longer there.
    return row.kind != Kind.ENDORSED and (row.question_id in _own(question) or row.kind in OF_THE_ROOT)


def _own(question: SupportQuestion) -> set[int]:
    """The question, and the one that it was merged into."""
    return {question.pk} | ({question.merged_into_id} if question.merged_into_id else set())


def _told(question: SupportQuestion, row: QuestionNews, partners: Collection[int]) -> Step:
    sentence = sentence_of(row, own=row.question.partnership_id in partners)
    if row.question_id != question.pk:
        sentence = f"{row.question.code}: {sentence}"
    return Step(sentence, is_done=True, at=row.happened_at, path=row.path, remark=row.details.get("remark", ""))


def _untold(
    question: SupportQuestion, news: Sequence[QuestionNews], fits: Sequence[Any], measures: Sequence[Any]
) -> list[Step]:
    """What happened without news of it: by an import, or before there was any."""
    kinds = {row.kind for row in news if row.question_id == question.pk}
    steps = []
    if question.state == State.ACCEPTED and Kind.ACCEPTED not in kinds:
        steps.append(Step(_("Aangenomen voor het plan."), is_done=True, at=question.curated_at))
    if question.state == State.RETURNED and Kind.RETURNED not in kinds:
        steps.append(
            Step(_("Teruggestuurd door de coördinator"), is_done=True, at=question.curated_at, remark=question.remark)
        )
    if fits and not any(row.kind == Kind.MATCHED for row in news):
        sentence = ngettext(
            "Vergeleken met %(number)d bestaand aanbod", "Vergeleken met bestaand aanbod: %(number)d keer", len(fits)
        ) % {"number": len(fits)}
        steps.append(Step(sentence, is_done=True, at=max(fit.judged_on for fit in fits)))
    told = {row.details.get("code") for row in news if row.kind in (Kind.MEASURE, Kind.DECIDED)}
    if untold := ", ".join(measure.code for measure in measures if measure.code not in told):
        steps.append(Step(_("Beantwoord met %(codes)s") % {"codes": untold}, is_done=True))
    return steps


def _expected(
    question: SupportQuestion, news: Sequence[QuestionNews], fits: Sequence[Any], measures: Sequence[Any]
) -> list[str]:
    """The steps that are still to come, the next one first. Nothing is expected of what was taken back."""
    kinds = {row.kind for row in news}
    state = State(question.state)
    if state == State.WITHDRAWN:
        return []
    steps = []
    if state == State.DRAFT:
        steps.append(_("Ingediend bij de coördinator"))
    if state == State.RETURNED:
        steps.append(_("Opnieuw ingediend bij de coördinator"))
    if state in (State.DRAFT, State.RETURNED, State.SUBMITTED):
        steps.append(_("Aangenomen voor het plan"))
    if not fits and Kind.MATCHED not in kinds:
        steps.append(_("Vergeleken met bestaand aanbod"))
    if not measures and Kind.MEASURE not in kinds:
        steps.append(_("Beantwoord met een maatregel"))
    if Kind.DECIDED not in kinds:
        steps.append(_("Besluit over de maatregel"))
    if Kind.EVALUATED not in kinds:
        steps.append(_("Nagegaan of het heeft geholpen"))
    return steps


def _moment(step: Step) -> tuple[bool, datetime]:
    """By when it happened, days after the moments on that day; what has no moment comes last."""
    at = step.at
    if isinstance(at, datetime):
        return (False, at)
    if at is None:
        return (True, timezone.now())
    return (False, datetime.combine(at, time.max, tzinfo=timezone.get_current_timezone()))
