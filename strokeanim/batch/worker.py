"""Render jobs on a worker of Dask, with a model that is loaded once, into the store."""

from __future__ import annotations

import logging
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from distributed import Worker, WorkerPlugin, get_worker

from strokeanim import __version__
from strokeanim.animation.animation import Animation
from strokeanim.batch.jobs import Outcome, RenderSettings
from strokeanim.batch.shared_decoder import run_batched
from strokeanim.batch.store import open_store
from strokeanim.engine import load_model
from strokeanim.errors import InputError, OutputError, StrokeAnimError
from strokeanim.io.streams import divert
from strokeanim.latent.codec import Codec
from strokeanim.pipeline import count_recognised
from strokeanim.render.host import save_all


class RenderWorker(WorkerPlugin):
    """The plugin that Dask sets up on every worker of a cluster, including those that join later.

    The model is sent as the bytes of its files, so all workers render with the same one.

    Attributes:
        name: name of the plugin on the workers.
        files: files of the model folder, by name.
        url: address of the store.
        marker: a file that every worker must find there if the store is a folder.
        local: whether the workers are child processes, which ignore Ctrl-C: the parent ends them.
    """

    def __init__(
        self, name: str, files: Mapping[str, bytes], url: str, marker: str, local: bool
    ) -> None:
        self.name, self.files, self.url, self.marker, self.local = name, files, url, marker, local
        self.version = __version__

    def setup(self, worker: Worker) -> None:
        """Load the model and open the store.

        `draw` repeats the error, since Dask does not report that of a worker that joins later.

        Raises:
            InputError: this worker can't take part.
        """
        self._setup_error: InputError | None = None
        try:
            self._set_up(worker)
        except InputError as error:
            self._setup_error = error
            raise

    def _set_up(self, worker: Worker) -> None:
        if self.version != __version__:
            raise InputError(
                f"the worker {worker.address} has strokeanim {__version__}, and the batch was "
                f"begun by {self.version}; install the same on all machines"
            )
        if self.local and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._store = open_store(self.url)
        if not self._is_active():
            raise InputError(
                f"the worker {worker.address} does not see {self._store.root}; give a folder that "
                "all machines share, or a URL such as s3://bucket/folder"
            )
        self._save_lock = threading.Lock()
        with tempfile.TemporaryDirectory(prefix="strokeanim-") as name:
            folder = Path(name)
            for file, data in self.files.items():
                (folder / file).write_bytes(data)
            self._model = load_model(folder)
            # Load all graphs, so that the files are not needed any more.
            label = self._model.classes[0]
            drawings = self._model.decode(self._model.sample(label, 1, np.random.default_rng(0)))
            self._model.identify(drawings)
        self.files = {}

    def _is_active(self) -> bool:
        """Return whether the batch still runs; a worker may outlive it."""
        return self._store.root is None or (self._store.root / self.marker).exists()

    def draw(self, jobs: Sequence[RenderSettings]) -> list[Outcome]:
        """Render jobs in one batch and save them one by one; the error of a job is its outcome.

        Raises:
            InputError: this worker can't take part.
        """
        if self._setup_error:
            raise self._setup_error
        futures = run_batched(self._model, [partial(_render, job) for job in jobs])
        return [self._save_or_fail(job, future) for job, future in zip(jobs, futures, strict=True)]

    def _save_or_fail(self, job: RenderSettings, future: Future[Animation]) -> Outcome:
        try:
            animation = future.result()
            # The lock is needed since `divert` affects the whole process.
            with self._save_lock, divert(sys.stderr, 2):
                files = self._save(animation, job)
        except StrokeAnimError as error:
            return Outcome(error=str(error))
        except Exception as error:
            logging.getLogger(__name__).debug("a job failed", exc_info=True)
            return Outcome(
                error=f"{type(error).__name__}: {error}; this is a bug in strokeanim or a plugin"
            )
        return Outcome(files, frames=count_recognised(animation))

    def _save(self, animation: Animation, job: RenderSettings) -> Mapping[str, int]:
        """Write all files of a job, and only then move them to the store."""
        with self._store.scratch() as scratch:
            files: dict[str, Path] = {}
            paths = []
            for number, output in enumerate(map(PurePosixPath, job.outputs)):
                folder = scratch / str(number)
                folder.mkdir()
                paths.append(folder / output.name)
            save_all(animation, paths, job.renderer, job.options)
            for path, output in zip(paths, map(PurePosixPath, job.outputs), strict=True):
                # several files if it is a series or has companions
                files |= {str(output.parent / f.name): f for f in sorted(path.parent.iterdir())}
            if not self._is_active():
                raise OutputError("the batch of this job has ended")
            return {name: self._store.take(file, name) for name, file in files.items()}


def draw(name: str, jobs: Sequence[RenderSettings]) -> list[Outcome]:
    """Run a task with the plugin `name` of the worker that this is called on."""
    plugin: Any = get_worker().plugins[name]
    outcomes: list[Outcome] = plugin.draw(jobs)
    return outcomes


def _render(job: RenderSettings, model: Codec) -> Animation:
    drawings = job.request.prepare(job.drawings, job.resized)
    return job.request.animate(drawings, model, job.coherence)
