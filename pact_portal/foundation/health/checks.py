"""System checks: what this machine lacks, said before the first visitor meets it."""

import shutil
import sys
from collections.abc import Sequence
from ctypes import CDLL
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution

from pact_portal.foundation.health.folders import is_writable, nearest

# What WeasyPrint loads at its first import, by the file name that it asks for on Linux.
PDF_LIBRARIES = ("libgobject-2.0.so.0", "libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")
LITTLE_ROOM = 200 * 1024 * 1024  # bytes


@register(Tags.compatibility)
def pdf_libraries(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Error foundation.E001 for every system library that PDFs need and this machine lacks."""
    if sys.platform != "linux":
        return []  # other systems name them otherwise; WeasyPrint tells on its own
    return [
        Error(
            f"The system library {name} is missing, so no PDF can be made.",
            hint="Run script/setup, or: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
            id="foundation.E001",
        )
        for name in PDF_LIBRARIES
        if not loads(name)
    ]


def loads(library: str) -> bool:
    """Whether the dynamic linker finds `library`."""
    try:
        CDLL(library)
    except OSError:
        return False
    return True


@register(Tags.files)
def data_folder(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Error foundation.E002 for a data folder that cannot be written, warning foundation.W001 for a nearly full one."""
    if not is_writable(settings.DATA_DIR):
        return [
            Error(
                f"The data folder {settings.DATA_DIR} cannot be written.",
                hint="Give the user of the portal the right to write there, or set DATA_DIR to another folder.",
                id="foundation.E002",
            )
        ]
    if shutil.disk_usage(nearest(settings.DATA_DIR)).free < LITTLE_ROOM:
        return [
            Caution(
                f"The disk of the data folder {settings.DATA_DIR} is nearly full.",
                hint=f"Make at least {LITTLE_ROOM // 1024**2} MB free.",
                id="foundation.W001",
            )
        ]
    return []
