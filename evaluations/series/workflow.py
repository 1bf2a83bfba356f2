"""Changes of state of series and evaluations."""


def move_on() -> None:
    """Open what is due and close what is over."""
