"""The examples, loaded as modules or run as a shell would, without starting a process."""

from __future__ import annotations

import runpy
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import av
import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def load(name: str) -> ModuleType:
    """A new module, so that a test may change its constants."""
    spec = spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(monkeypatch, name: str, *arguments: object) -> int:
    """The exit code of `python examples/NAME.py ARGUMENTS`."""
    monkeypatch.setattr(sys, "argv", [f"{name}.py", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    return end.value.code or 0


def pictures(video: Path) -> np.ndarray:
    """Grey levels, `(frames, height, width)`."""
    with av.open(str(video)) as file:
        return np.stack([frame.to_ndarray(format="gray") for frame in file.decode(video=0)])


def steps(frames: np.ndarray) -> np.ndarray:
    """How much changes from each frame to the next, the last back to the first."""
    return np.abs(np.roll(frames, -1, axis=0).astype(float) - frames).mean(axis=(1, 2))
