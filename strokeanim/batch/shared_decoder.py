"""A model that several animations share: what they want decoded is decoded in one batch.

Each animation is made in a thread of its own, by code that knows nothing of the others. One thread
runs at a time, until it wants something decoded; threads are here to wait in, not to be faster.
When all of them wait, or have ended, the last one decodes for all.
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
    """Run tasks at once, each with a model that decodes for all of them.

    A drawing does not depend on those that it is decoded with (see `Codec.decode`), so neither do
    the results.

    Args:
        model: what encodes and decodes.
        tasks: each is called with a model, in a thread of its own.

    Returns:
        One future per task, done: its result, or what it raised.
    """
    shared = _BatchingCodec(model, len(tasks))

    def one(task: Callable[[Codec], T]) -> T:
        with shared.turn:
            try:
                return task(shared)
            finally:
                shared.rest(None)

    with ThreadPoolExecutor(len(tasks)) as threads:
        return [threads.submit(one, task) for task in tasks]


@dataclass
class _Call:
    """Latents to be decoded, `(n, latent)`, each with its temperature and random numbers."""

    z: Latents
    heat: Float32[np.ndarray, " n"]
    chance: list[np.random.Generator]
    drawings: Future[list[Drawing]] = field(default_factory=Future)


class _BatchingCodec:
    """A `Codec`; see the module."""

    def __init__(self, model: Codec, members: int) -> None:
        self._model = model
        self.turn = threading.Lock()
        """Held by the thread that runs."""
        self._busy = members
        self._calls: list[_Call] = []

    def decode(
        self, z: Latents, temperature: float | Temperatures = 0.0, rng: RandomSource = None
    ) -> list[Drawing]:
        heat = np.broadcast_to(np.asarray(temperature, np.float32), (len(z),))
        if not isinstance(rng, Sequence):
            rng = (rng or np.random.default_rng(0)).spawn(len(z))
        call = _Call(z, heat, list(rng))
        self.rest(call)
        self.turn.release()
        try:
            return call.drawings.result()
        finally:
            self.turn.acquire()

    def rest(self, call: _Call | None) -> None:
        """A task waits, or has ended; if none is busy any more, decode what they wait for."""
        if call is not None:
            self._calls.append(call)
        self._busy -= 1
        if not self._busy:
            calls, self._calls = self._calls, []
            self._busy = len(calls)
            _answer(self._model, calls)

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


def _answer(model: Codec, calls: Sequence[_Call]) -> None:
    """One batch for all; if that fails, one for each, so that an error finds whom it is for."""
    if not calls:
        return
    try:
        drawings = model.decode(
            np.concatenate([call.z for call in calls]),
            np.concatenate([call.heat for call in calls]),
            [one for call in calls for one in call.chance],
        )
    except InputError as error:  # before a random number was drawn
        if len(calls) == 1:
            calls[0].drawings.set_exception(error)
            return
        for call in calls:
            _answer(model, [call])
        return
    except Exception as error:
        for call in calls:
            call.drawings.set_exception(error)
        return
    for call in calls:
        call.drawings.set_result(drawings[: len(call.z)])
        del drawings[: len(call.z)]
