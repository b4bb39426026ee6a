"""Handing jobs out to the workers of a Dask cluster, and taking what becomes of them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from strokeanim.batch.cluster import asking, cluster, facts_of, need_dask, studio
from strokeanim.batch.jobs import Event, Job, Outcome, RenderSettings, Summary
from strokeanim.batch.journal import Journal
from strokeanim.batch.naming import OWN
from strokeanim.batch.store import Store, open_store
from strokeanim.engine import model_folder, read_metadata
from strokeanim.errors import InputError, StrokeAnimError
from strokeanim.io.atomic_files import reporting_errors
from strokeanim.io.locks import locked

TOGETHER = 8
"""Jobs that a worker does at a time, with one batch for their in-betweens."""

AHEAD = 3
"""Tasks per thread of the cluster that are on their way at a time."""

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
    """Do the jobs that are not done yet; see `docs/how-to/batches.md`.

    Files appear whole. What is done is written down, also when this is interrupted: the same call
    goes on. A job that fails is in the summary, and the others are done.

    Args:
        jobs: what `plan` made for the same folder.
        out: the folder, or its URL.
        model: a bundled model or a model folder.
        workers: processes here; None for one per core, 0 for none: all is done in this process.
        scheduler: the address of a running Dask cluster to use instead.
        force: do also what is done.
        report: called with events as they come.

    Raises:
        InputError: the scheduler does not answer, or workers can't take part.
        OutputError: the folder can't be written.
        StrokeAnimError: the cluster is lost; what was done is kept.
        MissingDependencyError: Dask is not installed.
    """
    start = time.monotonic()
    tell = report or (lambda _: None)
    need_dask()  # before anything is written
    store = open_store(out)
    if store.in_process and (scheduler or workers != 0):
        raise InputError(
            f"{store.url} is in the memory of this process, which workers don't see; give "
            "workers=0, or a place that they do see"
        )
    files = _files(model_folder(model))
    summary = Summary()
    with _alone(store) as mark:
        journal = Journal(store, _digest(files))
        todo = [job for job in jobs if force or not journal.is_done(job)]
        for job in set(jobs) - set(todo):
            summary.count(job.label, "up_to_date")
        tell(Event("plan", {"jobs": len(jobs), "up_to_date": len(jobs) - len(todo)}))
        summary.left = len(todo)
        try:
            if todo:
                with (
                    cluster(workers, scheduler) as client,
                    studio(client, files, store, mark, ours=scheduler is None) as name,
                ):
                    tell(Event("cluster", facts_of(client)))
                    _Dispatcher(client, name, todo, journal, summary, tell).run()
        finally:
            try:
                journal.close()
            finally:
                store.clear_scratch()
                summary.seconds = time.monotonic() - start
                tell(Event("end", _end(summary)))
    return summary


ENGINE = ("model.json", "prior.npz", "encoder.onnx", "starter.onnx", "step.onnx")
"""The files of a model folder that drawing takes."""


def _files(folder: Path) -> dict[str, bytes]:
    read_metadata(folder)  # or raises
    try:
        return {name: (folder / name).read_bytes() for name in ENGINE}
    except OSError as error:
        raise InputError(
            f"{folder} lacks {error.filename}; export the model again, or name another"
        ) from error


def _digest(files: Mapping[str, bytes]) -> str:
    return hashlib.sha256(b"".join(files.values())).hexdigest()


class _Dispatcher:
    """One pass over jobs."""

    def __init__(
        self,
        client: Any,
        studio: str,
        jobs: Sequence[Job],
        journal: Journal,
        summary: Summary,
        tell: Report,
    ) -> None:
        from distributed import as_completed  # noqa: PLC0415  (an extra)

        self._client, self._studio, self._jobs = client, studio, jobs
        self._journal, self._summary, self._tell = journal, summary, tell
        self._flying = as_completed(loop=client.loop)
        self._sent: dict[str, Sequence[Job]] = {}
        self._suspects: list[Job] = []

    def run(self) -> None:
        """Raises `StrokeAnimError`: the cluster is lost, the folder can't be written."""
        # of few jobs, every worker gets some
        size = min(TOGETHER, max(1, len(self._jobs) // (2 * self._threads())))
        groups = (self._jobs[k : k + size] for k in range(0, len(self._jobs), size))
        self._send(groups)
        for future in self._flying:
            outcomes = self._outcomes(future)
            if outcomes is None:  # its worker was lost after all, and Dask does it again
                self._flying.add(future)
                continue
            jobs = self._sent.pop(future.key)
            for job, outcome in zip(jobs, outcomes, strict=True):
                self._take(job, outcome)
            self._journal.keep()
            with asking():
                future.release()
            self._send(groups)

    def _send(self, groups: Iterator[Sequence[Job]]) -> None:
        """As many as keep the workers busy; at the end, one suspect after the other."""
        room = AHEAD * self._threads() - len(self._sent)
        while room > 0 and (jobs := next(groups, None)) is not None:
            room -= self._submit(jobs)
        while self._suspects and not self._sent:
            self._submit([self._suspects.pop()])

    def _submit(self, jobs: Sequence[Job]) -> bool:
        """Whether there was something to send: jobs whose pictures are gone have failed."""
        from strokeanim.batch.worker import draw  # noqa: PLC0415

        ready: dict[Job, RenderSettings] = {}
        for job in jobs:
            try:
                ready[job] = RenderSettings.of(job)
            except StrokeAnimError as error:
                self._take(job, Outcome(error=str(error)))
        if ready:
            works = list(ready.values())
            with asking():
                future = self._client.submit(draw, self._studio, works, pure=False)
            self._sent[future.key] = list(ready)
            self._flying.add(future)
        return bool(ready)

    def _threads(self) -> int:
        """Of all workers there are now; 1 if there is none, and more may come."""
        with asking():
            threads: Mapping[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def _outcomes(self, future: Any) -> Sequence[Outcome | None] | None:
        """What became of the jobs of a task, None for suspects; or None if it is not done.

        A worker that dies takes the blame to all that waits there. So these are suspects, and each
        is tried again with nothing beside it; only then has it failed.

        Raises:
            StrokeAnimError: the cluster is lost, or a worker can't take part.
        """
        from distributed import KilledWorker  # noqa: PLC0415

        jobs = self._sent[future.key]
        if future.status in ("lost", "pending"):
            return None
        try:
            with asking():
                found: list[Outcome] = future.result()
                return found
        except KilledWorker:
            if len(jobs) > 1 or self._sent.keys() - {future.key}:
                return [None] * len(jobs)
            return [Outcome(error="the workers that did it were killed, one after the other")]
        except StrokeAnimError:
            raise
        except Exception as error:  # ours are outcomes already
            return [Outcome(error=f"{type(error).__name__}: {error}")] * len(jobs)

    def _take(self, job: Job, outcome: Outcome | None) -> None:
        if outcome is None:
            self._suspects.append(job)
            return
        self._journal.add(job, outcome)
        self._summary.left -= 1
        facts: dict[str, Any] = {"line": job.line, "label": job.label}
        if outcome.error:
            self._summary.count(job.label, "failed")
            self._summary.failed.append((job.line, outcome.error))
            self._tell(Event("failed", facts | {"error": outcome.error}))
        else:
            self._summary.count(job.label, "done")
            good, frames = outcome.frames
            facts |= {"files": sorted(outcome.files), "frames": frames, "recognised": good}
            self._tell(Event("done", facts))


@contextlib.contextmanager
def _alone(store: Store) -> Iterator[str]:
    """No other batch writes into the folder, if it is one of this machine.

    Gives the name of a file there, or "". It is in no other folder, and gone afterwards: workers
    that don't see it write nothing.
    """
    if store.root is None:
        yield ""
        return
    own = store.root / OWN
    with reporting_errors(store.root):
        own.mkdir(parents=True, exist_ok=True)
    busy = InputError(f"another batch writes into {store.root}; wait until it is done")
    with locked(own / "batch", busy):
        store.write(f"{OWN}/README.txt", _README)
        for old in own.glob("run-*"):  # of one that was killed
            store.remove(f"{OWN}/{old.name}")
        mark = f"{OWN}/run-{secrets.token_hex(8)}"
        store.write(mark, b"")
        try:
            yield mark
        finally:
            store.remove(mark)


_README = b"""What strokeanim batch has done here, so that it can go on where it was.
Without this folder, everything is done again.
"""


def _end(summary: Summary) -> dict[str, Any]:
    facts: dict[str, Any] = {what: summary.total(what) for what in ("done", "up_to_date", "failed")}
    return facts | {"left": summary.left, "seconds": round(summary.seconds, 3)}
