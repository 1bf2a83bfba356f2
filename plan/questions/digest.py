"""The mail about what became of questions: one to each who follows them, with all that happened since the last.

The rows of QuestionNews say what is due. Claiming them and queueing the mail are one transaction, so a second worker,
a crash or a lost message doubles and loses nothing.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from pact_portal.foundation.mail import workflow as mail
from partners.organisations.models import Partnership
from partners.pact.models import Pact
from partners.people.correspondence import Addressee, Via, addressees_of, fallbacks_of
from partners.people.models import Membership
from partners.permissions import Role
from plan.questions.models import Endorsement, QuestionNews, SupportQuestion
from plan.questions.news import remark_of, sentence_of

QUIET = timedelta(minutes=10)
"""How old news is before it is mailed, so that what is done in one go comes in one mail."""

MOST_QUESTIONS = 30
"""How many questions one mail tells about; the rest is on the page "Onze vragen"."""


@dataclass
class _Post:
    """What one address gets. `partnership` is the one on whose behalf, whose fall-backs stand behind it."""

    to: Addressee
    partnership: Partnership
    rows: dict[int, QuestionNews] = field(default_factory=dict)
    own: set[int] = field(default_factory=set)
    """The partnerships for which the reader follows a question."""


@dataclass(frozen=True, slots=True)
class _Follower:
    """One who follows a root. `by` is the question by which: the root, or one that was merged into it."""

    to: Addressee
    partnership: Partnership
    by: int


def mail_due(*, now: datetime | None = None) -> None:
    """Queue the mails about all news that is old enough, in all pacts. May run twice, at the same time, or be missed.

    Each pact has its own transaction; a fault in one leaves the others their turn, and is raised at the end.
    """
    before = (now or timezone.now()) - QUIET
    due = QuestionNews.objects.across_pacts().filter(mailed_at=None, happened_at__lte=before)
    faults: list[Exception] = []
    for pact in Pact.objects.filter(pk__in=due.values("question__pact")).order_by("pk"):
        try:
            _mail_pact(pact, before)
        except Exception as fault:  # noqa: BLE001 - raised again below, after the other pacts had their turn
            faults.append(fault)
    if faults:
        raise ExceptionGroup("news of questions that could not be mailed", faults)


@transaction.atomic
def _mail_pact(pact: Pact, before: datetime) -> None:
    """What one pact is due. Rows in the hands of another worker are left to that one."""
    due = QuestionNews.objects.in_pact(pact).filter(mailed_at=None, happened_at__lte=before)
    # Only the news is locked; without a join, so that nothing else can be.
    claimed = list(due.select_for_update(skip_locked=True).order_by("happened_at", "pk"))
    if not claimed:
        return
    questions = SupportQuestion.objects.in_pact(pact).in_bulk({row.question_id for row in claimed})
    followers = _followers(pact, questions.values())
    posts: dict[str, _Post] = {}
    for row in claimed:
        row.question = questions[row.question_id]
        for follower in followers[row.question.merged_into_id or row.question_id]:
            user = follower.to.user
            if user is not None and (user.pk == row.by_id or not user.news_by_mail):
                continue
            if not _concerns(row, follower):
                continue
            post = posts.setdefault(follower.to.email.lower(), _Post(follower.to, follower.partnership))
            post.rows[row.pk] = row
            post.own.add(follower.partnership.pk)
    QuestionNews.objects.in_pact(pact).filter(pk__in=[row.pk for row in claimed]).update(mailed_at=timezone.now())
    # The worker has no reader, and so no language.
    with translation.override(settings.LANGUAGE_CODE):
        for post in posts.values():
            _queue(pact, post)


def _concerns(row: QuestionNews, follower: _Follower) -> bool:
    """Whether a follower of the root reads this: of a merge each side reads its own half."""
    if row.kind not in (QuestionNews.Kind.MERGED, QuestionNews.Kind.PARTED):
        return True
    if "part" in row.details:
        return bool(follower.by != row.details["part"])
    return row.question.merged_into_id is None or follower.by == row.question_id


def _followers(pact: Pact, questions: Iterable[SupportQuestion]) -> dict[int, list[_Follower]]:
    """Who follows each root: who wrote it or what was merged into it, and who endorsed any of these.

    Somebody who no longer acts for that partner is replaced by its representatives, else by who stands behind those.
    """
    roots = {question.merged_into_id or question.pk for question in questions}
    group = (
        SupportQuestion.objects.in_pact(pact)
        .filter(Q(pk__in=roots) | Q(merged_into__in=roots))
        .select_related("created_by", "partnership__organisation", "partnership__pact")
    )
    endorsements = (
        Endorsement.objects.in_pact(pact)
        .filter(Q(question__in=roots) | Q(question__merged_into__in=roots))
        .select_related("endorsed_by", "partnership__organisation", "partnership__pact", "question")
    )
    told = [(each, each.created_by, each.partnership) for each in group]
    told += [(each.question, each.endorsed_by, each.partnership) for each in endorsements]
    acting = set(Membership.objects.in_pact(pact).current().values_list("user", "partnership"))
    standing_in: dict[int, list[Addressee]] = {}
    found: dict[int, list[_Follower]] = defaultdict(list)
    for question, user, partnership in told:
        root = question.merged_into_id or question.pk
        if (user.pk, partnership.pk) in acting:
            found[root].append(_Follower(Addressee(user.email, user, user.name, Via.MEMBER), partnership, question.pk))
            continue
        if partnership.pk not in standing_in:
            standing_in[partnership.pk] = addressees_of(partnership, roles=[Role.REPRESENTATIVE])
        found[root] += [_Follower(addressee, partnership, question.pk) for addressee in standing_in[partnership.pk]]
    return found


def _queue(pact: Pact, post: _Post) -> None:
    told: dict[int, dict[str, Any]] = {}
    for row in post.rows.values():
        entry = told.setdefault(
            row.question_id, {"question": row.question, "url": _address(_page_of(pact, row.question)), "news": []}
        )
        own = row.question.partnership_id in post.own
        entry["news"].append(
            {
                "sentence": sentence_of(row, own=own),
                "remark": remark_of(row, own=own),
                "url": _address(row.path) if row.path else "",
            }
        )
    if len(told) == 1:
        subject = _("Nieuws over vraag %(code)s") % {"code": next(iter(told.values()))["question"].code}
    else:
        subject = _("Nieuws over %(number)s vragen") % {"number": len(told)}
    person = hashlib.sha256(post.to.email.lower().encode()).hexdigest()[:16]
    mail.queue(
        key=f"question-news-{max(post.rows)}-{person}",
        to=post.to.email,
        user=post.to.user,
        subject=subject,
        template="question_news",
        context={
            "told": list(told.values())[:MOST_QUESTIONS],
            "more": max(0, len(told) - MOST_QUESTIONS),
            "pact": pact,
            "url": _address(reverse("plan:question_own", args=[pact.slug])),
            "stop_url": _address(reverse("partners:own_memberships")) if post.to.user else "",
        },
        pact=pact,
        fallbacks=fallbacks_of(post.partnership, apart_from=[post.to.email]),
    )


def _page_of(pact: Pact, question: SupportQuestion) -> str:
    return reverse("plan:question_detail", args=[pact.slug, question.number])


def _address(path: str) -> str:
    return f"{settings.PORTAL_URL}{path}"
