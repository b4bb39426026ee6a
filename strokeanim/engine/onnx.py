"""The default engine: ONNX Runtime, without TensorFlow. Loads in hundredths of a second."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import onnxruntime

from strokeanim.engine.base import Engine
from strokeanim.engine.sampling import Array, State
from strokeanim.errors import InputError
from strokeanim.typing import Latents, Probabilities


@dataclass(frozen=True)
class OnnxEngine(Engine):
    """A `Codec` on the three graphs `encoder.onnx`, `starter.onnx` and `step.onnx`."""

    def look(self, seen: Array) -> tuple[Latents, Probabilities]:
        (taken,) = self._encoder.get_inputs()
        mean, probabilities = self._encoder.run(None, {taken.name: seen})
        return mean, probabilities

    def start(self, z: Latents) -> State:
        return tuple(self._starter.run(None, {"z": z}))

    def step(self, context: Array, state: State) -> tuple[Array, State]:
        h, c, bias = state
        feed = {"context": context, "h": h, "c": c, "bias": bias}
        params, h, c = self._step.run(None, feed)
        return params, (h, c, bias)

    @cached_property
    def _encoder(self) -> Any:
        return self._session("encoder")

    @cached_property
    def _starter(self) -> Any:
        return self._session("starter")

    @cached_property
    def _step(self) -> Any:
        return self._session("step")

    def _session(self, graph: str) -> Any:
        return open_session(self.folder / f"{graph}.onnx")


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """A graph, ready to run.

    Raises:
        InputError: it is missing or damaged.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # One order of summation, so that a seed gives the same drawing on every run.
    options.intra_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has no error class of its own to catch
        raise InputError(f"{path} is missing or damaged: {str(error)[:200]}") from error
