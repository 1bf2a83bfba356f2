"""A file that cannot be made for a reason that a reader can act on: the reader reads the reason, the log no trace."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from pact_portal.foundation.documents import registry, rendering, workflow
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.documents.registry import CannotRender
from tests.factories import make_pact
from tests.foundation.sealing_samples import NOW

pytestmark = pytest.mark.django_db

REASON = "De sleutel van het portaal is niet meer geldig. Vraag de beheerder om een nieuwe."


@pytest.fixture
def outcome(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the renderer of the kind "trial" gives, in turn: bytes, or what is raised."""
    outcomes: list[Any] = []

    def renderer(object_id: int, progress: registry.Progress) -> bytes:
        found = outcomes.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setitem(registry._renderers, "trial", renderer)
    return outcomes


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def rendition(clock: Any) -> Rendition:
    return Rendition.unscoped.create(kind="trial", object_id=1, pact=make_pact())


def test_it_tells_the_reader_why_and_logs_no_error(
    rendition: Rendition, outcome: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    outcome.append(CannotRender(REASON))
    assert not rendering.render(rendition.pk)
    rendition.refresh_from_db()
    assert (rendition.state, rendition.failure, rendition.file.name) == (Rendition.State.WAITING, REASON, "")
    warned = [record for record in caplog.records if record.name == rendering.__name__]
    assert [record.levelno for record in warned] == [logging.WARNING]
    assert REASON in warned[0].getMessage()
    assert not warned[0].exc_info


def test_it_makes_the_file_once_the_reason_is_gone(rendition: Rendition, outcome: list[Any], clock: Any) -> None:
    outcome += [CannotRender(REASON), b"%PDF-1.7"]
    assert not rendering.render(rendition.pk)
    assert not rendering.render(rendition.pk), "not at once: somebody must mend something"
    clock.shift(rendering.BETWEEN_ATTEMPTS)
    assert rendering.render(rendition.pk)
    rendition.refresh_from_db()
    assert (rendition.state, rendition.failure) == (Rendition.State.READY, "")


def test_it_gives_up_until_it_is_asked_for_again(rendition: Rendition, outcome: list[Any], clock: Any) -> None:
    outcome += [CannotRender(REASON)] * rendering.MOST_ATTEMPTS
    for _ in range(rendering.MOST_ATTEMPTS):
        assert not rendering.render(rendition.pk)
        clock.shift(rendering.BETWEEN_ATTEMPTS)
    rendition.refresh_from_db()
    assert (rendition.state, rendition.failure) == (Rendition.State.FAILED, REASON)
    assert not rendering.render(rendition.pk)
    clock.shift(timedelta(days=1))
    outcome.append(b"%PDF-1.7")
    workflow.request("trial", 1, pact=rendition.pact, by=None)
    assert rendering.render(rendition.pk)


@pytest.mark.logs_errors
def test_any_other_fault_keeps_its_trace_and_tells_the_reader_nothing_of_it(
    rendition: Rendition, outcome: list[Any]
) -> None:
    outcome.append(RuntimeError("a secret path"))
    assert not rendering.render(rendition.pk)
    rendition.refresh_from_db()
    assert "niet gelukt" in rendition.failure
    assert "secret" not in rendition.failure
