"""Run `strokeanim animate`: make an animation from drawings."""

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
            help="One or more sources: file.ndjson#KEY, file.npz#train/7, drawing.svg,"
            " face.png, sample:eye/3, -."
        ),
    ],
    out: _shared.Out,
    steps: Annotated[
        int, typer.Option("--steps", min=0, help="In-betweens from one drawing to the next.")
    ] = 10,
    fps: _shared.Fps = 5,
    path: Annotated[
        str, typer.Option("--path", help="Interpolation: slerp, lerp, nlerp or centred.")
    ] = "slerp",
    loop: Annotated[
        str | None,
        typer.Option(
            "--loop", help="pingpong: return in reverse; cycle: go on from the last to the first."
        ),
    ] = None,
    easing: Annotated[
        str, typer.Option("--easing", help="linear, ease-in, ease-out or ease-in-out.")
    ] = "linear",
    tween_fps: Annotated[
        float | None,
        typer.Option(
            "--tween-fps", help="Show the same motion at this frame rate, in the same time."
        ),
    ] = None,
    pin: Annotated[
        bool,
        typer.Option(
            "--pin", help="Show your drawings as they are, not as the model redraws them."
        ),
    ] = False,
    vectorise: Annotated[
        bool,
        typer.Option("--vectorise", help="Trace pictures, and show their strokes as with --pin."),
    ] = False,
    independent: Annotated[
        bool,
        typer.Option("--independent", help="Decode each frame independently; strokes may jump."),
    ] = False,
    coherence: Annotated[
        list[str] | None,
        typer.Option(
            "-C",
            metavar="KEY=VALUE",
            help="A parameter of the choice of in-betweens: candidates (4), temperature (0.15),"
            " and the weights surprise (3), miss (1), step (15), bend (2). Repeatable.",
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
        bool, typer.Option("--allow-class-change", help="Allow drawings of different classes.")
    ] = False,
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
    json: _shared.Json = False,
    engine: _shared.Engine_ = "onnx",
) -> None:
    """Animate from drawing to drawing; from one SOURCE, to a random other drawing of its class.

    The model draws every frame, including your drawings, which it changes a little; --pin shows
    them as they are. A file without #KEY means its first drawing; the random other drawing comes
    from the same file, or from the bundled samples. Drawings of one file keep their positions;
    those of several files are scaled to one size.

    Example: strokeanim animate a.ndjson#3 a.ndjson#17 a.ndjson#5 --loop cycle --out mouth.gif
    """
    from strokeanim.params import parse_options
    from strokeanim.pipeline import (
        AnimateOptions,
        are_separate_pages,
        count_recognised,
        resolve_sources,
    )

    request_options = {
        "steps": steps, "fps": fps, "path": path, "loop": loop, "easing": easing,
        "tween_fps": tween_fps, "pin": pin, "vectorise": vectorise, "independent": independent,
        "seed": seed, "allow_class_change": allow_class_change,
    }  # fmt: skip
    request = parse_options(AnimateOptions, request_options, "animate")
    coherence_options = _parse_coherence(coherence)
    codec = _shared.load_codec(model, engine)
    with _shared.policy(allow, skip_bad) as policy:
        drawings = resolve_sources(source, seed, lambda: codec, policy)
    drawings = request.prepare(drawings, are_separate_pages(source))
    animation = request.animate(drawings, codec, coherence_options)
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
                "drawings": [_label_and_key(drawing) for drawing in drawings],
                "frames": [dict(fact) for fact in animation.facts],
                "duration": float(animation.duration),
                "recognised": good,
                "files": [str(file) for file in files],
            }
        )
    else:
        label = animation.label or "changing class"
        keys_and_names = zip_longest((d.key for d in drawings), source, fillvalue="")
        route = " → ".join(
            name if name.startswith("sample:") and "/" in name else key or name or "?"
            for key, name in keys_and_names
        )
        _shared.echo(
            f"{label}, {route}: {len(animation.frames)} frames, {good} recognised: "
            f"{', '.join(map(str, files))}"
        )
        if good < count:
            _shared.echo(f"taken for something else: {_list_misidentified(animation)}")


def _parse_coherence(pairs: list[str] | None) -> Coherence | None:
    if not pairs:
        return None
    from strokeanim.inbetween import Coherence
    from strokeanim.params import parse_options, parse_pairs

    return parse_options(Coherence, parse_pairs(pairs), "-C")


def _list_misidentified(animation: Animation) -> str:
    """List frames, counted from 0, by their wrong class: `"frames 7, 8 (nose)"`."""
    wrong: dict[str, list[str]] = {}
    for index, fact in enumerate(animation.facts):
        if fact["identified"] != fact["label"]:
            wrong.setdefault(str(fact["identified"]), []).append(str(index))
    return "; ".join(
        f"frame{'s' * (len(indices) > 1)} {', '.join(indices)} ({name})"
        for name, indices in wrong.items()
    )


def _label_and_key(drawing: Drawing | Picture) -> dict[str, str]:
    return {"label": drawing.label, "key": drawing.key}
