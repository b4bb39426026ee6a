"""SOURCE: one string that names drawings or a picture, as on the command line.

    file.ndjson             every drawing of the file, gzipped or not
    file.ndjson#17          number 17, from 0, if there are that many; else the one with key "17"
    file.ndjson#KEY         the first drawing with that key
    file.npz#train/17       of a sketch-rnn file; `#17` counts through all parts
    picture.png             or JPEG or WebP: one `Picture`
    sample:mouth            the bundled synthetic drawings of a class
    sample:mouth/3          one of them
    -                       ndjson on standard input

Contents count more than the extension: a PNG called `x.jpg`, or a gzipped file without `.gz`, is
read as what it is. A `#` that belongs to the name of a file that exists selects nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from os import PathLike, fspath
from pathlib import Path

from strokeanim.data import npz, samples
from strokeanim.data._open import Bytes, reading, reading_stdin
from strokeanim.data.ndjson import parse_ndjson
from strokeanim.data.picture import parse_picture
from strokeanim.errors import InputError
from strokeanim.strokes import Drawing, Picture

READABLE = "QuickDraw ndjson and sketch-rnn npz (either may be gzipped), PNG, JPEG, WebP"

_MAGIC = (
    (b"PK\x03\x04", "npz"),
    (b"PK\x05\x06", "npz"),
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
)
_EXTENSIONS = {
    ".ndjson": "ndjson",
    ".npz": "npz",
    ".png": "picture",
    ".jpg": "picture",
    ".jpeg": "picture",
    ".webp": "picture",
}


@dataclass(frozen=True)
class Source:
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
        return "standard input" if self.place == "-" else self.place

    def __str__(self) -> str:
        if self.selector is None:
            return self.place
        return f"{self.place}{'/' if self.is_sample else '#'}{self.selector}"


def parse(source: str | PathLike[str]) -> Source:
    """Take a SOURCE apart. Only asks whether files exist; reads none.

    Raises:
        InputError: nothing before or after the `#`, or no class after `sample:`.

    >>> parse("mouth.ndjson#3")
    Source(place='mouth.ndjson', selector='3')
    >>> parse("sample:mouth/3")
    Source(place='sample:mouth', selector='3')
    """
    text = fspath(source)
    sample = text.startswith(samples.PREFIX)
    place, mark, selector = text.partition("/") if sample else _at_hash(text)
    if place in ("", samples.PREFIX) or (mark and not selector):
        raise InputError(
            f"{text!r} names no drawing; give a file and maybe a selector, like mouths.ndjson#3, "
            f"or {samples.PREFIX}mouth/3"
        )
    return Source(place, selector if mark else None)


def load(source: str | PathLike[str]) -> list[Drawing | Picture]:
    """Everything a SOURCE names, at least one thing.

    Drawings without strokes come along, as they are in the file; encoding one is an error.

    Raises:
        InputError: missing, unreadable or damaged file, unknown format or class, no such index or
            key, or nothing in it.
    """
    wanted = parse(source)
    if wanted.selector is not None:
        return [load_one(source)]
    with _opened(wanted) as found:
        everything = list(found)
    if not everything:
        raise InputError(f"{wanted.name} holds no drawings")
    return everything


def load_one(source: str | PathLike[str]) -> Drawing | Picture:
    """The drawing a SOURCE selects or, if it selects none, its first; no more is read than needed.

    Raises:
        InputError: as for `load`.
    """
    wanted = parse(source)
    with _opened(wanted) as found:
        return _select(found, wanted)


def _at_hash(text: str) -> tuple[str, str, str]:
    """Split at the last `#` that has an existing file before it, else at the last one."""
    places = [place for place, character in enumerate(text) if character == "#"]
    for end in (len(text), *reversed(places)):
        if os.path.exists(text[:end]):  # noqa: PTH110  (Path.exists raises for names too long)
            return text[:end], text[end : end + 1], text[end + 1 :]
    place, mark, selector = text.rpartition("#")
    return (place, mark, selector) if mark else (text, "", "")


@contextmanager
def _opened(wanted: Source) -> Iterator[Iterable[Drawing | Picture]]:
    """What is in a place, one thing at a time; the file is open as long as the block runs."""
    if wanted.is_sample:
        yield samples.of_class(wanted.place.removeprefix(samples.PREFIX))
    elif wanted.place == "-":
        with reading_stdin() as stream:
            yield parse_ndjson(stream, wanted.name)
    else:
        with reading(wanted.place) as stream:
            yield _contents(stream, wanted)


def _contents(stream: Bytes, wanted: Source) -> Iterable[Drawing | Picture]:
    match _format(stream, wanted.place):
        case "ndjson":
            return parse_ndjson(stream, wanted.place)
        case "npz":
            return _npz_drawings(npz.parse_parts(stream.read(), wanted.place), wanted)
        case _:
            if wanted.selector is not None:
                raise InputError(
                    f"{wanted.place} is a single picture; leave out #{wanted.selector}"
                )
            return [parse_picture(stream.read(), wanted.place)]


def _format(stream: Bytes, name: str) -> str:
    head = stream.peek(16)
    if not head:
        raise InputError(f"{name} is empty")
    for magic, known in _MAGIC:
        if head.startswith(magic):
            return known
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "picture"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return "ndjson"
    # no content known: the extension decides which reader says what is wrong with it
    extension = Path(name.lower().removesuffix(".gz")).suffix
    if extension not in _EXTENSIONS:
        raise InputError(f"{name} is in no format that can be read; readable are: {READABLE}")
    return _EXTENSIONS[extension]


def _npz_drawings(parts: npz.Parts, wanted: Source) -> Iterator[Drawing]:
    """All drawings, or the one that a selector like `train/17` names without making the others."""
    part, slash, digits = (wanted.selector or "").partition("/")
    index = _index(digits)
    if slash and part in parts and index is not None and index < len(parts[part]):
        yield from npz.drawings_of(part, parts[part][index : index + 1], wanted.place, index)
    elif slash:
        there = ", ".join(f"{part}/0 to {len(rows) - 1}" for part, rows in parts.items() if rows)
        raise InputError(f"{wanted.place} has no {wanted.selector}; it has {there}")
    else:
        for part, rows in parts.items():
            yield from npz.drawings_of(part, rows, wanted.place)


def _select(found: Iterable[Drawing | Picture], wanted: Source) -> Drawing | Picture:
    selector = wanted.selector
    index = 0 if selector is None else _index(selector)
    keyed: Drawing | Picture | None = None
    keys: list[str] = []
    for place, thing in enumerate(found):
        if place == index:
            return thing
        if keyed is None and thing.key == selector:
            keyed = thing
        # only a number may still turn out to be an index
        if keyed is not None and index is None:
            break
        keys.append(thing.key)
    if keyed is not None:
        return keyed
    if not keys:
        raise InputError(f"{wanted.name} holds no drawings")
    # difflib is slow: look for a likely typing error among the first keys only
    close = get_close_matches(selector or "", keys[:1000], n=1, cutoff=0.8)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise InputError(
        f"{wanted.name} has {len(keys)} drawings, 0 to {len(keys) - 1}, "
        f"and none of them has the key {selector!r}{hint}"
    )


def _index(selector: str) -> int | None:
    """The number that ASCII digits spell; None for a key, or for more digits than an index has."""
    plain = selector.isascii() and selector.isdecimal() and len(selector) < 19
    return int(selector) if plain else None
