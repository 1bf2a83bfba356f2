"""A register as a file: the empty one to fill in, and the one with rows. Both have the columns that an import takes."""

from collections.abc import Iterator
from itertools import batched

from django.conf import settings
from django.utils import translation

from pact_portal.foundation.spreadsheets import writing
from pact_portal.foundation.spreadsheets.reading import Value
from partners.permissions import PactRequest
from plan.imports.kinds import Kind
from plan.imports.registers import RegisterResource

AT_A_TIME = 500
"""Rows that are in memory together: each turn asks the database the same few questions."""


def template_of(kind: Kind, request: PactRequest, *, form: str) -> bytes:
    resource = kind.resource(request.pact, request.access, request.user)
    headings = resource.headings(exported=False)
    if form == "csv":
        return writing.csv_file(headings, [])
    resource.read_names()
    return writing.xlsx(kind.sheet, headings, [], resource.explanation())


def export_of(kind: Kind, request: PactRequest, *, form: str) -> bytes:
    """The rows that the reader sees with the filters of the query string, in the order of the list."""
    resource = kind.resource(request.pact, request.access, request.user)
    headings = resource.headings(exported=True)
    # A file reads the same for everybody, and can be brought in again by anybody.
    with translation.override(settings.LANGUAGE_CODE):
        rows = _rows(resource, kind, request)
        return writing.csv_file(headings, rows) if form == "csv" else writing.xlsx(kind.sheet, headings, rows)


def _rows(resource: RegisterResource, kind: Kind, request: PactRequest) -> Iterator[list[Value]]:
    for some in batched(kind.filtered(request).iterator(chunk_size=AT_A_TIME), AT_A_TIME):
        resource.complete(some)
        for row in some:
            yield resource.cells_of(row)
