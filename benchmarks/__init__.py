"""Ratios against the obvious alternatives, measured in one run: `make bench`."""

import os

# TensorFlow has much to say about devices that are not there; so do processes that are started.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
