"""What coordinators say to each other about a question."""

from django.db import transaction

from pact_portal.foundation.audit import workflow as audit
from partners.people.models import User
from plan.questions.models import CurationNote, SupportQuestion


@transaction.atomic
def note(question: SupportQuestion, *, text: str, by: User) -> CurationNote:
    """Add a note (at most 2,000 signs). The same words of the same person twice in a row are one note: a second click.

    Raises ValidationError for an empty or too long text. The audit trail has no words of it.
    """
    SupportQuestion.objects.in_pact(question.pact_id).select_for_update(no_key=True).get(pk=question.pk)
    written = CurationNote(question=question, text=text.strip(), written_by=by)
    newest = CurationNote.objects.in_pact(question.pact_id).filter(question=question).order_by("-pk").first()
    if newest is not None and (newest.text, newest.written_by_id) == (written.text, by.pk):
        return newest
    written.full_clean()
    written.save()
    audit.record("question.noted", question, by=by)
    return written
