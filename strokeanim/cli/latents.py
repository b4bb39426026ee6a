"""Run `strokeanim latents`: write the latents of drawings as a map or as numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from strokeanim.cli import _shared
from strokeanim.errors import InputError, MissingDependencyError


def latents(
    source: Annotated[str, typer.Argument(help="file.ndjson, file.npz, sample:eye, or -.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="map.png, map.svg or latents.npz.")],
    count: Annotated[int, typer.Option("-n", min=2, help="Number of drawings, at most.")] = 200,
    seed: _shared.Seed = 0,
    model: _shared.Model = "faces",
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
    json: _shared.Json = False,
) -> None:
    """Map the latents of drawings with t-SNE, each shown as its drawing; or store the latents.

    Example: strokeanim latents quickdraw.ndjson --out map.png
    """
    from strokeanim.datasets.splits import balanced

    codec = _shared.load_codec(model)
    with _shared.policy(allow, skip_bad) as policy:
        loaded = _shared.load_drawings(source, policy)
    drawings = balanced((drawing for drawing in loaded if drawing.strokes), count, seed)
    z = codec.encode(drawings)
    if out.suffix == ".npz":
        from strokeanim.io.latents import write_latents

        write_latents(out, z, drawings)
    elif out.suffix in (".png", ".svg"):
        try:
            from strokeanim.evaluation.latent_map import draw_map, embed
        except ImportError as error:
            raise MissingDependencyError(
                f"the map needs {error.name}: pip install 'strokeanim[analysis]'"
            ) from error
        draw_map(embed(z, seed), drawings, out)
    else:
        raise InputError(f"{out}: name a .png or .svg for the map, or .npz for the numbers")
    if json:
        _shared.print_json({"file": str(out), "drawings": len(drawings), "latent": z.shape[1]})
    else:
        _shared.echo(f"{len(drawings)} drawings: {out}")
