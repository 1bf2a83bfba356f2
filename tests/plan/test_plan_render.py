"""The command that writes a PDF without a server."""

from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pypdf import PdfReader

from pact_portal.foundation.documents import registry
from plan.document.models import PlanVersion
from plan.document.workflow import freeze
from tests.factories import make_measure, make_question
from tests.people import People


@pytest.fixture
def version(people: People) -> PlanVersion:
    question = make_question(people.pact, title="Wie helpt bij de overstap?")
    make_measure(people.pact, title="Meer transfercoaches", questions=[question], budget="12500.50")
    return freeze(people.pact, by=people.coordinator)


def render(*words: str, output: Path) -> str:
    """What the command says."""
    said = StringIO()
    call_command("render", *words, f"--output={output}", stdout=said, stderr=said)
    return said.getvalue()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A renderer that needs no time: its file names the version."""
    monkeypatch.setitem(registry._renderers, "plan", lambda version_id, progress: f"%PDF {version_id}".encode())


def test_it_writes_the_same_bytes_twice(people: People, version: PlanVersion, tmp_path: Path) -> None:
    said = render("plan", "hier", output=tmp_path / "een.pdf")
    assert said == f"Wrote version 1 of the plan of hier to {tmp_path / 'een.pdf'}.\n"
    make_question(people.pact, title="Pas later gesteld")
    render("plan", "hier", "--version=1", output=tmp_path / "twee.pdf")
    content = (tmp_path / "een.pdf").read_bytes()
    assert content == (tmp_path / "twee.pdf").read_bytes()
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())
    for words in ("Wie helpt bij de overstap?", "Meer transfercoaches", "12.500,50"):
        assert words in text
    assert "Pas later gesteld" not in text


def test_it_takes_the_newest_version_or_the_one_that_is_named(
    people: People, version: PlanVersion, quick: None, tmp_path: Path
) -> None:
    make_question(people.pact)
    newest = freeze(people.pact, by=people.coordinator)
    render("plan", "hier", output=tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == f"%PDF {newest.pk}".encode()
    render("plan", "hier", "--version", "1", output=tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == f"%PDF {version.pk}".encode()


def test_it_refuses_in_one_sentence(people: People, version: PlanVersion, quick: None, tmp_path: Path) -> None:
    refusals = {
        ("plan", "nergens"): "There is no pact with the address 'nergens'.",
        ("plan", "elders"): "There is nothing to render: the plan of elders was never frozen.",
        ("pact", "hier"): "There is nothing to render: the pact of hier was never frozen.",
        ("plan", "hier", "--version=7"): "The plan of hier has no version 7; the newest is 1.",
    }
    for words, sentence in refusals.items():
        with pytest.raises(CommandError) as refused:
            render(*words, output=tmp_path / "plan.pdf")
        assert str(refused.value) == sentence
        assert refused.value.returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_it_refuses_a_place_where_nothing_can_be_written(
    version: PlanVersion, quick: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match="does not exist; make it first"):
        render("plan", "hier", output=tmp_path / "nergens" / "plan.pdf")
    with pytest.raises(CommandError, match="is a folder; name a file in it"):
        render("plan", "hier", output=tmp_path)
    # Not even root can write here, as on a disk that is mounted read-only.
    with pytest.raises(CommandError, match=r"The folder /proc cannot be written to: .+\.$"):
        render("plan", "hier", output=Path("/proc/plan.pdf"))


def test_it_leaves_no_half_file_when_the_rendering_fails(
    version: PlanVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(version_id: int, progress: registry.Progress) -> bytes:
        raise RuntimeError("broken")

    (tmp_path / "plan.pdf").write_bytes(b"the former one")
    monkeypatch.setitem(registry._renderers, "plan", broken)
    with pytest.raises(RuntimeError):
        render("plan", "hier", output=tmp_path / "plan.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["plan.pdf"]
    assert (tmp_path / "plan.pdf").read_bytes() == b"the former one"


def test_it_says_so_when_the_disk_is_full(
    version: PlanVersion, quick: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CommandError, match="could not be written: No space left on device"):
        render("plan", "hier", output=tmp_path / "plan.pdf")
    assert list(tmp_path.iterdir()) == []
