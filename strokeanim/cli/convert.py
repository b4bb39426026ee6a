"""`strokeanim convert`: drawings from any format that can be read to any that can be written."""

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
            metavar="OUT", help=".ndjson, .json, .npz, .bin, .svg, each also .gz; - for ndjson."
        ),
    ],
    simplify: Annotated[
        bool,
        typer.Option("--simplify", help="Scale to 255 and simplify, as QuickDraw does."),
    ] = False,
    label: Annotated[
        str | None,
        typer.Option("--class", help="Call all drawings this, whatever they are called."),
    ] = None,
    vectorise: Annotated[
        bool, typer.Option("--vectorise", help="Trace pictures, which hold no strokes.")
    ] = False,
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
) -> None:
    """Write drawings in another format; several files become one.

    Example: strokeanim convert sketches/*.svg mouths.ndjson --class mouth --simplify
    """
    from strokeanim.io.saving import format_of, writer_of
    from strokeanim.io.sources import parse_source

    write = None if out == "-" else writer_of(out)
    for one in source:
        place = Path(parse_source(one).place)
        if Path(out).exists() and place.exists() and place.samefile(out):
            raise InputError(f"{out} is both IN and OUT, the last name; write to another file")
    with _shared.policy(allow, skip_bad) as policy:
        drawings = _Passing(_drawings(source, vectorise, simplify, label, policy))
        if write is None:
            _print(drawings)
        else:
            write(drawings, out)
    lost = [] if write is None else [name for name in format_of(out).loses if name in drawings.have]
    note = f"; the format has no place for: {', '.join(lost)}" if lost else ""
    _shared.echo(f"{drawings.count} drawing{'s'[: drawings.count != 1]}: {out}{note}")


def _print(drawings: Iterable[Drawing]) -> None:
    from strokeanim.io.atomic_files import output_error
    from strokeanim.io.ndjson import format_line

    try:
        sys.stdout.writelines(format_line(drawing) + "\n" for drawing in drawings)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough
        raise
    except OSError as error:
        raise output_error(Path("standard output"), error) from error


def _drawings(
    sources: list[str], vectorise: bool, simplify: bool, label: str | None, policy: ReadPolicy
) -> Iterator[Drawing]:
    from strokeanim.geometry import Picture
    from strokeanim.geometry.polylines import simplify_as_quickdraw
    from strokeanim.io.sources import stream

    if vectorise:
        from strokeanim.tracing.vectorise import vectorise as trace

    is_empty = True
    for source in sources:
        for found in stream(source, policy.limits, policy.on_bad):
            is_empty = False
            if vectorise and isinstance(found, Picture):
                drawing = trace(found)
            else:
                drawing = _shared.only_strokes(found, source)
            drawing = simplify_as_quickdraw(drawing) if simplify else drawing
            yield drawing if label is None else drawing.with_label(label)
    if is_empty:
        raise InputError(f"{', '.join(sources)}: no drawings that could be written")


class _Passing:
    """Counts the drawings that pass, and notes what they have."""

    def __init__(self, drawings: Iterator[Drawing]) -> None:
        self._drawings = drawings
        self.count = 0
        self.have: set[str] = set()

    def __iter__(self) -> Iterator[Drawing]:
        from strokeanim.io.quickdraw_bin import holds_key

        for drawing in self._drawings:
            self.count += 1
            had: dict[str, object] = {
                "label": drawing.label,
                "key": drawing.key,
                "times": drawing.times,
            }
            had["keys of letters"] = drawing.key and not holds_key(drawing.key)
            had["decimals"] = any((stroke % 1).any() for stroke in drawing.strokes)
            had["drawings without strokes"] = not drawing.strokes
            self.have.update(name for name, value in had.items() if value)
            yield drawing
