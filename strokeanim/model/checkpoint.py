"""Weights in a plain `.npz`: read without executing anything, written whole or not at all."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from strokeanim.errors import InputError
from strokeanim.io.atomic_files import replace_file

if TYPE_CHECKING:
    import keras

WEIGHTS = "weights.npz"
"""Of a model folder: all weights of the Keras model, in half precision."""


def save_arrays(path: Path, arrays: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    """Write named arrays and JSON facts to `path`, atomically.

    Raises:
        OutputError: the place cannot be written or the disk is full.
    """
    with replace_file(path) as file:
        write_arrays(file, arrays, facts)


def write_arrays(file: BinaryIO, arrays: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    """Named arrays and JSON facts as `.npz`."""
    text = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    plain: dict[str, Any] = {name: np.asarray(array) for name, array in arrays.items()}
    np.savez(file, facts=text, **plain)


def load_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays and facts that `save_arrays` wrote; pickles are refused.

    Raises:
        InputError: no such file, or not one of these.
    """
    with _reading(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
        return arrays, json.loads(arrays.pop("facts").tobytes())


def load_metadata(path: Path) -> dict[str, Any]:
    """Only the facts of such a file.

    Raises:
        InputError: no such file, or not one of these.
    """
    with _reading(path) as stored:
        facts: dict[str, Any] = json.loads(stored["facts"].tobytes())
        return facts


@contextmanager
def _reading(path: Path) -> Iterator[Any]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            yield stored
    except FileNotFoundError as error:
        raise InputError(f"no such file: {path}") from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is not a checkpoint of strokeanim: {error}") from error


def variables_of(model: keras.Model, optimizer: bool) -> dict[str, keras.Variable]:
    """The model's variables, and the optimizer's if asked, under stable and telling names."""
    named = {f"model/{n:03d}/{v.path}": v for n, v in enumerate(model.variables)}
    if optimizer:
        state = model.optimizer.variables
        named |= {f"optimizer/{n:03d}/{v.path}": v for n, v in enumerate(state)}
    return {name.replace("/", "|"): variable for name, variable in named.items()}


def load_matching(variables: Mapping[str, keras.Variable], arrays: Mapping[str, np.ndarray]) -> int:
    """Assign those stored weights that fit in name and shape; how many did. The rest stay fresh."""
    stored = {_layer(name): value for name, value in arrays.items()}
    taken = 0
    for name, variable in variables.items():
        value = stored.get(_layer(name))
        if value is None or value.ndim == 0:  # numbers count steps
            continue
        if value.shape == tuple(variable.shape):
            variable.assign(value.astype(np.float32))
            taken += 1
    return taken


def restore(variables: Mapping[str, keras.Variable], arrays: Mapping[str, np.ndarray]) -> None:
    """Assign stored values to variables of the same number and shape.

    Names are compared by place and kind, since Keras numbers its automatic names per process.

    Raises:
        InputError: a value is missing or has another shape: another config, in other words.
    """
    by_place = {tuple(name.split("|")[:2]): value for name, value in arrays.items()}
    for name, variable in variables.items():
        value = by_place.get(tuple(name.split("|")[:2]))
        if value is None or value.shape != tuple(variable.shape):
            raise InputError(
                f"the checkpoint does not fit this config: {name.replace('|', '/')} is "
                f"{'missing' if value is None else value.shape}, not {tuple(variable.shape)}"
            )
        variable.assign(value)


def _layer(name: str) -> tuple[str, ...]:
    """The layer's own name and the weight's: what a stored name and a new one have in common."""
    return tuple(name.split("|")[-2:])
