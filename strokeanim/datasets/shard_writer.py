"""Cut drawings into shards: small files of one class each, of which training loads a few at a time.

    DIR/shards.json                        the index: counts, and the checksum of every file
    DIR/train/CLASS/00000.ndjson.gz …      training
    DIR/valid/CLASS/…, DIR/test/CLASS/…    held out

Within a class, drawings are in the order of the SHA-256 of their key, as in `splits`, so that the
order is reproducible and a shard samples the whole source. The first drawings are for tests, the
next for validation, the rest for training. Repeats are dropped.

Memory grows only by 20 bytes per drawing of the largest class, plus the memory for sorting them,
since lines wait in files next to `DIR` until all drawings are read. `DIR` is written completely or
not at all.
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
"""Largest numbers of drawings per shard, and held out of each class."""

SPOOL_BYTES = 1 << 25
"""Bytes of lines, of all classes together, kept in memory before they are written to files."""

EXACT = 2.0**53
"""Bound below which whole numbers are exact as both integers and floats."""

LEVEL = 6
"""gzip level; at 9, shards are a fortieth smaller and take twice as long to write."""

_ROW = np.dtype([("digest", "<u8"), ("start", "<u8"), ("size", "<u4")])

Rows: TypeAlias = "npt.NDArray[Any]"
"""Rows of `_ROW`: the first bytes of a digest, and offset and size of a line."""


def write_shards(
    drawings: Iterable[Drawing],
    out: Path,
    size: int = SIZE,
    valid: int = VALID,
    test: int = TEST,
) -> dict[str, Any]:
    """Write shards of the drawings that have strokes.

    Args:
        drawings: drawings, read one at a time.
        out: a folder that does not exist yet or is empty.
        size: largest number of drawings per shard; the shards of a class are about equally large.
        valid: drawings held out of each class for validation, at most a sixth of the class.
        test: drawings held out of each class for tests, at most a third of the class.

    Returns:
        The index, as written to the file.

    Raises:
        InputError: no drawing has strokes, or the labels of two classes differ in case only.
        DestinationError: `out` exists and is not an empty folder.
        OutputError: the shards can't be written; nothing is left of them.
    """
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise DestinationError(f"can't write {out}: it is there already; choose another folder")
    with reporting_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
    hidden = out.parent / f".{secrets.token_hex(8)}.tmp"
    with reporting_errors(out):
        hidden.mkdir()
    try:
        with _open_spool(hidden / "lines") as spool:
            for drawing in drawings:
                if drawing.strokes:
                    with reporting_errors(out):
                        spool.add(drawing)
            if not spool.labels:
                raise InputError("no drawing has strokes; there is nothing to cut")
            with reporting_errors(out):
                index = _cut_shards(spool, hidden, size, valid, test)
        with reporting_errors(out):
            (hidden / INDEX).write_bytes(json.dumps(index, indent=1).encode() + b"\n")
            if out.exists():
                out.rmdir()
            hidden.rename(out)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return index


def _cut_shards(
    spool: _ShardSpool, folder: Path, size: int, valid: int, test: int
) -> dict[str, Any]:
    classes: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for label in sorted(spool.labels):
        with spool.open_class(label) as (lines, rows):
            first = min(test, len(rows) // 3)
            ends = first, first + min(valid, len(rows) // 6)
            parts = dict(zip(("test", "valid", "train"), np.split(rows, ends), strict=True))
            classes[label] = {
                name: [
                    _write_shard(
                        folder, f"{name}/{_quote_label(label)}/{number:05}.ndjson.gz", lines, chunk
                    )
                    for number, chunk in enumerate(_divide_evenly(part, size))
                ]
                for name, part in parts.items()
            }
    return {"version": VERSION, "classes": classes}


def _divide_evenly(rows: Rows, size: int) -> list[Rows]:
    return np.array_split(rows, -(-len(rows) // size)) if len(rows) else []


def _write_shard(folder: Path, name: str, lines: BinaryIO, rows: Rows) -> dict[str, Any]:
    """Write a shard of the lines and return its entry in the index."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    content = bytearray()
    for _, start, length in rows.tolist():
        lines.seek(start)
        content += lines.read(length)
    # without name and time in the header, the same drawings give the same bytes
    with path.open("wb") as file, gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as compressed:
        compressed.write(content)
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return {"file": name, "count": len(rows), "bytes": len(data), "sha256": digest}


@contextlib.contextmanager
def _open_spool(folder: Path) -> Iterator[_ShardSpool]:
    """Open a spool in a new folder, which is removed on success."""
    folder.mkdir()
    yield _ShardSpool(folder)
    shutil.rmtree(folder)


class _ShardSpool:
    """Temporary storage of lines: for each class a file of lines and a file of their rows."""

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
            self._check_folder_name(drawing.label)
            self._ends.append(0)
        line = _encode_line(drawing)
        # a drawing without a key is ordered by its line
        digest = hashlib.sha256(drawing.key.encode() or line).digest()
        row = int.from_bytes(digest[:8], "big"), self._ends[number], len(line)
        self._lines.setdefault(number, []).append(line)
        self._rows.setdefault(number, []).append(row)
        self._ends[number] += len(line)
        self._waiting += len(line)
        if self._waiting > SPOOL_BYTES:
            self._flush()

    @contextlib.contextmanager
    def open_class(self, label: str) -> Iterator[tuple[BinaryIO, Rows]]:
        """Open the lines of a class, with the rows of its distinct drawings in their order."""
        self._flush()
        number = self.labels[label]
        with self._path(number, "lines").open("rb") as lines:
            rows = np.fromfile(self._path(number, "rows"), _ROW)
            _, first = np.unique(rows["digest"], return_index=True)
            yield lines, rows[first]
        self._path(number, "lines").unlink()

    def _check_folder_name(self, label: str) -> None:
        """Raise `InputError` if a class's folder and another differ in case only."""
        other = self._folders.setdefault(_quote_label(label).lower(), label)
        if other != label:
            raise InputError(
                f"the classes {other!r} and {label!r} differ in case only, and some file systems "
                "can't tell their folders apart; give both the same label, or rename one"
            )

    def _flush(self) -> None:
        for number, lines in self._lines.items():
            with self._path(number, "lines").open("ab") as file:
                file.writelines(lines)
            with self._path(number, "rows").open("ab") as file:
                file.write(np.array(self._rows[number], _ROW).tobytes())
        self._lines, self._rows, self._waiting = {}, {}, 0

    def _path(self, number: int, kind: str) -> Path:
        return self.folder / f"{number}.{kind}"


def _encode_line(drawing: Drawing) -> bytes:
    """Encode as `format_line` does; whole numbers, as in QuickDraw, several times as fast."""
    if drawing.times is not None or not all(map(_is_whole, drawing.strokes)):
        return format_line(drawing).encode("ascii") + b"\n"
    fields: dict[str, Any] = {"word": drawing.label, "key_id": drawing.key}
    fields = {name: value for name, value in fields.items() if value}
    fields["drawing"] = [stroke.T.astype(np.int64).tolist() for stroke in drawing.strokes]
    return orjson.dumps(fields) + b"\n"


def _is_whole(stroke: Points) -> bool:
    return bool(((stroke == np.rint(stroke)) & (np.abs(stroke) < EXACT)).all())


def _quote_label(label: str) -> str:
    """Quote a label as the name of a folder, without separators and dots."""
    name = quote(label, safe=" ") or "%"
    return name.replace(".", "%2E")
