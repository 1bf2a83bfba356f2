"""Saying "ook onze vraag" and taking that back: two buttons on the page of a question, one beside a similar title."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pact_portal.foundation.pages import confirm
from partners.permissions import PactRequest, Permission, requires
from plan.questions import workflow
from plan.questions.endorsing import ENDORSED_IN, endorse, unendorse
from plan.questions.forms import EndorseForm
from plan.questions.models import SupportQuestion
from plan.questions.rows import draft_of, fetch
from plan.questions.support import supporters_of


def context_of(request: PactRequest, question: SupportQuestion) -> dict[str, Any]:
    """For the page of a question: who stands behind it, and what the reader can say about that."""
    root = question.merged_into or question
    supporters = supporters_of(question)
    behind = {each.partnership.pk for each in supporters}
    own = list(request.access.partnerships_for(Permission.ENDORSE_QUESTION))
    given = {each.partnership.pk for each in supporters if not each.is_submitter}
    can_join = [partnership for partnership in own if partnership.pk not in behind]
    return {
        "root": root,
        "supporters": supporters,
        "endorse_form": EndorseForm(partnerships=can_join) if can_join and root.state in ENDORSED_IN else None,
        "endorsed_by": [partnership for partnership in own if partnership.pk in given],
    }


@requires(Permission.ENDORSE_QUESTION)
@require_POST
def endorse_question(request: PactRequest, pact: str, number: int) -> HttpResponse:
    """Endorse, from the page of the question or in place of a draft of one's own (`instead_of`: its number)."""
    question = fetch(request, number)
    # From the step in which a question is written come more fields, and perhaps a partner for whom one may not speak.
    form = EndorseForm(request.POST, partnerships=request.access.partnerships_for(Permission.ENDORSE_QUESTION))
    draft = draft_of(request, request.POST.get("instead_of", ""))
    if form.is_valid():
        try:
            with transaction.atomic():
                done = endorse(question, partnership=form.chosen, by=request.user, note=form.cleaned_data["note"])
                if draft is not None and draft.pk != question.pk:
                    workflow.withdraw(
                        draft, by=request.user, reason=_("Ook onze vraag: %(code)s") % {"code": question.code}
                    )
        except ValidationError as fault:
            form.take(fault)
        else:
            root = question.merged_into or question
            _say(request, root, is_new=done is not None, draft=draft)
            return redirect("plan:question_detail", pact, root.number)
    context = {"form": form, "question": question, "draft": draft}
    return render(request, "plan/questions/endorse.html", context)


def _say(request: PactRequest, root: SupportQuestion, *, is_new: bool, draft: SupportQuestion | None) -> None:
    if is_new:
        sentence = _("Vraag %(code)s is nu ook uw vraag. U krijgt mail over wat ermee gebeurt.")
    else:
        sentence = _("Vraag %(code)s was al ook uw vraag.")
    messages.success(request, sentence % {"code": root.code})
    if draft is not None:
        messages.info(request, _("Uw concept %(code)s is ingetrokken.") % {"code": draft.code})


@requires(Permission.ENDORSE_QUESTION)
@require_POST
def unendorse_question(request: PactRequest, pact: str, number: int) -> HttpResponse:
    question = fetch(request, number)
    back = reverse("plan:question_detail", args=[pact, question.number])
    form = EndorseForm(request.POST, partnerships=request.access.partnerships_for(Permission.ENDORSE_QUESTION))
    if not form.is_valid():
        messages.error(request, _("Kies een organisatie waarvoor u meedoet."))
        return redirect(back)
    page = confirm.ask(
        request,
        title=_("Niet meer ook onze vraag"),
        consequence=_("%(partner)s telt dan niet meer mee bij vraag %(code)s, en krijgt er geen mail meer over.")
        % {"partner": form.chosen, "code": question.code},
        button=_("Niet meer onze vraag"),
        back=back,
        danger=True,
    )
    if page:
        return page
    if unendorse(question, partnership=form.chosen, by=request.user):
        messages.success(request, _("Vraag %(code)s is niet meer ook uw vraag.") % {"code": question.code})
    else:
        messages.info(
            request, _("Vraag %(code)s was niet ook uw vraag. Er is niets veranderd.") % {"code": question.code}
        )
    return redirect(back)
