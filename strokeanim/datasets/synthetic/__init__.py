"""Synthetic drawings of the four features, in the manner of Quick, Draw! players.

Each feature has its own file of shapes, and one of parts that go into them; `around` is what some
people add to any feature. `hand` is what every one of them goes through: a hand that wobbles,
misses its starting point and is then simplified as QuickDraw simplifies. Kinds, and how often each
is drawn, follow what people draw (`python -m benchmarks.synthetic`); nothing is
copied from a real drawing.
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
"""The shapes of each feature, by QuickDraw's word for it."""

CLASSES = tuple(FEATURES)


def synthesise(label: str, rng: np.random.Generator, key: str = "") -> Drawing:
    """A drawing by the generator: integer coordinates, longer side 255, top left at the origin.

    Args:
        label: mouth, nose, eye or ear.
        rng: decides what chance decides.
        key: what the drawing is called.

    Raises:
        InputError: `label` is not one of `CLASSES`.
    """
    if label not in FEATURES:
        raise InputError(f"no synthetic {label!r}; choose one of {', '.join(CLASSES)}")
    return motor_noise.draw(FEATURES[label](rng), rng).with_label(label, key)


def synthesise_many(count: int, seed: int = 0, classes: Sequence[str] = CLASSES) -> list[Drawing]:
    """`count` drawings, the classes taking turns, keyed `synth-SEED-NUMBER`.

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
