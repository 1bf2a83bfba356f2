"""Several workers and several files at once, each on a connection of its own."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from partners.models import Pact, Sector, User
from partners.permissions import Role
from plan.imports import running, workflow
from plan.imports.models import Import
from plan.imports.registers import RegisterResource
from plan.models import SupportQuestion
from tests.factories import make_member, make_pact, make_partner
from tests.plan.import_samples import bring, sheet

ROWS = [{"vraag in één zin": f"Wat doen wij in groep {group}?"} for group in range(1, 9)]


@pytest.fixture
def school(settings: Any, tmp_path: Any, transactional_db: None) -> tuple[Pact, User]:
    settings.MEDIA_ROOT = tmp_path
    pact = make_pact()
    make_partner(pact, "Gemeente Hier", Sector.MUNICIPALITY)
    return pact, make_member(make_partner(pact, "Schoolbestuur Hier"), Role.REPRESENTATIVE)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each gives, or the name of what it raises."""
    start, outcomes = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=10)
            outcomes.append(act())
        except Exception as fault:  # noqa: BLE001 - told, and compared
            outcomes.append(type(fault).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


def test_it_takes_over_the_same_file_once_when_two_bring_it_at_once(school: tuple[Pact, User]) -> None:
    pact, member = school
    rows = [bring(pact, member, sheet(ROWS)) for _each in range(2)]
    for row in rows:
        workflow.confirm(row, by=member)
    outcomes = at_once(*(lambda pk=row.pk: running.work(pk) for row in rows))
    assert outcomes == [True, True]
    assert list(Import.unscoped.values_list("state", flat=True)) == ["applied", "applied"]
    counts = sorted((row.counts["created"], row.counts["unchanged"]) for row in Import.unscoped.all())
    assert counts == [(0, 8), (8, 0)]
    assert sorted(SupportQuestion.unscoped.values_list("number", flat=True)) == list(range(1, 9))


def test_it_lets_one_of_two_workers_have_a_file(school: tuple[Pact, User]) -> None:
    pact, member = school
    row = bring(pact, member, sheet(ROWS))
    workflow.confirm(row, by=member)
    outcomes = at_once(*[lambda: running.work(row.pk)] * 2)
    assert sorted(outcomes) == [False, True]
    assert SupportQuestion.unscoped.count() == 8


def test_it_is_confirmed_once_by_two_clicks(school: tuple[Pact, User]) -> None:
    pact, member = school
    row = bring(pact, member, sheet(ROWS))
    outcomes = at_once(*[lambda: workflow.confirm(Import.unscoped.get(pk=row.pk), by=member).state] * 2)
    assert sorted(outcomes) == ["ValidationError", "confirmed"]


def is_free(pact: Pact) -> bool:
    """Whether somebody else could take a number of the pact at this moment."""

    def take() -> bool:
        with transaction.atomic():
            return Pact.objects.select_for_update(no_key=True, nowait=True).filter(pk=pact.pk).exists()

    return at_once(take) == [True]


def test_it_holds_the_pact_while_it_writes_and_not_while_it_reads(
    school: tuple[Pact, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    pact, member = school
    row = bring(pact, member, sheet(ROWS))
    workflow.confirm(row, by=member)
    free: list[tuple[str, bool]] = []
    reading, holding = running.cleaned, running.held

    def watched(*args: Any, **how: Any) -> Any:
        for each in reading(*args, **how):
            free.append(("reading", is_free(pact)))
            yield each

    def held(*args: Any, **how: Any) -> Any:
        free.append(("holding", is_free(pact)))
        return holding(*args, **how)

    monkeypatch.setattr(running, "cleaned", watched)
    monkeypatch.setattr(running, "held", held)
    assert running.work(row.pk)
    assert free == [("reading", True)] * len(ROWS) + [("holding", False)]


def test_it_would_give_numbers_twice_without_the_queue(
    school: tuple[Pact, User], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The twin: two files taken over at once without a lock. The database refuses the second; no row is double."""
    pact, member = school
    rows = [bring(pact, member, sheet(ROWS)), bring(pact, member, sheet([{"vraag in één zin": "Nog een?"}]))]
    for row in rows:
        workflow.confirm(row, by=member)
    both_counted, waited = threading.Barrier(2), threading.local()
    real = RegisterResource._fill

    def together(*args: Any, **how: Any) -> Any:
        # The first row is filled once the highest number was read: by then both have read the same one.
        if not getattr(waited, "here", False):
            waited.here = True
            both_counted.wait(timeout=20)
        return real(*args, **how)

    monkeypatch.setattr(RegisterResource, "_fill", together)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **how: rows.all())
    at_once(*(lambda pk=row.pk: running.work(pk) for row in rows))
    assert sorted(Import.unscoped.values_list("state", flat=True)) == ["applied", "refused"]
    numbers = list(SupportQuestion.unscoped.values_list("number", flat=True))
    assert len(numbers) == len(set(numbers))
    assert len(numbers) in (1, 8)
