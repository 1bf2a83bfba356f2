"""Findings and adjustments on the page of a measure and on the report of an evaluation."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from evaluations.findings.models import Adjustment, Finding
from evaluations.findings.values import in_words, label_of
from evaluations.findings.workflow import ADJUSTED
from evaluations.series.models import Evaluation
from partners.permissions import PactRequest, Permission
from plan.chain import codes
from plan.measures.models import Measure


@dataclass(frozen=True, slots=True)
class Line:
    """An adjustment in one line: what changes from what to what, and by which decision."""

    adjustment: Adjustment
    what: str
    decision_url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding with what followed from it."""

    finding: Finding
    adjustments: list[Line]
    is_loose: bool


def sentence_of(adjustment: Adjustment) -> str:
    """What an adjustment changes: "begroting, in euro: van € 1.000 naar € 2.000"; of one that stops, just that."""
    if adjustment.stops:
        return label_of(adjustment.field)
    return f"{label_of(adjustment.field)}: {values_of(adjustment)}"


def values_of(adjustment: Adjustment) -> str:
    """From what to what, each at most as long as a line: "van € 1.000 naar € 2.000"."""
    before, after = (_short(in_words(adjustment.field, text)) for text in (adjustment.before, adjustment.after))
    return _("van %(before)s naar %(after)s") % {"before": before, "after": after}


def _short(text: str, most: int = 120) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def lines_of(pact_slug: str, adjustments: Iterable[Adjustment]) -> list[Line]:
    return [Line(each, sentence_of(each), codes.page_of(pact_slug, each.decision)) for each in adjustments]


def with_adjustments(findings: QuerySet[Finding]) -> QuerySet[Finding]:
    """The findings with all that a page shows of them, in a fixed number of queries."""
    adjustments = Adjustment.objects.across_pacts().select_related("measure").order_by("number")
    return findings.select_related("measure", "evaluation__series", "recorded_by", "closed_by").prefetch_related(
        Prefetch("adjustments", adjustments)
    )


def shown(pact_slug: str, findings: Iterable[Finding]) -> list[Shown]:
    """Findings of `with_adjustments` as pages show them."""
    return [
        Shown(
            each,
            lines_of(pact_slug, each.adjustments.all()),
            is_loose=is_loose(each),
        )
        for each in findings
    ]


STANDING = (Adjustment.State.PROPOSED, Adjustment.State.APPLIED)


def is_loose(finding: Finding) -> bool:
    """Whether nothing followed yet, by the adjustments that were read with it."""
    return finding.closed_at is None and not any(each.state in STANDING for each in finding.adjustments.all())


def on_measure(request: PactRequest, measure: Measure) -> dict[str, Any]:
    """The card on the page of a measure. Three queries."""
    findings = with_adjustments(Finding.objects.in_pact(request.pact).filter(measure=measure))
    adjustments = Adjustment.objects.in_pact(request.pact).filter(measure=measure).select_related("measure")
    return {
        "adjustments": {
            "findings": shown(request.pact.slug, findings.order_by("-evaluation__due_on", "pk")),
            "lines": lines_of(request.pact.slug, adjustments.order_by("-number")),
            "may_adjust": request.access.can(Permission.MANAGE_EVALUATIONS) and measure.state in ADJUSTED,
            "may_manage": request.access.can(Permission.MANAGE_EVALUATIONS),
        }
    }


def on_report(request: PactRequest, evaluation: Evaluation) -> dict[str, Any]:
    """The findings on the report of an evaluation; none before it is reported. Two queries."""
    is_reported = evaluation.state in Evaluation.REPORTED
    findings = with_adjustments(Finding.objects.in_pact(request.pact).filter(evaluation=evaluation))
    return {
        "has_findings": is_reported,
        "findings": shown(request.pact.slug, findings.order_by("measure__number", "pk")) if is_reported else [],
        "may_manage": request.access.can(Permission.MANAGE_EVALUATIONS),
    }
