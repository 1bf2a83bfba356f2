"""A PostgreSQL and a Redis of the tests' own, on unix sockets in the temp folder.

They are gone when pytest ends, even by kill -9. Loaded by `-p tests.services` (pyproject.toml) before Django reads its
settings. `DATABASE_URL` or `REDIS_URL` that are given are used as they are. Workers of xdist share the PostgreSQL of
their controller (pytest-django gives each its own database), and start a Redis each, so that none sees another's cache
or queue.
"""

import atexit
import ctypes
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SECONDS_TO_START = 30


def end_with_parent(by: signal.Signals) -> None:
    """Between fork and exec: ask Linux for signal `by` when the parent is gone, however it went."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, by)


def own_folder(prefix: str) -> Path:
    """A folder right below the temp folder: the path of a unix socket is at most 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp" if len(tempfile.gettempdir()) > 60 else None))  # noqa: S108
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def start(command: list[str], *, folder: Path, ready: Callable[[], bool], stop: signal.Signals, **popen: Any) -> None:
    """Start a server, wait until it is `ready`, stop it by signal `stop` at exit. Raises pytest.UsageError."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: end_with_parent(stop),  # noqa: PLW1509 - pytest has no threads yet
            **popen,
        )

    def end() -> None:
        process.send_signal(stop)
        process.wait(10)

    atexit.register(end)
    deadline = time.monotonic() + SECONDS_TO_START
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise pytest.UsageError(f"{command[0]} did not start: {(folder / 'log').read_text()[-500:]}")
        time.sleep(0.02)


def postgres_program(name: str) -> str:
    """A program of the newest installed PostgreSQL (Debian keeps them off the PATH). Raises pytest.UsageError."""
    versions = [
        (int(re.findall(r"\d+", str(path))[0]), str(path)) for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    ]
    program = max(versions)[1] if versions else shutil.which(name)
    if not program:
        raise pytest.UsageError(f"{name} of PostgreSQL is not installed: run script/test once, or set DATABASE_URL")
    return program


def start_postgres() -> str:
    """Start a throw-away PostgreSQL, as quick as unsafe allows, and return its URL."""
    folder = own_folder("pg-")
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    locale = "C.UTF-8" if sys.platform == "linux" else "C"
    made = subprocess.run(
        [
            postgres_program("initdb"),
            "-D",
            "data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            f"--locale={locale}",
            "--no-sync",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        **as_user,
    )
    if made.returncode:
        raise pytest.UsageError(f"initdb failed: {made.stderr[-500:]}")
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": "200",
    }
    settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    asks = [postgres_program("pg_isready"), "-q", "-h", str(folder)]
    start(
        [postgres_program("postgres"), "-D", "data", *settings],
        folder=folder,
        ready=lambda: subprocess.run(asks, check=False).returncode == 0,
        stop=signal.SIGQUIT,  # leaves without a checkpoint
        **as_user,
    )
    return f"postgres://postgres@{str(folder).replace('/', '%2F')}/postgres"


def start_redis() -> str:
    """Start a Redis (or Valkey) without persistence and return its URL."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if not program:
        raise pytest.UsageError("redis-server is not installed: run script/test once, or set REDIS_URL")
    folder = own_folder("rd-")
    socket = folder / "s"
    start(
        [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no", "--dir", str(folder)],
        folder=folder,
        ready=socket.exists,
        stop=signal.SIGKILL,
    )
    return f"unix://{socket}"


def prepare() -> None:
    """Put into the environment what pact_portal/settings.py asks for."""
    # A test means the same on every machine, whatever the shell of the one who runs it holds.
    for name in ("DEBUG", "S3_BUCKET", "TRUSTED_PROXIES"):
        os.environ.pop(name, None)
    os.environ["SECRET_KEY"] = "only for tests: " + "0123456789" * 4
    os.environ["PORTAL_URL"] = "http://testserver"
    os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
    os.environ["MAIL_URL"] = "smtp://127.0.0.1:9"
    os.environ["MAIL_FROM"] = "Pactportaal <portaal@pact.example>"
    os.environ["DATA_DIR"] = str(own_folder("portal-data-"))
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = start_postgres()
    if not os.environ.get("REDIS_URL") or os.environ.get("REDIS_OF_TESTS"):
        os.environ["REDIS_URL"] = start_redis()
        os.environ["REDIS_OF_TESTS"] = "1"


prepare()
