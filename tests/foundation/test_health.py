"""Machines ask whether the portal lives and what it lacks."""

import errno
import json
import os
import shutil
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.files.storage import FileSystemStorage

from pact_portal.foundation.health import ask, checks, folders, probes
from pact_portal.foundation.health.folders import is_writable, nearest


def refuse() -> None:
    raise OSError("secret host db-1 refused")


def test_it_lives_without_asking_the_database(client):
    answer = client.get("/healthz")  # a query would fail: the test has no database
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_it_is_ready_when_database_broker_and_storage_answer(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "broker": "ok", "storage": "ok"}


@pytest.mark.logs_errors
@pytest.mark.django_db
@pytest.mark.parametrize("part", ["database", "broker", "storage"])
def test_it_is_not_ready_without(part, client, monkeypatch):
    monkeypatch.setitem(probes.PROBES, part, refuse)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert [name for name, word in answer.json().items() if word == "unreachable"] == [part]
    assert "secret" not in answer.text  # the cause is for the log


@pytest.mark.logs_errors
@pytest.mark.django_db
def test_it_is_not_ready_when_redis_is_gone(client, settings, monkeypatch):
    monkeypatch.setattr(
        probes, "app", probes.app.__class__("nowhere", broker="redis://127.0.0.1:1/0", set_as_current=False)
    )
    assert client.get("/readyz").json()["broker"] == "unreachable"


@pytest.mark.logs_errors
@pytest.mark.django_db
def test_it_is_not_ready_when_files_cannot_be_kept(client, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(probes, "default_storage", FileSystemStorage(location=tmp_path / "file"))
    assert client.get("/readyz").json()["storage"] == "unreachable"


def test_it_tries_the_queue_folder_when_there_is_no_redis(settings, tmp_path):
    settings.REDIS_URL = ""
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "queue")}
    probes.broker()
    (tmp_path / "queue").touch()
    with pytest.raises(PermissionError):
        probes.broker()


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_it_takes_no_post(address, client):
    assert client.post(address).status_code == 405


@pytest.mark.parametrize(("status", "lives"), [(200, True), (400, False), (503, False)])
def test_it_asks_a_server_by_the_name_that_it_knows_itself_by(status, lives, monkeypatch):
    asked = []

    class Portal(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers["Host"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args):
            pass

    monkeypatch.setenv("PORTAL_URL", "https://pact.example:8443")
    with HTTPServer(("127.0.0.1", 0), Portal) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert ask.lives(f"127.0.0.1:{server.server_port}") is lives
    assert asked == [("/healthz", "pact.example")]


def test_it_finds_no_life_where_nothing_listens():
    assert not ask.lives("127.0.0.1:1")


def test_it_names_the_system_library_that_is_missing(monkeypatch):
    monkeypatch.setattr(checks, "PDF_LIBRARIES", ("libpango-of-another-world.so.7",))
    (found,) = checks.pdf_libraries(None)
    assert found.id == "foundation.E001"
    assert "libpango-of-another-world.so.7" in found.msg
    assert "script/setup" in found.hint


def test_it_finds_the_system_libraries_of_this_machine():
    assert checks.pdf_libraries(None) == []


def test_it_names_a_data_folder_that_cannot_be_written(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "file" / "data"
    (tmp_path / "file").touch()
    (found,) = checks.data_folder(None)
    assert found.id == "foundation.E002"
    assert str(settings.DATA_DIR) in found.msg


@pytest.mark.parametrize("fault", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_it_names_a_data_folder_that_refuses_a_file(fault, settings, tmp_path, monkeypatch):
    def refuses(**_options):
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(folders.tempfile, "TemporaryFile", refuses)
    settings.DATA_DIR = tmp_path
    assert [found.id for found in checks.data_folder(None)] == ["foundation.E002"]


def test_it_warns_of_a_disk_that_is_nearly_full(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage._replace(free=1024))
    assert [found.id for found in checks.data_folder(None)] == ["foundation.W001"]


def test_it_accepts_a_data_folder_that_is_still_to_be_made(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "not" / "yet"
    assert checks.data_folder(None) == []
    assert not settings.DATA_DIR.exists()


def test_it_looks_at_the_nearest_folder_that_exists(tmp_path):
    assert nearest(tmp_path / "a" / "b") == tmp_path
    assert is_writable(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


def test_it_answers_in_json_that_machines_read(client, monkeypatch):
    monkeypatch.setattr(probes, "PROBES", {})
    answer = client.get("/readyz")
    assert json.loads(answer.content) == {}
    assert answer["Content-Type"] == "application/json"
