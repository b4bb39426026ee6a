"""`strokeanim animate`: drawings in, an animation out."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated

import typer

from strokeanim.cli import _shared

if TYPE_CHECKING:
    from strokeanim.animation.animation import Animation
    from strokeanim.geometry import Drawing, Picture
    from strokeanim.inbetween import Coherence


def animate(
    source: Annotated[
        list[str],
        typer.Argument(
            help="One or more of: file.ndjson#KEY, file.npz#train/7, drawing.svg, face.png,"
            " sample:eye/3, -."
        ),
    ],
    out: _shared.Out,
    steps: Annotated[
        int, typer.Option("--steps", min=0, help="In-betweens from one drawing to the next.")
    ] = 10,
    fps: _shared.Fps = 5,
    path: Annotated[str, typer.Option("--path", help="slerp, lerp, nlerp or centred.")] = "slerp",
    loop: Annotated[
        str | None,
        typer.Option(
            "--loop", help="pingpong: back the same way; cycle: on from the last to the first."
        ),
    ] = None,
    easing: Annotated[
        str, typer.Option("--easing", help="linear, ease-in, ease-out or ease-in-out.")
    ] = "linear",
    tween_fps: Annotated[
        float | None,
        typer.Option("--tween-fps", help="Show the same motion in the same time at this rate."),
    ] = None,
    pin: Annotated[
        bool,
        typer.Option(
            "--pin", help="Let your drawings appear as they are, not as the model has it."
        ),
    ] = False,
    vectorise: Annotated[
        bool,
        typer.Option("--vectorise", help="Trace pictures and let the strokes appear, as --pin."),
    ] = False,
    independent: Annotated[
        bool,
        typer.Option("--independent", help="Decode each frame by itself; strokes may jump."),
    ] = False,
    coherence: Annotated[
        list[str] | None,
        typer.Option(
            "-C",
            metavar="KEY=VALUE",
            help="What in-betweens are chosen by: candidates (4), temperature (0.15), and the"
            " weights surprise (3), miss (1), step (15), bend (2). Repeatable.",
        ),
    ] = None,
    seed: _shared.Seed = 0,
    size: _shared.Size = None,
    stroke: _shared.Stroke = None,
    width: _shared.Width = None,
    background: _shared.Background = None,
    margin: _shared.Margin = None,
    colour_by: _shared.ColourBy = None,
    draw_on: _shared.DrawOn = None,
    renderer: _shared.Renderer = None,
    options: _shared.Options = None,
    model: _shared.Model = "faces",
    allow_class_change: Annotated[
        bool, typer.Option("--allow-class-change", help="Let drawings be of different classes.")
    ] = False,
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
    json: _shared.Json = False,
    engine: _shared.Engine_ = "onnx",
) -> None:
    """Animate from drawing to drawing; with one SOURCE, to a random other of its class.

    The model draws every frame, your drawings included, so they come out near to what they are;
    with --pin, as they are. A file without #KEY means its first drawing; the random other is from
    the same file, or from the bundled samples. Drawings of one file stay where they are in it;
    those of several are scaled to one size.

    Example: strokeanim animate a.ndjson#3 a.ndjson#17 a.ndjson#5 --loop cycle --out mouth.gif
    """
    from strokeanim.params import parse_options
    from strokeanim.pipeline import count_recognised
    from strokeanim.request import Request, are_separate_pages, resolve_sources

    options_of_it = {
        "steps": steps, "fps": fps, "path": path, "loop": loop, "easing": easing,
        "tween_fps": tween_fps, "pin": pin, "vectorise": vectorise, "independent": independent,
        "seed": seed, "allow_class_change": allow_class_change,
    }  # fmt: skip
    asked = parse_options(Request, options_of_it, "animate")
    how = _coherence(coherence)
    codec = _shared.codec(model, engine)
    with _shared.policy(allow, skip_bad) as policy:
        drawings = resolve_sources(source, seed, lambda: codec, policy)
    drawings = asked.shown(drawings, are_separate_pages(source))
    animation = asked.animation(drawings, codec, how)
    files = _shared.save(
        animation, out, renderer, options,
        size=size, stroke=stroke, width=width, background=background, margin=margin,
        colour_by=colour_by, draw_on=draw_on,
    )  # fmt: skip
    good, count = count_recognised(animation)
    if json:
        _shared.print_json(
            {
                "label": animation.label,
                "drawings": [_named(drawing) for drawing in drawings],
                "frames": [dict(fact) for fact in animation.facts],
                "duration": float(animation.duration),
                "recognised": good,
                "files": [str(file) for file in files],
            }
        )
    else:
        what = animation.label or "changing class"
        named = zip_longest((drawing.key for drawing in drawings), source, fillvalue="")
        ways = " → ".join(
            place if place.startswith("sample:") and "/" in place else key or place or "?"
            for key, place in named
        )
        _shared.echo(
            f"{what}, {ways}: {len(animation.frames)} frames, {good} recognised: "
            f"{', '.join(map(str, files))}"
        )
        if good < count:
            _shared.echo(f"taken for something else: {_mistaken(animation)}")


def _coherence(given: list[str] | None) -> Coherence | None:
    if not given:
        return None
    from strokeanim.inbetween import Coherence
    from strokeanim.params import parse_options, parse_pairs

    return parse_options(Coherence, parse_pairs(given), "-C")


def _mistaken(animation: Animation) -> str:
    """`"frames 7, 8 (nose)"`, from 0: what the model took the other frames for."""
    wrong: dict[str, list[str]] = {}
    for place, fact in enumerate(animation.facts):
        if fact["identified"] != fact["label"]:
            wrong.setdefault(str(fact["identified"]), []).append(str(place))
    return "; ".join(
        f"frame{'s' * (len(places) > 1)} {', '.join(places)} ({name})"
        for name, places in wrong.items()
    )


def _named(drawing: Drawing | Picture) -> dict[str, str]:
    return {"label": drawing.label, "key": drawing.key}
