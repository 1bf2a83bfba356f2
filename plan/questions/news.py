"""What became of a question: told once as a row inside the transaction in which it happened, read as a sentence.

The rows stand on the page of the question. Who follows it gets them by mail, several at once: see `digest`.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from partners.people.models import User
from plan.questions.models import QuestionNews, SupportQuestion

Kind = QuestionNews.Kind


def tell(
    question: SupportQuestion,
    kind: Kind,
    *,
    key: str,
    by: User | None = None,
    at: datetime | None = None,
    path: str = "",
    **details: Any,
) -> None:
    """Note that something became of the question, at `at` (now when None). The same `key` tells once, whoever tries.

    `by` gets no mail about it. `path` is where it can be seen (without the host; the page of the question when empty).
    `details` are plain JSON and depend on the kind: RETURNED and WITHDRAWN `remark`; MERGED and PARTED `code` and
    `title` of the other question, and `part`, its primary key, when that other one was put into this one; ENDORSED
    `partner`; MATCHED `code`, `name` and `level` (a value of Fit.Level); MEASURE `code` and `title`; DECIDED `code`,
    `title` and `outcome` (a value of Measure.State); EVALUATED `code` and `title` of the measure. Called inside the
    transaction of its reason.
    """
    row = {
        "question": question,
        "kind": kind,
        "details": details,
        "path": path,
        "by": by,
        "happened_at": at or timezone.now(),
    }
    QuestionNews.unscoped.get_or_create(key=key, defaults=row)


def sentence_of(news: QuestionNews, *, own: bool = True) -> str:
    """One piece of news in the active language. What the row lacks is left out, so that old rows stay readable.

    `own` says whether the question is of the reader's own partner: nobody else can do what a remark asks.
    """
    details = {"code": "", "title": "", "name": "", "partner": "", **news.details}
    sentences = {
        Kind.ACCEPTED: _("Aangenomen voor het plan."),
        Kind.RETURNED: _returned(own=own),
        Kind.MERGED: _merged(is_whole="part" in details, own=own),
        Kind.PARTED: _parted(is_whole="part" in details, own=own),
        Kind.ENDORSED: _("Ook de vraag van %(partner)s."),
        Kind.MATCHED: _matched(str(details.get("level", ""))),
        Kind.MEASURE: _("Maatregel %(code)s, “%(title)s”, is voorgesteld als antwoord op de vraag."),
        Kind.DECIDED: _decided(str(details.get("outcome", ""))),
        Kind.EVALUATED: _("Maatregel %(code)s, “%(title)s”, is geëvalueerd."),
        Kind.WITHDRAWN: _("Ingetrokken door de coördinator."),
    }
    return sentences[Kind(news.kind)] % details


def remark_of(news: QuestionNews, *, own: bool = True) -> str:
    """What the coordinator wrote with it; what should be adjusted is for the question's own partner alone."""
    return "" if news.kind == Kind.RETURNED and not own else str(news.details.get("remark", ""))


def _returned(*, own: bool) -> str:
    if own:
        return _("Teruggestuurd door de coördinator: pas de vraag aan en dien die opnieuw in.")
    return _("Teruggestuurd naar de indiener.")


def _merged(*, is_whole: bool, own: bool) -> str:
    """`is_whole` for the question into which the other one was put."""
    if is_whole and own:
        return _("Vraag %(code)s, “%(title)s”, is bij uw vraag gevoegd.")
    if is_whole:
        return _("Vraag %(code)s, “%(title)s”, is bij deze vraag gevoegd.")
    if own:
        return _("Samengevoegd met vraag %(code)s, “%(title)s”. Daar gaat uw vraag verder.")
    return _("Samengevoegd met vraag %(code)s, “%(title)s”. Daar gaat de vraag verder.")


def _parted(*, is_whole: bool, own: bool) -> str:
    if is_whole and own:
        return _("Vraag %(code)s, “%(title)s”, is weer losgemaakt van uw vraag.")
    if is_whole:
        return _("Vraag %(code)s, “%(title)s”, is weer losgemaakt van deze vraag.")
    return _("Niet langer samengevoegd met vraag %(code)s, “%(title)s”. De vraag staat weer op zichzelf.")


def _matched(level: str) -> str:
    """The sentence for a judgement: how far a programme answers the question."""
    sentences = {
        "none": _("Aanbod %(code)s, “%(name)s”, sluit niet aan."),
        "partly": _("Aanbod %(code)s, “%(name)s”, sluit deels aan."),
        "sufficient": _("Aanbod %(code)s, “%(name)s”, sluit voldoende aan."),
    }
    return sentences.get(level, _("Vergeleken met aanbod %(code)s, “%(name)s”."))


def _decided(outcome: str) -> str:
    """The sentence for what was decided about a measure."""
    sentences = {
        "approved": _("Maatregel %(code)s, “%(title)s”, is goedgekeurd."),
        "rejected": _("Maatregel %(code)s, “%(title)s”, is afgewezen."),
        "deferred": _("Het besluit over maatregel %(code)s, “%(title)s”, is uitgesteld."),
    }
    return sentences.get(outcome, _("Over maatregel %(code)s, “%(title)s”, is besloten."))
