"""Processes that live and die together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

SECONDS_BETWEEN_LOOKS = 0.1


def end_with_parent() -> None:
    """Between fork and exec: ask Linux to end this process when its parent is gone, also after kill -9."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


@dataclass
class Together:
    """Starts `commands` (by name), each in a session of its own, and ends all when one ends or a signal asks for it.

    Sessions of their own: Ctrl-C in a terminal reaches only this process, which then ends the others in order.
    `hidden` says, by name of a command, which environment variables it must not have.
    """

    commands: Mapping[str, Sequence[str]]
    report: Callable[[str], None]
    seconds_to_end: float = 10
    hidden: Mapping[str, Collection[str]] = field(default_factory=dict)

    def run(
        self, *, started: Callable[[], bool] = lambda: True, when_started: Callable[[], None] = lambda: None
    ) -> int:
        """Run until the end; calls `when_started` once, as soon as `started()` holds.

        Returns the exit code: 0 after SIGINT, SIGTERM or SIGHUP, 1 when one of the processes ended by itself.
        """
        asked: list[int] = []
        kept = {
            number: signal.signal(number, lambda received, _frame: asked.append(received))
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        running: dict[str, subprocess.Popen[bytes]] = {}
        told = False
        try:
            for name, command in self.commands.items():
                # One thread here, so preexec_fn is safe.
                running[name] = subprocess.Popen(
                    command,
                    env=self.environment(name),
                    start_new_session=True,
                    preexec_fn=end_with_parent,  # noqa: PLW1509
                )
            while not asked:
                ended = {name: process.poll() for name, process in running.items() if process.poll() is not None}
                if ended:
                    for name, code in ended.items():
                        self.report(f"The {name} ended with exit code {code}, so the portal stops.")
                    return 1
                if not told and started():
                    told = True
                    when_started()
                time.sleep(SECONDS_BETWEEN_LOOKS)
            return 0
        finally:
            self.end(running)
            for number, handler in kept.items():
                signal.signal(number, handler)

    def environment(self, name: str) -> dict[str, str]:
        """The environment of a command: this process's own, without what is hidden from it."""
        hidden = self.hidden.get(name, ())
        return {variable: value for variable, value in os.environ.items() if variable not in hidden}

    def end(self, running: Mapping[str, subprocess.Popen[bytes]]) -> None:
        """Ask every process to end, wait, and kill with its whole session what is left."""
        for process in running.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + self.seconds_to_end
        for name, process in running.items():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.report(f"The {name} did not end in {self.seconds_to_end:.0f} seconds and was killed.")
            # The session carries the number of its first process; children of a process that ended may be left in it.
            with suppress(ProcessLookupError):  # mostly, nothing is left
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
