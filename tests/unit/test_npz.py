"""sketch-rnn files, honest, broken and hostile.

The hostile ones would create a marker file when run. `test_the_gadgets_do_work` runs each of them
through `pickle.loads` to prove that the marker would appear if the reader executed anything.
"""

from __future__ import annotations

import builtins
import gzip
import importlib
import io
import os
import pickle
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from numpy.lib import format as npy

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing
from strokeanim.io.limits import Limits
from strokeanim.io.npz import parse_parts, read_npz

DATA = Path(__file__).parents[2].parent / "shared" / "data"
SHEEP = DATA / "aaron_sheep.npz"
needs_sheep = pytest.mark.skipif(not SHEEP.is_file(), reason="the real drawings are not here")

ROWS = [np.array([[1, 2, 0], [3, 4, 1]], np.int16), np.array([[5, 6, 1]], np.int16)]


def objects(rows: list[npt.NDArray[Any]]) -> npt.NDArray[np.object_]:
    array = np.empty(len(rows), object)
    array[:] = rows
    return array


def npz(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return packed.getvalue()


def member(pickled: bytes, shape: tuple[int, ...] = (2,)) -> bytes:
    """An `.npy` that says it holds objects, followed by a pickle."""
    packed = io.BytesIO()
    header = {"descr": "|O", "fortran_order": False, "shape": shape}
    npy.write_array_header_1_0(packed, header)
    return packed.getvalue() + pickled


# ---------------------------------------------------------------- honest files


def test_parts_come_in_order_with_keys_and_the_label_of_the_name(tmp_path: Path) -> None:
    file = tmp_path / "sketchrnn_ice cream.npz"
    np.savez_compressed(file, test=objects(ROWS[1:]), train=objects(ROWS), std=np.ones(3))
    assert read_npz(file) == [
        Drawing([[(1, 2), (4, 6)]], "ice cream", "train/0"),
        Drawing([[(5, 6)]], "ice cream", "train/1"),
        Drawing([[(5, 6)]], "ice cream", "test/0"),
    ]
    packed = tmp_path / "other.npz.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    assert [drawing.label for drawing in read_npz(packed)] == ["other"] * 3


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("dtype", ["int16", ">i2", "float32", "uint8", "int64"])
def test_every_protocol_and_dtype_is_understood(protocol: int, dtype: str) -> None:
    rows = [array.astype(dtype) for array in ROWS]
    pickled = pickle.dumps(objects(rows), protocol)
    for module in (b"numpy._core", b"numpy.core"):  # as NumPy 2 and NumPy 1 write it
        renamed = pickled.replace(b"numpy._core", module) if protocol < 4 else pickled
        parts = parse_parts(npz(train=member(renamed)), "x.npz")
        assert [array.tolist() for array in parts["train"]] == [a.tolist() for a in rows]


def test_column_order_is_respected() -> None:
    fortran = [np.asfortranarray(ROWS[0])] * 2
    parts = parse_parts(npz(train=member(pickle.dumps(objects(fortran), 4))), "x.npz")
    assert np.array_equal(parts["train"][0], ROWS[0])


def test_python_2_strings_are_understood() -> None:
    # what `cPickle.dumps(array, 2)` of Python 2 writes, reduced to one drawing of one point
    inner = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR"
        b"(K\x01(K\x01K\x03tcnumpy\ndtype\n(U\x02i2K\x00K\x01tR(K\x03U\x01<NNNJ\xff\xff\xff\xff"
        b"J\xff\xff\xff\xffK\x00tb\x89U\x06\xff\xff\x02\x00\x01\x00tb"
    )
    outer = (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR"
        b"(K\x01(K\x01tcnumpy\ndtype\n(U\x02O8K\x00K\x01tR(K\x03U\x01|NNNJ\xff\xff\xff\xff"
        b"J\xff\xff\xff\xffK?tb\x89]" + inner + b"atb."
    )
    parts = parse_parts(npz(valid=member(outer, (1,))), "x.npz")
    assert parts["valid"][0].tolist() == [[-1, 2, 1]]


