"""The rule of the pact that what exists comes before what is new. Pure: no database, no clock.

Source: the guiding principle of the pact regio Alkmaar, by which existing activities are used or widened before new,
separate ones are started; docs/guide and the design's "Measures: existing before new" give it this precise form:

- A measure that continues or broadens names at least one programme that it builds on.
- A new measure says why broadening will not do, and each question that it answers is *assessed*: at least one
  judgement of a programme for that question is valid on the day, and no valid judgement says "sufficient".
- A judgement is valid until the day on which it expires, that day not included; an expired one counts as unknown,
  whatever it said. What was judged of a programme that has ended is not handed in: nothing can be broadened there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.text import get_text_list
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found about one programme for one question."""

    programme: str
    sufficient: bool
    expires_on: date

    def is_valid(self, on: date) -> bool:
        return on < self.expires_on


@dataclass(frozen=True, slots=True)
class Question:
    """A question as a reader knows it, such as "V3 Hulp bij de overstap", with all that was judged for it."""

    label: str
    judgements: tuple[Judgement, ...] = ()

    def sufficient(self, on: date) -> list[str]:
        """The programmes that suffice on this day, in order."""
        return [j.programme for j in self.judgements if j.sufficient and j.is_valid(on)]

    def expired(self, on: date) -> list[str]:
        """The programmes whose judgement no longer counts on this day, in order."""
        return [j.programme for j in self.judgements if not j.is_valid(on)]

    def is_assessed(self, on: date) -> bool:
        return any(j.is_valid(on) for j in self.judgements) and not self.sufficient(on)


def refusals_of_new(questions: Iterable[Question], *, on: date) -> list[str]:
    """Why a new measure for these questions is refused on this day: one sentence for each question that hinders.

    An empty list means that the rule lets it pass. The sentences name the programmes, in the active language.
    """
    return [sentence for question in questions if (sentence := _refusal(question, on))]


def _refusal(question: Question, on: date) -> str:
    if enough := question.sufficient(on):
        return _(
            "Voor vraag “%(question)s” is er al aanbod dat voldoende aansluit: %(programmes)s. "
            "Kies voor voortzetten of verbreden van dit aanbod."
        ) % {"question": question.label, "programmes": get_text_list(enough, _("en"))}
    if question.is_assessed(on):
        return ""
    if expired := question.expired(on):
        return _(
            "Beoordeel eerst opnieuw of bestaand aanbod aansluit bij vraag “%(question)s”. "
            "Het oordeel is verlopen over: %(programmes)s."
        ) % {"question": question.label, "programmes": get_text_list(expired, _("en"))}
    return _(
        "Beoordeel eerst of bestaand aanbod aansluit bij vraag “%(question)s”. "
        "Daarna kunt u een nieuwe maatregel voorstellen."
    ) % {"question": question.label}
