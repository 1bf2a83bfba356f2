"""A pact on the table in one call: partners, signatories, a frozen version, its certified file, the deed.

The file of the same text is made once per process: rows that it names have keys of their own, and it is always frozen
at the same moment, so that it does not differ from test to test.
"""

import functools
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.utils import timezone

from pact_portal.foundation.documents.blocks import Document
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.sealing import keys
from pact_portal.foundation.sealing import sealing as seals
from partners.models import Deed, Pact, PactSection, PactVersion, Partnership, Sector, Signature, SignaturePlace, User
from partners.pact import rendering as unsigned
from partners.pact import workflow as pacts
from partners.permissions import Role
from partners.signing import progress, sealing, workflow
from partners.signing.evidence import Evidence
from tests.factories import make_member, make_pact, make_partner

FROZEN_AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
CONSENT = "Ik heb het pact gelezen en onderteken het namens mijn organisatie."


@dataclass
class Signing:
    """A pact that lies on the table. `partners` and `signatories` stand in the order of the sheets."""

    pact: Pact
    version: PactVersion
    deed: Deed
    coordinator: User
    partners: list[Partnership]
    signatories: list[User]

    @property
    def places(self) -> list[SignaturePlace]:
        return list(SignaturePlace.objects.in_pact(self.pact).filter(deed=self.deed).order_by("position"))

    def sign(self, at: int, *, seal: bool = False, **changes: Any) -> Signature:
        """Sign for the partner at this place, from 0; with `seal` the worker has done its part as well."""
        place = self.places[at]
        signature = workflow.sign(place, **(signing_of(place, self.signatories[at]) | changes))
        if seal:
            assert sealing.seal(signature.pk)
        return signature

    def sign_all(self) -> None:
        for at in range(len(self.partners)):
            self.sign(at, seal=True)
        self.deed.refresh_from_db()
        self.pact.refresh_from_db()

    def file(self) -> bytes:
        """The newest file of the deed."""
        revision = progress.newest_revision(self.deed)
        assert revision is not None
        return sealing.read(revision)

    def freeze_next(self) -> PactVersion:
        """The next version of the same text, with its certified file."""
        version = pacts.freeze(self.pact, by=self.coordinator)
        make_ready(Rendition.objects.in_pact(self.pact).get(kind="pact", object_id=version.pk), version.content)
        return version


def signing_of(place: SignaturePlace, by: User) -> dict[str, Any]:
    """What workflow.sign takes, as the form hands it in."""
    return {
        "by": by,
        "signatory": by.name,
        "function": "wethouder",
        "mandate": "besluit van het college van 2 juni 2026",
        "signed_in": "Alkmaar",
        "consent": True,
        "evidence": evidence_of(place.deed),
    }


def evidence_of(deed: Deed, **changes: Any) -> Evidence:
    """The evidence of somebody who has the newest file of this deed before him."""
    revision = progress.newest_revision(deed)
    assert revision is not None
    return Evidence(
        **{
            "text_sha256": deed.content_sha256,
            "file_sha256": revision.sha256,
            "consent": CONSENT,
            "sign_in_method": "password",
            "sign_in_at": "2026-06-02T08:00:00+00:00",
            "second_factor": "totp",
            "second_factor_at": "2026-06-02T08:00:20+00:00",
            "reauthenticated_at": "2026-06-02T08:10:00+00:00",
            "ip": "192.0.2.7",
            "browser": "Mozilla/5.0 (proef)",
            **changes,
        }
    )


def make_ready(rendition: Rendition, content: Any) -> Rendition:
    """Give a rendition the certified file of its content, as the worker does, but made once per process."""
    certified = _certified(json.dumps(content, sort_keys=True))
    sealing.certificate_for(keys.load())
    digest = hashlib.sha256(certified).hexdigest()
    rendition.file.save(f"{digest[:16]}.pdf", ContentFile(certified), save=False)
    rendition.state, rendition.progress, rendition.size = Rendition.State.READY, 100, len(certified)
    rendition.sha256, rendition.ready_at = digest, timezone.now()
    rendition.save()
    return rendition


@functools.lru_cache(maxsize=32)
def _unsigned(content: str) -> bytes:
    return unsigned.render_frozen(Document.from_data(json.loads(content)), lambda percent, step: None)


def _certified(content: str) -> bytes:
    """A seal of its own for each: the file of no two versions is the same."""
    return seals.certify(_unsigned(content), keys.load())


def freeze_pact(partners: int = 3, *, slug: str = "tekenen", first: int = 900_001) -> Signing:
    """A pact with so many signatory partners and a frozen version with its file; `deed` is none yet."""
    pact = make_pact(slug=slug, name="Pact Tekenen", region="Regio Tekenen")
    # Municipalities first, as on the sheets.
    sectors = [Sector.MUNICIPALITY if at < partners / 2 else Sector.PRIMARY for at in range(partners)]
    rows = [
        make_partner(pact, f"Partner {at + 1} van {slug}", sector, position=at + 1, pk=first + at)
        for at, sector in enumerate(sectors)
    ]
    coordinator = make_member(rows[0], Role.COORDINATOR, f"coordinator@{slug}.example", name="coördinator")
    people = [
        make_member(row, Role.SIGNATORY, f"tekent{at + 1}@{slug}.example", name=f"bestuurder {at + 1}")
        for at, row in enumerate(rows)
    ]
    with time_machine.travel(FROZEN_AT, tick=False):
        PactSection.unscoped.create(
            pk=first,
            pact=pact,
            position=1,
            title="Aanleiding",
            body="<p>Wij werken samen.</p>",
            revision=1,
            edited_at=FROZEN_AT,
            edited_by=coordinator,
        )
        version = pacts.freeze(pact, by=coordinator)
    make_ready(Rendition.objects.in_pact(pact).get(kind="pact", object_id=version.pk), version.content)
    return Signing(pact, version, Deed(), coordinator, rows, people)


def open_pact(partners: int = 3, *, sign_by: date | None = None, **where: Any) -> Signing:
    """The same, opened to be signed today."""
    made = freeze_pact(partners, **where)
    made.deed = workflow.open_signing(made.version, by=made.coordinator, sign_by=sign_by)
    return made


@pytest.fixture
def signing(db: None) -> Callable[..., Signing]:
    """Lays a pact on the table: `signing()`, `signing(14)`, `signing(2, slug="elders", first=910_001)`."""
    return open_pact
