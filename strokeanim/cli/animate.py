"""`strokeanim animate`: two drawings in, an animation out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from strokeanim.cli import _shared
from strokeanim.errors import InputError

if TYPE_CHECKING:
    from strokeanim.engine import Engine
    from strokeanim.render.animation import Animation
    from strokeanim.strokes import Drawing, Picture


def animate(
    source: Annotated[
        list[str],
        typer.Argument(
            help="One or two of: file.ndjson#KEY, file.npz#train/7, face.png, sample:eye/3, -."
        ),
    ],
    out: _shared.Out,
    steps: Annotated[int, typer.Option("--steps", min=0, help="In-betweens.")] = 10,
    fps: _shared.Fps = 5,
    path: Annotated[str, typer.Option("--path", help="slerp, lerp, nlerp or centred.")] = "slerp",
    seed: _shared.Seed = 0,
    renderer: _shared.Renderer = None,
    options: _shared.Options = None,
    model: _shared.Model = "faces",
    allow_class_change: Annotated[
        bool, typer.Option("--allow-class-change", help="Let the ends be of different classes.")
    ] = False,
    json: _shared.Json = False,
    engine: _shared.Engine_ = "onnx",
) -> None:
    """Animate from one drawing to another; with one SOURCE, to a random other of its class.

    The model draws every frame, both ends included, so the ends are near your drawings, not equal
    to them. A file without #KEY means its first drawing; the random other is from the same file,
    or from the bundled samples.

    Example: strokeanim animate mouths.ndjson#3 mouths.ndjson#17 --out mouth.gif --out mouth.svg
    """
    from strokeanim.animate import animate as make
    from strokeanim.animate import recognised

    codec = _shared.codec(model, engine)
    start, end = _ends(source, codec, seed)
    animation = make(
        start,
        end,
        steps=steps,
        fps=fps,
        path=path,
        seed=seed,
        model=codec,
        allow_class_change=allow_class_change,
    )
    files = _shared.save(animation, out, renderer, options)
    good, count = recognised(animation)
    if json:
        _shared.print_json(
            {
                "label": animation.label,
                "ends": [_named(start), _named(end)],
                "frames": [dict(fact) for fact in animation.facts],
                "duration": float(animation.duration),
                "recognised": good,
                "files": [str(file) for file in files],
            }
        )
    else:
        what = animation.label or "changing class"
        ways = " → ".join(_named(end)["key"] or "?" for end in (start, end))
        _shared.say(
            f"{what}, {ways}: {len(animation.frames)} frames, {good} recognised: "
            f"{', '.join(map(str, files))}"
        )
        if good < count:
            _shared.say(f"taken for something else: {_mistaken(animation)}")


def _ends(
    sources: list[str], codec: Engine, seed: int
) -> tuple[Drawing | Picture, Drawing | Picture]:
    from strokeanim.animate import label_of, partner
    from strokeanim.data.samples import all_samples
    from strokeanim.data.sources import load, load_one, parse

    if len(sources) > 2:
        raise InputError(f"animate takes one or two drawings, not {len(sources)}")
    if sources.count("-") > 1:
        raise InputError("standard input can be read once only; name a file for one of the ends")
    if len(sources) == 2:
        return load_one(sources[0]), load_one(sources[1])
    place = parse(sources[0])
    pool = load(sources[0] if place.place == "-" else place.place)
    start = pool[0] if place.place == "-" else load_one(sources[0])
    label = label_of(start, codec)
    if not any(other.label == label and other != start for other in pool):
        pool = list(all_samples())
    return start, partner(start, pool, label, seed)


def _mistaken(animation: Animation) -> str:
    """`"frames 7, 8 (nose)"`: what the model took the other frames for."""
    wrong: dict[str, list[str]] = {}
    for place, fact in enumerate(animation.facts):
        if fact["identified"] != fact["label"]:
            wrong.setdefault(str(fact["identified"]), []).append(str(place))
    return "; ".join(f"frames {', '.join(places)} ({name})" for name, places in wrong.items())


def _named(drawing: Drawing | Picture) -> dict[str, str]:
    return {"label": drawing.label, "key": drawing.key}
