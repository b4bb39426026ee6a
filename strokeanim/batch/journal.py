"""What is done: read when a batch begins, written while it runs.

A line of JSON for each job, in files that appear whole, a few seconds' worth each; when a batch
ends they become one. A line says what was made, from what (`Job.digest`), and how large it is.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from strokeanim.batch.jobs import Job, Outcome
from strokeanim.batch.naming import OWN
from strokeanim.batch.store import Store

FOLDER = f"{OWN}/journal"
EVERY = 2.0
"""Seconds between two files."""

MOST = 200
"""Files before they become one."""


class Journal:
    """Of one folder.

    Args:
        store: the folder.
        model: what tells the model from others; another one would draw other files.
    """

    def __init__(self, store: Store, model: str) -> None:
        self._store, self._model = store, model
        self._sizes = store.sizes()
        self._parts = sorted(name for name in self._sizes if name.startswith(f"{FOLDER}/"))
        self._lines: list[dict[str, Any]] = []
        for part in self._parts:
            self._lines += _read(store.read(part))
        self._last: dict[str, Mapping[str, Any]] = {}
        for line in self._lines:
            self._last.update(dict.fromkeys(line["files"], line))
        self._done = {line["job"]: line for line in self._lines}
        run = time.time_ns()
        self._run = f"{FOLDER}/{run:020d}"
        self._count = 0
        self._new: list[dict[str, Any]] = []
        self._written = time.monotonic()

    def is_done(self, job: Job) -> bool:
        """Whether all files of a job are there, and are as they were made, by this very job."""
        name = self._name_of(job)
        line = self._done.get(name)
        return line is not None and all(
            self._sizes.get(file) == size and self._last[file]["job"] == name
            for file, size in line["files"].items()
        )

    def add(self, job: Job, outcome: Outcome) -> None:
        """A job is done or has failed; written soon.

        Raises:
            OutputError: it can't be written.
        """
        line: dict[str, Any] = {"job": self._name_of(job), "files": dict(outcome.files)}
        if outcome.error:
            line |= {"line": job.line, "error": outcome.error}
        self._new.append(line)
        self._last.update(dict.fromkeys(outcome.files, line))

    def keep(self) -> None:
        """Write what was added, unless that was done a moment ago.

        Raises:
            OutputError: it can't be written.
        """
        if time.monotonic() - self._written > EVERY:
            self.flush()

    def flush(self) -> None:
        """Write what was added.

        Raises:
            OutputError: it can't be written.
        """
        if self._new:
            self._parts.append(self._write(self._new))
            self._lines += self._new
            self._new = []
        if len(self._parts) >= MOST:
            self._compact()
        self._written = time.monotonic()

    def close(self) -> None:
        """Write what was added, and make one file of all.

        Raises:
            OutputError: it can't be written.
        """
        self.flush()
        if len(self._parts) > 1:
            self._compact()

    def _compact(self) -> None:
        """One file for all, without lines whose files have since been written by other jobs."""
        self._lines = [
            line
            for line in self._lines
            if "error" in line or any(self._last[file] is line for file in line["files"])
        ]
        whole = self._write(self._lines)
        for part in self._parts:
            self._store.remove(part)
        self._parts = [whole]

    def _name_of(self, job: Job) -> str:
        return hashlib.sha256(f"{self._model} {job.digest}".encode()).hexdigest()

    def _write(self, lines: list[dict[str, Any]]) -> str:
        name = f"{self._run}-{self._count:06d}.jsonl"
        self._count += 1
        text = "".join(f"{json.dumps(line, sort_keys=True)}\n" for line in lines)
        self._store.write(name, text.encode())
        return name


def _read(data: bytes) -> list[dict[str, Any]]:
    """The lines of a file; what is no line of a journal was not written by one and counts for
    nothing.
    """
    found = []
    for text in data.splitlines():
        try:
            line = json.loads(text)
            whole = isinstance(line["job"], str) and isinstance(line["files"], dict)
        except (ValueError, KeyError, TypeError):
            continue
        if whole and "error" not in line:
            found.append(line)
    return found
