"""Fetch files over HTTP for `strokeanim.datasets.quickdraw`: resume, retry, check."""
