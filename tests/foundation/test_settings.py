"""Settings that are missing or malformed stop the portal with one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RIGHT = {
    "SECRET_KEY": "0123456789" * 4,
    "PORTAL_URL": "https://pact.example",
    "ALLOWED_HOSTS": "pact.example",
    "MAIL_URL": "smtp+tls://portaal:geheim@mail.pact.example:587",
    "MAIL_FROM": "Pactportaal <portaal@pact.example>",
}


def read_settings(show: str = "''", **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Read the settings in a new process, from RIGHT and `changes` (None takes one away); prints expression `show`."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    given = {**kept, **RIGHT, **changes}
    return subprocess.run(
        [sys.executable, "-c", f"from pact_portal import settings; print({show})"],
        cwd=ROOT,
        env={name: value for name, value in given.items() if value is not None},
        capture_output=True,
        text=True,
    )


def test_it_reads_complete_settings():
    read = read_settings("settings.HTTPS")
    assert (read.returncode, read.stdout, read.stderr) == (0, "True\n", "")


def test_it_needs_no_setting_for_a_local_demo():
    read = read_settings("settings.DATABASES['default']['ENGINE']", DEBUG="1", **dict.fromkeys(RIGHT))
    assert (read.returncode, read.stdout) == (0, "django.db.backends.sqlite3\n")


@pytest.mark.parametrize("name", RIGHT)
def test_it_stops_without(name):
    read = read_settings(**{name: None})
    assert read.returncode == 2
    assert read.stderr.startswith(f"Setting {name} is missing: give it ")
    assert read.stderr.count("\n") == 1
    assert read.stdout == ""


@pytest.mark.parametrize("name", RIGHT)
def test_it_takes_an_empty_setting_for_a_missing_one(name):
    read = read_settings(**{name: "  "})
    assert (read.returncode, read.stderr.startswith(f"Setting {name} is missing")) == (2, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "maybe"),
        ("SECRET_KEY", "short"),
        ("PORTAL_URL", "pact.example"),
        ("PORTAL_URL", "ftp://pact.example"),
        ("PORTAL_URL", "https://[pact"),
        ("DATA_DIR", "var/data"),
        ("DATABASE_URL", "mysql://portal@localhost/portal"),
        ("DATABASE_URL", "portal"),
        ("DATABASE_URL", "postgres://portal@localhost/"),
        ("DATABASE_URL", "postgres://portal@localhost:port/portal"),
        ("REDIS_URL", "localhost:6379"),
        ("TRUSTED_PROXIES", "one"),
        ("TRUSTED_PROXIES", "-1"),
        ("MAIL_URL", "mail.pact.example"),
        ("MAIL_URL", "smtp://"),
        ("MAIL_URL", "smtp://mail.pact.example:twenty-five"),
        ("ALLOWED_HOSTS", " , "),
        ("MAIL_FROM", "Pactportaal"),
        ("MAIL_FROM", "Pactportaal <portaal@pact.example>\nBcc: x@pact.example"),
    ],
)
def test_it_stops_at_a_malformed(name, value):
    read = read_settings(**{name: value})
    assert read.returncode == 2, read.stderr
    assert read.stderr.startswith(f"Setting {name} ")
    assert read.stderr.count("\n") == 1


def test_it_does_not_print_a_secret_that_it_cannot_read():
    for name, value in (
        ("SECRET_KEY", "hunter2"),
        ("DATABASE_URL", "postgres://portal:hunter2@localhost:port/portal"),
        ("DATABASE_URL", "hunter2"),
        ("REDIS_URL", "redis//:hunter2@redis"),
        ("MAIL_URL", "smtps//portaal:hunter2@mail.pact.example"),
    ):
        assert "hunter2" not in read_settings(**{name: value}).stderr, name


@pytest.mark.parametrize("name", ["cache", "broker"])
def test_it_takes_redis_for_cache_and_tasks(name):
    show = {"cache": "settings.CACHES['default']['LOCATION']", "broker": "settings.CELERY_BROKER_URL"}[name]
    assert read_settings(show, REDIS_URL="redis://redis:6379/0").stdout == "redis://redis:6379/0\n"


def test_it_needs_secure_cookies_behind_https_only():
    assert read_settings("settings.SESSION_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS > 0").stdout == "True True\n"
    plain = read_settings("settings.SESSION_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS", PORTAL_URL="http://10.0.0.2")
    assert plain.stdout == "False 0\n"


def test_it_trusts_no_header_unless_a_proxy_is_named():
    assert read_settings("settings.SECURE_PROXY_SSL_HEADER").stdout == "None\n"
    assert "FORWARDED_PROTO" in read_settings("settings.SECURE_PROXY_SSL_HEADER", TRUSTED_PROXIES="1").stdout
