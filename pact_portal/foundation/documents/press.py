"""A second press: a process beside this one that typesets one half of a document while this one does the other.

It is a plain child process with two pipes, not a pool: it works the same under the web server, in a command and in a
Celery worker of any kind (where a process may not have children of multiprocessing). It is started at the first
document and stays warm; it ends when its input ends, so it cannot outlive its parent, whatever kills that one.
When it fails, the half is typeset here instead: slower, never wrong.
"""

import atexit
import logging
import os
import pickle
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import IO, Any

from django.conf import settings

from pact_portal.foundation.documents.typeset import Typeset, typeset

log = logging.getLogger(__name__)

Job = tuple[str, Sequence[str], Mapping[str, bytes], str]
"""html, styles, files, prefix: what `typeset` takes."""

_LENGTH = struct.Struct(">Q")


class Press:
    """A warm child process. One job at a time; only for the process that made it."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE},
        )
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipes to the second press")
        self._process, self._jobs, self._answers = process, process.stdin, process.stdout

    def send(self, job: Job) -> None:
        """Hand in a job; OSError when the press is gone."""
        _write(self._jobs, job)

    def receive(self) -> Typeset:
        """Wait for the job's PDF; EOFError when the press is gone, the fault itself when the job had one."""
        answer = _read(self._answers)
        if isinstance(answer, BaseException):
            raise answer
        return Typeset(*answer)

    @property
    def alive(self) -> bool:
        """Whether this process may hand it a job."""
        return self.owner == os.getpid() and self._process.poll() is None

    def stop(self) -> None:
        """End the child; a job it was at is lost."""
        if self.owner == os.getpid():
            self._process.kill()
            self._process.communicate()


_lock = threading.Lock()
_press: Press | None = None


def typeset_all(jobs: Sequence[Job]) -> list[Typeset]:
    """Typeset the parts of a document, in order: the last on the second press, the others here meanwhile."""
    *ours, last = jobs
    if not ours or not _lock.acquire(blocking=False):
        # Nothing to divide, or the press is at another thread's document: waiting takes as long as doing it.
        return [typeset_here(job) for job in jobs]
    try:
        press = _started(last)
        try:
            here = [typeset_here(job) for job in ours]
            there = press.receive() if press else None
        except (OSError, EOFError, pickle.UnpicklingError):
            log.warning("The second press stopped; the document is typeset here.")
            _dismiss()
            return [typeset_here(job) for job in jobs]
        except BaseException:
            # A time limit, an interrupt or a fault in the document: the answer that may still come is nobody's.
            _dismiss()
            raise
        return [*here, there or typeset_here(last)]
    finally:
        _lock.release()


def typeset_here(job: Job) -> Typeset:
    """Typeset a part in this process."""
    html, styles, files, prefix = job
    return typeset(html, styles, files, prefix=prefix)


def _started(job: Job) -> Press | None:
    """Give the press with the job under way, or None when there is none to be had."""
    global _press  # noqa: PLW0603 - one child per process is the point
    try:
        if _press is None or not _press.alive:
            _press = Press()
        _press.send(job)
    except OSError as fault:
        log.warning("No second press (%s); the document is typeset here.", fault)
        _dismiss()
    return _press


def _dismiss() -> None:
    global _press  # noqa: PLW0603 - see _started
    if _press is not None:
        _press.stop()
        _press = None


atexit.register(_dismiss)


def _write(pipe: IO[bytes], value: Any) -> None:
    data = pickle.dumps(value)
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def _read(pipe: IO[bytes]) -> Any:
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError("the other side is gone")
    (length,) = _LENGTH.unpack(head)
    # Only ever what this program wrote itself, to a pipe that nobody else holds.
    return pickle.loads(pipe.read(length))  # noqa: S301 - see above


def _serve(jobs: IO[bytes], answers: IO[bytes]) -> None:
    """Typeset what comes in until the input ends."""
    while True:
        try:
            job = _read(jobs)
        except EOFError:
            return
        try:
            made = typeset_here(job)
            _write(answers, (made.content, made.anchors, made.pages))
        except Exception as fault:  # whatever it is, it belongs to the document and goes back to who asked
            log.exception("Typesetting failed")
            _write(answers, RuntimeError(f"{type(fault).__name__}: {fault}"))


if __name__ == "__main__":
    # Whatever a library prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _serve(sys.stdin.buffer, answers)
