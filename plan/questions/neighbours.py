"""Questions as neighbours on the chain. What stands next to a question is handed in by the slices above."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from plan.chain import codes
from plan.chain.chain import Link
from plan.questions.models import SupportQuestion


def register() -> None:
    """Called in `AppConfig.ready()`."""
    codes.register(SupportQuestion.CODE, "plan:question_detail")


def link_of(question: SupportQuestion, slug: str, note: str = "") -> Link:
    """The question as a neighbour in the pact with this slug."""
    return Link(question.code, question.title, reverse("plan:question_detail", args=[slug, question.number]), note)


def speaking_for(questions: Iterable[SupportQuestion], slug: str) -> list[Link]:
    """The questions that speak for these, each once, in order of number: a merged one lives on in its root.

    Fetch the root, and the names of the partners of both, along.
    """
    roots: dict[int, SupportQuestion] = {}
    formerly: dict[int, list[str]] = {}
    for question in questions:
        root = question.merged_into or question
        roots[root.pk] = root
        if root != question:
            formerly.setdefault(root.pk, []).append(question.code)
    ordered = sorted(roots.values(), key=lambda root: root.number)
    return [link_of(root, slug, _who_asks(root, formerly.get(root.pk, []))) for root in ordered]


def _who_asks(root: SupportQuestion, formerly: list[str]) -> str:
    if not formerly:
        return str(root.partnership)
    return _("eerst %(codes)s · %(partner)s") % {"codes": ", ".join(formerly), "partner": root.partnership}
