"""Putting one question into another, taking them apart again, and letting that stand for good.

Rows never move. What was endorsed and written stays with the question at which it was given; `merged_into` says which
question speaks for it, and Merge keeps the way by which it got there (see groups.py for the arithmetic).
"""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from partners.pact.models import Pact
from partners.people.models import User
from plan.questions import marks, news
from plan.questions.belonging import refuse_strangers
from plan.questions.groups import Groups
from plan.questions.models import Merge, QuestionNews, SupportQuestion
from plan.questions.workflow import mark_of

State = SupportQuestion.State

MERGEABLE = (State.SUBMITTED, State.ACCEPTED)
"""A question that speaks for itself, and that a coordinator has read: neither a draft nor one that was sent back."""


@transaction.atomic
def merge(source: SupportQuestion, *, into: SupportQuestion, by: User, seen: str | None = None) -> Merge:
    """Let `into` speak for `source` and for all that was merged into it before, and tell who follows it.

    `seen` is the mark of `source` as the coordinator read it. Raises ValidationError, with a sentence, when either is
    not handed in or accepted, an accepted question would disappear into one that is not, both are the same, the merge
    would go in a circle, `into` is of another pact, or `source` changed since it was read.
    """
    refuse_strangers(source.pact, field="into", rows=[into])
    groups = lock(source.pact, [source.pk, into.pk])
    source.refresh_from_db()
    into.refresh_from_db()
    if refusal := refusal_of(source, into):
        raise ValidationError({"into": ValidationError(refusal, code="state")})
    marks.refuse_unseen(mark_of(source), seen)
    way = Merge(source=source, target=into, state_before=source.state, merged_by=by)
    source.state, source.merged_into = State.MERGED, into
    way.full_clean()
    source.full_clean()
    _relink(source.pact, groups, groups.merged(source.pk, into.pk))
    way.save()
    audit.record("question.merged", source, by=by, into=into.code)
    _tell(QuestionNews.Kind.MERGED, way, question=source, root=into, by=by)
    return way


@transaction.atomic
def undo(question: SupportQuestion, *, by: User) -> Merge:
    """Let a merged question speak for itself again, as it did before, with all that was merged into it.

    Raises ValidationError, with a sentence, when it is not merged, or when the merge stands in a frozen plan.
    """
    groups = lock(question.pact, [question.pk])
    question.refresh_from_db()
    # Asked under the lock: somebody else may have undone it, or frozen the plan, while this one waited.
    way = Merge.objects.in_pact(question.pact).filter(source=question, undone_at=None).first()
    if way is None:
        raise ValidationError(
            _("Vraag %(code)s is niet samengevoegd. Er is niets om ongedaan te maken.") % {"code": question.code},
            code="state",
        )
    if way.settled_at is not None:
        raise ValidationError(
            _(
                "Dit kan niet meer: de samenvoeging van vraag %(code)s staat in het plan dat op %(on)s is vastgesteld. "
                "Laat de indiener een nieuwe vraag schrijven als het toch om iets anders gaat."
            )
            % {"code": question.code, "on": timezone.localtime(way.settled_at).strftime("%d-%m-%Y")},
            code="settled",
        )
    root = question.merged_into or way.target
    way.undone_at, way.undone_by = timezone.now(), by
    way.full_clean()
    question.state, question.merged_into = way.state_before, None
    question.full_clean()
    _relink(question.pact, groups, groups.parted(question.pk), parted=question)
    way.save(update_fields=["undone_at", "undone_by"])
    audit.record("question.parted", question, by=by, was_in=root.code)
    _tell(QuestionNews.Kind.PARTED, way, question=question, root=root, by=by)
    return way


def settle(pact: Pact, *, at: datetime) -> int:
    """Let the merges of the pact that stand now stand for good, and say how many there were.

    Called inside the transaction of a freeze: what a frozen plan says together is not taken apart afterwards.
    """
    with transaction.atomic():
        _lock_pact(pact)
        count: int = Merge.objects.in_pact(pact).filter(undone_at=None, settled_at=None).update(settled_at=at)
    return count


def refusal_of(source: SupportQuestion, into: SupportQuestion) -> str:
    """Why `source` cannot be put into `into` as both stand now, in a sentence; empty when it can be.

    Asks the database nothing when `merged_into` of both is at hand.
    """
    if source.pk == into.pk:
        return _("Kies een andere vraag: een vraag kan niet in zichzelf opgaan.")
    if into.merged_into_id == source.pk:
        return _("Vraag %(target)s is al in vraag %(source)s opgegaan. Andersom kan dan niet ook.") % {
            "target": into.code,
            "source": source.code,
        }
    if into.state == State.MERGED and into.merged_into is not None:
        return _("Vraag %(target)s is zelf opgegaan in vraag %(root)s. Kies vraag %(root)s.") % {
            "target": into.code,
            "root": into.merged_into.code,
        }
    for question in (source, into):
        if question.state not in MERGEABLE:
            return _(
                "Vraag %(code)s is %(state)s. Samenvoegen kan alleen met vragen die zijn ingediend of aangenomen."
            ) % {"code": question.code, "state": question.get_state_display()}
    if source.state == State.ACCEPTED and into.state == State.SUBMITTED:
        return _(
            "Vraag %(source)s is aangenomen en vraag %(target)s nog niet. Neem eerst vraag %(target)s aan, of voeg "
            "vraag %(target)s samen met vraag %(source)s."
        ) % {"source": source.code, "target": into.code}
    return ""


def lock(pact: Pact, keys: Iterable[int]) -> Groups:
    """The groups of the pact as they stand, with the questions `keys` and all below them kept from others.

    Locked in the order of their keys, as everywhere: two who need the same questions never wait for each other.
    """
    _lock_pact(pact)
    standing = Merge.objects.in_pact(pact).filter(undone_at=None)
    groups = Groups(dict(standing.order_by().values_list("source_id", "target_id")))
    touched = {*keys, *(key for each in keys for key in groups.below(each))}
    list(
        SupportQuestion.objects.in_pact(pact)
        .filter(pk__in=touched)
        .select_for_update()
        .order_by("pk")
        .values_list("pk")
    )
    return groups


def _lock_pact(pact: Pact) -> None:
    """One at a time changes who stands in whom in a pact; a freeze, which settles it, waits here as well.

    Not a lock on its key: rows that only point to the pact are written meanwhile.
    """
    Pact.objects.select_for_update(no_key=True).get(pk=pact.pk)


def _relink(pact: Pact, before: Groups, after: Groups, *, parted: SupportQuestion | None = None) -> None:
    """Write the links that differ, each row's state with it: the database allows no other.

    `parted` has the state to which a question returns that stands for itself again.
    """
    for key, root in before.changes_to(after):
        state = parted.state if root is None and parted is not None else State.MERGED
        SupportQuestion.objects.in_pact(pact).filter(pk=key).update(state=state, merged_into=root)


def _tell(kind: QuestionNews.Kind, way: Merge, *, question: SupportQuestion, root: SupportQuestion, by: User) -> None:
    """Tell it of both: who follows the one reads where it went, who follows the other what came to it or left it."""
    path = reverse("plan:question_detail", args=[root.pact.slug, root.number])
    news.tell(question, kind, key=f"question-{kind.value}-{way.pk}", by=by, path=path, code=root.code, title=root.title)
    news.tell(
        root,
        kind,
        key=f"question-{kind.value}-of-{way.pk}",
        by=by,
        path=path,
        code=question.code,
        title=question.title,
        part=question.pk,
    )
