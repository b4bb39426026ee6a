"""SOURCE: one string that names drawings or a picture, as on the command line.

    file.ndjson             every drawing of the file
    file.ndjson#17          number 17, from 0, if there are that many; else the one with key "17"
    file.ndjson#KEY         the first drawing with that key
    file.npz#train/17       of a sketch-rnn file; `#17` counts through all parts
    file.bin#3              of a QuickDraw .bin
    file.json#KEY           of a JSON document of drawings
    drawing.svg             all that is visible in it, as one drawing
    drawing.svg#LAYER       what is in the layer, group or element of that name, hidden or not
    picture.png             or JPEG or WebP: one `Picture`
    sample:mouth            the bundled synthetic drawings of a class
    sample:mouth/3          one of them
    s3://bucket/mouth.bin   or any other URL that fsspec knows (`strokeanim[batch]`)
    -                       any of these formats on standard input
    -#17                    one of the drawings there

Contents count, not the extension, except that nothing marks a `.bin`: a PNG called `x.jpg`, or a
gzipped file without `.gz`, is read as what it is. A `#` that belongs to the name of a file that
exists selects nothing.
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
    reading,
    reading_stdin,
    whole,
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
"""Before a selector, another way to say `-`, which a command line takes for an option there."""

_WIDE = {"{\0", "[\0", "<\0", "\0{", "\0[", "\0<"}
"""How text begins whose letters take two or four bytes."""

Some: TypeAlias = Sequence[Drawing | Picture]
"""A part of what is in a file."""

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
"""How JSON begins that is hardly a line of ndjson."""


@dataclass(frozen=True)
class SourceName:
    """A SOURCE taken apart.

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
        """What messages call the place."""
        return STDIN if self.place == "-" else self.place

    def __str__(self) -> str:
        if self.selector is None:
            return self.place
        return f"{self.place}{'/' if self.is_sample else '#'}{self.selector}"


def parse_source(source: str | PathLike[str]) -> SourceName:
    """Take a SOURCE apart. Only asks whether files exist; reads none.

    Raises:
        InputError: nothing before or after the `#`, or no class after `sample:`.

    >>> parse("mouth.ndjson#3")
    Source(place='mouth.ndjson', selector='3')
    >>> parse("sample:mouth/3")
    Source(place='sample:mouth', selector='3')
    """
    text = fspath(source)
    if text.startswith(STDIN_PREFIX):
        text = f"-{text.removeprefix(STDIN_PREFIX)}"
    sample = text.startswith(samples.PREFIX)
    place, mark, selector = text.partition("/") if sample else _at_hash(text)
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
    """Everything that a source names, at least one thing.

    Drawings without strokes come along, as they are in the file; encoding one is an error. Nothing
    is kept anywhere for the next time.

    Args:
        source: a file (ndjson, .bin, .npz, .json, SVG, PNG, JPEG or WebP, by its content, gzipped
            or not), with `#KEY`, `#INDEX`, `#LAYER` or `#train/7` for one drawing of it;
            `sample:mouth` or `sample:mouth/3` for bundled ones; `-` for standard input.
        limits: beyond which a file is refused.
        on_bad: called with what is wrong with each bad drawing, which is left out and not counted
            by selectors; without it, the first one is an error. `errors.append` collects them.

    Returns:
        `DrawingArray`, each made when it is asked for; of a picture, a list of one `Picture`.

    Raises:
        InputError: missing, unreadable or damaged file, unknown format or class, no such index or
            key, too much for the limits, or nothing in it.
    """
    wanted = parse_source(source)
    if wanted.selector is not None:
        return [load_one(source, limits, on_bad)]
    gathered = DrawingArrayBuilder()
    pictures: list[Picture] = []
    with _opened(wanted, ReadPolicy(limits, on_bad)) as found:
        for some in found:
            if isinstance(some, DrawingArray):
                gathered.add(some)
                continue
            gathered.add(one for one in some if isinstance(one, Drawing))
            pictures += (one for one in some if isinstance(one, Picture))
    if not pictures and not len(gathered):
        raise InputError(f"{wanted.name} holds no drawings")
    return pictures or gathered.done()


def stream(
    source: str | PathLike[str],
    limits: Limits = Limits(),
    on_bad: Callable[[InputError], object] | None = None,
) -> Iterator[Drawing | Picture]:
    """One after the other what `load` gives, in constant memory where the format allows it.

    ndjson and .bin are read as they come, also from a pipe.

    Args:
        source: what to read, as in `load`.
        limits: beyond which a file is refused.
        on_bad: called with what is wrong with each bad drawing, which is left out.

    Raises:
        InputError: as `load`, when the first drawing is asked for or the bad one is reached; but a
            source with nothing in it is no error.
    """
    wanted = parse_source(source)
    if wanted.selector is not None:
        yield load_one(source, limits, on_bad)
        return
    with _opened(wanted, ReadPolicy(limits, on_bad)) as found:
        for some in found:
            yield from some


def load_one(
    source: str | PathLike[str],
    limits: Limits = Limits(),
    on_bad: Callable[[InputError], object] | None = None,
) -> Drawing | Picture:
    """The drawing a SOURCE selects or, if it selects none, its first; no more is read than needed.

    Arguments and errors are those of `load`.
    """
    wanted = parse_source(source)
    with _opened(wanted, ReadPolicy(limits, on_bad)) as found:
        return _select(found, wanted)


def _at_hash(text: str) -> tuple[str, str, str]:
    """Split at the last `#` that has an existing file before it, else at the last one."""
    places = [place for place, character in enumerate(text) if character == "#"]
    for end in (len(text), *reversed(places)):
        if os.path.exists(text[:end]):  # noqa: PTH110  (Path.exists raises for names too long)
            return text[:end], text[end : end + 1], text[end + 1 :]
    place, mark, selector = text.rpartition("#")
    return (place, mark, selector) if mark else (text, "", "")


