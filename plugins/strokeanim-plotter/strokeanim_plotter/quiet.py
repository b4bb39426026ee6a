"""Keeping vpype's logging from changing the logging of the whole program."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator


@contextlib.contextmanager
def root_logger_left_alone() -> Iterator[None]:
    """To run vpype in.

    vpype logs with `logging.info`, which gives a root logger without handlers one that prints.
    From then on, what any library logs would appear on stderr, or appear twice.
    """
    placeholder = logging.NullHandler()
    logging.getLogger().addHandler(placeholder)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(placeholder)
