"""Programmes as neighbours on the chain, and the questions to which they were held."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plan.chain import chain, codes
from plan.chain.chain import Link, Side
from plan.programmes.models import Fit, Programme
from plan.questions.models import SupportQuestion
from plan.questions.neighbours import link_of as link_of_question


def register() -> None:
    """Called in `AppConfig.ready()`."""
    codes.register(Programme.CODE, "plan:programme_detail")
    chain.register(
        SupportQuestion,
        Side.AFTER,
        gettext_lazy("Bestaand aanbod"),
        10,
        programmes_of_question,
        missing=gettext_lazy("Nog niemand heeft beoordeeld of bestaand aanbod deze vraag beantwoordt."),
    )
    chain.register(Programme, Side.BEFORE, gettext_lazy("De vragen"), 10, questions_of_programme)


def link_of(programme: Programme, slug: str, note: str = "") -> Link:
    """The programme as a neighbour in the pact with this slug."""
    return Link(programme.code, programme.name, reverse("plan:programme_detail", args=[slug, programme.number]), note)


def programmes_of_question(question: SupportQuestion) -> list[Link]:
    """The programmes that were held to the question, each with what was found; also those that fall short."""
    fits = question.fits.select_related("programme").order_by("programme__number")
    return [as_found(fit, question.pact.slug) for fit in fits]


def as_found(fit: Fit, slug: str) -> Link:
    """The programme of a judgement, with what was found. Fetch the programme along."""
    return link_of(fit.programme, slug, _found(fit))


def questions_of_programme(programme: Programme) -> list[Link]:
    """The questions to which the programme was held, each with what was found."""
    fits = programme.fits.select_related("question", "programme").order_by("question__number")
    return [link_of_question(fit.question, programme.pact.slug, _found(fit)) for fit in fits]


def _found(fit: Fit) -> str:
    if fit.programme.has_ended:
        return _("telt niet mee: aanbod is gestopt")
    return _("onbekend: oordeel is verlopen") if fit.is_expired else fit.get_level_display()
