"""Keep the journal of a batch: which jobs are done, read at the start and written as they finish.

Each job has a line of JSON with a hash of its input (`Job.digest`) and the sizes of its files.
Lines are in atomic files, one for every few seconds, which are merged at the end of a batch.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from strokeanim.batch.jobs import Job, Outcome
from strokeanim.batch.naming import PRIVATE_FOLDER
from strokeanim.batch.store import Store

FOLDER = f"{PRIVATE_FOLDER}/journal"
FLUSH_INTERVAL = 2.0
"""Seconds between two files, at least."""

MAX_FILES = 200
"""Number of files at which they are merged."""


class Journal:
    """The journal of one folder.

    Args:
        store: the folder.
        model: hash of the model, since another model renders other files.
    """

    def __init__(self, store: Store, model: str) -> None:
        self._store, self._model = store, model
        self._sizes = store.sizes()
        self._parts = sorted(name for name in self._sizes if name.startswith(f"{FOLDER}/"))
        self._lines: list[dict[str, Any]] = []
        for part in self._parts:
            self._lines += _parse_lines(store.read(part))
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
        """Return whether all files of a job exist in the recorded sizes, written by this job."""
        digest = self._hash_job(job)
        line = self._done.get(digest)
        return line is not None and all(
            self._sizes.get(file) == size and self._last[file]["job"] == digest
            for file, size in line["files"].items()
        )

    def add(self, job: Job, outcome: Outcome) -> None:
        """Add the line of a job that is done or has failed; it is written at the next flush."""
        line: dict[str, Any] = {"job": self._hash_job(job), "files": dict(outcome.files)}
        if outcome.error:
            line |= {"line": job.line, "error": outcome.error}
        self._new.append(line)
        self._last.update(dict.fromkeys(outcome.files, line))

    def flush_if_due(self) -> None:
        """Write new lines if the last flush is more than `FLUSH_INTERVAL` ago.

        Raises:
            OutputError: they can't be written.
        """
        if time.monotonic() - self._written > FLUSH_INTERVAL:
            self.flush()

    def flush(self) -> None:
        """Write new lines.

        Raises:
            OutputError: they can't be written.
        """
        if self._new:
            self._parts.append(self._write(self._new))
            self._lines += self._new
            self._new = []
        if len(self._parts) >= MAX_FILES:
            self._compact()
        self._written = time.monotonic()

    def close(self) -> None:
        """Write new lines, and merge all files.

        Raises:
            OutputError: they can't be written.
        """
        self.flush()
        if len(self._parts) > 1:
            self._compact()

    def _compact(self) -> None:
        """Merge all files, without lines whose files other jobs have since overwritten."""
        self._lines = [
            line
            for line in self._lines
            if "error" in line or any(self._last[file] is line for file in line["files"])
        ]
        merged = self._write(self._lines)
        for part in self._parts:
            self._store.remove(part)
        self._parts = [merged]

    def _hash_job(self, job: Job) -> str:
        return hashlib.sha256(f"{self._model} {job.digest}".encode()).hexdigest()

    def _write(self, lines: list[dict[str, Any]]) -> str:
        name = f"{self._run}-{self._count:06d}.jsonl"
        self._count += 1
        text = "".join(f"{json.dumps(line, sort_keys=True)}\n" for line in lines)
        self._store.write(name, text.encode())
        return name


def _parse_lines(data: bytes) -> list[dict[str, Any]]:
    """Parse the lines of a file, without failed jobs and what is not a line of a journal."""
    lines = []
    for text in data.splitlines():
        try:
            line = json.loads(text)
            valid = isinstance(line["job"], str) and isinstance(line["files"], dict)
        except (ValueError, KeyError, TypeError):
            continue
        if valid and "error" not in line:
            lines.append(line)
    return lines
