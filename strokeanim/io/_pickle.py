"""Read the pickled NumPy arrays inside an `.npz` without running anything the pickle names.

A pickle is a program, and `numpy.load(allow_pickle=True)` runs it. Allowing NumPy's own
reconstructors only (`ndarray`, `dtype`, `_reconstruct`) is not enough: hostile arguments make them
memory-unsafe. `numpy.ndarray((1,), object, b"8 bytes…")` makes a Python object out of any address.
So here unpickling builds an inert tree: calling a permitted global only records its name, its
arguments and its state in a `_Call`. From those records this module then makes arrays, of numbers
only, with NumPy's checked constructors.

The unpickler is pickle's Python implementation. The C implementation allocates as many memo
entries as the pickle asks for, and a pickle of a few bytes may ask for all memory.
"""

from __future__ import annotations

import pickle
import re
import struct
import sys
from typing import Any, BinaryIO, ClassVar, NoReturn

import numpy as np
import numpy.typing as npt

from strokeanim.errors import InputError
from strokeanim.io.limits import Limits

_GLOBALS = {
    ("numpy", "ndarray"): "ndarray",
    ("numpy", "dtype"): "dtype",
    ("numpy.core.multiarray", "_reconstruct"): "_reconstruct",
    ("numpy._core.multiarray", "_reconstruct"): "_reconstruct",
    ("numpy.core.numeric", "_frombuffer"): "_frombuffer",
    ("numpy._core.numeric", "_frombuffer"): "_frombuffer",
    ("_codecs", "encode"): "encode",
}
"""The globals in arrays pickled by any NumPy since Python 2, under any protocol."""

OBJECT = 100
"""Minimum bytes of memory that an array takes beside its numbers."""

_NUMERIC = re.compile(r"[iuf][1248]")


def load_object_array(stream: BinaryIO, limits: Limits) -> list[npt.NDArray[Any]]:
    """Return the numeric arrays of a pickled one-dimensional object array.

    Raises:
        InputError: the pickle names anything but arrays of numbers, is damaged, or exceeds
            `limits`, repeated arrays counted each time. Nothing that it names has run.
    """
    try:
        tree = _Unpickler(stream, encoding="latin1").load()
    except InputError:
        raise
    except Exception as error:  # a corrupt pickle raises anything, from EOFError to MemoryError
        raise InputError(f"the pickled data are damaged or cut short ({error})") from error
    elements = _array_state(tree)[4]
    if not isinstance(elements, list):
        raise InputError("the pickled data are not an array of drawings")
    arrays, total = [], 0
    for element in elements:
        arrays.append(_build_array(element))
        total += arrays[-1].nbytes + OBJECT
        limits.check("bytes", total, "the pickle, with what it repeats,")
    return arrays


class _Call:
    """The record of a call of a global; `state` is the argument of the BUILD opcode."""

    __slots__ = ("args", "name", "state")

    name: str
    args: tuple[Any, ...]
    state: Any

    def __init__(self, name: str, args: tuple[Any, ...]) -> None:
        self.name, self.args, self.state = name, args, None

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Global:
    """The stand-in for a global: calling it records the call, and its state can't be set."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *args: Any) -> _Call:
        return _Call(self.name, args)

    def __setstate__(self, state: Any) -> NoReturn:
        raise InputError(f"the pickle tries to alter {self.name}; it is not a data file")


_PythonUnpickler: Any = pickle._Unpickler


class _Unpickler(_PythonUnpickler):  # type: ignore[misc]
    dispatch: ClassVar[dict[int, Any]] = dict(_PythonUnpickler.dispatch)

    def load_bytearray8(self) -> None:
        """Read as pickle does, but without allocating memory for absent bytes."""
        (size,) = struct.unpack("<Q", self.read(8))
        self.append(bytearray(self.read(min(size, sys.maxsize))))

    dispatch[pickle.BYTEARRAY8[0]] = load_bytearray8

    def find_class(self, module: str, name: str) -> Any:
        known = _GLOBALS.get((module, name))
        if known is None:
            raise InputError(
                f"refused: the pickle names {module}.{name}, which no array of drawings needs; "
                "it may be an attempt to run code"
            )
        return _Global(known)

    def persistent_load(self, pid: Any) -> NoReturn:
        del pid  # left out of the message: its repr may never end
        raise InputError("refused: the pickle refers to something outside itself")


def _array_state(record: Any) -> tuple[Any, ...]:
    """Return `(version, shape, dtype, fortran, data)` of a reconstructed array."""
    match record:
        case _Call(name="_reconstruct", state=tuple() as state) if len(state) == 5:
            return state
    raise InputError("the pickled data are not an array of arrays of numbers")


def _build_array(record: Any) -> npt.NDArray[Any]:
    if isinstance(record, _Call) and record.name == "_frombuffer" and len(record.args) == 4:
        data, dtype, shape, order = record.args
    else:
        _, shape, dtype, fortran, data = _array_state(record)
        order = "F" if fortran else "C"
    if not (isinstance(shape, tuple) and all(type(size) is int and size >= 0 for size in shape)):
        raise InputError("a pickled array has an invalid shape")
    try:
        flat = np.frombuffer(_decode_bytes(data), _build_dtype(dtype))
        return flat.reshape(shape, order="F" if order == "F" else "C")
    except (TypeError, ValueError) as error:
        raise InputError(f"a pickled array is damaged ({error})") from error


def _build_dtype(record: Any) -> np.dtype[Any]:
    match record:
        case _Call(name="dtype", args=(str() as code, *_), state=state) if _NUMERIC.fullmatch(code):
            order = state[1] if isinstance(state, tuple) and len(state) > 1 else "="
            return np.dtype(f"{order if order in ('<', '>') else '='}{code}")
    raise InputError("a pickled array does not hold plain numbers")


def _decode_bytes(data: Any) -> bytes | bytearray:
    match data:
        case bytes() | bytearray():
            return data
        case str() | _Call(name="encode", args=(str(), "latin1")):
            # Python 2's str, or Python 3's bytes under the protocols that lack them
            text: str = data if isinstance(data, str) else data.args[0]
            return text.encode("latin1")
    raise InputError("a pickled array holds no bytes")
