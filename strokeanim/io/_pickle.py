"""Reading the pickled NumPy arrays inside an `.npz` without running anything the pickle names.

A pickle is a program, and `numpy.load(allow_pickle=True)` runs it. Allowing NumPy's own
reconstructors only (`ndarray`, `dtype`, `_reconstruct`) is not enough: they are memory-unsafe in
hostile hands — `numpy.ndarray((1,), object, b"8 bytes…")` makes a Python object out of any address.
So here a pickle builds an inert tree: each global it may name stands for a note that it was called,
with which arguments and which state, and afterwards this module makes arrays from those notes,
out of numbers only, with NumPy's checked constructors.

The unpickler is the one of pickle that is written in Python: the one in C makes room for as many
memos as a pickle of a few bytes says, which may be all the memory there is.
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

_KNOWN = {
    ("numpy", "ndarray"): "ndarray",
    ("numpy", "dtype"): "dtype",
    ("numpy.core.multiarray", "_reconstruct"): "_reconstruct",
    ("numpy._core.multiarray", "_reconstruct"): "_reconstruct",
    ("numpy.core.numeric", "_frombuffer"): "_frombuffer",
    ("numpy._core.numeric", "_frombuffer"): "_frombuffer",
    ("_codecs", "encode"): "encode",
}
"""What an array pickled by any NumPy since Python 2, under any protocol, names."""

OBJECT = 100
"""Bytes that an array takes beside its numbers, at least."""

_NUMERIC = re.compile(r"[iuf][1248]")


def load_object_array(stream: BinaryIO, limits: Limits) -> list[npt.NDArray[Any]]:
    """The numeric arrays in a pickled one-dimensional object array.

    Raises:
        InputError: the pickle names anything else than arrays of numbers, is damaged, or is more
            than `limits` allow when what it repeats is counted. Nothing that it names has run.
    """
    try:
        tree = _Unpickler(stream, encoding="latin1").load()
    except InputError:
        raise
    except Exception as error:  # a corrupt pickle raises anything, from EOFError to MemoryError
        raise InputError(f"the pickled data are damaged or cut short ({error})") from error
    elements = _state(tree)[4]
    if not isinstance(elements, list):
        raise InputError("the pickled data are not an array of drawings")
    arrays, held = [], 0
    for element in elements:
        arrays.append(_numbers(element))
        held += arrays[-1].nbytes + OBJECT
        limits.check("bytes", held, "the pickle, with what it repeats,")
    return arrays


class _Call:
    """The note that a global was called; `state` is what BUILD would have given the result."""

    __slots__ = ("args", "name", "state")

    name: str
    args: tuple[Any, ...]
    state: Any

    def __init__(self, name: str, args: tuple[Any, ...]) -> None:
        self.name, self.args, self.state = name, args, None

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Global:
    """What a name in the pickle stands for: calling it makes a note, and nothing changes it."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *args: Any) -> _Call:
        return _Call(self.name, args)

    def __setstate__(self, state: Any) -> NoReturn:
        raise InputError(f"the pickle tries to alter {self.name}; it is not a data file")


_InPython: Any = pickle._Unpickler


class _Unpickler(_InPython):  # type: ignore[misc]
    dispatch: ClassVar[dict[int, Any]] = dict(_InPython.dispatch)

    def load_bytearray8(self) -> None:
        """As in pickle, but without making room for what may not be there."""
        (size,) = struct.unpack("<Q", self.read(8))
        self.append(bytearray(self.read(min(size, sys.maxsize))))

    dispatch[pickle.BYTEARRAY8[0]] = load_bytearray8

    def find_class(self, module: str, name: str) -> Any:
        known = _KNOWN.get((module, name))
        if known is None:
            raise InputError(
                f"refused: the pickle names {module}.{name}, which no array of drawings needs; "
                "it may be an attempt to run code"
            )
        return _Global(known)

    def persistent_load(self, pid: Any) -> NoReturn:
        del pid  # nothing of it in the message: its repr may take for ever
        raise InputError("refused: the pickle refers to something outside itself")


def _state(note: Any) -> tuple[Any, ...]:
    """`(version, shape, dtype, fortran, data)` of a reconstructed array."""
    match note:
        case _Call(name="_reconstruct", state=tuple() as state) if len(state) == 5:
            return state
    raise InputError("the pickled data are not an array of arrays of numbers")


def _numbers(note: Any) -> npt.NDArray[Any]:
    if isinstance(note, _Call) and note.name == "_frombuffer" and len(note.args) == 4:
        data, dtype, shape, order = note.args
    else:
        _, shape, dtype, fortran, data = _state(note)
        order = "F" if fortran else "C"
    if not (isinstance(shape, tuple) and all(type(size) is int and size >= 0 for size in shape)):
        raise InputError("a pickled array has a shape that is none")
    try:
        flat = np.frombuffer(_bytes(data), _dtype(dtype))
        return flat.reshape(shape, order="F" if order == "F" else "C")
    except (TypeError, ValueError) as error:
        raise InputError(f"a pickled array is damaged ({error})") from error


def _dtype(note: Any) -> np.dtype[Any]:
    match note:
        case _Call(name="dtype", args=(str() as code, *_), state=state) if _NUMERIC.fullmatch(code):
            order = state[1] if isinstance(state, tuple) and len(state) > 1 else "="
            return np.dtype(f"{order if order in ('<', '>') else '='}{code}")
    raise InputError("a pickled array does not hold plain numbers")


def _bytes(data: Any) -> bytes | bytearray:
    match data:
        case bytes() | bytearray():
            return data
        case str() | _Call(name="encode", args=(str(), "latin1")):
            # Python 2's str, and what Python 3 writes under the protocols that have no bytes
            text: str = data if isinstance(data, str) else data.args[0]
            return text.encode("latin1")
    raise InputError("a pickled array holds no bytes")
