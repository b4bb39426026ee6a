"""Run `strokeanim demo`: animate all four features, through seven drawings each, in a cycle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from strokeanim.cli import _shared

FEATURES = ("mouth", "nose", "eye", "ear")
DRAWINGS = 7


def demo(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Output folder; created if missing.")
    ] = Path("demo"),
    seed: _shared.Seed = 0,
    model: _shared.Model = "faces",
    json: _shared.Json = False,
) -> None:
    """Make the demo: demo.mp4, demo.gif, demo.html and a layered SVG for each feature.

    Each feature cycles through seven bundled drawings, with ten in-betweens each, at 5 fps.

    Example: strokeanim demo --out demo --seed 1
    """
    import numpy as np

    from strokeanim.animation.animation import grid
    from strokeanim.geometry import Box
    from strokeanim.geometry.polylines import fit_to_box
    from strokeanim.io.atomic_files import reporting_errors
    from strokeanim.io.samples import samples_of
    from strokeanim.pipeline import animate

    with reporting_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    codec = _shared.load_codec(model)
    cell = Box(0, 0, 255, 255)  # each feature moves about the centre of its own cell
    animations, report = [], {}
    for feature in FEATURES:
        samples = samples_of(feature)
        rng = np.random.default_rng([seed, FEATURES.index(feature)])
        indices = rng.permutation(len(samples))[:DRAWINGS]
        chosen = [fit_to_box(samples[index], cell) for index in indices]
        animation = animate(*chosen, loop="cycle", seed=seed, model=codec)
        in_betweens = [fact for fact in animation.facts if float(str(fact["t"])) % 1]
        report[feature] = {
            "recognised": sum(fact["identified"] == feature for fact in in_betweens),
            "in_betweens": len(in_betweens),
        }
        animations.append(animation)
        _shared.save(animation, [out / f"{feature}.svg"], None, None)
    combined = grid(animations, columns=2)
    outputs = [out / f"demo.{kind}" for kind in ("mp4", "gif", "html")]
    _shared.save(combined, outputs, None, ["size=640"])
    files = [*outputs, *(out / f"{name}.svg" for name in FEATURES)]
    if json:
        _shared.print_json(
            {"features": report, "frames": len(combined.frames), "files": [str(f) for f in files]}
        )
        return
    for feature, counts in report.items():
        typer.echo(
            f"{feature:6} {counts['recognised']} of {counts['in_betweens']} in-betweens recognised"
        )
    recognised = sum(counts["recognised"] for counts in report.values())
    count = sum(counts["in_betweens"] for counts in report.values())
    _shared.echo(f"all    {recognised} of {count}: {', '.join(str(file) for file in files)}")
