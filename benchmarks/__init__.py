"""Measure strokeanim against obvious alternatives, as ratios from one run: `make bench`."""

import os

# TensorFlow logs a lot about missing devices, also in child processes
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