def test_plain_arrays_of_equal_length_need_no_pickle(tmp_path: Path) -> None:
    np.savez(tmp_path / "nose.npz", mine=np.zeros((4, 5, 3), np.int16))
    drawings = read_npz(tmp_path / "nose.npz")
    assert [drawing.key for drawing in drawings] == ["mine/0", "mine/1", "mine/2", "mine/3"]


@needs_sheep
def test_the_real_file_has_what_its_authors_say() -> None:
    parts = parse_parts(SHEEP.read_bytes(), "aaron_sheep.npz")
    sizes = {part: len(rows) for part, rows in parts.items()}
    assert sizes == {"train": 7400, "valid": 300, "test": 300}
    with np.load(SHEEP, allow_pickle=True, encoding="latin1") as trusted:
        for part, rows in parts.items():
            assert all(map(np.array_equal, rows, trusted[part]))
    assert read_npz(SHEEP)[7400].key == "valid/0"


# ---------------------------------------------------------------- broken files


def whole() -> bytes:
    return npz(train=member(pickle.dumps(objects(ROWS * 20), 2), (40,)))


@pytest.mark.parametrize("kept", [0, 1, 4, 30, 60, 0.3, 0.5, 0.9, 0.99, -22, -1])
def test_a_truncated_file_is_refused(kept: float) -> None:
    data = whole()
    cut = data[: int(len(data) * kept) if isinstance(kept, float) else kept]
    with pytest.raises(InputError, match=r"x\.npz"):
        parse_parts(cut, "x.npz")


@pytest.mark.parametrize("kept", range(0, 400, 9))
def test_a_truncated_array_is_refused(kept: int) -> None:
    array = member(pickle.dumps(objects(ROWS * 20), 2), (40,))
    with pytest.raises(InputError, match=r"x\.npz, train: "):
        parse_parts(npz(train=array[:kept]), "x.npz")


def test_a_flipped_byte_never_gives_anything_but_an_input_error() -> None:
    array = bytearray(member(pickle.dumps(objects(ROWS), 2)))
    for place in range(len(array)):
        for flip in (0x01, 0x80):
            array[place] ^= flip
            try:
                list(parse_parts(npz(train=bytes(array)), "x.npz"))
            except InputError:
                pass
            finally:
                array[place] ^= flip


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not an .npz"),
        (b"PK\x03\x04 no more", "not an .npz"),
        (npz(), "holds no arrays"),
        (npz(train=b"no header"), "train: the array is damaged"),
        (npz(train=member(b"", (1, 2))), "must be one list"),
        (npz(train=member(pickle.dumps([1, 2]))), "not an array of arrays"),
        (npz(train=member(pickle.dumps(np.zeros(2)))), "not an array of drawings"),
        (npz(train=member(pickle.dumps(objects([{}, 2])))), "not an array of arrays"),  # type: ignore[list-item]
        (npz(train=member(pickle.dumps(objects([objects(ROWS)] * 2)))), "plain numbers|damaged"),
    ],
)
def test_what_is_no_sketch_rnn_file_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_parts(data, "x.npz")


@pytest.mark.parametrize(
    "array", [np.zeros(3), np.zeros((2, 3)), np.zeros((2, 4, 5)), np.zeros((1, 1, 3), "U2")]
)
def test_arrays_that_are_no_stroke3_are_refused(
    tmp_path: Path, array: npt.NDArray[np.float64]
) -> None:
    np.savez(tmp_path / "x.npz", train=array)
    with pytest.raises(InputError, match="not drawings in stroke-3"):
        read_npz(tmp_path / "x.npz")


def test_a_bad_drawing_is_named(tmp_path: Path) -> None:
    rows = [np.array([[0, 0, 1.0]]), np.array([[np.nan, 0, 1]])]
    np.savez(tmp_path / "x.npz", train=objects(rows))
    with pytest.raises(InputError, match=r"train/1: .*NaN"):
        read_npz(tmp_path / "x.npz")


