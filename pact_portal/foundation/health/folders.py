"""Questions about folders that may not be there yet."""

import tempfile
from pathlib import Path


def nearest(folder: Path) -> Path:
    """`folder`, or the first one above it that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def is_writable(folder: Path) -> bool:
    """Whether a file can be made in `folder`, or `folder` itself where it does not exist yet.

    Tried, not asked: a read-only file system and a full disk refuse, whatever the permissions say.
    """
    try:
        with tempfile.TemporaryFile(dir=nearest(folder)) as file:
            file.write(b"?")
    except OSError:
        return False
    return True
