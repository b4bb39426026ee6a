"""Send jobs to the workers of a Dask cluster, and record their outcomes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from strokeanim.batch.cluster import (
    describe_cluster,
    open_cluster,
    register_worker,
    reporting_lost_cluster,
    require_dask,
)
from strokeanim.batch.jobs import Event, Job, Outcome, RenderSettings, Summary
from strokeanim.batch.journal import Journal
from strokeanim.batch.naming import PRIVATE_FOLDER
from strokeanim.batch.store import Store, open_store
from strokeanim.engine import model_folder, read_metadata
from strokeanim.errors import InputError, StrokeAnimError
from strokeanim.io.atomic_files import reporting_errors
from strokeanim.io.locks import locked

TOGETHER = 8
"""Largest number of jobs per task, whose in-betweens are decoded in one batch."""

TASKS_IN_FLIGHT = 3
"""Number of unfinished tasks per thread of the cluster."""

Report = Callable[[Event], object]


def run(
    jobs: Sequence[Job],
    out: str | os.PathLike[str],
    *,
    model: str | os.PathLike[str] = "faces",
    workers: int | None = None,
    scheduler: str | None = None,
    force: bool = False,
    report: Report | None = None,
) -> Summary:
    """Run the jobs that are not done yet; see `docs/how-to/batches.md`.

    Files are atomic. A journal records what is done, even on interruption: repeat the call to
    continue. A job that fails is reported in the summary, and does not stop the others.

    Args:
        jobs: the jobs that `plan` made for the same folder.
        out: the folder, or its URL.
        model: a bundled model or a model folder.
        workers: number of local processes; None for one per core, 0 to run all in this process.
        scheduler: the address of a running Dask cluster to use instead.
        force: whether jobs that are done are repeated.
        report: called with each event.

    Raises:
        InputError: the scheduler does not answer, or workers can't take part.
        OutputError: the folder can't be written.
        StrokeAnimError: the connection to the cluster was lost; what was done is kept.
        MissingDependencyError: Dask is not installed.
    """
    start = time.monotonic()
    emit = report or (lambda _: None)
    require_dask()  # before anything is written
    store = open_store(out)
    if store.in_process and (scheduler or workers != 0):
        raise InputError(
            f"{store.url} is in the memory of this process, which workers can't access; give "
            "workers=0, or a folder that they share"
        )
    files = _read_model_files(model_folder(model))
    summary = Summary()
    with _lock_store(store) as marker:
        journal = Journal(store, _hash_files(files))
        todo = [job for job in jobs if force or not journal.is_done(job)]
        for job in set(jobs) - set(todo):
            summary.count(job.label, "up_to_date")
        emit(Event("plan", {"jobs": len(jobs), "up_to_date": len(jobs) - len(todo)}))
        summary.left = len(todo)
        try:
            if todo:
                with (
                    open_cluster(workers, scheduler) as client,
                    register_worker(client, files, store, marker, local=scheduler is None) as name,
                ):
                    emit(Event("cluster", describe_cluster(client)))
                    _Dispatcher(client, name, todo, journal, summary, emit).run()
        finally:
            try:
                journal.close()
            finally:
                store.clear_scratch()
                summary.seconds = time.monotonic() - start
                emit(Event("end", _summarise(summary)))
    return summary


MODEL_FILES = ("model.json", "prior.npz", "encoder.onnx", "starter.onnx", "step.onnx")
"""The files of a model folder that rendering needs."""


def _read_model_files(folder: Path) -> dict[str, bytes]:
    read_metadata(folder)  # or raises
    try:
        return {name: (folder / name).read_bytes() for name in MODEL_FILES}
    except OSError as error:
        raise InputError(
            f"{folder} lacks {error.filename}; export the model again, or name another"
        ) from error


def _hash_files(files: Mapping[str, bytes]) -> str:
    return hashlib.sha256(b"".join(files.values())).hexdigest()


class _Dispatcher:
    """The state of one run: tasks in flight, and quarantined jobs."""

    def __init__(
        self,
        client: Any,
        plugin: str,
        jobs: Sequence[Job],
        journal: Journal,
        summary: Summary,
        emit: Report,
    ) -> None:
        from distributed import as_completed  # noqa: PLC0415  (an extra)

        self._client, self._plugin, self._jobs = client, plugin, jobs
        self._journal, self._summary, self._emit = journal, summary, emit
        self._in_flight = as_completed(loop=client.loop)
        self._sent: dict[str, Sequence[Job]] = {}
        self._quarantined: list[Job] = []

    def run(self) -> None:
        """Run all jobs.

        Raises:
            StrokeAnimError: the cluster is lost, or the folder can't be written.
        """
        # Use smaller tasks if there are few jobs, so that every worker gets some.
        size = min(TOGETHER, max(1, len(self._jobs) // (2 * self._count_threads())))
        groups = (self._jobs[k : k + size] for k in range(0, len(self._jobs), size))
        self._send(groups)
        for future in self._in_flight:
            outcomes = self._collect(future)
            if outcomes is None:  # its worker was lost, and Dask runs it again
                self._in_flight.add(future)
                continue
            jobs = self._sent.pop(future.key)
            for job, outcome in zip(jobs, outcomes, strict=True):
                self._record(job, outcome)
            self._journal.flush_if_due()
            with reporting_lost_cluster():
                future.release()
            self._send(groups)

    def _send(self, groups: Iterator[Sequence[Job]]) -> None:
        """Submit enough tasks to keep workers busy; at the end, one quarantined job at a time."""
        room = TASKS_IN_FLIGHT * self._count_threads() - len(self._sent)
        while room > 0 and (jobs := next(groups, None)) is not None:
            room -= self._submit(jobs)
        while self._quarantined and not self._sent:
            self._submit([self._quarantined.pop()])

    def _submit(self, jobs: Sequence[Job]) -> bool:
        """Submit jobs as one task; return False if none is left, as jobs without pictures fail."""
        from strokeanim.batch.worker import draw  # noqa: PLC0415

        ready: dict[Job, RenderSettings] = {}
        for job in jobs:
            try:
                ready[job] = RenderSettings.from_job(job)
            except StrokeAnimError as error:
                self._record(job, Outcome(error=str(error)))
        if ready:
            settings = list(ready.values())
            with reporting_lost_cluster():
                future = self._client.submit(draw, self._plugin, settings, pure=False)
            self._sent[future.key] = list(ready)
            self._in_flight.add(future)
        return bool(ready)

    def _count_threads(self) -> int:
        """Return the number of threads of all workers; 1 without workers, as some may join."""
        with reporting_lost_cluster():
            threads: Mapping[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def _collect(self, future: Any) -> Sequence[Outcome | None] | None:
        """Return the outcomes of a task, None for jobs to quarantine; or None if it is not done.

        Dask blames the death of a worker on all tasks that waited there. So their jobs are
        quarantined, and each is retried with no other; only then has it failed.

        Raises:
            StrokeAnimError: the cluster is lost, or a worker can't take part.
        """
        from distributed import KilledWorker  # noqa: PLC0415

        jobs = self._sent[future.key]
        if future.status in ("lost", "pending"):
            return None
        try:
            with reporting_lost_cluster():
                outcomes: list[Outcome] = future.result()
                return outcomes
        except KilledWorker:
            if len(jobs) > 1 or self._sent.keys() - {future.key}:
                return [None] * len(jobs)
            return [Outcome(error="the workers that did it were killed, one after the other")]
        except StrokeAnimError:
            raise
        except Exception as error:  # the worker turns the errors of jobs into outcomes
            return [Outcome(error=f"{type(error).__name__}: {error}")] * len(jobs)

    def _record(self, job: Job, outcome: Outcome | None) -> None:
        if outcome is None:
            self._quarantined.append(job)
            return
        self._journal.add(job, outcome)
        self._summary.left -= 1
        facts: dict[str, Any] = {"line": job.line, "label": job.label}
        if outcome.error:
            self._summary.count(job.label, "failed")
            self._summary.failed.append((job.line, outcome.error))
            self._emit(Event("failed", facts | {"error": outcome.error}))
        else:
            self._summary.count(job.label, "done")
            recognised, frames = outcome.frames
            facts |= {"files": sorted(outcome.files), "frames": frames, "recognised": recognised}
            self._emit(Event("done", facts))


@contextlib.contextmanager
def _lock_store(store: Store) -> Iterator[str]:
    """Lock a local folder against other batches while the block runs.

    Yields:
        The name of a marker file, removed afterwards, or "" for a URL. Workers that don't find the
        marker in their folder write nothing.
    """
    if store.root is None:
        yield ""
        return
    own = store.root / PRIVATE_FOLDER
    with reporting_errors(store.root):
        own.mkdir(parents=True, exist_ok=True)
    busy = InputError(f"another batch writes into {store.root}; wait until it is done")
    with locked(own / "batch", busy):
        store.write(f"{PRIVATE_FOLDER}/README.txt", _README)
        for old in own.glob("run-*"):  # of a batch that was killed
            store.remove(f"{PRIVATE_FOLDER}/{old.name}")
        marker = f"{PRIVATE_FOLDER}/run-{secrets.token_hex(8)}"
        store.write(marker, b"")
        try:
            yield marker
        finally:
            store.remove(marker)


_README = b"""What strokeanim batch has done here, so that it can go on where it was.
Without this folder, everything is done again.
"""


def _summarise(summary: Summary) -> dict[str, Any]:
    facts: dict[str, Any] = {key: summary.total(key) for key in ("done", "up_to_date", "failed")}
    return facts | {"left": summary.left, "seconds": round(summary.seconds, 3)}
