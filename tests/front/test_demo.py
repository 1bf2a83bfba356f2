"""The demonstration: it fills every register by the rules, once, and beside nobody's real data unasked."""

import io
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.html import escape

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.documents.models import Rendition
from pact_portal.front.demo import build
from pact_portal.front.log.actions import ACTIONS
from partners.models import Pact, Partnership, Sector, Signature, User
from partners.signing.progress import in_force, newest_revision
from plan.models import Allocation, Measure, PackageYear, Programme, SupportPackage, SupportQuestion
from tests.factories import make_pact

pytestmark = pytest.mark.django_db


def _demo(*arguments: str) -> str:
    said = io.StringIO()
    call_command("demo", *arguments, stdout=said)
    return said.getvalue()


def test_it_fills_every_register() -> None:
    _demo()
    pact = Pact.objects.get(slug=build.REGION)
    assert pact.is_example
    signatories = Partnership.objects.in_pact(pact).signatories()
    assert [p.organisation.sector == Sector.MUNICIPALITY for p in signatories] == [True] * 6 + [False] * 8
    assert SupportQuestion.objects.in_pact(pact).count() >= 12
    assert Programme.objects.in_pact(pact).count() >= 10
    for area in pact.areas.all():
        assert area.questions.exists(), area
        assert area.programmes.exists(), area
    assert SupportPackage.objects.in_pact(pact).count() == 7
    kinds = set(Rendition.objects.in_pact(pact).values_list("kind", flat=True))
    assert kinds == {"pact", "plan"}


def test_it_changes_nothing_the_second_time() -> None:
    _demo()
    before = AuditRecord.objects.across_pacts().count()
    assert _demo() == ""
    assert AuditRecord.objects.across_pacts().count() == before


def test_it_names_every_act_in_words() -> None:
    _demo()
    acts = set(AuditRecord.objects.across_pacts().values_list("action", flat=True))
    assert acts <= set(ACTIONS)


def test_it_gives_no_password_where_others_come(settings: object) -> None:
    settings.DEBUG = False  # type: ignore[attr-defined]
    _demo()
    assert not any(user.has_usable_password() for user in User.objects.all())
    with pytest.raises(CommandError, match="no password"):
        _demo("--accounts")


def test_it_leaves_other_data_alone_unless_told() -> None:
    make_pact(name="Echt pact")
    with pytest.raises(CommandError, match="holds other data"):
        _demo()
    assert Pact.objects.count() == 1
    _demo("--yes")
    assert Pact.objects.count() == 3


def test_it_grows_pacts_for_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        build, "LARGE", {"questions": 30, "fits": 17, "programmes": 20, "measures": 12, "allocations": 25}
    )
    _demo("--scale", "1")
    pact = Pact.objects.get(slug="grote-regio-1")
    rows = [model.objects.in_pact(pact).count() for model in (SupportQuestion, Programme, Measure, Allocation)]
    assert rows == [30, 20, 12, 25]
    for year in PackageYear.objects.in_pact(pact):
        assert year.allocated <= year.budget


def test_it_is_signed_by_all_fourteen_and_the_seals_hold(client: Client, tmp_path: Path) -> None:
    """Twelve electronically, two on paper: an independent witness and the portal's own page say the same."""
    _demo()
    pact = Pact.objects.get(slug=build.REGION)
    deed = in_force(pact)
    assert deed is not None
    revision = newest_revision(deed)
    assert revision is not None
    with revision.file.open("rb") as stored:
        content = stored.read()
    file = tmp_path / "pact.pdf"
    file.write_bytes(content)
    told = subprocess.run(["pdfsig", str(file)], capture_output=True, text=True, check=False).stdout
    assert told.count("Signature is Valid") == 12 + 1
    assert "Signature Field Name: certification" in told
    assert told.count("is not signed") == 2 + 1  # paper, and the field for a last timestamp
    ways = Signature.objects.in_pact(pact).filter(place__deed=deed).values_list("way", flat=True)
    assert Counter(ways) == {"electronic": 12, "paper": 2}
    page = client.post("/verify/", {"file": SimpleUploadedFile("pact.pdf", content)}).content.decode()
    for place in deed.places.all():
        assert escape(str(place)) in page
    assert page.count("elektronisch, in dit bestand") == 12
    assert page.count("op papier, bij de coördinator") == 2
    changed = client.post("/verify/", {"file": SimpleUploadedFile("pact.pdf", content + b" ")}).content.decode()
    assert "Clusius College" not in changed
