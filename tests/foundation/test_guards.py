"""The guards of the migrations, on the SQLite of the embedded default: all of them are there, and they bite."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings


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
        "foundation_auditrecord_frozen_update",
        "foundation_auditrecord_frozen_delete",
        "foundation_rendition_frozen_update",
        "foundation_rendition_frozen_delete",
        "partners_deed_frozen_update",
        "partners_deed_frozen_delete",
        "partners_deed_complete_update",
        "partners_deedrevision_frozen_update",
        "partners_deedrevision_frozen_delete",
        "partners_pactversion_frozen_update",
        "partners_pactversion_frozen_delete",
        "partners_reservation_frozen_update",
        "partners_reservation_frozen_delete",
        "partners_rightsreview_frozen_update",
        "partners_rightsreview_frozen_delete",
        "partners_sealcertificate_frozen_update",
        "partners_sealcertificate_frozen_delete",
        "partners_signature_frozen_update",
        "partners_signature_frozen_delete",
        "partners_signatureplace_frozen_update",
        "partners_signatureplace_frozen_delete",
        "partners_withdrawal_frozen_update",
        "partners_withdrawal_frozen_delete",
        "plan_planversion_frozen_update",
        "plan_planversion_frozen_delete",
        "plan_allocation_sum_insert",
        "plan_allocation_sum_update",
        "plan_allocation_sum_delete",
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
