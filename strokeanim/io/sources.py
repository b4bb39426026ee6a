"""Load the drawings or the picture named by a SOURCE, a string as on the command line.

    file.ndjson             every drawing of the file
    file.ndjson#17          number 17, from 0, if there are so many; else the first with key "17"
    file.ndjson#KEY         the first drawing with that key
    file.npz#train/17       number 17 of that part of a sketch-rnn file; `#17` counts all parts
    file.bin#3              number 3 of a QuickDraw .bin
    file.json#KEY           the first with that key in a JSON document
    drawing.svg             everything visible, as one drawing
    drawing.svg#LAYER       the layer, group or element of that name, hidden or not
    picture.png             or JPEG or WebP: one `Picture`
    sample:mouth            the bundled synthetic drawings of a class
    sample:mouth/3          number 3 of them
    s3://bucket/mouth.bin   or any other URL that fsspec supports (`strokeanim[batch]`)
    -                       any of these formats on standard input
    -#17                    number 17 of the drawings there

The content determines the format, not the extension: a PNG called `x.jpg`, or a gzipped file
without `.gz`, is read as what it is. Only a `.bin` has no signature. A `#` in the name of an
existing file selects nothing.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from os import PathLike, fspath
from pathlib import Path
from typing import TypeAlias

import orjson

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing, DrawingArray, Picture
from strokeanim.geometry.drawing_array import DrawingArrayBuilder
from strokeanim.io import npz, samples
from strokeanim.io._open import (
    GZIP_MAGIC,
    STDIN,
    UTF16_MARKS,
    Bytes,
    as_utf8,
    open_reader,
    read_all,
    reading_stdin,
)
from strokeanim.io.drawing_json import parse_document
from strokeanim.io.limits import Limits, ReadPolicy
from strokeanim.io.ndjson import parse_ndjson
from strokeanim.io.picture import parse_picture
from strokeanim.io.quickdraw_bin import looks_binary, parse_binary

READABLE = (
    "QuickDraw ndjson and .bin, sketch-rnn npz, JSON, SVG (each may be gzipped), PNG, JPEG, WebP"
)

STDIN_PREFIX = "stdin:"
"""The same as `-`, which a command line takes for an option if a selector follows."""

_WIDE = {"{\0", "[\0", "<\0", "\0{", "\0[", "\0<"}
"""Starts of text whose letters take two or four bytes."""

Some: TypeAlias = Sequence[Drawing | Picture]
"""Several successive drawings or pictures of a source."""

_MAGIC = (
    (b"PK\x03\x04", "npz"),
    (b"PK\x05\x06", "npz"),
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
)
_EXTENSIONS = {
    ".bin": "bin",
    ".jpeg": "picture",
    ".jpg": "picture",
    ".json": "document",
    ".ndjson": "ndjson",
    ".npz": "npz",
    ".png": "picture",
    ".svg": "svg",
    ".svgz": "svg",
    ".webp": "picture",
}
_DOCUMENT = re.compile(r'\[|\{\s*[\r\n]|\{\s*"(format|version|drawings|strokes|label|key|times)"')
"""The start of JSON that is unlikely to be a line of ndjson."""


@dataclass(frozen=True)
class SourceName:
    """A parsed SOURCE.

    Attributes:
        place: a file's path, `-` for standard input, or `sample:LABEL`.
        selector: what follows `#` (for samples `/`), or None for everything.
    """

    place: str
    selector: str | None = None

    @property
    def is_sample(self) -> bool:
        return self.place.startswith(samples.PREFIX)

    @property
    def name(self) -> str:
        """Return the name of the place in messages."""
        return STDIN if self.place == "-" else self.place

    def __str__(self) -> str:
        if self.selector is None:
            return self.place
        return f"{self.place}{'/' if self.is_sample else '#'}{self.selector}"


def parse_source(source: str | PathLike[str]) -> SourceName:
    """Split a SOURCE into place and selector; check whether files exist, but read none.

    Raises:
        InputError: nothing before or after the `#`, or no class after `sample:`.

    >>> parse_source("mouth.ndjson#3")
    SourceName(place='mouth.ndjson', selector='3')
    >>> parse_source("sample:mouth/3")
    SourceName(place='sample:mouth', selector='3')
    """
    text = fspath(source)
    if text.startswith(STDIN_PREFIX):
        text = f"-{text.removeprefix(STDIN_PREFIX)}"
    sample = text.startswith(samples.PREFIX)
    place, mark, selector = text.partition("/") if sample else _split_at_hash(text)
    if place in ("", samples.PREFIX) or (mark and not selector):
        raise InputError(
            f"{text!r} names no drawing; give a file and maybe a selector, like mouths.ndjson#3, "
            f"or {samples.PREFIX}mouth/3"
        )
    return SourceName(place, selector if mark else None)


def load(
    source: str | PathLike[str],
    limits: Limits = Limits(),
    on_bad: Callable[[InputError], object] | None = None,
) -> Sequence[Drawing | Picture]:
    """Load everything that a source names, at least one drawing or picture.

    Drawings without strokes are kept, as they are in the file; encoding one is an error. Nothing is
    cached.

    Args:
        source: a file (ndjson, .bin, .npz, .json, SVG, PNG, JPEG or WebP, by its content, gzipped
            or not), with `#KEY`, `#INDEX`, `#LAYER` or `#train/7` for one drawing of it;
            `sample:mouth` or `sample:mouth/3` for bundled ones; `-` for standard input.
        limits: sizes beyond which a file is refused.
        on_bad: called with the error of each bad drawing, which is left out and not counted by
            selectors; without it, the first one is raised. `errors.append` collects them.

    Returns:
        A `DrawingArray`, which makes each drawing on access; of a picture, a list of one `Picture`;
        with a selector, a list of one item.

    Raises:
        InputError: missing, unreadable, damaged or empty file, unknown format or class, no such
            index or key, or a size beyond the limits.
    """
    parsed = parse_source(source)
    if parsed.selector is not None:
        return [load_one(source, limits, on_bad)]
    builder = DrawingArrayBuilder()
    pictures: list[Picture] = []
    with _open_batches(parsed, ReadPolicy(limits, on_bad)) as batches:
        for batch in batches:
            if isinstance(batch, DrawingArray):
                builder.add(batch)
                continue
            builder.add(item for item in batch if isinstance(item, Drawing))
            pictures += (item for item in batch if isinstance(item, Picture))
    if not pictures and not len(builder):
        raise InputError(f"{parsed.name} holds no drawings")
    return pictures or builder.done()


def stream(
    source: str | PathLike[str],
    limits: Limits = Limits(),
    on_bad: Callable[[InputError], object] | None = None,
) -> Iterator[Drawing | Picture]:
    """Yield one by one what `load` returns, in constant memory if the format allows it.

    ndjson and .bin are read incrementally, also from a pipe.

    Args:
        source: what to read, as in `load`.
        limits: sizes beyond which a file is refused.
        on_bad: called with the error of each bad drawing, which is left out.

    Raises:
        InputError: as `load`, on the request for the first drawing or at the bad one; but an empty
            source is no error.
    """
    parsed = parse_source(source)
    if parsed.selector is not None:
        yield load_one(source, limits, on_bad)
        return
    with _open_batches(parsed, ReadPolicy(limits, on_bad)) as batches:
        for batch in batches:
            yield from batch


def load_one(
    source: str | PathLike[str],
    limits: Limits = Limits(),
    on_bad: Callable[[InputError], object] | None = None,
) -> Drawing | Picture:
    """Load the drawing that a SOURCE selects or, without a selector, its first.

    No more is read than needed. Arguments and errors are those of `load`.
    """
    parsed = parse_source(source)
    with _open_batches(parsed, ReadPolicy(limits, on_bad)) as batches:
        return _select(batches, parsed)


def _split_at_hash(text: str) -> tuple[str, str, str]:
    """Split at the last `#` that follows the path of an existing file, else at the last `#`."""
    positions = [index for index, character in enumerate(text) if character == "#"]
    for end in (len(text), *reversed(positions)):
        if os.path.exists(text[:end]):  # noqa: PTH110  (Path.exists raises for names too long)
            return text[:end], text[end : end + 1], text[end + 1 :]
    place, mark, selector = text.rpartition("#")
    return (place, mark, selector) if mark else (text, "", "")


def open_source(place: str, limits: Limits) -> AbstractContextManager[Bytes]:
    """Open a file, a URL or, for `-`, standard input as a stream of unpacked bytes.

    Raises:
        InputError: as `load`.
    """
    return reading_stdin(limits) if place == "-" else open_reader(place, limits)


@contextmanager
def _open_batches(parsed: SourceName, policy: ReadPolicy) -> Iterator[Iterator[Some]]:
    """Yield an iterator over a source's batches; the file stays open within the block."""
    if parsed.is_sample:
        yield iter([samples.samples_of(parsed.place.removeprefix(samples.PREFIX))])
        return
    with open_source(parsed.place, policy.limits) as stream:
        yield (batch for batch in _parse_contents(stream, parsed, policy) if len(batch))


