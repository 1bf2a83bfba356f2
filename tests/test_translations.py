"""Dutch stands in the code; English is complete beside it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings

SOURCES = ["pact_portal", "partners", "plan", "evaluations", "templates"]


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> polib.POFile:
    """The English catalogue after the sentences of today's code were gathered into a copy of it."""
    root = tmp_path_factory.mktemp("messages")
    for source in SOURCES:
        shutil.copytree(settings.BASE_DIR / source, root / source, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(settings.BASE_DIR / "locale", root / "locale", ignore=shutil.ignore_patterns("*.mo"))
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "en", "--no-location", "--no-wrap"]
    run = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return polib.pofile(str(root / "locale" / "en" / "LC_MESSAGES" / "django.po"))


def test_it_says_everything_in_english(gathered: polib.POFile) -> None:
    missing = [entry.msgid for entry in gathered.untranslated_entries()]
    assert not missing, "without English: run script/messages and translate these"


def test_it_guesses_no_translation(gathered: polib.POFile) -> None:
    assert not [entry.msgid for entry in gathered.fuzzy_entries()]


def test_it_keeps_no_translation_of_what_is_gone(gathered: polib.POFile) -> None:
    assert not [entry.msgid for entry in gathered.obsolete_entries()]


def test_it_keeps_the_names_in_every_sentence(gathered: polib.POFile) -> None:
    """A translation that lost a %(name)s, or has one of its own, fails for a reader."""
    for entry in gathered:
        known = _names(entry.msgid) | _names(entry.msgid_plural)
        for text in entry.msgstr_plural.values() or [entry.msgstr]:
            assert _names(text) <= known, entry.msgid
            if not entry.msgid_plural:
                assert _names(text) == known, entry.msgid


def _names(text: str) -> set[str]:
    return {part.split(")")[0] for part in text.split("%(")[1:]}


def test_its_catalogue_compiles(tmp_path: Path) -> None:
    source = settings.BASE_DIR / "locale" / "en" / "LC_MESSAGES" / "django.po"
    run = subprocess.run(["msgfmt", "-c", "-o", tmp_path / "django.mo", source], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
