"""What a coordinator finds on the page of a question, and nobody else: judge, merge, take apart, notes."""

from dataclasses import dataclass

from partners.permissions import PactRequest, Permission
from plan.questions.curation_forms import NoteForm
from plan.questions.forms import SendBackForm
from plan.questions.merging import MERGEABLE
from plan.questions.models import CurationNote, Merge, SupportQuestion
from plan.questions.workflow import mark_of

State = SupportQuestion.State


@dataclass(frozen=True, slots=True)
class Block:
    """All that the template asks."""

    seen: str
    may_judge: bool
    may_merge: bool
    merge: Merge | None
    """The merge that stands, when the question was merged; `settled_at` says whether it can still be undone."""
    notes: list[CurationNote]
    send_back_form: SendBackForm
    note_form: NoteForm


def block_of(
    request: PactRequest,
    question: SupportQuestion,
    *,
    send_back_form: SendBackForm | None = None,
    note_form: NoteForm | None = None,
) -> Block | None:
    """The block for this reader; None for who does not curate in this pact. The forms are those with faults, if any."""
    if not request.access.can(Permission.CURATE_QUESTIONS):
        return None
    ways = Merge.objects.in_pact(request.pact).filter(source=question, undone_at=None).select_related("merged_by")
    return Block(
        seen=mark_of(question),
        may_judge=question.state == State.SUBMITTED,
        may_merge=question.state in MERGEABLE,
        merge=ways.first() if question.state == State.MERGED else None,
        notes=list(CurationNote.objects.in_pact(request.pact).filter(question=question).select_related("written_by")),
        send_back_form=send_back_form or SendBackForm(),
        note_form=note_form or NoteForm(question=question),
    )
