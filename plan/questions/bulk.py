"""Judging many questions at once: each for itself, so that one that changed meanwhile keeps no other back."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from partners.pact.models import Pact
from partners.people.models import User
from plan.questions import marks, merging, workflow
from plan.questions.curation import MOST, Act, Done
from plan.questions.models import SupportQuestion


@transaction.atomic
def carry_out(
    pact: Pact,
    act: Act,
    seen: Mapping[int, str],
    *,
    by: User,
    remark: str = "",
    into: SupportQuestion | None = None,
    into_seen: str | None = None,
) -> Done:
    """Do `act` with the questions that `seen` names, and say what came of it.

    `seen` has the mark of each, as the coordinator read it, by number; `remark` goes with RETURN; `into`, and its own
    mark, with MERGE. Each has a savepoint of its own: what changed meanwhile is passed over, the rest is done. Numbers
    that the pact does not know count as changed.
    Raises ValidationError when the remark is missing or the target changed, ValueError for more than MOST questions.
    """
    if len(seen) > MOST:
        raise ValueError(f"at most {MOST} questions at once")
    if act == Act.RETURN and not remark.strip():
        raise ValidationError({"remark": _("Schrijf op wat de indieners moeten aanpassen.")})
    done = Done(act)
    rows = SupportQuestion.objects.in_pact(pact).filter(number__in=seen)
    # All at once and in one order: two who treat the same questions never wait for each other.
    merging.lock(pact, [*rows.values_list("pk", flat=True), *([into.pk] if into else [])])
    if into is not None:
        into.refresh_from_db()
        marks.refuse_unseen(workflow.mark_of(into), into_seen)
    found = {question.number: question for question in rows.prefetch_related("areas", "municipalities")}
    for number, mark in sorted(seen.items()):
        question = found.get(number)
        if question is None or workflow.mark_of(question) != mark:
            done.changed.append(f"{SupportQuestion.CODE}{number}")
            continue
        try:
            # Undone alone when it is refused.
            with transaction.atomic():
                _do(question, act, by=by, remark=remark, into=into)
        except ValidationError as fault:
            done.refused.append(_("%(code)s: %(fault)s") % {"code": question.code, "fault": " ".join(fault.messages)})
        else:
            done.done.append(question.code)
    return done


def _do(question: SupportQuestion, act: Act, *, by: User, remark: str, into: SupportQuestion | None) -> None:
    if act == Act.ACCEPT:
        workflow.accept(question, by=by)
    elif act == Act.RETURN:
        workflow.send_back(question, remark=remark, by=by)
    elif into is not None:
        merging.merge(question, into=into, by=by)
    else:
        raise ValueError("a merge needs a target")
