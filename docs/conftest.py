"""Every Python block of these pages is run, each page from top to bottom, in an empty folder."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser


def _begin(namespace: dict[str, Any]) -> None:
    namespace["_folder"], namespace["_before"] = tempfile.TemporaryDirectory(), os.getcwd()  # noqa: PTH109
    os.chdir(namespace["_folder"].name)


def _end(namespace: dict[str, Any]) -> None:
    os.chdir(namespace["_before"])
    namespace["_folder"].cleanup()


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()],
    patterns=["**/*.md"],
    excludes=["tutorial/a-renderer.md"],  # followed, not only run, by tests/docs
    setup=_begin,
    teardown=_end,
).pytest()
