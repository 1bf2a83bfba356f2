"""Waking a worker once the transaction is committed. A broker that is away costs time, never an act of a user."""

from pathlib import Path
from typing import Any

from celery.app.task import Task
from django.conf import settings
from django.db import transaction


def wake(task: Task, *ids: int) -> None:
    """Hand `task` with these ids to the broker after the commit.

    When the broker cannot be reached this is logged and the request goes on: the rows say what is due, and the sweep
    of the beat hands them out again.
    """
    transaction.on_commit(lambda: _send(task, *ids), robust=True)


def _send(task: Task, *ids: int) -> Any:
    folder = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("data_folder_out")
    if folder:
        # The broker of the embedded default is a folder; a command such as `demo` may come before the worker makes it.
        Path(str(folder)).mkdir(parents=True, exist_ok=True)
    return task.apply_async(ids, retry=False)
