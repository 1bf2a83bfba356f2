"""The pages of rows by their codes, such as V3 or B7, for who stores a code and not the row."""

import re

from django.urls import reverse

CODE = re.compile(r"([A-Z])([1-9][0-9]{0,8})")

_views: dict[str, str] = {}


def register(letter: str, view_name: str) -> None:
    """Hand in the page of one kind of row by the letter of its codes; handing it in again replaces it.

    `view_name` is the name of an address that takes the slug of the pact and a number.
    """
    _views[letter] = view_name


def page_of(pact_slug: str, code: str) -> str:
    """The address of the page of a row by its code; "" for what is no code, and for a kind that nobody handed in.

    Whether there is such a row is not asked: its page says so.
    """
    found = CODE.fullmatch(code)
    if not found or found[1] not in _views:
        return ""
    return reverse(_views[found[1]], args=[pact_slug, int(found[2])])
