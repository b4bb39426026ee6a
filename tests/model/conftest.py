"""A model small enough to train in seconds."""

from __future__ import annotations

import pytest

collect_ignore = ["two_devices.py"]  # a program of its own, which imports Keras

TINY = """
[model]
latent = 8
side = 32
steps = 40
filters = [4, 4, 8, 8]
units = 16
mixtures = 3

[data]
synthetic = 64

[train]
steps = 30
batch = 8
kl_warmup = 4
log_every = 3
save_every = 3
"""


@pytest.fixture
def tiny(tmp_path):
    """The path of a tiny config."""
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path
