"""What holds for every test: nothing reaches the network, a logged error fails, caches start empty."""

import asyncio
import ipaddress
import logging
import shutil
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from tests.people import client_for, people

__all__ = ["client_for", "people"]

# How long one example takes depends on what else the machine does: that is for the benchmarks.
hypothesis_settings.register_profile("portal", deadline=None)
hypothesis_settings.load_profile("portal")


class NetworkClosed(AssertionError):
    """A test tried to reach another machine."""


def is_on_this_machine(address: Any) -> bool:
    """Whether `address`, as socket.connect takes it, is a unix socket or a loopback address."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def closed_network() -> Iterator[None]:
    """Refuse every connection of Python that leaves this machine, and every look-up of a name."""
    patch = pytest.MonkeyPatch()

    def guarded(real: Any) -> Any:
        def connect(self: socket.socket, address: Any) -> Any:
            if not is_on_this_machine(address):
                raise NetworkClosed(f"a test tried to reach {address!r}")
            return real(self, address)

        return connect

    def looked_up(host: Any, *args: Any, real: Any = socket.getaddrinfo, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not is_on_this_machine((name,)):
            raise NetworkClosed(f"a test tried to look up {name!r}")
        return real(host, *args, **kwargs)

    patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    patch.setattr(socket, "getaddrinfo", looked_up)
    yield
    patch.undo()


_loops_of_others: list[asyncio.AbstractEventLoop] = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Playwright keeps its loop running until the session ends; pyHanko, in other tests, starts one of its own."""
    loop = asyncio._get_running_loop()
    if loop and not item.get_closest_marker("browser"):
        _loops_of_others.append(loop)
        asyncio._set_running_loop(None)
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Give it back: the end of the session needs it."""
    if _loops_of_others:
        asyncio._set_running_loop(_loops_of_others.pop())
    return (yield)


@pytest.fixture(autouse=True)
def logged_errors(request: pytest.FixtureRequest) -> Iterator[list[logging.LogRecord]]:
    """Fail a test in which something was logged as ERROR or worse.

    A test marked `logs_errors` must log one; it finds the records in this fixture.
    """
    records: list[logging.LogRecord] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = records.append  # type: ignore[method-assign]
    root = logging.getLogger()
    root.addHandler(handler)
    yield records
    root.removeHandler(handler)
    if request.node.get_closest_marker("logs_errors"):
        assert records, "the test is marked logs_errors, and no error was logged"
    elif records:
        pytest.fail("logged as error: " + "; ".join(f"{record.name}: {record.getMessage()}" for record in records))


@pytest.fixture(autouse=True)
def dutch() -> Iterator[None]:
    """Every test begins in Dutch: a request of the test client leaves its language behind in the thread."""
    translation.activate("nl")
    yield
    translation.activate("nl")


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """Limits on sign-in and other remembered things do not pass from test to test."""
    yield
    cache.clear()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium of the system where there is one, without what it does unasked; else Playwright's own."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    own = {"executable_path": program} if program else {}
    return {**browser_type_launch_args, **own, "args": quiet}
