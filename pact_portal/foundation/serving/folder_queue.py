"""The broker of the embedded default: messages as files in a folder, each of them whole from the moment it is there.

kombu's own transport makes the file first and writes it afterwards. A worker that looks in between takes an empty
message, and ends.
"""

import time
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """As kombu's, but for the putting: under a name that no reader looks for, and then renamed at once."""

    def _put(self, queue: Any, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # of its two parents
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}"
        folder = Path(self.data_folder_out)
        being_written = folder / f"{name}.part"
        being_written.write_text(dumps(payload), encoding="utf-8")
        being_written.rename(folder / f"{name}.{queue}.msg")


class Transport(filesystem.Transport):
    Channel = Channel
