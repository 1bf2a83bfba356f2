"""Spreadsheets in and out: one door for reading what others made, one for writing what others will open."""
