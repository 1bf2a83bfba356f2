"""Asks each part that the portal stands on whether it answers."""

import logging
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection

from pact_portal.celery import app
from pact_portal.foundation.health.folders import is_writable

logger = logging.getLogger(__name__)

SECONDS_TO_ANSWER = 3


def database() -> None:
    """Raises when the database does not answer a query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def broker() -> None:
    """Raises when tasks cannot be handed over: no Redis, or a queue folder that cannot be written."""
    if settings.REDIS_URL:
        with app.connection_for_write(connect_timeout=SECONDS_TO_ANSWER) as link:
            link.ensure_connection(max_retries=1, timeout=SECONDS_TO_ANSWER)
    else:
        check_writable(Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"])))


def storage() -> None:
    """Raises when files cannot be kept: a folder that cannot be written, or a bucket that does not answer."""
    if isinstance(default_storage, FileSystemStorage):
        check_writable(Path(default_storage.location))
    else:
        default_storage.exists("readiness")


def check_writable(folder: Path) -> None:
    """Raises PermissionError unless `folder` takes a file."""
    if not is_writable(folder):
        raise PermissionError(f"{folder} cannot be written")


PROBES: dict[str, Callable[[], None]] = {"database": database, "broker": broker, "storage": storage}


def look() -> dict[str, bool]:
    """Whether each part answers, by its name. What is wrong with one goes to the log, not to the reader."""
    found = {}
    for name, probe in PROBES.items():
        try:
            probe()
        except Exception as fault:  # noqa: BLE001 - whatever a driver raises: the part is not there
            logger.warning("The %s does not answer: %s", name, fault)
            found[name] = False
        else:
            found[name] = True
    return found
