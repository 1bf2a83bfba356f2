"""Which registers take spreadsheets. Slices above hand theirs in, in AppConfig.ready()."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from partners.permissions import PactRequest, Permission
from plan.imports.registers import RegisterResource


@dataclass(frozen=True)
class Kind:
    """One register: `name` in addresses and rows; `title` for people; `sheet` the name of the sheet in its files.

    `filtered` gives the rows that the reader of a request sees with the filters of its query string; `list_view` is
    the name of the page with the list; the audit action is `name`.imported.
    """

    name: str
    title: str | Promise
    sheet: str
    resource: type[RegisterResource]
    filtered: Callable[[PactRequest], Any]
    list_view: str

    @property
    def permission(self) -> Permission:
        """What somebody must be granted to bring in rows."""
        return self.resource.permission


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    _kinds.update({kind.name: kind for kind in kinds})


def kind_of(name: str) -> Kind | None:
    return _kinds.get(name)
