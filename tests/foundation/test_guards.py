"""The guards of the migrations, on the SQLite of the embedded default: all of them are there, and they bite."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from pact_portal.foundation.guards import refuse_chains


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as script/server makes it, with all migrations."""
    folder = tmp_path_factory.mktemp("embedded")
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=settings.BASE_DIR,
        env={**kept, "DEBUG": "1", "DATA_DIR": str(folder)},
        check=True,
    )
    return folder / "portal.sqlite3"


def test_it_has_every_guard_after_all_migrations(embedded: Path) -> None:
    with closing(sqlite3.connect(embedded)) as database:
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    assert names == {
        "evaluations_adjustment_before_kept_update",
        "evaluations_adjustment_kept_delete",
        "evaluations_adjustment_kept_update",
        "evaluations_finding_closed_delete",
        "evaluations_finding_closed_update",
        "evaluations_finding_kept_delete",
        "evaluations_finding_kept_update",
        "evaluations_finding_of_reported_insert",
        "foundation_auditrecord_frozen_delete",
        "foundation_auditrecord_frozen_update",
        "foundation_rendition_frozen_delete",
        "foundation_rendition_frozen_update",
        "partners_deed_complete_update",
        "partners_deed_frozen_delete",
        "partners_deed_frozen_update",
        "partners_deedrevision_frozen_delete",
        "partners_deedrevision_frozen_update",
        "partners_pactversion_frozen_delete",
        "partners_pactversion_frozen_update",
        "partners_reservation_frozen_delete",
        "partners_reservation_frozen_update",
        "partners_rightsreview_frozen_delete",
        "partners_rightsreview_frozen_update",
        "partners_sealcertificate_frozen_delete",
        "partners_sealcertificate_frozen_update",
        "partners_signature_frozen_delete",
        "partners_signature_frozen_update",
        "partners_signatureplace_frozen_delete",
        "partners_signatureplace_frozen_update",
        "partners_withdrawal_frozen_delete",
        "partners_withdrawal_frozen_update",
        "plan_allocation_sector_may_receive_insert",
        "plan_allocation_sector_may_receive_update",
        "plan_allocation_sector_may_still_receive_update",
        "plan_allocation_settled_delete",
        "plan_allocation_settled_update",
        "plan_allocation_spent_is_the_sum_update",
        "plan_allocation_sum_delete",
        "plan_allocation_sum_insert",
        "plan_allocation_sum_update",
        "plan_decision_frozen_delete",
        "plan_decision_frozen_update",
        "plan_expenditure_cancelled_delete",
        "plan_expenditure_cancelled_update",
        "plan_expenditure_in_window_insert",
        "plan_expenditure_kept_delete",
        "plan_expenditure_kept_update",
        "plan_expenditure_of_committed_insert",
        "plan_expenditure_receipt_kept_update",
        "plan_expenditure_sum_delete",
        "plan_expenditure_sum_insert",
        "plan_expenditure_sum_update",
        "plan_intake_sum_delete",
        "plan_intake_sum_insert",
        "plan_intake_sum_update",
        "plan_merge_kept_delete",
        "plan_merge_kept_update",
        "plan_merge_settled_delete",
        "plan_merge_settled_update",
        "plan_packagesector_frozen_update",
        "plan_packagesector_still_carries_out_delete",
        "plan_packagesector_still_used_delete",
        "plan_packageyear_allocated_is_the_sum_update",
        "plan_packageyear_came_in_is_the_sum_update",
        "plan_packageyear_in_window_insert",
        "plan_packageyear_in_window_update",
        "plan_planmention_frozen_delete",
        "plan_planmention_frozen_update",
        "plan_planversion_frozen_delete",
        "plan_planversion_frozen_update",
        "plan_position_of_this_round_insert",
        "plan_position_of_this_round_update",
        "plan_position_stays_delete",
        "plan_proposal_submitted_delete",
        "plan_proposal_submitted_update",
        "plan_proposalitem_as_submitted_insert",
        "plan_proposalitem_as_submitted_update",
        "plan_proposalitem_kept_delete",
        "plan_proposalstep_frozen_delete",
        "plan_proposalstep_frozen_update",
        "plan_reallocation_moves_its_amount_insert",
        "plan_reallocation_moves_its_amount_update",
        "plan_reallocation_settled_delete",
        "plan_reallocation_settled_update",
        "plan_statechange_frozen_delete",
        "plan_statechange_frozen_update",
        "plan_supportpackage_window_kept_update",
        "plan_supportpackage_years_kept_update",
        "plan_supportquestion_merged_into_id_flat_insert",
        "plan_supportquestion_merged_into_id_flat_update",
    }


