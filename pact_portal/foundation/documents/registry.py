"""Which renderer makes which kind of file. Floors above hand theirs in when they start."""

from collections.abc import Callable

Progress = Callable[[int, str], None]
"""Says how far a rendering is: percent (0-100) and the step in the reader's words."""

Renderer = Callable[[int, Progress], bytes]
"""Makes the file of the object with this id."""

_renderers: dict[str, Renderer] = {}


def register(kind: str, renderer: Renderer) -> None:
    """Hand in the renderer of `kind`; a second one for the same kind is a mistake in the code (ValueError)."""
    if kind in _renderers:
        raise ValueError(f"a renderer for {kind!r} was already handed in")
    _renderers[kind] = renderer


def renderer_of(kind: str) -> Renderer:
    """The renderer of `kind`. Raises KeyError for a kind that nobody handed in."""
    return _renderers[kind]
