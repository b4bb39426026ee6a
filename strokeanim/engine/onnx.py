"""Run a model with ONNX Runtime, the default engine.

It needs no TensorFlow and loads in hundredths of a second.
"""

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
        (graph_input,) = self._encoder.get_inputs()
        mean, probabilities = self._encoder.run(None, {graph_input.name: seen})
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
        return self._open_session("encoder")

    @cached_property
    def _starter(self) -> Any:
        return self._open_session("starter")

    @cached_property
    def _step(self) -> Any:
        return self._open_session("step")

    def _open_session(self, graph: str) -> Any:
        return open_session(self.folder / f"{graph}.onnx")


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """Load an ONNX graph as a session that is ready to run.

    Raises:
        InputError: the file is missing or damaged.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # One order of summation, so that a seed gives the same drawing on every run.
    options.intra_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has no common error class to catch
        raise InputError(f"{path} is missing or damaged: {str(error)[:200]}") from error
