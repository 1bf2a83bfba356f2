"""Charts as SVG: pure functions from numbers to a string, the same on the page and in the PDF."""
