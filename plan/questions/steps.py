"""The short steps in which a question is written. Pure: knows forms and fields, asks the database nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from plan.questions.forms import QuestionAudienceForm, QuestionStepForm, QuestionTextForm, QuestionThemeForm


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its place in the address, its number, what it is called, and what it asks."""

    slug: str
    number: int
    title: Promise
    form: type[QuestionStepForm]

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(self.form._meta.fields or ())


STEPS = (
    Step("question", 1, _("De vraag"), QuestionTextForm),
    Step("audience", 2, _("Voor wie"), QuestionAudienceForm),
    Step("theme", 3, _("Thema en urgentie"), QuestionThemeForm),
)
REVIEW = len(STEPS) + 1
"""The last step shows everything."""

BY_SLUG = {step.slug: step for step in STEPS}


def after(step: Step) -> Step | None:
    """The step that comes next; None when that is the review."""
    return STEPS[step.number] if step.number < len(STEPS) else None


def faults_by_step(faults: Mapping[str, list[str]]) -> list[tuple[Step, list[str]]]:
    """Which step to go to for which faults, in the order of the steps. What belongs to no field stands at the first."""
    found = []
    for step in STEPS:
        own = [name for name in faults if name in step.fields]
        if step is STEPS[0]:
            known = {name for each in STEPS for name in each.fields}
            own += [name for name in faults if name not in known]
        if own:
            found.append((step, [sentence for name in own for sentence in faults[name]]))
    return found
