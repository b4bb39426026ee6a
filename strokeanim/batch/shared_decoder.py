"""Decode the latents of several animations in one batch, with a codec that they share.

Each animation is computed by a thread of its own, unaware of the others. One thread runs at a time,
until it calls `decode`: threads are for waiting, not for speed. When all of them wait or have
ended, the last one decodes for all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from strokeanim.engine.sampling import RandomSource, Temperatures
from strokeanim.errors import InputError
from strokeanim.geometry import Drawing, Picture
from strokeanim.latent.codec import Codec
from strokeanim.typing import Float32, Latent, Latents, Probabilities

T = TypeVar("T")


def run_batched(model: Codec, tasks: Sequence[Callable[[Codec], T]]) -> list[Future[T]]:
    """Run tasks at once, with a codec that decodes for all of them in one batch.

    A drawing does not depend on the others of its batch (see `Codec.decode`), so neither do the
    results.

    Args:
        model: the codec.
        tasks: functions of a codec, each called in a thread of its own.

    Returns:
        One finished future per task, with its result or its exception.
    """
    shared = _BatchingCodec(model, len(tasks))

    def run(task: Callable[[Codec], T]) -> T:
        with shared.lock:
            try:
                return task(shared)
            finally:
                shared.suspend(None)

    with ThreadPoolExecutor(len(tasks)) as threads:
        return [threads.submit(run, task) for task in tasks]


@dataclass
class _Call:
    """A call of `decode`: latents `(n, latent)`, each with its temperature and random numbers."""

    z: Latents
    temperatures: Float32[np.ndarray, " n"]
    rngs: list[np.random.Generator]
    drawings: Future[list[Drawing]] = field(default_factory=Future)


class _BatchingCodec:
    """A `Codec` that decodes when all threads wait; see the module."""

    def __init__(self, model: Codec, members: int) -> None:
        self._model = model
        self.lock = threading.Lock()
        """The lock of the one thread that runs."""
        self._running = members
        self._calls: list[_Call] = []

    def decode(
        self, z: Latents, temperature: float | Temperatures = 0.0, rng: RandomSource = None
    ) -> list[Drawing]:
        temperatures = np.broadcast_to(np.asarray(temperature, np.float32), (len(z),))
        if not isinstance(rng, Sequence):
            rng = (rng or np.random.default_rng(0)).spawn(len(z))
        call = _Call(z, temperatures, list(rng))
        self.suspend(call)
        self.lock.release()
        try:
            return call.drawings.result()
        finally:
            self.lock.acquire()

    def suspend(self, call: _Call | None) -> None:
        """Note that a task waits for a call, or has ended; decode the calls if no task runs."""
        if call is not None:
            self._calls.append(call)
        self._running -= 1
        if not self._running:
            calls, self._calls = self._calls, []
            self._running = len(calls)
            _decode_calls(self._model, calls)

    @property
    def classes(self) -> tuple[str, ...]:
        return self._model.classes

    @property
    def latent(self) -> int:
        return self._model.latent

    def encode(self, drawings: Sequence[Drawing | Picture]) -> Latents:
        return self._model.encode(drawings)

    def identify(self, drawings: Sequence[Drawing | Picture]) -> tuple[list[str], Probabilities]:
        return self._model.identify(drawings)

    def read(self, drawings: Sequence[Drawing | Picture]) -> tuple[Latents, Probabilities]:
        return self._model.read(drawings)

    def centre(self, label: str) -> Latent:
        return self._model.centre(label)

    def sample(self, label: str, count: int, rng: np.random.Generator) -> Latents:
        return self._model.sample(label, count, rng)


def _decode_calls(model: Codec, calls: Sequence[_Call]) -> None:
    """Decode all calls in one batch or, if that fails, each alone, so that only its task fails."""
    if not calls:
        return
    try:
        drawings = model.decode(
            np.concatenate([call.z for call in calls]),
            np.concatenate([call.temperatures for call in calls]),
            [rng for call in calls for rng in call.rngs],
        )
    except InputError as error:  # before a random number was drawn
        if len(calls) == 1:
            calls[0].drawings.set_exception(error)
            return
        for call in calls:
            _decode_calls(model, [call])
        return
    except Exception as error:
        for call in calls:
            call.drawings.set_exception(error)
        return
    for call in calls:
        call.drawings.set_result(drawings[: len(call.z)])
        del drawings[: len(call.z)]
