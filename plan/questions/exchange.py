"""Support questions as rows of a spreadsheet."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from pact_portal.foundation.spreadsheets.paragraphs import html_of, text_of
from partners.permissions import PactRequest, Permission
from plan.imports.cells import ChoiceCell, CodeCell, NameCell, NamesCell, RichCell, ShownCell, TextCell, WholeCell
from plan.imports.registers import Column, HandsIn, RegisterResource, Step
from plan.questions.filters import QuestionFilter
from plan.questions.models import OLDEST, YOUNGEST, SupportQuestion
from plan.questions.support import support_counts
from plan.questions.workflow import OPEN_TO_REVISION

AGE = "Vul een hele leeftijd in, van 0 tot en met 23."
State = SupportQuestion.State
HANDED_IN: dict[str, HandsIn] = {
    State.DRAFT: HandsIn.ALWAYS,
    State.RETURNED: HandsIn.WHEN_CHANGED,
    State.WITHDRAWN: HandsIn.WHEN_CHANGED,
}
"""By state: when a row of a file hands a question in."""


def age(name: str, attribute: str, fallback: int) -> Column:
    """A column with an age in years."""
    widget = WholeCell(YOUNGEST, OLDEST, AGE)
    hint = f"Een getal van 0 tot en met 23; leeg is {fallback}."
    return Column(name, attribute, widget, hint=hint, fallback=fallback, width=12)


def areas() -> Column:
    hint = "Meer gebieden? Zet er een puntkomma tussen."
    return Column("gebieden", "areas", NamesCell("De gebieden van dit pact zijn:"), hint=hint, required=True, width=36)


def municipalities(hint: str) -> Column:
    widget = NamesCell("De gemeenten van dit pact zijn:")
    return Column("gemeenten", "municipalities", widget, hint=hint, fallback=frozenset(), width=30)


class QuestionResource(RegisterResource):
    """The register of support questions."""

    model = SupportQuestion
    owner_key = "partnership"
    title_key = "title"
    permission = Permission.SUBMIT_QUESTION

    number = Column("nummer", "number", CodeCell("V"), hint="Leeg voor een nieuwe vraag.", width=10)
    partnership = Column(
        "namens", "partnership", NameCell("De partners van dit pact zijn:"), required=True, hint="De organisatie."
    )
    title = Column("vraag in één zin", "title", TextCell(200), required=True, width=60, hint="Hooguit 200 tekens.")
    description = Column(
        "toelichting",
        "description",
        RichCell(),
        width=60,
        fallback="",
        hint="Gewone tekst. Schrijf geen namen of gegevens van kinderen op.",
    )
    areas = areas()
    age_from = age("leeftijd vanaf", "age_from", YOUNGEST)
    age_to = age("leeftijd tot en met", "age_to", OLDEST)
    transition = Column("overgang", "transition", ChoiceCell(SupportQuestion.Transition.choices), fallback="", width=34)
    protective_level = Column(
        "wat moet sterker worden", "protective_level", ChoiceCell(SupportQuestion.Level.choices), required=True
    )
    municipalities = municipalities(
        "Waar wonen deze jongeren? Zet een puntkomma tussen de gemeenten. Leeg is de hele regio."
    )
    young_people = Column(
        "aantal jongeren",
        "young_people",
        WholeCell(0, 1_000_000, "Vul een heel aantal in van hooguit een miljoen jongeren."),
        hint="Een schatting is genoeg.",
        width=12,
    )
    urgency = Column(
        "urgentie",
        "urgency",
        ChoiceCell(SupportQuestion.Urgency.choices),
        fallback=SupportQuestion.Urgency.MEDIUM.value,
        hint="Leeg is: binnen een jaar.",
    )
    source = Column(
        "bron",
        "source",
        ChoiceCell(SupportQuestion.Source.choices),
        fallback=SupportQuestion.Source.OWN_SIGNAL.value,
        hint="Leeg is: eigen signaal.",
    )
    state = Column("status", "get_state_display", ShownCell(), readonly=True)
    submitted_at = Column(
        "ingediend op",
        "submitted_at",
        ShownCell(lambda moment: moment and timezone.localtime(moment).date()),
        readonly=True,
        width=14,
    )

    partners_behind = Column("aantal partners achter de vraag", "partners_behind", ShownCell(), readonly=True, width=14)

    def complete(self, rows: Any) -> None:
        counts = support_counts(rows)
        for row in rows:
            row.partners_behind = counts[row.pk]

    def seen(self, rows: Any) -> Any:
        return rows.filter(models.Q(submitted_at__isnull=False) | models.Q(partnership__in=self.access.partnerships))

    def values_of(self, row: SupportQuestion) -> dict[str, Any]:
        return {
            "partnership": row.partnership_id,
            "title": row.title,
            "description": text_of(row.description) if row.description else "",
            "age_from": row.age_from,
            "age_to": row.age_to,
            "transition": row.transition,
            "protective_level": row.protective_level,
            "young_people": row.young_people,
            "urgency": row.urgency,
            "source": row.source,
        }

    def why_closed(self, row: SupportQuestion) -> str:
        if row.state in OPEN_TO_REVISION:
            return ""
        sentence = _("Vraag %(code)s is %(state)s en kan niet meer worden gewijzigd. Haal deze rij weg.")
        return sentence % {"code": row.code, "state": row.get_state_display()}

    def fields_of(self, values: dict[str, Any]) -> dict[str, Any]:
        made = {name: value for name, value in values.items() if name not in ("areas", "municipalities")}
        if "partnership" in made:
            made["partnership_id"] = made.pop("partnership")
        if "description" in made:
            made["description"] = html_of(made["description"])
        return made

    def new_row(self) -> SupportQuestion:
        row: SupportQuestion = super().new_row()
        row.state, row.submitted_at = State.SUBMITTED, timezone.now()
        return row

    def hands_in(self, row: SupportQuestion) -> HandsIn:
        # Whoever brings in a draft asks that question now. A question that was sent back or taken back comes along in
        # the list that one took out of the portal: it is asked again only by a row that says something new.
        return HANDED_IN.get(row.state, HandsIn.NEVER)

    def touch(self, row: SupportQuestion, step: Step) -> tuple[str, ...]:
        if not step.hands_in:
            return ()
        row.state, row.submitted_at = State.SUBMITTED, timezone.now()
        row.withdrawn_at, row.withdrawal_reason = None, ""
        return "state", "submitted_at", "withdrawn_at", "withdrawal_reason"


def filtered(request: PactRequest) -> Any:
    """The questions that the reader sees with the filters of the list, as an export needs them.

    Without what was never handed in: a draft may lack what a row of a file must have.
    """
    rows = SupportQuestion.objects.in_pact(request.pact).filter(submitted_at__isnull=False)
    rows = rows.select_related("partnership__organisation").prefetch_related("areas", "municipalities__organisation")
    return QuestionFilter(request.GET, rows, request=request, pact=request.pact).qs
