"""Cut drawings into shards: small files of one class each, of which training holds a few at a time.

    DIR/shards.json                        what there is, and the checksum of every file
    DIR/train/CLASS/00000.ndjson.gz …      the rest
    DIR/valid/CLASS/…, DIR/test/CLASS/…    held out

Within a class drawings lie in the order of the SHA-256 of their key, as in `splits`: an order that
no one chose, and that everyone gets. The first are for tests, those that follow validate, the rest
are to learn from; so a shard holds drawings of anywhere in the source. Repeats are dropped.

Memory does not grow with the drawings but for 20 bytes for each of one class, and what sorting
them takes: lines wait in files, next to `DIR`, until all have been seen. `DIR` appears whole or not
at all.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import orjson

from strokeanim.datasets.shards import INDEX, VERSION
from strokeanim.errors import DestinationError, InputError
from strokeanim.geometry.drawing import Drawing
from strokeanim.io.atomic_files import reporting_errors
from strokeanim.io.ndjson import format_line
from strokeanim.typing import Points

SIZE, VALID, TEST = 10_000, 2500, 2500
"""Drawings of a shard at most, and held out of each class at most."""

WAITING = 1 << 25
"""Bytes of lines, of all classes together, that wait in memory before they go to their files."""

EXACT = 2.0**53
"""Whole numbers below it are the same as an integer and as a float."""

LEVEL = 6
"""Of gzip. At 9, a shard is a fortieth smaller and takes twice as long to write."""

_ROW = np.dtype([("digest", "<u8"), ("start", "<u8"), ("size", "<u4")])

Order: TypeAlias = "npt.NDArray[Any]"
"""Rows of `_ROW`: the beginning of a digest, and where the line is."""


def write_shards(
    drawings: Iterable[Drawing],
    out: Path,
    size: int = SIZE,
    valid: int = VALID,
    test: int = TEST,
) -> dict[str, Any]:
    """Write shards of the drawings that have strokes, and return the index, as it is in the file.

    Args:
        drawings: taken one by one.
        out: a folder that is not there yet, or empty.
        size: drawings of a shard at most; those of a class are about equally large.
        valid: drawings held out of each class to choose weights by, but a sixth of it at most.
        test: drawings held out of each class to measure by, but a third of it at most.

    Raises:
        InputError: there are none, or the labels of two classes differ in case only.
        DestinationError: there is something at `out`.
        OutputError: it can't be written. Nothing is left of it then.
    """
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise DestinationError(f"can't write {out}: it is there already; choose another folder")
    with reporting_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
    hidden = out.parent / f".{secrets.token_hex(8)}.tmp"
    with reporting_errors(out):
        hidden.mkdir()
    try:
        with _waiting(hidden / "lines") as spools:
            for drawing in drawings:
                if drawing.strokes:
                    with reporting_errors(out):
                        spools.add(drawing)
            if not spools.labels:
                raise InputError("no drawing has strokes; there is nothing to cut")
            with reporting_errors(out):
                index = _cut(spools, hidden, size, valid, test)
        with reporting_errors(out):
            (hidden / INDEX).write_bytes(json.dumps(index, indent=1).encode() + b"\n")
            if out.exists():
                out.rmdir()
            hidden.rename(out)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return index


def _cut(spools: _ShardSpool, folder: Path, size: int, valid: int, test: int) -> dict[str, Any]:
    classes: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for label in sorted(spools.labels):
        with spools.opened(label) as (lines, rows):
            tested = min(test, len(rows) // 3)
            ends = tested, tested + min(valid, len(rows) // 6)
            parts = dict(zip(("test", "valid", "train"), np.split(rows, ends), strict=True))
            classes[label] = {
                name: [
                    _write(folder, f"{name}/{_named(label)}/{number:05}.ndjson.gz", lines, some)
                    for number, some in enumerate(_evenly(part, size))
                ]
                for name, part in parts.items()
            }
    return {"version": VERSION, "classes": classes}


def _evenly(rows: Order, size: int) -> list[Order]:
    return np.array_split(rows, -(-len(rows) // size)) if len(rows) else []


def _write(folder: Path, name: str, lines: BinaryIO, rows: Order) -> dict[str, Any]:
    """A shard of the lines, and its place in the index."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    gathered = bytearray()
    for _, start, length in rows.tolist():
        lines.seek(start)
        gathered += lines.read(length)
    # neither name nor time of day in the header: same drawings, same bytes
    with path.open("wb") as file, gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed:
        packed.write(gathered)
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return {"file": name, "count": len(rows), "bytes": len(data), "sha256": digest}


