"""Which renderer makes which kind of file. Floors above hand theirs in when they start."""

from collections.abc import Callable

Progress = Callable[[int, str], None]
"""Says how far a rendering is: percent (0-100) and the step in the reader's words."""

Renderer = Callable[[int, Progress], bytes]
"""Makes the file of the object with this id; may raise CannotRender."""


class CannotRender(Exception):
    """The file cannot be made now, for a reason that a reader can act on.

    Its message is a whole sentence for the reader, without secrets: it is shown where the file is asked for. Trying
    again makes sense, so it is tried again; it is no fault of the program, so no trace is logged.
    """


_renderers: dict[str, Renderer] = {}


def register(kind: str, renderer: Renderer) -> None:
    """Hand in the renderer of `kind`; a second one for the same kind is a mistake in the code (ValueError)."""
    if kind in _renderers:
        raise ValueError(f"a renderer for {kind!r} was already handed in")
    _renderers[kind] = renderer


def renderer_of(kind: str) -> Renderer:
    """The renderer of `kind`. Raises KeyError for a kind that nobody handed in."""
    return _renderers[kind]
