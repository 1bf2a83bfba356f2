"""Whether this machine is free for a portal: its port not taken, its data not in use.

Runs on its own as well, without Django, because script/server asks before it touches the data:

    python pact_portal/foundation/serving/claim.py 127.0.0.1:8000 /folder/of/the/data
"""

import fcntl
import socket
import sys
from pathlib import Path
from typing import IO


class TakenError(Exception):
    """Another process has the port or the data; the message says what to do."""


def split_bind(bind: str) -> tuple[str, int]:
    """Host and port of "127.0.0.1:8000" or "[::1]:8000". Raises TakenError when it is no such thing."""
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise TakenError(f"{bind!r} is no address to serve on: give it a host and a port, such as 127.0.0.1:8000.")
    return host.strip("[]"), int(port)


def check_port(bind: str) -> None:
    """Raises TakenError when `bind` cannot be listened on."""
    host, port = split_bind(bind)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As the web server does it: a port that was left a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise TakenError(f"Port {port} is not for this user: choose one above 1023, as in PORT=8000.") from None
        except OSError:
            raise TakenError(
                f"Port {port} is taken by another program: stop that one, or choose another, as in PORT={port + 1}."
            ) from None


def claim_data(folder: Path) -> IO[str]:
    """Lock the data in `folder` (made when it is not there) until the returned file is closed or the process ends.

    Raises TakenError when another process holds it or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "portal.lock").open("w")
    except OSError as fault:
        raise TakenError(
            f"The folder {folder} cannot be written ({fault.strerror}): mend that, or set DATA_DIR to another one."
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise TakenError(
            f"A portal already runs on the data in {folder}: stop that one, or set DATA_DIR to another folder."
        ) from None
    return lock


if __name__ == "__main__":
    try:
        check_port(sys.argv[1])
        claim_data(Path(sys.argv[2])).close()
    except TakenError as taken:
        sys.exit(str(taken))
