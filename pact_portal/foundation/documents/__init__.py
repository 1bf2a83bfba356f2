"""Documents: the structure they are frozen in, and the one door through which they become PDF."""
