"""The register of decisions as a file, in the order of the list."""

from collections.abc import Iterator
from itertools import batched
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils import timezone, translation

from pact_portal.foundation.spreadsheets import writing
from pact_portal.foundation.spreadsheets.reading import Value
from pact_portal.foundation.spreadsheets.writing import Heading
from plan.decisions.models import Decision

SHEET = "Besluiten"
AT_A_TIME = 500
HEADINGS = [
    Heading("nummer", 10),
    Heading("datum", 14),
    Heading("voorstel", 10),
    Heading("wat is gevraagd", 60),
    Heading("overleg", 30),
    Heading("stap", 30),
    Heading("soort stap", 16),
    Heading("uitkomst", 16),
    Heading("reden", 60),
    Heading("waarover", 60),
    Heading("voorwaarden", 60),
    Heading("bijeenkomst", 30),
    Heading("in de plaats van", 16),
    Heading("vervangen door", 16),
    Heading("vastgelegd op", 14),
]


def export_of(decisions: Any, *, form: str) -> bytes:
    """These decisions, a queryset in the order of the list, as "xlsx" or "csv"."""
    # A file reads the same for everybody.
    with translation.override(settings.LANGUAGE_CODE):
        rows = _rows(decisions)
        return writing.csv_file(HEADINGS, rows) if form == "csv" else writing.xlsx(SHEET, HEADINGS, rows)


def _rows(decisions: Any) -> Iterator[list[Value]]:
    for some in batched(decisions.iterator(chunk_size=AT_A_TIME), AT_A_TIME):
        prefetch_related_objects(list(some), "conditions")
        for decision in some:
            yield _cells(decision)


def _cells(decision: Decision) -> list[Value]:
    successor = getattr(decision, "superseded_by", None)
    return [
        decision.code,
        decision.decided_on,
        decision.proposal.code,
        decision.proposal.title,
        decision.step.body.name,
        decision.step.name,
        str(decision.step.get_kind_display()),
        str(decision.get_outcome_display()),
        decision.reason,
        "\n".join(f"{row['code']} {row['title']}".strip() for row in decision.content),
        "\n".join(f"{each.text} ({each.get_state_display()})" for each in decision.conditions.all()),
        decision.meeting.title if decision.meeting else "",
        decision.supersedes.code if decision.supersedes else "",
        successor.code if successor else "",
        timezone.localtime(decision.recorded_at).date(),
    ]
