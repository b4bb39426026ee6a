"""Fetching files over HTTP: resumed, retried, checked. `strokeanim.data.download` is the door."""
