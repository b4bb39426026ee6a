"""Run `strokeanim convert`: read drawings of any format and write them in another."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strokeanim.cli import _shared
from strokeanim.errors import InputError

if TYPE_CHECKING:
    from strokeanim.geometry import Drawing
    from strokeanim.io.limits import ReadPolicy


def convert(
    source: Annotated[
        list[str],
        typer.Argument(
            metavar="IN...",
            help="Drawings: file.ndjson, file.bin, file.npz#train/7, drawing.svg#LAYER, sample:ear,"
            " -, …",
        ),
    ],
    out: Annotated[
        str,
        typer.Argument(
            metavar="OUT", help=".ndjson, .json, .npz, .bin or .svg, also with .gz; - for ndjson."
        ),
    ],
    simplify: Annotated[
        bool,
        typer.Option("--simplify", help="Scale to 255 and simplify, as QuickDraw does."),
    ] = False,
    label: Annotated[
        str | None,
        typer.Option("--class", help="Label for all drawings, instead of their own."),
    ] = None,
    vectorise: Annotated[
        bool, typer.Option("--vectorise", help="Trace pictures, which have no strokes.")
    ] = False,
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
) -> None:
    """Write drawings in another format, those of several files into one.

    Example: strokeanim convert sketches/*.svg mouths.ndjson --class mouth --simplify
    """
    from strokeanim.io.saving import format_of, writer_of
    from strokeanim.io.sources import parse_source

    write = None if out == "-" else writer_of(out)
    for name in source:
        path = Path(parse_source(name).place)
        if Path(out).exists() and path.exists() and path.samefile(out):
            raise InputError(f"{out} is both IN and OUT, the last name; write to another file")
    with _shared.policy(allow, skip_bad) as policy:
        drawings = _CountedDrawings(_read_drawings(source, vectorise, simplify, label, policy))
        if write is None:
            _print_ndjson(drawings)
        else:
            write(drawings, out)
    lost = (
        []
        if write is None
        else [name for name in format_of(out).loses if name in drawings.properties]
    )
    note = f"; the format has no place for: {', '.join(lost)}" if lost else ""
    _shared.echo(f"{drawings.count} drawing{'s'[: drawings.count != 1]}: {out}{note}")


def _print_ndjson(drawings: Iterable[Drawing]) -> None:
    from strokeanim.io.atomic_files import output_error
    from strokeanim.io.ndjson import format_line

    try:
        sys.stdout.writelines(format_line(drawing) + "\n" for drawing in drawings)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has closed the pipe
        raise
    except OSError as error:
        raise output_error(Path("standard output"), error) from error


def _read_drawings(
    sources: list[str], vectorise: bool, simplify: bool, label: str | None, policy: ReadPolicy
) -> Iterator[Drawing]:
    from strokeanim.geometry import Picture
    from strokeanim.geometry.polylines import simplify_as_quickdraw
    from strokeanim.io.sources import stream

    if vectorise:
        from strokeanim.tracing.vectorise import vectorise as trace

    is_empty = True
    for source in sources:
        for item in stream(source, policy.limits, policy.on_bad):
            is_empty = False
            if vectorise and isinstance(item, Picture):
                drawing = trace(item)
            else:
                drawing = _shared.require_strokes(item, source)
            drawing = simplify_as_quickdraw(drawing) if simplify else drawing
            yield drawing if label is None else drawing.with_label(label)
    if is_empty:
        raise InputError(f"{', '.join(sources)}: no drawings that could be written")


class _CountedDrawings:
    """An iterable of drawings that counts them and records their properties."""

    def __init__(self, drawings: Iterator[Drawing]) -> None:
        self._drawings = drawings
        self.count = 0
        self.properties: set[str] = set()

    def __iter__(self) -> Iterator[Drawing]:
        from strokeanim.io.quickdraw_bin import holds_key

        for drawing in self._drawings:
            self.count += 1
            properties: dict[str, object] = {
                "label": drawing.label,
                "key": drawing.key,
                "times": drawing.times,
            }
            properties["keys of letters"] = drawing.key and not holds_key(drawing.key)
            properties["decimals"] = any((stroke % 1).any() for stroke in drawing.strokes)
            properties["drawings without strokes"] = not drawing.strokes
            self.properties.update(name for name, value in properties.items() if value)
            yield drawing
