"""The language mirror of a pact: its list of words, and the advice beside a text."""
