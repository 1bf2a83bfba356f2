"""The chart of the scales of one report, and the words of its finding. Pure: a report in, text and SVG out."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from evaluations.answering.forms import STEPS
from evaluations.reporting.outcomes import FEWEST, Outcome
from evaluations.reporting.report import Report, TopicOutcome
from pact_portal.foundation.charts import likert


@dataclass(frozen=True, slots=True)
class ScaleFigure:
    """A chart with its finding and the numbers behind it."""

    title: str
    svg: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def of_scales(report: Report) -> ScaleFigure | None:
    """The answers on all scales of a report in one chart, or None when it has none to show."""
    if not report.scales:
        return None
    title = _finding(report.scales)
    questions = [likert.Answers(each.topic.text, each.outcome.steps or (0,) * len(STEPS)) for each in report.scales]
    svg = likert.bars(title, [str(step) for step in STEPS], questions, too_few=too_few())
    headings = (_("Evaluatievraag"), *map(str, STEPS), _("geen zicht op"))
    return ScaleFigure(title, svg, headings, tuple(_row(each) for each in report.scales))


def too_few() -> str:
    """Why something is not shown."""
    return _("Minder dan %(fewest)s antwoorden: niet getoond.") % {"fewest": FEWEST}


def _row(each: TopicOutcome) -> tuple[str, ...]:
    counts = ("–",) * len(STEPS) if each.outcome.withheld else tuple(map(str, each.outcome.steps))
    return (each.topic.text, *counts, str(each.outcome.no_view))


def _finding(scales: tuple[TopicOutcome, ...]) -> str:
    """The title of the chart: on what the partners are most positive, in percents that chose 4 or 5."""
    visible = [each for each in scales if not each.outcome.withheld]
    if not visible:
        return _("Te weinig antwoorden om oordelen te tonen")
    best = max(visible, key=lambda each: (each.outcome.high / each.outcome.given, -each.topic.position))
    share = round(100 * best.outcome.high / best.outcome.given)
    if len(visible) == 1:
        return _("%(share)s %% van de partners geeft een 4 of 5: %(topic)s") % {
            "share": share,
            "topic": best.topic.text,
        }
    return _("Het meest positief (%(share)s %% geeft een 4 of 5): %(topic)s") % {
        "share": share,
        "topic": best.topic.text,
    }


def of_numbers(outcome: Outcome) -> list[tuple[str, str]]:
    """The figures of a number topic as label and text; what is about fewer than five people says so."""
    figures = outcome.figures
    if figures is None:
        return []
    return [
        (_("antwoorden"), str(outcome.given)),
        (_("gemiddelde"), _number(figures.mean)),
        (_("middelste"), _number(figures.median)),
        (_("laagste"), _number(figures.lowest)),
        (_("hoogste"), _number(figures.highest)),
        (_("totaal"), _number(figures.total)),
    ]


def _number(figure: Decimal | None) -> str:
    if figure is None:
        return _("minder dan %(fewest)s") % {"fewest": FEWEST}
    decimals = 0 if figure == figure.to_integral_value() else 2
    return number_format(figure, decimal_pos=decimals, use_l10n=True, force_grouping=True)
