"""The whole portal by one command, on one machine."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command

from pact_portal.foundation.health.ask import lives
from pact_portal.foundation.serving.claim import TakenError, check_port, claim_data
from pact_portal.foundation.serving.processes import Together

KEY = ("SEAL_PKCS12", "SEAL_PASSPHRASE")
"""Where the key of the seal is: for the worker only."""


class Command(BaseCommand):
    """Migrates, then runs web server, worker and beat until Ctrl-C or SIGTERM; when one of them ends, all end."""

    help = "Migrate, then run web server, worker and beat together until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--bind HOST:PORT` and `--threads N`."""
        parser.add_argument("--bind", default="127.0.0.1:8000", help="where to listen (default: %(default)s)")
        parser.add_argument("--threads", type=int, default=8, help="requests at one time (default: %(default)s)")

    def handle(self, *, bind: str, threads: int, **options: Any) -> None:
        """Exits 0 when asked to end, 1 when a process ended by itself. Raises CommandError when it cannot start."""
        try:
            check_port(bind)
            lock = claim_data(settings.DATA_DIR)
        except TakenError as taken:
            raise CommandError(str(taken)) from None
        with lock:
            call_command("migrate", verbosity=0, interactive=False)
            run = commands(bind, threads)
            code = Together(run, report=self.stderr.write, hidden={name: KEY for name in run if name != "worker"}).run(
                started=lambda: lives(bind),
                when_started=self.tell,
            )
        sys.exit(code)

    def tell(self) -> None:
        """Say where the portal is; at once, also to a pipe or a log."""
        self.stdout.write(f"The portal is at {settings.PORTAL_URL} (Ctrl-C stops it).")
        self.stdout.flush()


def commands(bind: str, threads: int) -> dict[str, list[str]]:
    """What to run, by name. With Redis the beat is a process of its own; without it, it rides in the one worker."""
    python = [sys.executable, "-m"]
    # Celery warns every root, also the one of a container or a throw-away machine; its tasks take ids in JSON only.
    celery = [sys.executable, "-W", "ignore:You're running the worker", "-m", "celery", "--quiet", "-A", "pact_portal"]
    quiet = ["--loglevel", "WARNING"]
    schedule = ["--schedule", str(Path(settings.DATA_DIR) / "beat-schedule")]
    web = [*python, "gunicorn", "--bind", bind, "--threads", str(threads), "--graceful-timeout", "5"]
    web += ["--log-level", "warning", "--no-control-socket", "pact_portal.wsgi"]
    if settings.REDIS_URL:
        return {
            "web server": web,
            "worker": [*celery, "worker", "--concurrency", "2", *quiet],
            "beat": [*celery, "beat", "--pidfile", "", *quiet, *schedule],
        }
    Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"])).mkdir(parents=True, exist_ok=True)
    Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["control_folder"])).mkdir(parents=True, exist_ok=True)
    # One process without children: the prefork pool hangs on signals to a group, and files need no more.
    return {"web server": web, "worker": [*celery, "worker", "--beat", "--pool", "solo", *quiet, *schedule]}
