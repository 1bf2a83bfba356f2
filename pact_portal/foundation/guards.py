"""Migration operations that let the database itself refuse what must never happen, on PostgreSQL and SQLite alike.

On SQLite a migration that alters a table makes it anew and drops its triggers: repeat the guard after such a one.
"""

import re
from typing import Any

from django.db import migrations

YEAR = re.compile(r"\bYEAR\(([\w.]+)\)")
"""Written in a condition for the year of a date: the two databases have no function for it in common."""


def _per_vendor(
    *, postgresql: list[str], sqlite: list[str], undo_postgresql: list[str], undo_sqlite: list[str]
) -> migrations.RunPython:
    def forwards(apps: Any, schema_editor: Any) -> None:
        for statement in postgresql if schema_editor.connection.vendor == "postgresql" else sqlite:
            schema_editor.execute(statement, params=None)

    def backwards(apps: Any, schema_editor: Any) -> None:
        for statement in undo_postgresql if schema_editor.connection.vendor == "postgresql" else undo_sqlite:
            schema_editor.execute(statement, params=None)

    return migrations.RunPython(forwards, backwards)


def refuse_changes(
    table: str, *, columns: list[str] | None = None, deletes: bool = True, when: str = "TRUE", name: str = "frozen"
) -> migrations.RunPython:
    """Refuse UPDATE of `columns` (of any column when None) and, unless `deletes` is False, DELETE of rows of `table`.

    `when` is a condition on OLD in SQL that both databases know: the rows that the guard protects; without deletes it
    may speak of NEW as well. `name` tells several guards of one table apart.
    The refusal reaches Django as an IntegrityError (PostgreSQL: restrict_violation; SQLite: RAISE(ABORT)).
    """
    guard = f"{table}_{name}"
    of = f" OF {', '.join(columns)}" if columns else ""
    events = [f"UPDATE{of}", *(["DELETE"] if deletes else [])]
    condition = "1" if when == "TRUE" else when
    return _per_vendor(
        postgresql=[
            f"""CREATE FUNCTION {guard}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'rows of {table} are never changed' USING ERRCODE = 'restrict_violation'; END $$""",
            f"""CREATE TRIGGER {guard} BEFORE {" OR ".join(events)} ON {table}
            FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {guard}()""",
        ],
        sqlite=[
            f"""CREATE TRIGGER {guard}_{event.split()[0].lower()} BEFORE {event} ON {table}
            FOR EACH ROW WHEN {condition} BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"""
            for event in events
        ],
        undo_postgresql=[f"DROP TRIGGER {guard} ON {table}", f"DROP FUNCTION {guard}()"],
        undo_sqlite=[f"DROP TRIGGER {guard}_{event.split()[0].lower()}" for event in events],
    )


