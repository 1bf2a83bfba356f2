"""Tells those who watch over the portal whether it lives, and what it lacks."""
