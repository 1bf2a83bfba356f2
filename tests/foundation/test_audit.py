"""The audit trail: written with the act, and never changed."""

import importlib

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, connections, transaction
from django.db.backends.sqlite3.base import DatabaseWrapper

from pact_portal.foundation.audit import workflow as audit
from pact_portal.foundation.audit.models import AuditRecord
from tests.factories import make_pact, make_user

pytestmark = pytest.mark.django_db


def test_it_says_who_did_what_to_which_row():
    pact, user = make_pact(), make_user()
    record = audit.record("pact.founded", pact, by=user, pact=pact, partners=14)
    record.refresh_from_db()
    assert (record.pact, record.by, record.action) == (pact, user, "pact.founded")
    assert (record.subject_kind, record.subject_id, record.subject_label) == ("partners.pact", pact.pk, pact.name)
    assert record.details == {"partners": 14}
    assert record.at is not None
    assert str(record) == f"pact.founded: {pact.name}"


def test_it_takes_the_pact_from_the_row():
    pact = make_pact()
    area = pact.areas.first()
    assert audit.record("area.named", area, by=None).pact == pact


def test_it_goes_down_with_the_act():
    pact = make_pact()

    @transaction.atomic
    def act():
        audit.record("pact.founded", pact, by=None, pact=pact)
        raise RuntimeError("the act fails after it was written down")

    with pytest.raises(RuntimeError):
        act()
    assert not AuditRecord.objects.in_pact(pact).exists()


def test_it_fits_a_label_of_any_length():
    user = make_user()
    user.name = "n" * 500
    assert len(audit.record("user.named", user, by=user).subject_label) == 300


CHANGES = [
    lambda rows: rows.update(action="nothing.happened"),
    lambda rows: rows.update(details={"partners": 15}),
    lambda rows: rows.update(by=None),
    lambda rows: rows.delete(),
]


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_refused_by_postgresql_to_change_or_remove_a_record(change):
    assert connection.vendor == "postgresql"
    pact, user = make_pact(), make_user()
    record = audit.record("pact.founded", pact, by=user, pact=pact)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        change(AuditRecord.objects.in_pact(pact))
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE foundation_auditrecord SET subject_label = 'x'")
    record.action = "nothing.happened"
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        record.save()
    assert AuditRecord.objects.in_pact(pact).get().action == "pact.founded"


def test_it_could_be_changed_without_the_guard():
    """The twin: with the trigger away the same statement goes through."""
    pact = make_pact()
    audit.record("pact.founded", pact, by=None, pact=pact)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE foundation_auditrecord DISABLE TRIGGER USER")
    assert AuditRecord.objects.in_pact(pact).update(action="nothing.happened") == 1
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE foundation_auditrecord ENABLE TRIGGER USER")


@pytest.fixture
def sqlite(tmp_path):
    """A connection to an empty SQLite, as the embedded default has, with nothing but the guarded table in it."""
    settings = {**connections.databases["default"], "NAME": str(tmp_path / "portal.sqlite3"), "OPTIONS": {}}
    wrapper = DatabaseWrapper(settings, alias="default")
    with wrapper.cursor() as cursor:
        cursor.execute("CREATE TABLE foundation_auditrecord (id integer PRIMARY KEY, action text NOT NULL)")
        cursor.execute("INSERT INTO foundation_auditrecord (action) VALUES ('pact.founded')")
    yield wrapper
    wrapper.close()


STATEMENTS = [
    "UPDATE foundation_auditrecord SET action = 'nothing.happened'",
    "UPDATE foundation_auditrecord SET id = 7",
    "DELETE FROM foundation_auditrecord",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_it_is_refused_by_sqlite_to_change_or_remove_a_record(sqlite, statement):
    migration = importlib.import_module("pact_portal.foundation.migrations.0002_audit_trail_is_append_only")
    (guard,) = migration.Migration.operations

    def run(statement):
        with sqlite.cursor() as cursor:
            cursor.execute(statement)
            return cursor.rowcount

    with sqlite.schema_editor() as editor:
        guard.code(apps, editor)
    with pytest.raises(IntegrityError, match="never changed"):
        run(statement)
    run("INSERT INTO foundation_auditrecord (action) VALUES ('pact.signed')")
    # The twin: with the guard taken back the same statement goes through.
    with sqlite.schema_editor() as editor:
        guard.reverse_code(apps, editor)
    assert run(statement if "id" not in statement else statement + " WHERE id = 1") > 0


def test_it_has_a_guard_in_every_database_that_was_migrated():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgname = 'foundation_auditrecord_frozen' AND tgenabled = 'O'"
        )
        assert cursor.fetchone() == (1,)