def refuse_chains(table: str, *, link: str) -> migrations.RunPython:
    """Refuse that a row of `table` is linked by `link` to a row that is linked itself, or to which others are linked.

    So a link is one step long, and no way goes in a circle. On PostgreSQL the row at the other end is locked until the
    transaction ends: of two that link to each other at once one waits, and then sees what the other wrote.
    """
    name = f"{table}_{link}_flat"
    linked = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.{link} AND {link} IS NOT NULL)"
    linked_to = f"EXISTS (SELECT 1 FROM {table} WHERE {link} = NEW.id)"
    fault = f"rows of {table} are linked in one step"
    return _per_vendor(
        postgresql=[
            f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              PERFORM 1 FROM {table} WHERE id = NEW.{link} FOR NO KEY UPDATE;
              IF {linked} OR {linked_to} THEN
                RAISE EXCEPTION '{fault}' USING ERRCODE = 'restrict_violation';
              END IF;
              RETURN NEW;
            END $$""",
            f"""CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OF {link} ON {table}
            FOR EACH ROW WHEN (NEW.{link} IS NOT NULL) EXECUTE FUNCTION {name}()""",
        ],
        sqlite=[
            f"""CREATE TRIGGER {name}_{event.split()[0].lower()} BEFORE {event} ON {table}
            FOR EACH ROW WHEN NEW.{link} IS NOT NULL AND ({linked} OR {linked_to})
            BEGIN SELECT RAISE(ABORT, '{fault}'); END"""
            for event in ("INSERT", f"UPDATE OF {link}")
        ],
        undo_postgresql=[f"DROP TRIGGER {name} ON {table}", f"DROP FUNCTION {name}()"],
        undo_sqlite=[f"DROP TRIGGER {name}_{event}" for event in ("insert", "update")],
    )


def without(guard: migrations.RunPython) -> migrations.RunPython:
    """Take a guard away, and put it back when going back: before a table is altered, which on SQLite drops it."""
    if guard.reverse_code is None:
        raise TypeError("a guard can be undone")
    return migrations.RunPython(guard.reverse_code, guard.code)


def refuse_rows(table: str, *, name: str, when: str, fault: str, on: list[str], hold: str = "") -> migrations.RunPython:
    """Refuse that a row of `table` is written for which `when` holds: a condition on NEW in SQL that both databases
    know, which may look into other tables, and in which YEAR(column) is the year of a date. `on` are events, such as
    "INSERT" and "UPDATE OF year"; with "DELETE" only, the condition is on OLD. `fault` is what the IntegrityError says.

    `hold` is for PostgreSQL, where others write meanwhile: FROM, WHERE and the strength of a lock on the rows on which
    the condition rests, taken before it is asked. SQLite has one writer at a time.
    """
    guard = f"{table}_{name}"
    back = "OLD" if on == ["DELETE"] else "NEW"
    held = f"PERFORM 1 FROM {hold};" if hold else ""
    when_postgresql = YEAR.sub(r"EXTRACT(YEAR FROM \1)", when)
    when_sqlite = YEAR.sub(r"CAST(STRFTIME('%Y', \1) AS INTEGER)", when)
    return _per_vendor(
        postgresql=[
            f"""CREATE FUNCTION {guard}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              {held}
              IF {when_postgresql} THEN RAISE EXCEPTION '{fault}' USING ERRCODE = 'restrict_violation'; END IF;
              RETURN {back};
            END $$""",
            f"CREATE TRIGGER {guard} BEFORE {' OR '.join(on)} ON {table} FOR EACH ROW EXECUTE FUNCTION {guard}()",
        ],
        sqlite=[
            f"""CREATE TRIGGER {guard}_{event.split()[0].lower()} BEFORE {event} ON {table}
            FOR EACH ROW WHEN {when_sqlite} BEGIN SELECT RAISE(ABORT, '{fault}'); END"""
            for event in on
        ],
        undo_postgresql=[f"DROP TRIGGER {guard} ON {table}", f"DROP FUNCTION {guard}()"],
        undo_sqlite=[f"DROP TRIGGER {guard}_{event.split()[0].lower()}" for event in on],
    )


def _sum(child: str, link: str, amount: str, counts: str, *, of: str) -> str:
    """The sum of the children that count of one parent, in SQL: `of` is its key."""
    return (
        f"(SELECT ROUND(COALESCE(SUM({child}.{amount}), 0), 2) FROM {child} "
        f"WHERE {child}.{link} = {of} AND ({counts.format(row=child)}))"
    )


def keep_sum(
    *,
    child: str,
    parent: str,
    link: str,
    amount: str,
    total: str,
    counts: str,
    columns: list[str] | None = None,
) -> migrations.RunPython:
    """Keep `parent.total` equal to the sum of `child.amount` over the children for which `counts` holds.

    A trigger on the child locks the parent's row before it adds up: writers of one parent queue up, each sees what the
    former one wrote, and a CHECK on the parent's total sees every one of them, whatever runs at the same time and by
    whatever door it comes. `counts` is a condition in SQL with {row} where the child belongs. A moved child leaves one
    sum and joins another. Amounts have two decimals; SQLite adds them as floats, hence the rounding. `columns` are
    those of the child that the sum depends on: an update of others leaves the parent alone. All columns when None.
    """
    name = f"{child}_sum"

    def add_up(row: str, *, hold: bool) -> str:
        key = f"{row}.{link}"
        # A statement of its own: the next one sees what was written while this one waited.
        held = f"PERFORM 1 FROM {parent} WHERE id = {key} FOR NO KEY UPDATE; " if hold else ""
        return held + f"UPDATE {parent} SET {total} = {_sum(child, link, amount, counts, of=key)} WHERE id = {key};"

    leave, join = add_up("OLD", hold=True), add_up("NEW", hold=True)
    leave_sqlite, join_sqlite = add_up("OLD", hold=False), add_up("NEW", hold=False)
    moved = f"NEW.{link} IS DISTINCT FROM OLD.{link}"
    update = f"UPDATE OF {', '.join(columns)}" if columns else "UPDATE"
    return _per_vendor(
        postgresql=[
            f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF TG_OP <> 'INSERT' THEN {leave} END IF;
              IF TG_OP = 'INSERT' THEN {join} END IF;
              IF TG_OP = 'UPDATE' THEN IF {moved} THEN {join} END IF; END IF;
              RETURN NULL;
            END $$""",
            f"""CREATE TRIGGER {name} AFTER INSERT OR {update} OR DELETE ON {child}
            FOR EACH ROW EXECUTE FUNCTION {name}()""",
        ],
        sqlite=[
            f"CREATE TRIGGER {name}_insert AFTER INSERT ON {child} FOR EACH ROW BEGIN {join_sqlite} END",
            f"CREATE TRIGGER {name}_update AFTER {update} ON {child} FOR EACH ROW BEGIN {leave_sqlite} {join_sqlite} "
            "END",
            f"CREATE TRIGGER {name}_delete AFTER DELETE ON {child} FOR EACH ROW BEGIN {leave_sqlite} END",
        ],
        undo_postgresql=[f"DROP TRIGGER {name} ON {child}", f"DROP FUNCTION {name}()"],
        undo_sqlite=[f"DROP TRIGGER {name}_{event}" for event in ("insert", "update", "delete")],
    )


def refuse_other_sums(
    *,
    child: str,
    parent: str,
    link: str,
    amount: str,
    total: str,
    counts: str,
    columns: list[str] | None = None,
) -> migrations.RunPython:
    """Refuse that `parent.total` is written with anything but the sum of its children, which `keep_sum` writes with the
    same arguments after each change of a child: whoever lowers the total could go over the CHECK on it.
    """
    return refuse_rows(
        parent,
        name=f"{total}_is_the_sum",
        when=f"ROUND(NEW.{total}, 2) <> {_sum(child, link, amount, counts, of='NEW.id')}",
        fault=f"{total} of {parent} is the sum of rows of {child}",
        on=[f"UPDATE OF {total}"],
    )
