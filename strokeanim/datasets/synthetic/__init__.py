"""Generate drawings of mouths, noses, eyes and ears in the manner of Quick, Draw! players.

One module per feature builds its ideal curves, and another one their details; `context` adds what
some people draw around any feature. `motor_noise` makes the curves uneven, misses their starts and
ends, and simplifies them as QuickDraw does. The kinds and their frequencies follow what people draw
(`python -m benchmarks.synthetic`); nothing is copied from a real drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from strokeanim.datasets.synthetic import motor_noise
from strokeanim.datasets.synthetic.ear import ear
from strokeanim.datasets.synthetic.eye import eye
from strokeanim.datasets.synthetic.mouth import mouth
from strokeanim.datasets.synthetic.nose import nose
from strokeanim.errors import InputError
from strokeanim.geometry.drawing import Drawing
from strokeanim.typing import Points

FEATURES: dict[str, Callable[[np.random.Generator], list[Points]]] = {
    "mouth": mouth,
    "nose": nose,
    "eye": eye,
    "ear": ear,
}
"""The function that builds the strokes of each feature, by QuickDraw label."""

CLASSES = tuple(FEATURES)


def synthesise(label: str, rng: np.random.Generator, key: str = "") -> Drawing:
    """Return a random drawing: integer coordinates, longer side 255, top left at the origin.

    Args:
        label: mouth, nose, eye or ear.
        rng: the source of all random choices.
        key: the key of the drawing.

    Raises:
        InputError: `label` is not one of `CLASSES`.
    """
    if label not in FEATURES:
        raise InputError(f"no synthetic {label!r}; choose one of {', '.join(CLASSES)}")
    return motor_noise.draw(FEATURES[label](rng), rng).with_label(label, key)


def synthesise_many(count: int, seed: int = 0, classes: Sequence[str] = CLASSES) -> list[Drawing]:
    """Return `count` drawings that cycle through `classes`, keyed `synth-SEED-NUMBER`.

    Drawing number n depends on `seed`, n and its class alone, so a longer run starts with the
    drawings of a shorter one.
    """
    return [
        synthesise(
            classes[number % len(classes)],
            np.random.default_rng([seed, number]),
            key=f"synth-{seed}-{number}",
        )
        for number in range(count)
    ]
