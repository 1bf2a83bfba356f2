"""The commands of the folder script/ do their work quietly, and say in one sentence what they lack."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path = ROOT, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Run a script as a person would, with environment `changes` (None takes a variable away)."""
    env = {**os.environ, **changes}
    return subprocess.run(
        command,
        cwd=cwd,
        env={name: value for name, value in env.items() if value is not None},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def bare(tmp_path):
    """A folder with scripts and locks only, and a `bin` for false programs; `bare()` runs script/setup there."""
    shutil.copytree(ROOT / "script", tmp_path / "script")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    (tmp_path / "script/assets").unlink()
    (tmp_path / "bin").mkdir()

    def program(name: str, *lines: str) -> None:
        file = tmp_path / "bin" / name
        file.write_text("#!/bin/sh\n" + "\n".join(lines) + "\n")
        file.chmod(0o755)

    def setup() -> subprocess.CompletedProcess[str]:
        return run("script/setup", cwd=tmp_path, PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    setup.program = program
    setup.folder = tmp_path
    # An empty environment stands in for the real one: nothing is fetched.
    program("python3.13", f'exec {sys.executable} "$@"')
    program("uv", 'case "$1" in venv) exec python3.13 -m venv --without-pip .venv ;; esac')
    return setup


def test_it_has_nothing_to_do_and_nothing_to_say_the_second_time():
    run("script/setup")
    begun = time.monotonic()
    again = run("script/setup")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert time.monotonic() - begun < 3  # 0.1 s on a quiet machine


def test_it_makes_an_environment_from_the_locks(bare):
    assert bare().returncode == 0
    assert (bare.folder / ".venv/bin/python").exists()
    assert (bare.folder / ".venv/ready").exists()


def test_it_makes_the_environment_again_when_its_python_is_gone(bare):
    bare()
    (bare.folder / ".venv/bin/python").unlink()
    assert bare().returncode == 0
    assert (bare.folder / ".venv/bin/python").exists()


def test_it_installs_again_when_a_lock_has_changed(bare):
    bare()
    bare.program("uv", 'case "$1" in --version) exit 0 ;; esac; touch installed')
    assert bare().returncode == 0
    assert not (bare.folder / "installed").exists()
    with (bare.folder / "requirements/dev.txt").open("a") as lock:
        lock.write("# changed\n")
    assert bare().returncode == 0
    assert (bare.folder / "installed").exists()


def test_it_skips_a_python_that_does_not_run(bare):
    bare.program("python3.13", "echo 'pyenv: python3.13: command not found' >&2", "exit 127")
    bare.program("python3.14", f'exec {sys.executable} "$@"')
    bare.program("uv", 'case "$1" in venv) exec python3.14 -m venv --without-pip .venv ;; esac')
    assert bare().returncode == 0, bare().stderr


def test_it_writes_nowhere_but_in_its_own_environment(bare):
    bare.program(
        "uv",
        '[ -z "$UV_PYTHON$VIRTUAL_ENV" ] || exit 1; case "$1" in venv) python3.13 -m venv --without-pip .venv ;; esac',
    )
    changed = run("script/setup", cwd=bare.folder, UV_PYTHON=sys.executable, VIRTUAL_ENV=sys.prefix,
                  PATH=f"{bare.folder / 'bin'}:{os.environ['PATH']}")  # fmt: skip
    assert changed.returncode == 0, changed.stderr


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("error: Failed to fetch: error sending request for url", "There is no network"),
        ("error: failed to write: No space left on device (os error 28)", "The disk is full"),
        ("error: Permission denied (os error 13)", "cannot be written"),
        ("error: something nobody foresaw", "This went wrong: installing the Python packages"),
    ],
)
def test_it_says_in_one_sentence_why_it_cannot_install(output, sentence, bare):
    makes = "venv) exec python3.13 -m venv --without-pip .venv"
    bare.program("uv", f'case "$1" in --version) ;; {makes} ;; *) echo "{output}"; exit 2 ;; esac')
    failed = bare()
    assert failed.returncode == 1
    assert sentence in failed.stderr
    assert failed.stderr.count("\n") == 1
    assert not (bare.folder / ".venv/ready").exists()


def test_it_stops_before_a_disk_without_room(bare):
    bare.program("df", "echo header", "echo /dev/small 100 90 10 90% /")
    failed = bare()
    assert (failed.returncode, "too little room" in failed.stderr) == (1, True)


def test_it_stops_at_a_folder_that_takes_no_files(bare):
    (bare.folder / ".local").touch()
    failed = bare()
    assert (failed.returncode, failed.stderr.count("\n")) == (1, 1)
    assert "cannot be written" in failed.stderr


@pytest.mark.parametrize(
    ("who", "sudo", "sentence"),
    [
        ("1000", None, "have an administrator run 'apt-get install qpdf'"),
        ("1000", "exit 1", "sudo refused"),
        ("0", None, None),
    ],
)
def test_it_installs_system_packages_as_root_or_by_sudo(who, sudo, sentence, bare):
    # Only the false programs and the plainest real ones: no sudo and no apt-get of this machine.
    for name in ("sh", "dirname", "mkdir", "cat", "rm", "env", "grep"):
        (bare.folder / "bin" / name).symlink_to(shutil.which(name))
    bare.program("id", f"echo {who}")
    bare.program("apt-get", 'echo "$@" >>asked')
    if sudo:
        bare.program("sudo", sudo)
    done = run("script/setup", "--packages", "qpdf", cwd=bare.folder, PATH=str(bare.folder / "bin"))
    if sentence:
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert sentence in done.stderr
    else:
        assert done.returncode == 0, done.stderr
        assert (bare.folder / "asked").read_text() == "install -y -qq --no-install-recommends qpdf\n"


@pytest.mark.parametrize("arguments", [["--help"], ["--fresh", "--fast"], ["now"]])
def test_the_server_takes_no_other_argument_than_fresh(arguments):
    refused = run("script/server", *arguments)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


@pytest.fixture
def taken_port():
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_the_server_refuses_a_port_that_is_taken(taken_port, tmp_path):
    refused = run("script/server", "--fresh", PORT=str(taken_port), DATA_DIR=str(tmp_path), DATABASE_URL=None)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Port {taken_port} is taken")
    assert refused.stderr.count("\n") == 1


def test_the_server_starts_over_only_with_data_of_this_machine(tmp_path):
    (tmp_path / "portal.sqlite3").touch()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    refused = run("script/server", "--fresh", PORT=port, DATA_DIR=str(tmp_path), DATABASE_URL="postgres://db/portal")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert (tmp_path / "portal.sqlite3").exists()


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "script").iterdir()))
def test_every_script_can_be_run_and_parsed(script):
    path = ROOT / "script" / script
    shell = path.read_text().partition("\n")[0].removeprefix("#!").split()[-1]
    assert os.access(path, os.X_OK)
    assert run(shell, "-n", path).returncode == 0
