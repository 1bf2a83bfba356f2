"""The PDF of a frozen plan or pact as a file, without a server or a worker."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management import BaseCommand, CommandError, CommandParser

from pact_portal.foundation.documents import registry
from partners.models import Pact, PactVersion
from plan.document.adoption import places_of
from plan.models import PlanVersion

KINDS: dict[str, type[PlanVersion] | type[PactVersion]] = {"plan": PlanVersion, "pact": PactVersion}


class Command(BaseCommand):
    """Renders from the frozen content, so the same version gives the same bytes as in the portal."""

    help = "Write the PDF of a frozen plan or pact to a file."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Django's own --version (of Django) gives way to the version of the document.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Which document of which pact, which of its versions, and where to."""
        parser.add_argument("kind", choices=sorted(KINDS), help="which document")
        parser.add_argument("pact", metavar="PACT_SLUG", help="the address of the pact, such as regio-alkmaar")
        parser.add_argument("--version", type=int, metavar="N", help="the number of the version (default: the newest)")
        parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="the PDF to write")

    def handle(self, *, kind: str, pact: str, version: int | None, output: Path, **options: Any) -> None:
        """Exits 0 with the file complete; raises CommandError, and leaves no file, when that cannot be."""
        row = frozen(kind, pact, version)
        progress = self._progress if options["verbosity"] > 1 else _silent
        # A plan that was adopted says so on its cover, as in the portal.
        renderer, key = places_of([row])[row.pk] if isinstance(row, PlanVersion) else (kind, row.pk)
        with whole(output) as file:
            file.write(registry.renderer_of(renderer)(key, progress))
        self.stdout.write(f"Wrote version {row.number} of the {kind} of {pact} to {output}.")

    def _progress(self, percent: int, step: str) -> None:
        self.stderr.write(f"{percent:3d} % {step}")


def _silent(percent: int, step: str) -> None:
    """Tell nobody."""


def frozen(kind: str, slug: str, number: int | None) -> PlanVersion | PactVersion:
    """The version with this number, or the newest. Raises CommandError when there is none."""
    pact = Pact.objects.filter(slug=slug).first()
    if pact is None:
        raise CommandError(f"There is no pact with the address {slug!r}.")
    versions = KINDS[kind].objects.in_pact(pact).order_by("-number")
    newest = versions.first()
    if newest is None:
        raise CommandError(f"There is nothing to render: the {kind} of {slug} was never frozen.")
    if number is None:
        return newest
    version = versions.filter(number=number).first()
    if version is None:
        raise CommandError(f"The {kind} of {slug} has no version {number}; the newest is {newest.number}.")
    return version


@contextmanager
def whole(output: Path) -> Iterator[BinaryIO]:
    """Write the whole file or none: beside its place first, then under its name.

    The place is tried before the work begins. Raises CommandError when nothing can be written there.
    """
    if output.is_dir():
        raise CommandError(f"{output} is a folder; name a file in it.")
    if not output.parent.is_dir():
        raise CommandError(f"The folder {output.parent} does not exist; make it first.")
    try:
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
    except OSError as fault:
        raise CommandError(f"The folder {output.parent} cannot be written to: {fault.strerror}.") from None
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(0o644)
        beside.replace(output)
    except OSError as fault:
        raise CommandError(f"{output} could not be written: {fault.strerror or fault}.") from None
    finally:
        beside.unlink(missing_ok=True)
