"""The story in one file: two drawings → latents → a path between them → frames → an animation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from strokeanim.engine import load_model
from strokeanim.errors import InputError
from strokeanim.latent.codec import Codec
from strokeanim.latent.paths import along, times
from strokeanim.render.animation import Animation
from strokeanim.strokes import Box, Drawing, Picture
from strokeanim.strokes.geometry import fit
from strokeanim.typing import Latents

Source = Drawing | Picture

SIDE = 255.0
"""The longer side of what has no size of its own: pictures and dots."""


def animate(
    start: Source,
    end: Source,
    *,
    steps: int = 10,
    fps: float = 5,
    path: str = "slerp",
    seed: int = 0,
    model: Codec | None = None,
    allow_class_change: bool = False,
) -> Animation:
    """From one drawing to another through `steps` in-betweens that the model draws.

    `steps + 2` frames at t = k / (steps + 1), both ends included and decoded like the rest. Each
    frame has its centre and its longer side between those of the two inputs; a picture counts as
    a drawing with a longer side of 255 at the origin. `facts` hold `t`, the `label`
    aimed at, what the model takes the frame for (`identified`) and how sure it is
    (`probability`).

    Args:
        start: a drawing or a picture.
        end: another.
        steps: in-betweens, 0 or more.
        fps: frames a second.
        path: slerp, lerp, nlerp or centred.
        seed: decides what chance decides: the way round between opposite latents.
        model: a codec; the bundled model if None.
        allow_class_change: let the ends be of different classes.

    Raises:
        InputError: an empty drawing, a class that the model does not know, two classes, an
            unknown path, a number out of range.
    """
    codec = model or load_model()
    return _legs([start, end], False, steps, fps, path, seed, codec, allow_class_change)


def animate_cycle(
    drawings: Sequence[Source],
    *,
    steps: int = 10,
    fps: float = 5,
    path: str = "slerp",
    seed: int = 0,
    model: Codec | None = None,
    allow_class_change: bool = False,
) -> Animation:
    """Through m drawings and back to the first: `(steps + 1) m` frames, none of them twice in a
    row, so that the animation loops. Arguments and errors are those of `animate`; t counts on
    from leg to leg.
    """
    if len(drawings) < 2:
        raise InputError(f"a cycle needs at least two drawings, not {len(drawings)}")
    codec = model or load_model()
    return _legs(drawings, True, steps, fps, path, seed, codec, allow_class_change)


def partner(drawing: Source, pool: Sequence[Source], label: str, seed: int = 0) -> Source:
    """A random other drawing of class `label` from `pool`: never the drawing itself.

    Raises:
        InputError: there is none.
    """
    others = [other for other in pool if other.label == label and other != drawing]
    if not others:
        raise InputError(f"there is no other {label!r} to go to; name a second drawing")
    return others[int(np.random.default_rng(seed).integers(len(others)))]


def generate(label: str, count: int, seed: int = 0, model: Codec | None = None) -> list[Drawing]:
    """`count` new drawings of a class from the latent space, keyed `generated-SEED-NUMBER`.

    Their longer side is 255, and they share the middle of a square of that size.

    Raises:
        InputError: the model does not know the class, or `count` is below 1.
    """
    if count < 1:
        raise InputError(f"count = {count} must be at least 1")
    if seed < 0:
        raise InputError(f"seed = {seed} must be 0 or more")
    codec = model or load_model()
    z = codec.sample(label, count, np.random.default_rng(seed))
    return [
        fit(drawing, Box(0, 0, SIDE, SIDE)).relabelled(label, f"generated-{seed}-{number}")
        for number, drawing in enumerate(codec.decode(z))
    ]


def label_of(drawing: Source, model: Codec) -> str:
    """The label of a drawing; what the model takes it for, where it has none."""
    return drawing.label or model.identify([drawing])[0][0]


def _legs(
    drawings: Sequence[Source],
    closed: bool,
    steps: int,
    fps: float,
    path: str,
    seed: int,
    model: Codec,
    allow_class_change: bool,
) -> Animation:
    labels = [label_of(drawing, model) for drawing in drawings]
    if len(set(labels)) > 1 and not allow_class_change:
        raise InputError(
            f"the drawings are of different classes ({', '.join(dict.fromkeys(labels))}); "
            "choose drawings of one, or allow it with --allow-class-change"
        )
    ends = list(zip(model.encode(drawings), map(_place, drawings), labels, strict=True))
    if closed:
        ends.append(ends[0])
    t = times(steps)
    z: list[Latents] = []
    boxes: list[Box] = []
    facts: list[dict[str, object]] = []
    for leg, ((z0, box0, label0), (z1, box1, label1)) in enumerate(pairwise(ends)):
        last = leg == len(ends) - 2 and not closed
        inside = t if last else t[:-1]
        centre = (model.centre(label0) + model.centre(label1)) / 2 if path == "centred" else None
        z.append(along(path, z0, z1, inside, seed, centre))
        boxes += [box0.blended(box1, float(k)) for k in inside]
        facts += [
            {"t": round(leg + float(k), 6), "label": label0 if k < 0.5 else label1} for k in inside
        ]
    decoded = model.decode(np.concatenate(z))
    found, probabilities = model.identify(decoded)
    for fact, name, row in zip(facts, found, probabilities, strict=True):
        fact |= {"identified": name, "probability": round(float(row.max()), 4)}
    frames = [fit(drawing, box) for drawing, box in zip(decoded, boxes, strict=True)]
    label = labels[0] if len(set(labels)) == 1 else ""
    return Animation.from_drawings(frames, fps=fps, label=label, facts=facts)


def recognised(animation: Animation) -> tuple[int, int]:
    """How many frames the model took for what they are meant to be, and how many there are.

    Reads the facts that `animate` leaves.
    """
    facts = animation.facts
    return sum(fact["identified"] == fact["label"] for fact in facts), len(facts)


def _place(drawing: Source) -> Box:
    """The square on which frames are laid: the input's centre and its longer side.

    A square, because the aspect is the frame's own: a straight line has a box without a width.
    """
    box = drawing.box
    if isinstance(drawing, Picture):
        scale = SIDE / (box.longer or 1.0)
        box = Box(0.0, 0.0, box.width * scale, box.height * scale)
    half = (box.longer or SIDE) / 2
    x, y = box.centre
    return Box(x - half, y - half, 2 * half, 2 * half)
