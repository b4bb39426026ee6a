"""Read and write sketch-rnn `.npz`: parts `train`, `valid` and `test` of stroke-3 arrays.

The arrays are usually pickled (int16, written under Python 2); `_pickle` reads them without running
the pickle. The file holds no label; the reader derives it from the file's name.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing, DrawingArray
from strokeanim.geometry.stroke_formats import from_stroke3, to_stroke3
from strokeanim.io._open import STDIN, open_reader, open_writer, read_all
from strokeanim.io._pickle import load_object_array
from strokeanim.io.limits import Limits, ReadPolicy

Parts = dict[str, list[npt.NDArray[Any]]]
"""The stroke-3 arrays of each part, by its name."""

PARTS = ("train", "valid", "test")


def read_npz(file: str | PathLike[str], policy: ReadPolicy = ReadPolicy()) -> DrawingArray:
    """Read all drawings, `train` before `valid` before `test`, with keys like `train/17`.

    Raises:
        InputError: the file is not a zip, is damaged or cut short, holds no drawings, or holds a
            pickle that names anything but arrays of numbers.
    """
    with open_reader(file, policy.limits) as stream:
        parts = parse_parts(read_all(stream, str(file), policy.limits), str(file), policy.limits)
    return DrawingArray.of(
        drawing
        for part, arrays in parts.items()
        for drawing in drawings_of(part, arrays, str(file), policy=policy)
    )


def parse_parts(data: bytes, name: str, limits: Limits = Limits()) -> Parts:
    """Return the `(points, 3)` arrays of each part, as they are in the file.

    From a file with none of `train`, `valid` and `test` these are all arrays, sorted by name;
    arrays beside those three are not drawings and are ignored.

    Args:
        data: the bytes of the file.
        name: its name in error messages.
        limits: bounds of the unpacked archive.

    Raises:
        InputError: as for `read_npz`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # the archive states the sizes, and zipfile unpacks no more than that
            sizes = {info.filename: info.file_size for info in archive.infolist()}
            available = sorted(m.removesuffix(".npy") for m in sizes if m.endswith(".npy"))
            wanted = [part for part in PARTS if part in available] or available
            if not wanted:
                raise InputError(f"{name} holds no arrays; is it a sketch-rnn .npz?")
            unpacked = sum(sizes[f"{part}.npy"] for part in wanted)
            limits.check("bytes", unpacked, f"{name}, unpacked,")
            return {part: _load(archive.read(f"{part}.npy"), part, name, limits) for part in wanted}
    except InputError:
        raise
    except (NotImplementedError, RuntimeError) as error:  # exotic compression; encrypted
        raise InputError(f"{name}: cannot unpack it ({error})") from error
    except Exception as error:  # zipfile raises anything, such as ValueError for a wrong offset
        raise InputError(
            f"{name}: not an .npz, or damaged or cut short ({error}); fetch the file again"
        ) from error


def drawings_of(
    part: str,
    arrays: list[npt.NDArray[Any]],
    name: str,
    start: int = 0,
    policy: ReadPolicy = ReadPolicy(),
) -> Iterator[Drawing]:
    """Yield the drawings of a part's arrays, whose first has the index `start`.

    Raises:
        InputError: an array is not stroke-3 or holds NaN; the message gives its key.
    """
    label = label_from(name)
    for index, rows in enumerate(arrays, start):
        try:
            policy.limits.check("points", len(rows), "the drawing")
            drawing = from_stroke3(rows, label, f"{part}/{index}")
            policy.limits.check("strokes", len(drawing.strokes), "the drawing")
        except InputError as error:
            policy.skip(InputError(f"{name}, {part}/{index}: {error}"))
        else:
            yield drawing


def write_npz(drawings: Iterable[Drawing], file: str | PathLike[str]) -> None:
    """Write int16 stroke-3 arrays as in sketch-rnn's files.

    The file appears complete or not at all. Drawings with a key like `valid/17` go to that part, in
    their order, all others to `train`. Positions are rounded to whole numbers, so that the errors
    of offsets don't add up to more than half a unit. Labels, other keys and times are lost;
    drawings without strokes are left out.

    Raises:
        InputError: an offset does not fit int16, or no drawing has strokes.
        OutputError: the file can't be written; nothing is left of it.
    """
    parts: Parts = {part: [] for part in PARTS}
    for index, drawing in enumerate(drawings):
        if drawing.strokes:
            part, slash, _ = drawing.key.partition("/")
            parts[part if slash and part in parts else PARTS[0]].append(_to_int16(drawing, index))
    if not any(parts.values()):
        raise InputError(f"no drawing has strokes; there is nothing to write to {fspath(file)}")
    archive = io.BytesIO()  # a zip is not written sequentially, as gzip requires
    np.savez_compressed(
        archive, allow_pickle=True, **{p: _to_object_array(r) for p, r in parts.items()}
    )
    with open_writer(file) as sink:
        sink.write(archive.getbuffer())


def _to_int16(drawing: Drawing, index: int) -> npt.NDArray[np.int16]:
    rows = to_stroke3(drawing.with_strokes([np.round(stroke) for stroke in drawing.strokes]))
    largest = float(np.abs(rows).max())
    if largest > np.iinfo(np.int16).max:
        raise InputError(
            f"drawing {index} moves the pen by {largest:g} at once; a sketch-rnn .npz holds up to "
            f"{np.iinfo(np.int16).max}: scale it with simplify_as_quickdraw",
            option="simplify_as_quickdraw",
        )
    return rows.astype(np.int16)


def _to_object_array(rows: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    array = np.empty(len(rows), object)
    for index, drawing in enumerate(rows):  # np.array would stack rows of equal shape
        array[index] = drawing
    return array


def label_from(name: str) -> str:
    """Derive the label from a file's name.

    >>> label_from("data/sketchrnn_ice cream.full.npz"), label_from("aaron_sheep.npz.gz")
    ('ice cream', 'aaron sheep')
    """
    stem = "" if name == STDIN else Path(name).name
    stem = re.sub(r"(\.full)?\.npz(\.gz)?$", "", stem, flags=re.IGNORECASE)
    return stem.removeprefix("sketchrnn_").replace("_", " ").strip()


def _load(data: bytes, part: str, name: str, limits: Limits) -> list[npt.NDArray[Any]]:
    stream = io.BytesIO(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a header written under Python 2 is fine
            if _is_pickled(stream):
                return load_object_array(stream, limits)
            stream.seek(0)
            array = npy.read_array(stream, allow_pickle=False)
    except InputError as error:
        raise InputError(f"{name}, {part}: {error}") from error
    except Exception as error:  # NumPy's header parser raises anything, even from tokenize
        raise InputError(f"{name}, {part}: the array is damaged ({error})") from error
    if array.ndim != 3 or array.shape[2] != 3 or array.dtype.kind not in "iuf":
        raise InputError(
            f"{name}, {part}: an array {array.shape} of {array.dtype}, "
            "not drawings in stroke-3 (n, points, 3)"
        )
    return list(array)


def _is_pickled(stream: io.BytesIO) -> bool:
    """Read the header and return whether a pickle follows, as in an array of objects."""
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    reader = readers.get(npy.read_magic(stream))
    if reader is None:
        return False  # version 3 is for field names in Unicode: read_array decides
    shape, _, dtype = reader(stream)
    if dtype != np.dtype(object):
        return False
    if len(shape) != 1:
        raise InputError(f"an object array of shape {shape}; it must be one list of drawings")
    return True
