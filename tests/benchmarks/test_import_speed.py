"""The speed of looking through a spreadsheet against openpyxl alone reading the same file, in one run.

The file: 5,000 new questions with every column filled in, texts as people write them, some with numbers in them. Timed
for openpyxl: `load_workbook(read_only=True)` and every value of the sheet. Timed for the portal: everything from the
waiting row to the preview in the database, with its own process, the check of every cell, the privacy guard and the
progress that is told meanwhile. The median of five turns each, turn by turn, the first left out: it warms both.
"""

import io
import statistics
import sys
import time
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from partners.models import Sector
from partners.permissions import Role
from plan.imports import running
from plan.imports.models import Import
from tests.factories import make_member, make_pact, make_partner
from tests.plan.import_samples import QUESTION, bring

ROWS = 5_000
TURNS = 5
MOST = 3.0
TEXT = (
    "Wij zien dat kinderen {group} de stap naar het voortgezet onderwijs spannend vinden. Ouders vragen ons om meer "
    "gesprekken vooraf, en de mentor wil weten wat heeft geholpen.\n\nEen bezoek in mei zou helpen."
)

GROUPS = ["van nu", "in groep 8", "met een steunvraag", "op school"]


def name_of(number: int) -> str:
    """Another word for each number."""
    return "De " + "".join("aeioulmnrs"[int(digit)] for digit in str(number)).capitalize()


def questions() -> bytes:
    """The file, as openpyxl itself writes it."""
    book = Workbook()
    page: Any = book.active
    page.append(list(QUESTION))
    for number in range(ROWS):
        own = {
            "vraag in één zin": f"Hoe helpen wij de kinderen van school {name_of(number)} bij de overstap naar het vo?",
            "toelichting": TEXT.format(group=GROUPS[number % 4]),
            "gebieden": ["Soepele overgangen", "Onderwijs en jeugdhulp; Soepele overgangen"][number % 2],
            "aantal jongeren": number,
        }
        page.append(list({**QUESTION, **own}.values()))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def read_alone(content: bytes) -> int:
    """How many values openpyxl finds."""
    book = load_workbook(io.BytesIO(content), read_only=True)
    return sum(1 for row in book.worksheets[0].iter_rows(values_only=True) for value in row if value is not None)


@pytest.mark.benchmark
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_it_previews_in_at_most_three_times_the_time_of_reading(
    capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = tmp_path
    pact = make_pact()
    make_partner(pact, "Gemeente Hier", Sector.MUNICIPALITY)
    member = make_member(make_partner(pact, "Schoolbestuur Hier"), Role.REPRESENTATIVE)
    content = questions()
    assert read_alone(content) == (ROWS + 1) * len(QUESTION) - ROWS
    real, told = running.look_through, []

    def counted(*args: Any, progress: Any, **how: Any) -> Any:
        return real(*args, progress=lambda done, total: (told.append(done), progress(done, total)), **how)

    monkeypatch.setattr(running, "look_through", counted)
    alone, preview = [], []
    for _turn in range(TURNS + 1):
        start = time.perf_counter()
        read_alone(content)
        alone.append(time.perf_counter() - start)
        with monkeypatch.context() as patch:
            patch.setattr(running, "work", lambda import_id: False)
            row = bring(pact, member, content)
        told.clear()
        start = time.perf_counter()
        assert running.work(row.pk)
        preview.append(time.perf_counter() - start)
        row.refresh_from_db()
        assert (row.state, row.counts["created"], len(told)) == (Import.State.READY, ROWS, ROWS // 250 + 2)
    ours, theirs = statistics.median(preview[1:]), statistics.median(alone[1:])
    measured = f"{ROWS} rows: preview {ours:.2f} s, openpyxl alone {theirs:.2f} s, ratio {ours / theirs:.2f}"
    with capsys.disabled():
        sys.stdout.write(f"\n{measured}\n")
    assert ours <= MOST * theirs, measured
