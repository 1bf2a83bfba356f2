"""Web server and worker run together on one machine, and leave nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import RequestFactory

from pact_portal.foundation.management.commands.portal import commands
from pact_portal.foundation.serving.claim import TakenError, check_port, claim_data
from pact_portal.foundation.serving.processes import Together
from pact_portal.wsgi import application

ROOT = Path(__file__).resolve().parents[2]
SLEEP = ["sleep", "60"]


def is_running(process: int) -> bool:
    """Whether process `process` exists and is no zombie that waits for its parent."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(holds, seconds=20):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_it_takes_a_port_that_is_free():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(TakenError, match=f"Port {port} is taken"):
            check_port(f"127.0.0.1:{port}")
    check_port(f"127.0.0.1:{port}")


@pytest.mark.parametrize("bind", ["8000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:web", "127.0.0.1:70000", ":8000"])
def test_it_refuses_what_is_no_address(bind):
    with pytest.raises(TakenError, match="is no address to serve on"):
        check_port(bind)


def test_it_lets_one_portal_at_a_time_use_the_data(tmp_path):
    folder = tmp_path / "data"
    with claim_data(folder), pytest.raises(TakenError, match="already runs"):
        claim_data(folder)
    claim_data(folder).close()


def test_it_refuses_data_in_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(TakenError, match="cannot be written"):
        claim_data(tmp_path / "file" / "data")


def test_the_command_says_so_when_the_port_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(CommandError, match="is taken"):
        call_command("portal", bind=f"127.0.0.1:{other.getsockname()[1]}")


def test_it_runs_the_beat_in_the_only_worker_without_redis(settings, tmp_path):
    settings.DATA_DIR, settings.REDIS_URL = tmp_path, ""
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(tmp_path / "queue"),
        "control_folder": str(tmp_path / "control"),
    }
    run = commands("127.0.0.1:8000", 8)
    assert list(run) == ["web server", "worker"]
    assert {"--beat", "solo"} <= set(run["worker"])
    assert (tmp_path / "queue").is_dir()


def test_it_runs_the_beat_on_its_own_with_redis():
    assert list(commands("127.0.0.1:8000", 8)) == ["web server", "worker", "beat"]


def test_it_ends_all_when_one_ends():
    said = []
    begun = time.monotonic()
    # The second leaves a grandchild behind that nobody waits for.
    code = Together(
        {"first": ["sh", "-c", "sleep 0.5; exit 3"], "second": ["sh", "-c", "sleep 61 & wait"]}, said.append
    ).run()
    assert code == 1
    assert said == ["The first ended with exit code 3, so the portal stops."]
    assert time.monotonic() - begun < 8
    left = subprocess.run(["pgrep", "-x", "-f", "sleep 61"], capture_output=True, text=True).stdout
    assert left == ""


def test_it_kills_what_does_not_end():
    said = []
    together = Together(
        {"deaf": ["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"], "brief": ["sleep", "0.6"]}, said.append, 1
    )
    assert together.run() == 1
    assert said[-1] == "The deaf did not end in 1 seconds and was killed."


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_all_when_asked(number):
    began = threading.Timer(0.5, os.kill, (os.getpid(), number))
    began.start()
    before = signal.getsignal(number)
    assert Together({"one": SLEEP, "two": SLEEP}, report=pytest.fail).run() == 0
    assert signal.getsignal(number) is before


def test_it_hides_from_a_command_what_is_not_for_it(monkeypatch, tmp_path):
    monkeypatch.setenv("SEAL_PASSPHRASE", "open sesame")
    show = ["sh", "-c", 'env >"$0"; sleep 0.5']
    run = {name: [*show, str(tmp_path / name)] for name in ("web server", "worker")}
    Together(run, lambda _said: None, hidden={"web server": ["SEAL_PASSPHRASE"]}).run()
    assert "SEAL_PASSPHRASE=open sesame" in (tmp_path / "worker").read_text()
    assert "SEAL_PASSPHRASE" not in (tmp_path / "web server").read_text()
    assert "PATH=" in (tmp_path / "web server").read_text()


