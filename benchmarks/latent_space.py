"""Measure the latent space on `valid`: `python -m benchmarks.latent_space DRAWINGS [MODEL]`.

The drawings of a class lie around its mean, in a shell of a typical radius. Printed are that radius
and, for each interpolation path, the radius half-way, the distance of a decoded in-between from its
own latent when it is encoded again, and the share of in-betweens that the selector recognises.
"""

from __future__ import annotations

import sys

import numpy as np

from strokeanim.datasets.splits import by_label, split
from strokeanim.engine import Engine, load_model
from strokeanim.engine.classifier import load_classifier
from strokeanim.evaluation.pairs import choose_pairs
from strokeanim.evaluation.selection import PAIRS, score_model
from strokeanim.geometry import Drawing
from strokeanim.io.sources import load
from strokeanim.latent.interpolation import PATHS, interpolate
from strokeanim.typing import Latents


def main(source: str, model: str = "faces") -> None:
    codec, selector = load_model(model), load_classifier("selector")
    held = split(d for d in load(source) if isinstance(d, Drawing) and d.strokes)["valid"]
    latents = {label: codec.encode(own) for label, own in by_label(held).items()}
    print("distance from the class mean: of the drawings, and of what `generate` draws")
    for label, z in latents.items():
        centre = codec.centre(label)
        own = np.linalg.norm(z - centre, axis=1)
        drawn = codec.sample(label, 500, np.random.default_rng(0))
        new = np.linalg.norm(drawn - centre, axis=1)
        length = np.linalg.norm(centre)
        print(f"{label:8} mean at {length:5.1f}   {own.mean():5.1f} ± {own.std():4.1f}", end="")
        print(f"   {new.mean():5.1f} ± {new.std():4.1f}")
    print("\nhalf-way: distance from the mean, re-encoding error; recognised over the whole path")
    own = np.mean([again(codec, z) for z in latents.values()])
    print(f"{'ends':8} {'':14} {own:6.2f}")
    for path in PATHS:
        middle = {label: half_way(codec, label, z, path) for label, z in latents.items()}
        far = np.mean(
            [np.linalg.norm(m - codec.centre(label), axis=1).mean() for label, m in middle.items()]
        )
        error = np.mean([again(codec, m) for m in middle.values()])
        share = score_model(codec, selector, held, path=path)["between"]
        print(f"{path:8} {far:14.1f} {error:6.2f} {share:8.1%}", flush=True)


def half_way(codec: Engine, label: str, z: Latents, path: str) -> Latents:
    centre = codec.centre(label)
    ends = choose_pairs(len(z), PAIRS)
    return np.concatenate([interpolate(path, z[i], z[j], [0.5], 0, centre) for i, j in ends])


def again(codec: Engine, z: Latents) -> float:
    """Return the mean distance of latents to those of the drawings that they decode to."""
    return float(np.linalg.norm(codec.encode(codec.decode(z)) - z, axis=1).mean())


if __name__ == "__main__":
    main(*sys.argv[1:])
