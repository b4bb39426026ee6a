"""Ratios against the obvious alternatives, measured in one run: `make bench`."""
