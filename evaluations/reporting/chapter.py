"""What the plan document shows of evaluations: all there were and will be, and what the reported ones showed."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluations.reporting import figures
from evaluations.reporting.report import Report, Withheld, reports_of
from evaluations.series.models import Evaluation
from pact_portal.foundation.documents.blocks import Block, Cell, Column, Figure, Heading, Paragraph, Row, Table
from partners.pact.models import Pact


def blocks(pact: Pact) -> list[Block]:
    """The table of all evaluations of the pact, then a chart for each one that is reported."""
    evaluations = list(
        Evaluation.objects.in_pact(pact).select_related("series").with_response().order_by("due_on", "pk")
    )
    table = Table(
        caption=_("Evaluaties tot nu toe"),
        columns=[
            Column(_("Dag"), "date"),
            Column(_("Evaluatiecyclus")),
            Column(_("Status"), "text", 3),
            Column(_("Geantwoord"), "text", 3),
        ],
        rows=[_row(evaluation) for evaluation in evaluations],
        empty=_("Er zijn nog geen evaluaties gepland."),
    )
    reported = [each for each in evaluations if each.state in Evaluation.REPORTED]
    return [
        Heading(_("Evaluaties tot nu toe"), anchor="evaluaties"),
        table,
        *(block for report in reports_of(reported) for block in _reported(report)),
    ]


def _row(evaluation: Any) -> Row:
    """One evaluation, with the counts of with_response()."""
    day = date_format(evaluation.due_on, "j F Y")
    is_asked = evaluation.state != Evaluation.State.SCHEDULED
    return Row(
        key=f"evaluation-{evaluation.pk}",
        anchor=f"evaluatie-{evaluation.pk}",
        cells=[
            Cell(day),
            Cell(evaluation.series.name),
            Cell(str(evaluation.get_state_display())),
            Cell(_response(evaluation.answered, evaluation.invited) if is_asked else "–"),
        ],
    )


def _response(answered: int, invited: int) -> str:
    return _("%(answered)s van %(invited)s") % {"answered": answered, "invited": invited}


def _reported(report: Report) -> list[Block]:
    day = date_format(report.evaluation.due_on, "j F Y")
    heading = Heading(_("%(series)s, %(day)s") % {"series": report.evaluation.series.name, "day": day})
    response = Paragraph(
        ngettext(
            "Van de %(invited)s gevraagde partner antwoordde %(answered)s.",
            "Van de %(invited)s gevraagde partners antwoordden er %(answered)s.",
            report.invited,
        )
        % {"invited": report.invited, "answered": report.answered}
    )
    if report.withheld is Withheld.TOO_FEW:
        return [heading, response, Paragraph(figures.too_few())]
    figure = figures.of_scales(report)
    if figure is None:
        return [heading, response]
    table = Table(
        caption=_("Antwoorden op de schaalvragen, %(day)s") % {"day": day},
        columns=[
            Column(words, "text" if position == 0 else "number", 8 if position == 0 else 2)
            for position, words in enumerate(figure.headings)
        ],
        rows=[
            Row(key=f"evaluation-{report.evaluation.pk}-topic-{each.topic.pk}", cells=[Cell(cell) for cell in row])
            for each, row in zip(report.scales, figure.rows, strict=True)
        ],
    )
    return [heading, response, Figure(title=figure.title, svg=figure.svg, table=table)]
