"""Parts of a page that ask how far the worker is."""

STOP_POLLING = 286
"""htmx's own status: swap this answer and ask no more."""