def open_source(place: str, limits: Limits) -> AbstractContextManager[Bytes]:
    """The bytes of a file, of what a URL names, or, for `-`, of standard input; unpacked.

    Raises:
        InputError: as `load`.
    """
    return reading_stdin(limits) if place == "-" else reading(place, limits)


@contextmanager
def _opened(wanted: SourceName, policy: ReadPolicy) -> Iterator[Iterator[Some]]:
    """What is in a place, some at a time; the file is open as long as the block runs."""
    if wanted.is_sample:
        yield iter([samples.samples_of(wanted.place.removeprefix(samples.PREFIX))])
        return
    with open_source(wanted.place, policy.limits) as stream:
        yield (some for some in _contents(stream, wanted, policy) if len(some))


def _contents(stream: Bytes, wanted: SourceName, policy: ReadPolicy) -> Iterable[Some]:
    name, limits = wanted.name, policy.limits
    match _format(stream, name):
        case "ndjson":
            return parse_ndjson(stream, name, policy)
        case "bin":
            return parse_binary(stream, name, policy)
        case "document":
            data = whole(as_utf8(stream), name, limits, "json")
            if _is_lines(data):
                return parse_ndjson(io.BufferedReader(io.BytesIO(data)), name, policy)
            return parse_document(data, name, policy)
        case "npz":
            parts = npz.parse_parts(whole(stream, name, limits), name, limits)
            return _npz_drawings(parts, wanted, policy)
        case "svg":
            data = whole(stream, name, limits)
            return _alone(lambda: _svg_drawings(data, wanted, limits), policy)
        case _:
            if wanted.selector is not None:
                raise InputError(f"{name} is a single picture; leave out #{wanted.selector}")
            data = whole(stream, name, limits)
            return _alone(lambda: [parse_picture(data, name, limits)], policy)


def _alone(read: Callable[[], Some], policy: ReadPolicy) -> Iterator[Some]:
    """The one thing in a file, which is left out like a bad line if it is no good."""
    try:
        yield read()
    except InputError as error:
        policy.skip(error)


def _is_lines(data: bytes) -> bool:
    """Whether the first line is an object, and is not all."""
    line, _, rest = data.partition(b"\n")
    if not rest.strip():
        return False
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _format(stream: Bytes, name: str) -> str:
    head = stream.peek(16)
    if not head:
        raise InputError(f"{name} is empty")
    for magic, known in _MAGIC:
        if head.startswith(magic):
            return known
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
    # no content known: the extension decides which reader says what is wrong with it
    if extension not in _EXTENSIONS:
        raise InputError(f"{name} is in no format that can be read; readable are: {READABLE}")
    return _EXTENSIONS[extension]


def _svg_drawings(data: bytes, wanted: SourceName, limits: Limits) -> Some:
    """All drawings if the selector picks one of them or there is none; else the layer it names."""
    # imported here, since it takes longer than those who have no SVG should wait
    svg = import_module("strokeanim.io.svg.reader")
    selector = wanted.selector
    try:
        drawings: list[Drawing] = svg.parse_svg(data, wanted.name, limits)
    except InputError:
        if selector is None:
            raise
        drawings = []  # all is hidden, maybe
    if selector is None:
        return drawings
    index = _index(selector)
    if (index is not None and index < len(drawings)) or selector in [d.key for d in drawings]:
        return drawings
    return [svg.parse_svg(data, wanted.name, limits, selector)[0].with_label("", selector)]


def _npz_drawings(parts: npz.Parts, wanted: SourceName, policy: ReadPolicy) -> Iterator[Some]:
    """All drawings, or the one that a selector like `train/17` names without making the others."""
    part, slash, digits = (wanted.selector or "").partition("/")
    index = _index(digits)
    if slash and part in parts and index is not None and index < len(parts[part]):
        rows = parts[part][index : index + 1]
        yield list(npz.drawings_of(part, rows, wanted.name, index, policy))
    elif slash:
        there = ", ".join(f"{part}/0 to {len(rows) - 1}" for part, rows in parts.items() if rows)
        raise InputError(f"{wanted.name} has no {wanted.selector}; it has {there}")
    else:
        for part, rows in parts.items():
            for drawing in npz.drawings_of(part, rows, wanted.name, policy=policy):
                yield [drawing]


def _select(found: Iterable[Some], wanted: SourceName) -> Drawing | Picture:
    selector = wanted.selector
    index = 0 if selector is None else _index(selector)
    keyed: Drawing | Picture | None = None
    count = 0
    first: list[str] = []
    for some in found:
        if index is not None and index < count + len(some):
            return some[index - count]
        count += len(some)
        keys = some.keys.tolist() if isinstance(some, DrawingArray) else [each.key for each in some]
        if keyed is None and selector in keys:
            keyed = some[keys.index(selector)]
        # only a number may still turn out to be an index
        if keyed is not None and index is None:
            break
        first += keys[: 1000 - len(first)]
    if keyed is not None:
        return keyed
    if not count:
        raise InputError(f"{wanted.name} holds no drawings")
    # difflib is slow: look for a likely typing error among the first keys only
    close = get_close_matches(selector or "", first, n=1, cutoff=0.8)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise InputError(
        f"{wanted.name} has {count} drawings, 0 to {count - 1}, "
        f"and none of them has the key {selector!r}{hint}"
    )


def _index(selector: str) -> int | None:
    """The number that ASCII digits spell; None for a key, or for more digits than an index has."""
    plain = selector.isascii() and selector.isdecimal() and len(selector) < 19
    return int(selector) if plain else None
