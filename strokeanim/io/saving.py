"""Write drawings to files, in the format of the file's extension."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from os import PathLike, fspath
from pathlib import Path

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing, Picture


@dataclass(frozen=True)
class Format:
    """A format that drawings can be written in.

    Attributes:
        writer: module and function, as `module:function`.
        loses: properties of a drawing that the file does not keep.
    """

    writer: str
    loses: tuple[str, ...] = ()


FORMATS = {
    ".ndjson": Format("ndjson:write_ndjson"),
    ".json": Format("drawing_json:write_document"),
    ".npz": Format(
        "npz:write_npz", ("label", "key", "times", "decimals", "drawings without strokes")
    ),
    ".bin": Format("quickdraw_bin:write_binary", ("label", "keys of letters", "times", "decimals")),
    ".svg": Format("svg.writer:write_svg", ("times",)),
    ".svgz": Format("svg.writer:write_svg", ("times",)),
}
"""The formats by extension; each but `.svgz` may be followed by `.gz`."""


def save(drawings: Iterable[Drawing | Picture] | Drawing, file: str | PathLike[str]) -> None:
    """Write drawings in the format of the file's extension; it appears complete or not at all.

    `.ndjson` (QuickDraw, three decimals), `.json` (strokeanim's own, loses nothing), `.npz`
    (sketch-rnn, whole numbers), `.bin` (QuickDraw, whole numbers from 0 to 255), `.svg` (three
    decimals, no times); with `.gz` appended, gzipped. The same drawings give the same bytes.

    Args:
        drawings: one or more, with strokes.
        file: the path to write; an existing file is replaced.

    Raises:
        InputError: unknown extension, a picture, or drawings that the format can't hold.
        OutputError: the file can't be written; nothing is left of it.
    """
    items = [drawings] if isinstance(drawings, Drawing) else drawings
    writer_of(file)(_require_strokes(items), file)


def _require_strokes(items: Iterable[Drawing | Picture]) -> Iterator[Drawing]:
    for drawing in items:
        if not isinstance(drawing, Drawing):
            raise InputError(f"{drawing!r} holds no strokes; make some with vectorise")
        yield drawing


def writer_of(
    file: str | PathLike[str],
) -> Callable[[Iterable[Drawing], str | PathLike[str]], None]:
    """Return the function that writes files of this extension.

    Raises:
        InputError: drawings can't be written with this extension.
    """
    module, _, function = format_of(file).writer.partition(":")
    writer: Callable[[Iterable[Drawing], str | PathLike[str]], None] = getattr(
        import_module(f"strokeanim.io.{module}"), function
    )
    return writer


def format_of(file: str | PathLike[str]) -> Format:
    """Return the format of the file's extension.

    Raises:
        InputError: drawings can't be written with this extension.
    """
    name = fspath(file)
    extension = Path(name.lower().removesuffix(".gz")).suffix
    if extension not in FORMATS:
        raise InputError(
            f"{name}: strokes are written as {', '.join(FORMATS)}; "
            "`strokeanim render` draws pictures and films"
        )
    return FORMATS[extension]