def test_a_claim_to_be_enormous_is_refused() -> None:
    with pytest.raises(InputError, match=r"more than 1000 bytes; .*Limits\(bytes="):
        parse_parts(npz(train=bytes(1001)), "x.npz", Limits(bytes=1000))
    header = io.BytesIO()
    shape = (1 << 40, 1 << 10, 3)
    npy.write_array_header_1_0(header, {"descr": "<i8", "fortran_order": False, "shape": shape})
    with pytest.raises(InputError, match="damaged"):
        parse_parts(npz(train=header.getvalue()), "x.npz")


# ---------------------------------------------------------------- hostile files


class Reduced:
    """Pickles to a call of whatever it is given."""

    def __init__(self, *reduced: object) -> None:
        self.reduced = reduced

    def __reduce__(self) -> Any:
        return self.reduced


def touch(marker: Path) -> str:
    return f"open({str(marker)!r}, 'w').close()"


def by_system(marker: Path) -> object:
    return Reduced(os.system, (f"touch {marker}",))


def by_eval(marker: Path) -> object:
    return Reduced(eval, (touch(marker),))


def by_exec(marker: Path) -> object:
    return Reduced(exec, (touch(marker),))


def by_subprocess(marker: Path) -> object:
    return Reduced(subprocess.call, (["touch", str(marker)],))


def by_open(marker: Path) -> object:
    return Reduced(builtins.open, (str(marker), "w"))


def by_numpy(marker: Path) -> object:
    """NumPy has functions that write files, and ones that unpickle."""
    return Reduced(np.savetxt, (str(marker), [1.0]))


def by_numpy_load(marker: Path) -> object:
    trap = marker.with_name("trap.npy")
    np.save(trap, objects([by_system(marker)]))  # type: ignore[list-item]
    return Reduced(np.load, (str(trap), None, True))


def by_state(marker: Path) -> object:
    """BUILD calls `__setstate__`, here that of partial; then the partial is called."""
    return Reduced(importlib.import_module("functools").partial(eval, touch(marker)), ())


def by_import(marker: Path) -> object:
    """Importing a module is enough to run it."""
    (marker.parent / "trap_module.py").write_text(touch(marker) + "\nvalue = 1\n")
    return RawGlobal("trap_module", "value")


class RawGlobal:
    def __init__(self, module: str, name: str) -> None:
        self.raw = f"c{module}\n{name}\n.".encode()


GADGETS: list[Callable[[Path], object]] = [
    by_system,
    by_eval,
    by_exec,
    by_subprocess,
    by_open,
    by_numpy,
    by_numpy_load,
    by_state,
    by_import,
]


def dumped(gadget: object, protocol: int, nested: str) -> bytes:
    if isinstance(gadget, RawGlobal):
        return gadget.raw
    wrapped: dict[str, object] = {
        "alone": gadget,
        "in the array": objects([ROWS[0], gadget]),  # type: ignore[list-item]
        "in a dict in the array": objects([ROWS[0], {"a": [(gadget,)]}]),  # type: ignore[list-item]
    }
    return pickle.dumps(wrapped[nested], protocol)


@pytest.fixture
def marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "trap_module", raising=False)
    return tmp_path / "marker"


@pytest.mark.parametrize("gadget", GADGETS)
def test_the_gadgets_do_work(marker: Path, gadget: Callable[[Path], object]) -> None:
    opened = pickle.loads(dumped(gadget(marker), 2, "alone"))
    if hasattr(opened, "close"):
        opened.close()
    assert marker.exists()


@pytest.mark.parametrize("gadget", GADGETS)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("nested", ["alone", "in the array", "in a dict in the array"])
def test_no_pickle_is_ever_run(
    marker: Path, gadget: Callable[[Path], object], protocol: int, nested: str
) -> None:
    data = npz(train=member(dumped(gadget(marker), protocol, nested)))
    with pytest.raises(InputError, match="refused: the pickle names"):
        parse_parts(data, "x.npz")
    assert not marker.exists()


