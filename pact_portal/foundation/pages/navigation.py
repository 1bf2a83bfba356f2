"""The main menu of a pact. Apps add their items in `AppConfig.ready()`; a page shows those that the reader may use."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.urls import reverse
from django.utils.functional import Promise


class Grants(Protocol):
    """What the menu asks of `request.access`."""

    def can(self, permission: Any) -> bool: ...


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One line of the menu: the name of an address that takes only `pact`, its label, a lucide icon and its place.

    `permission` is handed to `request.access.can`; without one everybody who sees the pact sees the item.
    """

    url_name: str
    label: str | Promise
    icon: str
    position: int
    permission: Any = None


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """An item as shown on one page. `current` is a value for aria-current: "page", "true" for a page below, or ""."""

    url: str
    label: str | Promise
    icon: str
    current: str


_items: dict[str, NavigationItem] = {}


def register(*items: NavigationItem) -> None:
    """Add items to the menu; registering an address again replaces its item."""
    _items.update({item.url_name: item for item in items})


def links(slug: str, access: Grants, path: str, items: Iterable[NavigationItem] | None = None) -> list[NavigationLink]:
    """The menu of the pact with this slug for somebody with this access, on the page at `path`, in order of position.

    The most specific item that leads to `path` is the current one, so that the start page is not current everywhere.
    """
    shown = [
        (reverse(item.url_name, kwargs={"pact": slug}), item)
        for item in sorted(_items.values() if items is None else items, key=lambda item: item.position)
        if item.permission is None or access.can(item.permission)
    ]
    home = min((len(url) for url, _ in shown), default=0)
    above = [url for url, _ in shown if path.startswith(url) and (url == path or len(url) > home)]
    nearest = max(above, key=len, default=None)
    return [
        NavigationLink(url, item.label, item.icon, "" if url != nearest else "page" if url == path else "true")
        for url, item in shown
    ]