def _parse_contents(stream: Bytes, parsed: SourceName, policy: ReadPolicy) -> Iterable[Some]:
    name, limits = parsed.name, policy.limits
    match _detect_format(stream, name):
        case "ndjson":
            return parse_ndjson(stream, name, policy)
        case "bin":
            return parse_binary(stream, name, policy)
        case "document":
            data = read_all(as_utf8(stream), name, limits, "json")
            if _is_lines(data):
                return parse_ndjson(io.BufferedReader(io.BytesIO(data)), name, policy)
            return parse_document(data, name, policy)
        case "npz":
            parts = npz.parse_parts(read_all(stream, name, limits), name, limits)
            return _read_npz(parts, parsed, policy)
        case "svg":
            data = read_all(stream, name, limits)
            return _yield_single(lambda: _read_svg(data, parsed, limits), policy)
        case _:
            if parsed.selector is not None:
                raise InputError(f"{name} is a single picture; leave out #{parsed.selector}")
            data = read_all(stream, name, limits)
            return _yield_single(lambda: [parse_picture(data, name, limits)], policy)


def _yield_single(read: Callable[[], Some], policy: ReadPolicy) -> Iterator[Some]:
    """Yield the only batch of a file; if it is bad, leave it out like a bad line."""
    try:
        yield read()
    except InputError as error:
        policy.skip(error)


