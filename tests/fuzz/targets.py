"""Readers as functions of bytes, and small good files to start from.

A target returns, or raises `InputError`; anything else is a fault. The fuzzer and the property
tests use the same ones.
"""

from __future__ import annotations

import gzip
import io
import itertools
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
from PIL import Image

from strokeanim.geometry import Drawing
from strokeanim.io.drawing_json import parse_document
from strokeanim.io.limits import Limits, ReadPolicy
from strokeanim.io.ndjson import parse_ndjson
from strokeanim.io.npz import drawings_of, parse_parts
from strokeanim.io.picture import parse_picture
from strokeanim.io.quickdraw_bin import parse_binary
from strokeanim.io.saving import FORMATS, save
from strokeanim.io.sources import stream
from strokeanim.io.svg.reader import parse_svg
from strokeanim.tracing.vectorise import vectorise

SMALL = Limits(bytes=1 << 20, strokes=2_000, points=20_000, nesting=40, pixels=1 << 16)
"""What keeps each call short; going beyond must be an `InputError` as well."""

POLICIES = (ReadPolicy(SMALL), ReadPolicy(SMALL, on_bad=lambda error: None))

FACES = (
    Drawing([[(0, 0), (30, 40), (255, 7)], [(5, 5)]], "mouth", "12"),
    Drawing([[(9, 9), (0.5, 3.25)]], "nose", "é", [[0, 16]]),
    Drawing((), "ear", "3"),
)
WHOLE = (FACES[0], Drawing([[(0, 200), (250, 3)], [(1, 2), (3, 4), (5, 6)]], "eye", "7"))


def ndjson(data: bytes) -> None:
    for policy in POLICIES:
        _all(parse_ndjson(io.BufferedReader(io.BytesIO(data)), "x.ndjson", policy), policy)


def document(data: bytes) -> None:
    for policy in POLICIES:
        _all(parse_document(data, "x.json", policy), policy)


def binary(data: bytes) -> None:
    for policy in POLICIES:
        _all(parse_binary(io.BufferedReader(io.BytesIO(data)), "x.bin", policy), policy)


def npz(data: bytes) -> None:
    for policy in POLICIES:
        for part, arrays in parse_parts(data, "x.npz", policy.limits).items():
            _all([list(drawings_of(part, arrays, "x.npz", policy=policy))], policy)


def array(data: bytes) -> None:
    """What an .npz holds, which its checksums keep from mutations of the whole file."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("train.npy", data)
    npz(sink.getvalue())


def svg(data: bytes) -> None:
    _all([parse_svg(data, "x.svg", SMALL)], POLICIES[0])
    _all([parse_svg(data, "x.svg", SMALL, layer="a")], POLICIES[0])


def picture(data: bytes) -> None:
    found = parse_picture(data, "x.png", SMALL)
    assert found.coverage.size <= SMALL.pixels
    vectorise(found)


def anything(data: bytes) -> None:
    """By content alone, gzipped or not, in whatever encoding."""
    with patch("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data))):
        for _ in itertools.islice(stream("-", SMALL), 100):
            pass


def _all(found: Iterable[Iterable[Drawing]], policy: ReadPolicy) -> None:
    for drawing in itertools.chain.from_iterable(found):
        assert len(drawing.strokes) <= policy.limits.strokes
        assert drawing.points <= policy.limits.points
        assert all(np.isfinite(stroke).all() for stroke in drawing.strokes)
        (drawing.label + drawing.key).encode()


TARGETS: dict[str, Callable[[bytes], None]] = {
    "ndjson": ndjson,
    "document": document,
    "binary": binary,
    "npz": npz,
    "array": array,
    "svg": svg,
    "picture": picture,
    "anything": anything,
}


def seeds() -> dict[str, list[bytes]]:
    """Good files of each kind, for each target."""
    with TemporaryDirectory() as folder:
        files = {}
        for extension in FORMATS:
            file = Path(folder, f"x{extension}")
            save(WHOLE if extension in (".bin", ".npz") else FACES, file)
            files[extension] = file.read_bytes()
    ink = np.full((24, 32), 255, np.uint8)
    ink[4:7, 3:28] = ink[4:20, 14:17] = 0
    pictures = []
    for kind in ("PNG", "JPEG", "WEBP"):
        sink = io.BytesIO()
        Image.fromarray(ink).save(sink, kind)
        pictures.append(sink.getvalue())
    raw = b'{"word":"ear","key_id":"1","drawing":[[[1.5,2],[3,4],[0,16]]]}\r\n'
    svg_file = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><g id="a" transform="scale(2)">'
        b'<path d="M0 0C1 1 2 2 3 3A1 2 3 0 1 5 5z"/><rect x="1" y="1" width="2" height="3"/>'
        b'<use href="#c"/></g><circle id="c" r="2" style="stroke:red"/></svg>'
    )
    plain = "".join(f'{{"word":"a","drawing":[[[{n}],[0]]]}}\n' for n in range(5))
    with zipfile.ZipFile(io.BytesIO(files[".npz"])) as archive:
        arrays = [archive.read(name) for name in archive.namelist()]
    found = {
        "ndjson": [files[".ndjson"], raw, plain.encode()],
        "document": [files[".json"], b'[{"strokes":[[[1,2],[3,4]]]}]'],
        "binary": [files[".bin"]],
        "npz": [files[".npz"]],
        "array": arrays,
        "svg": [files[".svg"], svg_file],
        "picture": pictures,
    }
    everything = [data for name, many in found.items() if name != "array" for data in many]
    utf16 = files[".ndjson"].decode().encode("utf-16")
    found["anything"] = [*everything, gzip.compress(files[".json"], mtime=0), utf16]
    return found