NDARRAY, DTYPE = b"cnumpy\nndarray\n", b"cnumpy\ndtype\n"
RECONSTRUCT = b"cnumpy.core.multiarray\n_reconstruct\n"


@pytest.mark.parametrize(
    ("pickled", "message"),
    [
        # numpy's own names only, and yet: an object made out of eight bytes of address
        (NDARRAY + b"((I1\ntcbuiltins\nobject\nS'AAAAAAAA'\ntR.", "refused: .*builtins.object"),
        (NDARRAY + b"((I1\ntS'O'\nS'AAAAAAAA'\ntR.", "not an array of arrays"),
        (
            RECONSTRUCT + b"(" + NDARRAY + b"(I0\ntS'b'\ntR(I1\n(I1\nt" + DTYPE
            + b"(S'O8'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI0\ntbI00\nS'AAAAAAAA'\ntb.",
            "not an array of drawings",
        ),
        # attribute access, by a dotted name and by the state of a function
        (b"\x80\x04\x8c\x05numpy\x8c\x0fndarray.tofile0\x93.", "refused|damaged"),
        (b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93.", "refused: .*numpy.ndarray.tofile"),
        (RECONSTRUCT + b"}S'__defaults__'\n(I1\ntsb.", "tries to alter _reconstruct"),
        (NDARRAY + b"N}S'name'\nS'dtype'\ns\x86b.", "tries to alter ndarray"),
        # new-style construction, item and attribute setting on what the names stand for
        (b"\x80\x02" + NDARRAY + b")\x81.", "damaged"),
        (NDARRAY + b"S'a'\nS'b'\ns.", "damaged"),
        (NDARRAY + b"(tRS'a'\na.", "damaged"),
        # things outside the pickle
        (b"Pelsewhere\n.", "something outside itself"),
        (b"I1\nQ.", "something outside itself"),
        (b"\x82\x01.", "damaged"),
        (b"\x80\x05\x97.", "damaged"),
        # an encoder that is none
        (
            RECONSTRUCT + b"(" + NDARRAY + b"(I0\ntS'b'\ntR(I1\n(I1\nt" + DTYPE
            + b"(S'O8'\nI0\nI1\ntRI00\n(l" + RECONSTRUCT + b"(" + NDARRAY
            + b"(I0\ntS'b'\ntR(I1\n(I1\nI3\nt" + DTYPE + b"(S'i2'\nI0\nI1\ntRI00\n"
            b"c_codecs\nencode\n(S'x'\nS'zip'\ntRtbatb.",
            "holds no bytes",
        ),
    ],
)  # fmt: skip
def test_crafted_pickles_are_refused(pickled: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_parts(npz(train=member(pickled)), "x.npz")


@pytest.mark.parametrize(
    "pickled",
    [
        b"\x80\x02K\x01r\xff\xff\xff\x7f.",  # a memo numbered two thousand million
        b"\x80\x05\x96\x00\x00\x00\x00\x01\x00\x00\x00ab.",  # four gigabytes that are two bytes
        b"\x80\x04\x8d\x00\x00\x00\x00\x01\x00\x00\x00ab.",
        b"\x80\x04\x95\x00\x00\x00\x00\x01\x00\x00\x00ab.",
    ],
)
def test_a_small_pickle_takes_little_memory(pickled: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(InputError):
        parse_parts(npz(train=member(pickled)), "x.npz")
    assert tracemalloc.get_traced_memory()[1] < 10 << 20
    tracemalloc.stop()


def test_an_array_repeated_without_end_is_refused() -> None:
    big = np.zeros((10_000, 3))
    data = npz(train=member(pickle.dumps(objects([big] * 10_000), 2), (10_000,)))
    assert len(data) < 1 << 20
    tracemalloc.start()
    with pytest.raises(InputError, match="with what it repeats, has more than 10485760 bytes"):
        parse_parts(data, "x.npz", Limits(bytes=10 << 20))
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()
