"""What a worker has: the model, loaded once, and the store that outputs go to."""

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
    """Set up on every worker of a cluster, also on those that join later.

    The model travels as the bytes of its files, so all workers draw with the same one.

    Attributes:
        name: that the plugin is found by.
        files: of the model folder, by name.
        url: of the store.
        mark: a file there, which every worker has to see if the store is a folder.
        ours: whether the workers are our own processes, which Ctrl-C reaches as well; what is to
            end is said by us.
    """

    def __init__(
        self, name: str, files: Mapping[str, bytes], url: str, mark: str, ours: bool
    ) -> None:
        self.name, self.files, self.url, self.mark, self.ours = name, files, url, mark, ours
        self.version = __version__

    def setup(self, worker: Worker) -> None:
        """Raises `InputError`: this worker can't take part.

        Of a worker that joins later nobody would be told, so `draw` raises it as well.
        """
        self._trouble: InputError | None = None
        try:
            self._set_up(worker)
        except InputError as error:
            self._trouble = error
            raise

    def _set_up(self, worker: Worker) -> None:
        if self.version != __version__:
            raise InputError(
                f"the worker {worker.address} has strokeanim {__version__}, and the batch was "
                f"begun by {self.version}; install the same on all machines"
            )
        if self.ours and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._store = open_store(self.url)
        if not self._is_going_on():
            raise InputError(
                f"the worker {worker.address} does not see {self._store.root}; give a folder that "
                "all machines share, or a URL such as s3://bucket/folder"
            )
        self._saving = threading.Lock()
        with tempfile.TemporaryDirectory(prefix="strokeanim-") as name:
            folder = Path(name)
            for each, data in self.files.items():
                (folder / each).write_bytes(data)
            self._model = load_model(folder)
            # loads all graphs: the files are needed no more
            label = self._model.classes[0]
            drawn = self._model.decode(self._model.sample(label, 1, np.random.default_rng(0)))
            self._model.identify(drawn)
        self.files = {}

    def _is_going_on(self) -> bool:
        """Whether the batch still has the folder; a worker may learn late that it is over."""
        return self._store.root is None or (self._store.root / self.mark).exists()

    def draw(self, works: Sequence[RenderSettings]) -> list[Outcome]:
        """Draw together, save one after the other; what goes wrong with one is its outcome.

        Raises:
            InputError: this worker can't take part.
        """
        if self._trouble:
            raise self._trouble
        made = run_batched(self._model, [partial(_animation, work) for work in works])
        return [self._saved(work, each) for work, each in zip(works, made, strict=True)]

    def _saved(self, work: RenderSettings, made: Future[Animation]) -> Outcome:
        try:
            animation = made.result()
            # what is diverted is the whole process's
            with self._saving, divert(sys.stderr, 2):
                files = self._save(animation, work)
        except StrokeAnimError as error:
            return Outcome(error=str(error))
        except Exception as error:
            logging.getLogger(__name__).debug("a job failed", exc_info=True)
            return Outcome(
                error=f"{type(error).__name__}: {error}; this is a bug in strokeanim or a plugin"
            )
        return Outcome(files, frames=count_recognised(animation))

    def _save(self, animation: Animation, work: RenderSettings) -> Mapping[str, int]:
        """All files of a job are written before the first of them takes its name."""
        with self._store.scratch() as scratch:
            files: dict[str, Path] = {}
            paths = []
            for number, output in enumerate(map(PurePosixPath, work.outputs)):
                folder = scratch / str(number)
                folder.mkdir()
                paths.append(folder / output.name)
            save_all(animation, paths, work.renderer, work.options)
            for path, output in zip(paths, map(PurePosixPath, work.outputs), strict=True):
                # there may be several: a series, or companions
                files |= {str(output.parent / f.name): f for f in sorted(path.parent.iterdir())}
            if not self._is_going_on():
                raise OutputError("the batch that this was for is over")
            return {name: self._store.take(file, name) for name, file in files.items()}


def draw(name: str, works: Sequence[RenderSettings]) -> list[Outcome]:
    """The task that travels: the worker's studio does it."""
    studio: Any = get_worker().plugins[name]
    found: list[Outcome] = studio.draw(works)
    return found


def _animation(work: RenderSettings, model: Codec) -> Animation:
    drawings = work.request.shown(work.drawings, work.resized)
    return work.request.animation(drawings, model, work.coherence)
