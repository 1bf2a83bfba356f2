"""What would happen to each of the questions that a coordinator chose, and why not. Pure: asks the database nothing."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from plan.questions.merging import refusal_of
from plan.questions.models import SupportQuestion

State = SupportQuestion.State

MOST = 100
"""So many questions are treated at once."""

ROW = re.compile(r"([1-9]\d{0,8}):([0-9a-f]{32})", re.ASCII)
"""A question and the mark of what the coordinator read of it, as the preview hands them on."""

NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)
CODE = re.compile(r"[Vv]?\s*([1-9]\d{0,8})", re.ASCII)


class Act(models.TextChoices):
    """What is done with several questions at once."""

    ACCEPT = "accept", gettext_lazy("Aannemen")
    RETURN = "return", gettext_lazy("Terugsturen")
    MERGE = "merge", gettext_lazy("Samenvoegen")


class Unreadable(ValueError):
    """What was posted names no questions, or too many; the message is the sentence for the coordinator."""


@dataclass(frozen=True, slots=True)
class Intended:
    """One chosen question: that it will be done, or in a sentence why not."""

    question: SupportQuestion
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it, by the codes of the questions."""

    act: Act
    done: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    """Somebody judged or changed it since the preview; also who clicks twice."""
    refused: list[str] = field(default_factory=list)
    """Sentences that name the question."""


def numbers_of(texts: Sequence[str]) -> list[int]:
    """The numbers of the questions that were ticked, each once, in order. Raises Unreadable."""
    if not texts:
        raise Unreadable(_("U heeft nog geen vraag gekozen. Zet een vinkje bij de vragen die u wilt beoordelen."))
    if len(set(texts)) > MOST:
        raise Unreadable(_("U kunt %(most)s vragen tegelijk beoordelen. Kies er minder.") % {"most": MOST})
    if not all(NUMBER.fullmatch(text) for text in texts):
        raise Unreadable(_("Een van de gekozen vragen kennen wij niet. Kies opnieuw."))
    return sorted({int(text) for text in texts})


def marks_of(texts: Sequence[str]) -> dict[int, str]:
    """What the preview handed on: the mark of each question by its number. Raises Unreadable."""
    read = [ROW.fullmatch(text) for text in texts]
    marks = {int(match[1]): match[2] for match in read if match}
    if len(marks) == len(texts):
        numbers_of([str(number) for number in marks])
        return marks
    raise Unreadable(_("Een van de gekozen vragen kennen wij niet. Kies opnieuw."))


def number_of(text: str) -> int | None:
    """The number in what somebody types for a question, such as "V12", "v 12" or "12"; None when it is no code."""
    match = CODE.fullmatch(text.strip())
    return int(match[1]) if match else None


def plan_of(act: Act, questions: Iterable[SupportQuestion], *, into: SupportQuestion | None = None) -> list[Intended]:
    """What would happen to each question as it stands now. `into` is the target of a merge.

    Asks the database nothing when `merged_into` of all is at hand.
    """
    planned = []
    for question in questions:
        refusal = ""
        if act == Act.MERGE:
            if into is None:
                raise ValueError("a merge needs a target")
            refusal = refusal_of(question, into)
        elif question.state != State.SUBMITTED:
            refusal = _("Vraag %(code)s is %(state)s. Beoordelen kan alleen bij vragen die zijn ingediend.") % {
                "code": question.code,
                "state": question.get_state_display(),
            }
        planned.append(Intended(question, refusal))
    return planned


def sentences_of(done: Done) -> list[tuple[str, str]]:
    """What came of it, as (tone, sentence): "success" or "warning"."""
    found = []
    if done.done:
        found.append(("success", _done_sentence(done.act, len(done.done)) % {"count": len(done.done)}))
    if done.changed:
        sentence = ngettext(
            "%(count)s is intussen al beoordeeld of gewijzigd, en overgeslagen: %(codes)s.",
            "%(count)s zijn intussen al beoordeeld of gewijzigd, en overgeslagen: %(codes)s.",
            len(done.changed),
        )
        found.append(("warning", sentence % {"count": len(done.changed), "codes": ", ".join(done.changed)}))
    found += [("warning", sentence) for sentence in done.refused]
    return found


def _done_sentence(act: Act, count: int) -> str:
    if act == Act.ACCEPT:
        return ngettext("%(count)s vraag is aangenomen.", "%(count)s vragen zijn aangenomen.", count)
    if act == Act.RETURN:
        return ngettext("%(count)s vraag is teruggestuurd.", "%(count)s vragen zijn teruggestuurd.", count)
    return ngettext("%(count)s vraag is samengevoegd.", "%(count)s vragen zijn samengevoegd.", count)
