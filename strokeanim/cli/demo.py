"""`strokeanim demo`: all four features, seven drawings each, in a cycle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from strokeanim.cli import _shared

FEATURES = ("mouth", "nose", "eye", "ear")
DRAWINGS = 7


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder; made if missing.")] = Path(
        "demo"
    ),
    seed: _shared.Seed = 0,
    model: _shared.Model = "faces",
    json: _shared.Json = False,
) -> None:
    """Make the demo: demo.mp4, demo.gif, demo.html and one layered SVG per feature.

    Each feature goes round seven bundled drawings with ten in-betweens each, 5 frames a second.

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
    codec = _shared.codec(model)
    cell = Box(0, 0, 255, 255)  # so that each feature turns about its own centre
    animations, report = [], {}
    for feature in FEATURES:
        samples = samples_of(feature)
        rng = np.random.default_rng([seed, FEATURES.index(feature)])
        places = rng.permutation(len(samples))[:DRAWINGS]
        chosen = [fit_to_box(samples[place], cell) for place in places]
        animation = animate(*chosen, loop="cycle", seed=seed, model=codec)
        inside = [fact for fact in animation.facts if float(str(fact["t"])) % 1]
        report[feature] = {
            "recognised": sum(fact["identified"] == feature for fact in inside),
            "in_betweens": len(inside),
        }
        animations.append(animation)
        _shared.save(animation, [out / f"{feature}.svg"], None, None)
    together = grid(animations, columns=2)
    made = [out / f"demo.{kind}" for kind in ("mp4", "gif", "html")]
    _shared.save(together, made, None, ["size=640"])
    files = [*made, *(out / f"{name}.svg" for name in FEATURES)]
    if json:
        _shared.print_json(
            {"features": report, "frames": len(together.frames), "files": [str(f) for f in files]}
        )
        return
    for feature, found in report.items():
        typer.echo(
            f"{feature:6} {found['recognised']} of {found['in_betweens']} in-betweens recognised"
        )
    good = sum(found["recognised"] for found in report.values())
    count = sum(found["in_betweens"] for found in report.values())
    _shared.echo(f"all    {good} of {count}: {', '.join(str(file) for file in files)}")
