"""The budget on SQLite, the embedded default: the same guard, in a process of its own on a database of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from plan.funding.workflow import NEVER_OVER_BUDGET
from tests.plan import funding_doors


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What embedded_budget.py found on a new SQLite database with all migrations."""
    folder = tmp_path_factory.mktemp("embedded")
    keep = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "REDIS_OF_TESTS")}
    environment = {
        **keep,
        "DJANGO_SETTINGS_MODULE": "pact_portal.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
        "DATA_DIR": str(folder),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.plan.embedded_budget"],
        cwd=Path(settings.BASE_DIR),
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert answer["vendor"] == "sqlite"
    return answer


pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("embedded")]


def test_it_adds_cents_as_euros_and_not_as_binary_fractions(found: dict[str, Any]) -> None:
    *granted, refused = found["cents"]
    assert granted == ["granted", "granted"]
    assert "is voor 2026 nog €\xa00 over" in refused
    assert found["cents allocated"] == "0.30"


def test_it_counts_the_last_cent_of_the_largest_budget(found: dict[str, Any]) -> None:
    *granted, refused = found["millions"]
    assert granted == ["granted", "granted"]
    assert "nog €\xa00 over" in refused
    assert found["millions allocated"] == "9999999999.99"


@pytest.mark.parametrize("door", ["create", "bulk_create", "update", "budget lowered", "raw insert", "raw update"])
def test_it_refuses_money_over_budget_by_every_door(found: dict[str, Any], door: str) -> None:
    assert NEVER_OVER_BUDGET in found["doors"][door]
    assert found["after the doors"] == "0.30"


def test_it_gives_back_what_was_rejected_to_the_cent(found: dict[str, Any]) -> None:
    assert found["after a rejection"] == "0.20"


def test_it_grants_exactly_the_budget_to_parallel_requests(found: dict[str, Any]) -> None:
    assert found["raced"] == [10, 10]
    assert found["raced allocated"] == "10.00"


@pytest.mark.parametrize("door", funding_doors.NAMES)
def test_it_refuses_what_gets_past_the_workflow(found: dict[str, Any], door: str) -> None:
    assert found["spending guards"][door] in found["spending doors"][door]


@pytest.mark.parametrize("door", funding_doors.NAMES)
def test_it_would_let_it_happen_without_the_guards(found: dict[str, Any], door: str) -> None:
    assert found["spending doors open"][door] == "granted"


def test_it_spends_to_the_last_cent_and_settles_at_that(found: dict[str, Any]) -> None:
    *granted, refused = found["cents spent"]
    assert granted == ["granted", "granted"]
    assert "van de €\xa00,30 is nog €\xa00 over" in refused
    assert found["cents settled"] == ["0.30", "0.00"]


def test_it_never_spends_more_than_the_allocation_in_parallel(found: dict[str, Any]) -> None:
    assert found["booked"] == [10, 10]
    assert found["booked spent"] == "10.00"
    assert found["allocated with them"] == "10.30"
