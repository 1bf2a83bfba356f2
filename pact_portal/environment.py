"""Reads the settings from environment variables, and stops with one sentence when one is missing or malformed.

Settings are read before Django is there, so nothing here may import Django.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Never
from urllib.parse import unquote, urlsplit

import environ

env = environ.Env()


def refuse(name: str, fault: str, expected: str) -> Never:
    """End the process: exit code 2 and one sentence that names the variable."""
    sys.stderr.write(f"Setting {name} {fault}: give it {expected}.\n")
    sys.exit(2)


def read[T](parse: Callable[[str], T], name: str, *, default: T | None = None, expected: str) -> T:
    """The value of variable `name` as `parse` makes it; `default` when the variable is absent or empty.

    Ends the process (see `refuse`) when there is neither value nor default, or when `parse` raises ValueError.
    """
    raw = env.str(name, default="").strip()
    if not raw:
        return default if default is not None else refuse(name, "is missing", expected)
    try:
        return parse(raw)
    except ValueError as fault:
        return refuse(name, f"cannot be read ({fault})", expected)


def boolean(raw: str) -> bool:
    """1/0, true/false, yes/no, on/off. Raises ValueError for anything else."""
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if raw.lower() not in words:
        raise ValueError(f"{raw!r} is neither yes nor no")
    return words[raw.lower()]


def names(raw: str) -> list[str]:
    """A list separated by commas, without empty items. Raises ValueError when no item is left."""
    found = [name.strip() for name in raw.split(",") if name.strip()]
    if not found:
        raise ValueError("it holds no name")
    return found


def count(raw: str) -> int:
    """A whole number from 0. Raises ValueError for anything else."""
    if not raw.isdecimal():
        raise ValueError(f"{raw!r} is no whole number")
    return int(raw)


def sender(raw: str) -> str:
    """A mail address, with or without a name before it. Raises ValueError for anything else."""
    _, mailbox = parseaddr(raw)
    if mailbox.count("@") != 1 or mailbox.startswith("@") or mailbox.endswith("@") or not raw.isprintable():
        raise ValueError("it is no mail address")
    return raw


def address(raw: str) -> str:
    """The portal's own address, such as https://pact.example, without a final slash."""
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{raw!r} is no http(s) address")
    return raw.rstrip("/")


def sign_on(raw: str) -> list[dict[str, Any]]:
    """The organisations whose people sign in at their own provider (OpenID Connect), one JSON object per mail domain.

    Each has `domain`, `name`, `issuer`, `client_id` and `client_secret`; `second_factor` (default false): the provider
    asks for one, so that the portal need not; `vouches_for_email` (default false): every address in the domain that
    the provider names is confirmed, though it does not say so. Raises ValueError, never with a secret in it.
    """
    try:
        found = json.loads(raw)
    except ValueError:
        raise ValueError("it is no JSON") from None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ValueError("it is no list of objects")
    for number, each in enumerate(found, start=1):
        if fault := _fault_of_provider(each):
            raise ValueError(f"object {number} {fault}")
    if len({each["domain"] for each in found}) < len(found):
        raise ValueError("a domain stands in it twice")
    return found


def _fault_of_provider(given: dict[str, Any]) -> str:
    """What is wrong with one object of `sign_on`, "" when nothing is; never with a value in it."""
    texts = ("domain", "name", "issuer", "client_id", "client_secret")
    switches = ("second_factor", "vouches_for_email")
    if missing := [key for key in texts if key not in given]:
        return f"has no {missing[0]}"
    if unknown := sorted(given.keys() - {*texts, *switches}):
        return f"has {unknown[0]!r}, which is not known"
    for key in texts:
        if not isinstance(given[key], str) or not given[key].strip() or not given[key].isprintable():
            return f"has no readable {key}"
    for key in switches:
        if not isinstance(given.get(key, False), bool):
            return f"has a {key} that is neither true nor false"
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", given["domain"]):
        return "has a domain that is no mail domain in small letters, such as gemeente.example"
    parts = urlsplit(given["issuer"])
    is_here = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}
    if not parts.hostname or not (parts.scheme == "https" or is_here):
        return "has an issuer that is no https address"
    return ""


def origins(addresses: Iterable[str]) -> list[str]:
    """Scheme, host and port of the addresses, each once."""
    return sorted({f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, addresses)})


def database(raw: str) -> dict[str, Any]:
    """A database of Django from a URL: postgres://user:password@host:port/name or sqlite:////folder/file.sqlite3."""
    scheme = urlsplit(raw).scheme
    if scheme not in {"postgres", "postgresql", "sqlite"}:
        raise ValueError(f"{scheme!r} is no database that the portal knows")
    config: dict[str, Any] = env.db_url_config(raw)
    if not config.get("NAME"):
        raise ValueError("it names no database")
    if scheme == "sqlite":
        # Every writing transaction takes the write lock at its start: checks inside it cannot go stale.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    else:
        host, _, _ = urlsplit(raw).netloc.rpartition("@")[2].partition(":")
        if "%2F" in host.upper():  # a folder with a unix socket, quoted
            config["HOST"] = unquote(host)
        config["CONN_MAX_AGE"] = 60
        config["CONN_HEALTH_CHECKS"] = True
    return config


def redis(raw: str) -> str:
    """A Redis by redis://host:port/db, rediss://... or unix:///folder/socket."""
    if urlsplit(raw).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("it is no Redis address")
    return raw


def mailer(raw: str) -> dict[str, Any]:
    """A mailer of Django: smtp://user:password@host:port, smtps:// (TLS at once), smtp+tls:// (STARTTLS), file:///folder."""
    parts = urlsplit(raw)
    if parts.scheme == "file":
        return {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": unquote(parts.path)},
        }
    if parts.scheme not in {"smtp", "smtps", "smtp+tls"} or not parts.hostname:
        raise ValueError("it is no mail server address")
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port or {"smtp": 25, "smtps": 465, "smtp+tls": 587}[parts.scheme],
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": parts.scheme == "smtps",
            "use_tls": parts.scheme == "smtp+tls",
            "timeout": 15,
        },
    }


def folder(raw: str) -> Path:
    """An absolute folder."""
    path = Path(raw)
    if not path.is_absolute():
        raise ValueError(f"{raw!r} is not absolute")
    return path