def _is_lines(data: bytes) -> bool:
    """Return whether the first line is a JSON object and more follows."""
    line, _, rest = data.partition(b"\n")
    if not rest.strip():
        return False
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _detect_format(stream: Bytes, name: str) -> str:
    head = stream.peek(16)
    if not head:
        raise InputError(f"{name} is empty")
    for magic, format_name in _MAGIC:
        if head.startswith(magic):
            return format_name
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "picture"
    extension = Path(name.lower().removesuffix(".gz")).suffix
    if looks_binary(head):
        return "bin"
    if head.startswith(GZIP_MAGIC):
        raise InputError(f"{name} is gzipped twice; unpack it once")
    encoding = "utf-16" if head.startswith(UTF16_MARKS) else "utf-8-sig"
    text = head.decode(encoding, "ignore").lstrip()
    if text.startswith("<"):
        return "svg"
    if text[:2] in _WIDE:
        raise InputError(
            f"{name} seems to be UTF-16 or UTF-32 without a byte order mark; save it as UTF-8"
        )
    if _DOCUMENT.match(text) or (text.startswith("{") and extension == ".json"):
        return "document"
    if text.startswith("{"):
        return "ndjson"
    # unknown content: the extension selects the reader that reports what is wrong with it
    if extension not in _EXTENSIONS:
        raise InputError(f"{name} is in no format that can be read; readable are: {READABLE}")
    return _EXTENSIONS[extension]


def _read_svg(data: bytes, parsed: SourceName, limits: Limits) -> Some:
    """Read all drawings if the selector is None or picks one of them; else the layer it names."""
    # imported only for SVG, since the import is slow
    svg = import_module("strokeanim.io.svg.reader")
    selector = parsed.selector
    try:
        drawings: list[Drawing] = svg.parse_svg(data, parsed.name, limits)
    except InputError:
        if selector is None:
            raise
        drawings = []  # everything may be hidden
    if selector is None:
        return drawings
    index = _parse_index(selector)
    if (index is not None and index < len(drawings)) or selector in [d.key for d in drawings]:
        return drawings
    return [svg.parse_svg(data, parsed.name, limits, selector)[0].with_label("", selector)]


def _read_npz(parts: npz.Parts, parsed: SourceName, policy: ReadPolicy) -> Iterator[Some]:
    """Yield all drawings, or build only the one that a selector like `train/17` names."""
    part, slash, digits = (parsed.selector or "").partition("/")
    index = _parse_index(digits)
    if slash and part in parts and index is not None and index < len(parts[part]):
        rows = parts[part][index : index + 1]
        yield list(npz.drawings_of(part, rows, parsed.name, index, policy))
    elif slash:
        names = ", ".join(f"{part}/0 to {len(rows) - 1}" for part, rows in parts.items() if rows)
        raise InputError(f"{parsed.name} has no {parsed.selector}; it has {names}")
    else:
        for part, rows in parts.items():
            for drawing in npz.drawings_of(part, rows, parsed.name, policy=policy):
                yield [drawing]


def _select(batches: Iterable[Some], parsed: SourceName) -> Drawing | Picture:
    selector = parsed.selector
    index = 0 if selector is None else _parse_index(selector)
    keyed: Drawing | Picture | None = None
    count = 0
    first_keys: list[str] = []
    for batch in batches:
        if index is not None and index < count + len(batch):
            return batch[index - count]
        count += len(batch)
        keys = batch.keys.tolist() if isinstance(batch, DrawingArray) else [d.key for d in batch]
        if keyed is None and selector in keys:
            keyed = batch[keys.index(selector)]
        # only a number may still turn out to be an index
        if keyed is not None and index is None:
            break
        first_keys += keys[: 1000 - len(first_keys)]
    if keyed is not None:
        return keyed
    if not count:
        raise InputError(f"{parsed.name} holds no drawings")
    # difflib is slow: suggest a likely typing error from the first keys only
    close = get_close_matches(selector or "", first_keys, n=1, cutoff=0.8)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise InputError(
        f"{parsed.name} has {count} drawings, 0 to {count - 1}, "
        f"and none of them has the key {selector!r}{hint}"
    )


def _parse_index(selector: str) -> int | None:
    """Return the number that ASCII digits spell, or None for a key or 19 digits or more."""
    plain = selector.isascii() and selector.isdecimal() and len(selector) < 19
    return int(selector) if plain else None
