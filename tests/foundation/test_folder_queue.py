"""The broker of the embedded default hands out whole messages only, whenever the reader looks."""

import threading
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from celery import Celery
from kombu import Connection
from kombu.transport import filesystem

from pact_portal.celery import app
from pact_portal.foundation.serving import folder_queue

MESSAGES = 300


def _channel(transport: Any, folder: Path) -> Any:
    options = {"data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": str(folder / "control")}
    return Connection("folder://", transport=transport, transport_options=options).channel()


def _read_while_writing(transport: Any, folder: Path) -> tuple[int, int]:
    """How many messages came whole and how many broken, with a reader that looks all the time."""
    writer, reader = _channel(transport, folder), _channel(transport, folder)
    payload = {"body": "x" * 50_000, "headers": {}, "properties": {}}
    thread = threading.Thread(target=lambda: [writer._put("proef", payload) for _ in range(MESSAGES)])
    thread.start()
    whole = broken = 0
    while thread.is_alive() or any(folder.glob("*.proef.msg")):
        try:
            whole += reader._get("proef") == payload
        except ValueError:
            broken += 1
        except Empty:
            continue
    thread.join()
    return whole, broken


def test_it_hands_out_whole_messages_only(tmp_path: Path) -> None:
    assert _read_while_writing(folder_queue.Transport, tmp_path) == (MESSAGES, 0)
    assert not list(tmp_path.glob("*.part"))


def test_it_would_hand_out_broken_ones_by_the_transport_of_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = threading.Event()
    written = threading.Event()

    def slowly(payload: Any) -> str:
        looked.set()
        written.wait(5)
        return "{}"

    monkeypatch.setattr(filesystem, "dumps", slowly)
    writer, reader = _channel(filesystem.Transport, tmp_path), _channel(filesystem.Transport, tmp_path)
    thread = threading.Thread(target=writer._put, args=("proef", {}))
    thread.start()
    looked.wait(5)
    with pytest.raises(ValueError, match="Expecting value"):
        reader._get("proef")
    written.set()
    thread.join()


def test_it_is_what_the_portal_uses_without_redis(settings: Any) -> None:
    assert isinstance(app, Celery)
    connection = app.connection_for_write("folder://localhost")
    assert isinstance(connection.transport, folder_queue.Transport)
