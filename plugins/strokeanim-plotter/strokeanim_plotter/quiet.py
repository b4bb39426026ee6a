"""Keep vpype from changing the logging of the whole program."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator


@contextlib.contextmanager
def root_logger_left_alone() -> Iterator[None]:
    """Context in which vpype runs.

    vpype logs with `logging.info`, which gives a root logger without handlers one that prints.
    From then on, what any library logs would appear on stderr, or appear twice.
    """
    placeholder = logging.NullHandler()
    logging.getLogger().addHandler(placeholder)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(placeholder)