@pytest.mark.parametrize(
    "change", ["UPDATE foundation_auditrecord SET action = 'x'", "DELETE FROM foundation_auditrecord"]
)
def test_it_keeps_what_stands_in_the_audit_trail(embedded: Path, change: str) -> None:
    with closing(sqlite3.connect(embedded)) as database:
        database.execute(
            "INSERT INTO foundation_auditrecord (at, action, subject_kind, subject_id, subject_label, details) "
            "VALUES ('2026-01-01', 'question.accepted', 'plan.supportquestion', 1, 'V1', '{}')"
        )
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            database.execute(change)


# --- Links of one step -----------------------------------------------------------------------------------------------

PLACES = st.integers(1, 5)
LINKS = st.lists(st.tuples(PLACES, st.none() | PLACES), max_size=20)


@contextmanager
def scratch(*, guarded: bool = True) -> Iterator[sqlite3.Connection]:
    """A table of five rows, each with a link to another, in memory."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE scratch (id INTEGER PRIMARY KEY, link_id INTEGER)")
        if guarded:
            editor = SimpleNamespace(
                connection=SimpleNamespace(vendor="sqlite"),
                execute=lambda statement, params: database.execute(statement),
            )
            refuse_chains("scratch", link="link_id").code(None, editor)
        database.executemany("INSERT INTO scratch (id) VALUES (?)", [(key,) for key in range(1, 6)])
        yield database


def longest_way(database: sqlite3.Connection) -> int:
    """How many steps the longest way of links has; 9 when one goes in a circle."""
    links = dict(database.execute("SELECT id, link_id FROM scratch WHERE link_id IS NOT NULL"))

    def steps(key: int) -> int:
        count = 0
        while key in links and count < 9:
            key, count = links[key], count + 1
        return count

    return max(map(steps, range(1, 6)))


@given(LINKS)
def test_it_keeps_every_link_one_step_long_whatever_is_written(links: list[tuple[int, int | None]]) -> None:
    with scratch() as database:
        for key, link in links:
            if key == link:
                # Of a row to itself a CHECK must keep it: the guard looks at other rows.
                continue
            with suppress(sqlite3.IntegrityError):
                database.execute("UPDATE scratch SET link_id = ? WHERE id = ?", (link, key))
        assert longest_way(database) <= 1


def test_it_would_take_chains_and_circles_without_that_guard() -> None:
    with scratch(guarded=False) as database:
        database.execute("UPDATE scratch SET link_id = 2 WHERE id = 1")
        database.execute("UPDATE scratch SET link_id = 3 WHERE id = 2")
        assert longest_way(database) == 2
        database.execute("UPDATE scratch SET link_id = 1 WHERE id = 3")
        assert longest_way(database) == 9


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE scratch SET link_id = 1 WHERE id = 3",
        "UPDATE scratch SET link_id = 3 WHERE id = 2",
        "INSERT INTO scratch (id, link_id) VALUES (9, 1)",
    ],
    ids=["to what is linked", "from what is linked to", "new"],
)
def test_it_refuses_a_second_step_and_takes_a_link_off(change: str) -> None:
    with scratch() as database:
        database.execute("UPDATE scratch SET link_id = 2 WHERE id = 1")
        with pytest.raises(sqlite3.IntegrityError, match="linked in one step"):
            database.execute(change)
        database.execute("UPDATE scratch SET link_id = NULL WHERE id = 1")
        database.execute(change)


@pytest.mark.django_db
def test_it_is_put_on_and_taken_off_in_postgresql_as_well() -> None:
    guard = refuse_chains("scratch", link="link_id")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE scratch (id integer PRIMARY KEY, link_id integer)")
        cursor.execute("INSERT INTO scratch VALUES (1, NULL), (2, NULL), (3, NULL)")
        with connection.schema_editor() as editor:
            guard.code(None, editor)
        cursor.execute("UPDATE scratch SET link_id = 2 WHERE id = 1")
        for change in ("SET link_id = 1 WHERE id = 3", "SET link_id = 3 WHERE id = 2"):
            with pytest.raises(IntegrityError, match="linked in one step"), transaction.atomic():
                cursor.execute(f"UPDATE scratch {change}")
        with connection.schema_editor() as editor:
            guard.reverse_code(None, editor)
        cursor.execute("UPDATE scratch SET link_id = 3 WHERE id = 2")