@contextlib.contextmanager
def _waiting(folder: Path) -> Iterator[_ShardSpool]:
    folder.mkdir()
    yield _ShardSpool(folder)
    shutil.rmtree(folder)


class _ShardSpool:
    """Lines on their way to shards: for each class a file of them and one of where they are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.labels: dict[str, int] = {}
        self._folders: dict[str, str] = {}
        self._ends: list[int] = []
        self._lines: dict[int, list[bytes]] = {}
        self._rows: dict[int, list[tuple[int, int, int]]] = {}
        self._waiting = 0

    def add(self, drawing: Drawing) -> None:
        number = self.labels.setdefault(drawing.label, len(self.labels))
        if number == len(self._ends):
            self._told_apart(drawing.label)
            self._ends.append(0)
        line = _line(drawing)
        # without a key, the drawing stands for itself
        digest = hashlib.sha256(drawing.key.encode() or line).digest()
        row = int.from_bytes(digest[:8], "big"), self._ends[number], len(line)
        self._lines.setdefault(number, []).append(line)
        self._rows.setdefault(number, []).append(row)
        self._ends[number] += len(line)
        self._waiting += len(line)
        if self._waiting > WAITING:
            self._flush()

    @contextlib.contextmanager
    def opened(self, label: str) -> Iterator[tuple[BinaryIO, Order]]:
        """The file of a class's lines, and the rows of its drawings in their order, each once."""
        self._flush()
        number = self.labels[label]
        with self._file(number, "lines").open("rb") as lines:
            rows = np.fromfile(self._file(number, "rows"), _ROW)
            _, first = np.unique(rows["digest"], return_index=True)
            yield lines, rows[first]
        self._file(number, "lines").unlink()

    def _told_apart(self, label: str) -> None:
        """Whether every file system can tell a class's folder from the others."""
        other = self._folders.setdefault(_named(label).lower(), label)
        if other != label:
            raise InputError(
                f"the classes {other!r} and {label!r} differ in case only, and there are file "
                "systems that can't tell their folders apart; give both the same label, or "
                "another to one"
            )

    def _flush(self) -> None:
        for number, lines in self._lines.items():
            with self._file(number, "lines").open("ab") as file:
                file.writelines(lines)
            with self._file(number, "rows").open("ab") as file:
                file.write(np.array(self._rows[number], _ROW).tobytes())
        self._lines, self._rows, self._waiting = {}, {}, 0

    def _file(self, number: int, kind: str) -> Path:
        return self.folder / f"{number}.{kind}"


def _line(drawing: Drawing) -> bytes:
    """What `format_line` writes; whole numbers, which QuickDraw's are, several times as fast."""
    if drawing.times is not None or not all(map(_is_whole, drawing.strokes)):
        return format_line(drawing).encode("ascii") + b"\n"
    fields: dict[str, Any] = {"word": drawing.label, "key_id": drawing.key}
    fields = {name: value for name, value in fields.items() if value}
    fields["drawing"] = [stroke.T.astype(np.int64).tolist() for stroke in drawing.strokes]
    return orjson.dumps(fields) + b"\n"


def _is_whole(stroke: Points) -> bool:
    return bool(((stroke == np.rint(stroke)) & (np.abs(stroke) < EXACT)).all())


def _named(label: str) -> str:
    """A folder's name for any class: nothing in it leads elsewhere."""
    name = quote(label, safe=" ") or "%"
    return name.replace(".", "%2E")
