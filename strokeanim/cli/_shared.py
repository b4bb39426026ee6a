"""Share option types, input and output between commands; cheap to import."""

from __future__ import annotations

import json
import sys
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from strokeanim.errors import InputError

if TYPE_CHECKING:
    from strokeanim.animation.animation import Animation
    from strokeanim.engine import Engine
    from strokeanim.geometry import Drawing, Picture
    from strokeanim.io.limits import ReadPolicy

Out = Annotated[
    list[Path],
    typer.Option(
        "--out", "-o", help="Output file; its extension selects the renderer. Repeatable."
    ),
]
Renderer = Annotated[
    str | None,
    typer.Option("--renderer", help="Select the renderer by name instead of by extension."),
]
Options = Annotated[
    list[str] | None,
    typer.Option(
        "-O",
        metavar="KEY=VALUE",
        help="An option of the renderer (see `strokeanim plugins info NAME`) or of the style."
        " Repeatable.",
    ),
]
Size = Annotated[
    str | None, typer.Option("--size", help="Longer side in px, or a length such as 120mm.")
]
Stroke = Annotated[str | None, typer.Option("--stroke", help="Colour of the strokes.")]
Width = Annotated[
    str | None, typer.Option("--width", help="Stroke width in px, or a length such as 0.5mm.")
]
Background = Annotated[
    str | None, typer.Option("--background", help="Background colour, or none for transparent.")
]
Margin = Annotated[
    str | None,
    typer.Option("--margin", help="Margin around the drawing, as a share of its longer side."),
]
ColourBy = Annotated[
    str | None,
    typer.Option("--colour-by", help="What differs in colour: stroke, frame or label."),
]
DrawOn = Annotated[
    str | None,
    typer.Option(
        "--draw-on",
        help="Seconds in which the first frame is drawn before the motion; real: as recorded.",
    ),
]
Model = Annotated[
    str, typer.Option("--model", help="A model folder, or the name of a bundled model.")
]
Seed = Annotated[
    int, typer.Option("--seed", min=0, max=2**32 - 1, help="Seed of the random numbers.")
]
SkipBad = Annotated[
    bool,
    typer.Option("--skip-bad", help="Leave out drawings that can't be read, and report how many."),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="LIMIT=N",
        help="Raise a limit on input files: bytes (unpacked, 1 Gi), points (a million) and strokes"
        " (100000) of a drawing, json (128 Mi bytes of a document or line), nesting (100) of SVG,"
        " pixels (50 million). Repeatable.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print machine-readable JSON on stdout.")]
Fps = Annotated[float, typer.Option("--fps", help="Frames per second.")]
Engine_ = Annotated[str, typer.Option("--engine", hidden=True, help="onnx or keras.")]


def echo(text: str) -> None:
    """Print text for people to stderr."""
    typer.echo(text, err=True)


def print_json(value: Any) -> None:
    """Print machine-readable JSON to stdout."""
    typer.echo(json.dumps(value, indent=2, default=str, allow_nan=False))


def divert_stdout() -> AbstractContextManager[None]:
    """Divert what plugins and native code print to stderr; stdout is for the command's output."""
    from strokeanim.io.streams import divert

    return divert(sys.stderr, 2)


def save(
    animation: Animation,
    out: Sequence[Path],
    renderer: str | None,
    options: Sequence[str] | None,
    **style: str | None,
) -> list[Path]:
    """Write all outputs and return their files, in order.

    Args:
        animation: what to write.
        out: the values of `--out`.
        renderer: the value of `--renderer`.
        options: the values of `-O`.
        style: values of the options of the same name, such as `--size`; None if not given.

    Raises:
        InputError: an option of the style is also among `options`.
    """
    from strokeanim.params import parse_pairs
    from strokeanim.render.host import save_all

    values = parse_pairs(options or ())
    for key, value in style.items():
        if value is None:
            continue
        if key in values:
            raise InputError(f"--{key.replace('_', '-')} and -O {key}=… say it twice; keep one")
        values[key] = value
    with divert_stdout():
        written = save_all(animation, list(out), renderer, values)
    return [file for item in written for file in (item if isinstance(item, list) else [item])]


def load_codec(model: str, engine: str = "onnx") -> Engine:
    """Load the model that `--model` names."""
    from strokeanim.engine import load_model

    return load_model(model, engine)


@contextmanager
def policy(allow: Sequence[str] | None, skip_bad: bool) -> Iterator[ReadPolicy]:
    """Build the policy of `--allow` and `--skip-bad`; at the end, report drawings left out."""
    from strokeanim.io.limits import Limits, ReadPolicy

    limits = Limits()
    if allow:
        from strokeanim.params import parse_options, parse_pairs

        limits = parse_options(Limits, parse_pairs(allow), "--allow")
    bad: dict[str, None] = {}  # ordered; each error once, however often its file is read
    try:
        yield ReadPolicy(limits, (lambda error: bad.setdefault(str(error))) if skip_bad else None)
    finally:
        if bad:
            count = f"{len(bad)} bad drawing{'s'[: len(bad) > 1]}"
            echo(f"left out {count}, the first: {next(iter(bad))}")


def load_drawings(source: str, policy: ReadPolicy | None = None) -> Sequence[Drawing]:
    """Load the drawings of a source.

    Raises:
        InputError: the source holds a picture, which has no strokes.
    """
    from strokeanim.geometry import DrawingArray
    from strokeanim.io.limits import ReadPolicy
    from strokeanim.io.sources import load

    policy = policy or ReadPolicy()
    drawings = load(source, policy.limits, policy.on_bad)
    if isinstance(drawings, DrawingArray):
        return drawings
    return [require_strokes(drawing, source) for drawing in drawings]


def require_strokes(found: Drawing | Picture, source: str) -> Drawing:
    """Return `found`, an item of a source, if it is a drawing.

    Raises:
        InputError: it is a picture.
    """
    from strokeanim.geometry import Drawing

    if isinstance(found, Drawing):
        return found
    raise InputError(
        f"{source} is a picture and holds no strokes; make some with "
        f"`strokeanim vectorise {source} --out drawing.svg`"
    )


def training_drawings(source: str) -> list[Drawing]:
    """Load the train split of a source, without empty drawings and repeats."""
    return split_drawings([source])["train"]


def split_drawings(
    sources: Iterable[str], policy: ReadPolicy | None = None
) -> dict[str, list[Drawing]]:
    """Split all drawings of the sources, without empty drawings and repeats."""
    from strokeanim.datasets.splits import split, unique

    drawings = (drawing for source in sources for drawing in load_drawings(source, policy))
    return split(unique(drawing for drawing in drawings if drawing.strokes))


def other_drawings(
    sources: Iterable[str], classes: Container[str], policy: ReadPolicy | None = None
) -> dict[str, list[Drawing]]:
    """Split the drawings of other classes than `classes`, without empty drawings and repeats."""
    from strokeanim.datasets.splits import split_other, unique

    drawings = (drawing for source in sources for drawing in load_drawings(source, policy))
    return split_other(unique(d for d in drawings if d.strokes and d.label not in classes))


def interactive() -> bool:
    """Return whether stderr is a terminal, where long work shows its progress."""
    return sys.stderr.isatty()
