"""Keeps personal data out of what others read."""
