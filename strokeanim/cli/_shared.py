"""What several commands share: option types, `-O`, output. Cheap to import."""

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
    typer.Option("--out", "-o", help="Output file; its extension picks the renderer. Repeatable."),
]
Renderer = Annotated[
    str | None,
    typer.Option("--renderer", help="Renderer by name instead of by extension."),
]
Options = Annotated[
    list[str] | None,
    typer.Option(
        "-O",
        metavar="KEY=VALUE",
        help="An option of the renderer (see `strokeanim plugins info NAME`), or of the style."
        " Repeatable.",
    ),
]
Size = Annotated[
    str | None, typer.Option("--size", help="Longer side: px, or a length such as 120mm.")
]
Stroke = Annotated[str | None, typer.Option("--stroke", help="Colour of the strokes.")]
Width = Annotated[
    str | None, typer.Option("--width", help="Stroke width: px, or a length such as 0.5mm.")
]
Background = Annotated[
    str | None, typer.Option("--background", help="A colour, or none for transparent.")
]
Margin = Annotated[
    str | None,
    typer.Option("--margin", help="Around the drawing, as a share of its longer side."),
]
ColourBy = Annotated[
    str | None,
    typer.Option("--colour-by", help="stroke, frame or label: colours that tell them apart."),
]
DrawOn = Annotated[
    str | None,
    typer.Option(
        "--draw-on",
        help="Draw the first frame within so many seconds before it moves; real: as it was drawn.",
    ),
]
Model = Annotated[
    str, typer.Option("--model", help="A model folder, or the name of a bundled model.")
]
Seed = Annotated[
    int, typer.Option("--seed", min=0, max=2**32 - 1, help="Decides what chance decides.")
]
SkipBad = Annotated[
    bool,
    typer.Option("--skip-bad", help="Leave out drawings that can't be read, and say how many."),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="LIMIT=N",
        help="Read files beyond a limit: bytes (unpacked, 1 Gi), points (a million) and strokes"
        " (100000) of a drawing, json (128 Mi bytes of a document or line), nesting (100) of SVG,"
        " pixels (50 million). Repeatable.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print machine-readable JSON on stdout.")]
Fps = Annotated[float, typer.Option("--fps", help="Frames per second.")]
Engine_ = Annotated[str, typer.Option("--engine", hidden=True, help="onnx or keras.")]


def echo(text: str) -> None:
    """Prose goes to stderr."""
    typer.echo(text, err=True)


def print_json(value: Any) -> None:
    """Machine output goes to stdout."""
    typer.echo(json.dumps(value, indent=2, default=str, allow_nan=False))


def stdout_set_aside() -> AbstractContextManager[None]:
    """What plugins and native code print meanwhile goes to stderr: stdout is for our output."""
    from strokeanim.io.streams import divert

    return divert(sys.stderr, 2)


def save(
    animation: Animation,
    out: Sequence[Path],
    renderer: str | None,
    options: Sequence[str] | None,
    **style: str | None,
) -> list[Path]:
    """Write every output and return the files, in order; `style` is what has options of its own."""
    from strokeanim.params import parse_pairs
    from strokeanim.render.host import save_all

    given = parse_pairs(options or ())
    for key, value in style.items():
        if value is None:
            continue
        if key in given:
            raise InputError(f"--{key.replace('_', '-')} and -O {key}=… say it twice; keep one")
        given[key] = value
    with stdout_set_aside():
        written = save_all(animation, list(out), renderer, given)
    return [file for each in written for file in (each if isinstance(each, list) else [each])]


def codec(model: str, engine: str = "onnx") -> Engine:
    """The model that `--model` names."""
    from strokeanim.engine import load_model

    return load_model(model, engine)


@contextmanager
def policy(allow: Sequence[str] | None, skip_bad: bool) -> Iterator[ReadPolicy]:
    """What `--allow` and `--skip-bad` say; afterwards, how many drawings were left out."""
    from strokeanim.io.limits import Limits, ReadPolicy

    limits = Limits()
    if allow:
        from strokeanim.params import parse_options, parse_pairs

        limits = parse_options(Limits, parse_pairs(allow), "--allow")
    bad: dict[str, None] = {}  # each once, however often its file is read
    try:
        yield ReadPolicy(limits, (lambda error: bad.setdefault(str(error))) if skip_bad else None)
    finally:
        if bad:
            told = f"{len(bad)} bad drawing{'s'[: len(bad) > 1]}"
            echo(f"left out {told}, the first: {next(iter(bad))}")


def load_drawings(source: str, policy: ReadPolicy | None = None) -> Sequence[Drawing]:
    """The drawings of a source that must hold strokes, not pixels."""
    from strokeanim.geometry import DrawingArray
    from strokeanim.io.limits import ReadPolicy
    from strokeanim.io.sources import load

    policy = policy or ReadPolicy()
    found = load(source, policy.limits, policy.on_bad)
    if isinstance(found, DrawingArray):
        return found
    return [only_strokes(one, source) for one in found]


def only_strokes(found: Drawing | Picture, source: str) -> Drawing:
    """What was found in a source, unless it is a picture."""
    from strokeanim.geometry import Drawing

    if isinstance(found, Drawing):
        return found
    raise InputError(
        f"{source} is a picture and holds no strokes; make some with "
        f"`strokeanim vectorise {source} --out drawing.svg`"
    )


def training_drawings(source: str) -> list[Drawing]:
    """What a model may learn from: the train split of a source, without empty drawings."""
    return split_drawings([source])["train"]


def split_drawings(
    sources: Iterable[str], policy: ReadPolicy | None = None
) -> dict[str, list[Drawing]]:
    """Divide all that some sources hold, without empty drawings and repeats."""
    from strokeanim.datasets.splits import split, unique

    found = (drawing for source in sources for drawing in load_drawings(source, policy))
    return split(unique(drawing for drawing in found if drawing.strokes))


def other_drawings(
    sources: Iterable[str], classes: Container[str], policy: ReadPolicy | None = None
) -> dict[str, list[Drawing]]:
    """Divide drawings of all classes but `classes`, without empty drawings and repeats."""
    from strokeanim.datasets.splits import split_other, unique

    found = (drawing for source in sources for drawing in load_drawings(source, policy))
    return split_other(unique(d for d in found if d.strokes and d.label not in classes))


def interactive() -> bool:
    """Whether someone watches: then long work shows its progress."""
    return sys.stderr.isatty()