def test_it_tells_once_that_all_has_started():
    looks, told = iter([False, False, True]), []
    Together({"brief": ["sleep", "1"]}, lambda _said: None).run(
        started=lambda: next(looks), when_started=lambda: told.append("started")
    )
    assert told == ["started"]


def test_it_leaves_nothing_when_it_is_killed():
    script = (
        "from pact_portal.foundation.serving.processes import Together\n"
        "sleeper = ['sh', '-c', 'echo $$; exec sleep 60']\n"
        "Together({'a': sleeper, 'b': sleeper}, print).run()"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        children = [int(parent.stdout.readline()) for _ in range(2)]
        assert all(is_running(child) for child in children)
        parent.kill()
    wait_until(lambda: not any(is_running(child) for child in children))


@pytest.mark.slow
def test_it_serves_the_portal_and_ends_without_leftovers(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {**kept, "DEBUG": "1", "DATA_DIR": str(tmp_path), "PORTAL_URL": address, "SEAL_PASSPHRASE": "open sesame"}
    with subprocess.Popen(
        [sys.executable, "manage.py", "portal", "--bind", f"127.0.0.1:{port}"],
        cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as portal:  # fmt: skip
        late = threading.Timer(60, portal.kill)
        late.start()
        assert portal.stdout.readline() == f"The portal is at {address} (Ctrl-C stops it).\n"
        children = [int(word) for word in Path(f"/proc/{portal.pid}/task/{portal.pid}/children").read_text().split()]
        late.cancel()
        assert len(children) == 2
        has_key = {
            "gunicorn" in Path(f"/proc/{child}/cmdline").read_text(): b"SEAL_"
            in Path(f"/proc/{child}/environ").read_bytes()
            for child in children
        }
        assert has_key == {True: False, False: True}, "the web server has no key, the worker has"
        portal.send_signal(signal.SIGINT)
        said = portal.communicate(timeout=30)[0]
    assert portal.returncode == 0, said
    assert "Traceback" not in said
    assert not any(is_running(child) for child in children)


@pytest.mark.slow
def test_the_servers_of_the_tests_end_with_pytest_also_when_it_is_killed():
    script = (
        "import os, sys; os.environ.pop('DATABASE_URL', 0); os.environ.pop('REDIS_URL', 0)\n"
        "import tests.services\n"
        "print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'], flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        database, redis = parent.stdout.readline().split()
        folder = Path(database.partition("@")[2].removesuffix("/postgres").replace("%2F", "/"))
        server = int((folder / "data/postmaster.pid").read_text().splitlines()[0])
        assert is_running(server)
        parent.kill()
    wait_until(lambda: not is_running(server))
    with socket.socket(socket.AF_UNIX) as probe:
        wait_until(lambda: probe.connect_ex(redis.removeprefix("unix://")) != 0)


def test_no_test_reaches_another_machine():
    with pytest.raises(AssertionError, match="tried to reach"), socket.socket() as out:
        out.connect(("192.0.2.1", 80))
    with pytest.raises(AssertionError, match="tried to look up"):
        socket.create_connection(("pact.example", 443))


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["hex", "rot13", "idna", "unicode_escape", "utf-7", "bestaat-niet", "utf-8"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_answers_whatever_encoding_a_request_names(charset: str, method: str) -> None:
    """As the web server calls it: Django makes the request, and decodes the address, before any middleware."""
    kind = "multipart/form-data; boundary=x" if method == "POST" else "text/plain"
    factory = RequestFactory().generic(method, "/verify/?a=%5Cud800", b"--x--\r\n", content_type=kind)
    answers: list[str] = []
    environ = {**factory.environ, "CONTENT_TYPE": f"{kind}; charset={charset}", "HTTP_HOST": "localhost"}
    body = application(environ, lambda status, _headers, _fault=None: answers.append(status))
    list(body)
    assert answers[0].startswith("200")
