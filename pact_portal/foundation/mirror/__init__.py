"""Finds words in a text, however they are inflected."""
