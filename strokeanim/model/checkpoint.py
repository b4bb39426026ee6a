"""Read and write weights as plain `.npz`: without executing anything, and atomically."""

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
"""The file of a model folder with all weights of the Keras model, in half precision."""


def save_arrays(path: Path, arrays: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    """Write named arrays and JSON metadata to `path`, atomically.

    Raises:
        OutputError: `path` cannot be written or the disk is full.
    """
    with replace_file(path) as file:
        write_arrays(file, arrays, facts)


def write_arrays(file: BinaryIO, arrays: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    """Write named arrays and JSON metadata to an open file, as `.npz`."""
    text = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    plain: dict[str, Any] = {name: np.asarray(array) for name, array in arrays.items()}
    np.savez(file, facts=text, **plain)


def load_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read the arrays and the metadata that `save_arrays` wrote; refuse pickles.

    Raises:
        InputError: the file does not exist or is not such a file.
    """
    with _open_npz(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
        return arrays, json.loads(arrays.pop("facts").tobytes())


def load_metadata(path: Path) -> dict[str, Any]:
    """Read only the metadata of a file of `save_arrays`.

    Raises:
        InputError: the file does not exist or is not such a file.
    """
    with _open_npz(path) as stored:
        facts: dict[str, Any] = json.loads(stored["facts"].tobytes())
        return facts


@contextmanager
def _open_npz(path: Path) -> Iterator[Any]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            yield stored
    except FileNotFoundError as error:
        raise InputError(f"no such file: {path}") from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is not a checkpoint of strokeanim: {error}") from error


def variables_of(model: keras.Model, optimizer: bool) -> dict[str, keras.Variable]:
    """Return the variables of the model, and of its optimizer on request, under stable names."""
    named = {f"model/{n:03d}/{v.path}": v for n, v in enumerate(model.variables)}
    if optimizer:
        state = model.optimizer.variables
        named |= {f"optimizer/{n:03d}/{v.path}": v for n, v in enumerate(state)}
    return {name.replace("/", "|"): variable for name, variable in named.items()}


def load_matching(variables: Mapping[str, keras.Variable], arrays: Mapping[str, np.ndarray]) -> int:
    """Assign the stored weights that match in name and shape, and return their number.

    The other variables keep their initial values.
    """
    stored = {_weight_key(name): value for name, value in arrays.items()}
    taken = 0
    for name, variable in variables.items():
        value = stored.get(_weight_key(name))
        if value is None or value.ndim == 0:  # scalars count steps
            continue
        if value.shape == tuple(variable.shape):
            variable.assign(value.astype(np.float32))
            taken += 1
    return taken


def restore(variables: Mapping[str, keras.Variable], arrays: Mapping[str, np.ndarray]) -> None:
    """Assign stored values to variables of the same number and shape.

    Only kind and number of a name are compared, since Keras numbers automatic names per process.

    Raises:
        InputError: a value is missing or has another shape, so the config is another.
    """
    by_number = {tuple(name.split("|")[:2]): value for name, value in arrays.items()}
    for name, variable in variables.items():
        value = by_number.get(tuple(name.split("|")[:2]))
        if value is None or value.shape != tuple(variable.shape):
            raise InputError(
                f"the checkpoint does not fit this config: {name.replace('|', '/')} is "
                f"{'missing' if value is None else value.shape}, not {tuple(variable.shape)}"
            )
        variable.assign(value)


def _weight_key(name: str) -> tuple[str, ...]:
    """Return the names of layer and weight, which are the same in a stored name and a new one."""
    return tuple(name.split("|")[-2:])
