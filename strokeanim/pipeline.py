"""The story in one file: drawings → latents → a path through them → frames → an animation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np

from strokeanim.animation.animation import Animation, seconds_per_frame
from strokeanim.animation.timeline import Timeline, uniform_speed
from strokeanim.engine import load_model
from strokeanim.errors import InputError
from strokeanim.geometry import Box, Drawing, DrawingArray, Picture
from strokeanim.geometry.chamfer import chamfer
from strokeanim.geometry.polylines import fit_to_box, point_cloud, transform
from strokeanim.inbetween import Coherence, track_motion
from strokeanim.latent.codec import Codec
from strokeanim.latent.interpolation import interpolate, interpolation_times
from strokeanim.typing import Float64, Latent, Latents

Source = Drawing | Picture
Places = Float64[np.ndarray, " frames"]

SIDE = 255.0
"""The longer side of what has no size of its own: pictures and dots."""


def animate(
    *drawings: Source,
    steps: int = 10,
    fps: float | Fraction | str = 5,
    path: str = "slerp",
    coherent: bool = True,
    loop: str | None = None,
    easing: str = "linear",
    tween_fps: float | Fraction | str | None = None,
    pin: bool = False,
    seed: int = 0,
    model: Codec | None = None,
    allow_class_change: bool = False,
    coherence: Coherence | None = None,
) -> Animation:
    """From drawing to drawing through in-betweens that the model draws.

    Between two drawings there are `steps` in-betweens, at t = k / (steps + 1). Both ends are
    decoded like the rest, unless they are pinned. Coherent strokes keep their ids, and their number
    of points, from the first frame to the last. Frames lie where the inputs lie: their centre and
    longer side go from one input's to the next's, exactly so if each is decoded by itself, and with
    a size that may dip in between if not. A picture counts as a drawing with a longer side of 255
    at the origin. `facts` hold `t`, which counts on from drawing to drawing, the `label`
    aimed at, what the model takes the frame for (`identified`) and how sure it is (`probability`).

    Coherent animations with more than one leg have an even speed by Chamfer distance: each drawing
    has a frame of its own, and of the in-betweens, `steps` for each leg on average, the longer legs
    get more.

    Args:
        drawings: two or more drawings or pictures.
        steps: in-betweens from one to the next, 0 or more.
        fps: frames a second.
        path: slerp, lerp, nlerp or centred.
        coherent: whether strokes are to keep their identity; else every frame is decoded by itself.
        loop: None; `"pingpong"`, back the way it came; or `"cycle"`, on from the last to the first.
            Neither shows a drawing twice when it begins again.
        easing: linear, ease-in, ease-out or ease-in-out, from each drawing to the next.
        tween_fps: another rate, at which the same motion is shown in the same time.
        pin: let the drawings appear as they are, instead of as the model draws them.
        seed: decides what chance decides: the way round between opposite latents, candidates.
        model: a codec; the bundled model if None.
        allow_class_change: let the drawings be of different classes.
        coherence: what coherent in-betweens are chosen by.

    Raises:
        InputError: an empty drawing, a class that the model does not know, two classes, an
            unknown path, loop or easing, a number out of range, a picture to be pinned.
    """
    codec = model or load_model()
    clock = check_arguments(
        drawings, steps, fps, coherent, loop, easing, tween_fps, pin, seed, coherence
    )
    pinned = _drawn(drawings, coherent) if pin else None
    steps = int(steps)
    route = LatentPath.through(drawings, loop == "cycle", path, seed, codec, allow_class_change)
    if coherent:
        if pinned is not None and loop == "cycle":
            pinned.append(pinned[0])
        places, frames = _moved(route, clock, steps, seed, codec, coherence, pinned)
    else:
        places = clock.positions(route.legs)
        decoded = codec.decode(route.latents(places))
        frames = [
            fit_to_box(one, box) for one, box in zip(decoded, map(route.box, places), strict=True)
        ]
    found, probabilities = codec.identify(frames)
    facts = [
        {
            "t": round(float(place), 6),
            "label": route.label(place),
            "identified": name,
            "probability": round(float(row.max()), 4),
        }
        for place, name, row in zip(places, found, probabilities, strict=True)
    ]
    label = route.labels[0] if len(set(route.labels)) == 1 else ""
    made = Animation.from_drawings(frames, fps=fps, label=label, facts=facts)
    return replace(made, durations=clock.durations)


def check_arguments(
    drawings: Sequence[Source],
    steps: int,
    fps: float | Fraction | str,
    coherent: bool,
    loop: str | None,
    easing: str,
    tween_fps: float | Fraction | str | None,
    pin: bool,
    seed: int,
    coherence: Coherence | None,
) -> Timeline:
    """When its frames are, for arguments of `animate` that are without a mistake.

    Raises:
        InputError: what `animate` refuses without asking the model.
    """
    if len(drawings) < 2:
        raise InputError(f"an animation needs at least two drawings, not {len(drawings)}")
    if pin:
        _drawn(drawings, coherent)
    if coherence is not None and not coherent:
        raise InputError("frames that are decoded each by itself are not chosen; leave out -C")
    if seed != int(seed) or seed < 0:
        raise InputError(f"seed = {seed} must be 0, 1, 2, …")
    steps = len(interpolation_times(steps)) - 2  # which checks them
    tween = None if tween_fps is None else seconds_per_frame(tween_fps, "the rate of the tweens")
    return Timeline.of(len(drawings), steps, seconds_per_frame(fps), tween, loop, easing)


def require_same_class(drawings: Sequence[Source], labels: Sequence[str]) -> None:
    """Raises `InputError`: the labels differ; those that drawings don't have are the model's."""
    if len(set(labels)) > 1:
        named = [
            label if drawing.label else f"{label}, as the model takes it"
            for label, drawing in zip(labels, drawings, strict=True)
        ]
        raise InputError(
            f"the drawings are of different classes ({'; '.join(dict.fromkeys(named))}); "
            "choose drawings of one, or allow it with --allow-class-change"
        )


def random_partner(
    drawing: Source, pool: Sequence[Source], label: str, seed: int = 0
) -> Source | None:
    """A random other drawing of class `label` from `pool`, never the drawing itself; or None."""
    # their places, since a large pool makes its drawings when they are asked for
    if isinstance(pool, DrawingArray):
        names = list(zip(pool.labels.tolist(), pool.keys.tolist(), strict=True))
    else:
        names = [(other.label, other.key) for other in pool]
    same = [(n, key) for n, (own, key) in enumerate(names) if own == label]
    others = [n for n, key in same if key != drawing.key or pool[n] != drawing]
    return pool[others[int(np.random.default_rng(seed).integers(len(others)))]] if others else None


def generate(label: str, count: int, seed: int = 0, model: Codec | None = None) -> list[Drawing]:
    """New drawings of a class from the latent space, keyed `generated-SEED-NUMBER`.

    Their longer side is 255, and they share the middle of a square of that size.

    Args:
        label: the class.
        count: how many, at least 1.
        seed: decides what chance decides; the same seed gives the same drawings.
        model: what draws; the bundled model if None.

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
        fit_to_box(drawing, Box(0, 0, SIDE, SIDE)).with_label(label, f"generated-{seed}-{number}")
        for number, drawing in enumerate(codec.decode(z))
    ]


def label_or_identify(drawing: Source, model: Codec) -> str:
    """The label of a drawing; what the model takes it for, where it has none."""
    return drawing.label or model.identify([drawing])[0][0]


@dataclass(frozen=True)
class LatentPath:
    """A path through drawings: what lies at each place, see `latent.timing`.

    Attributes:
        z: latents of the drawings; of a closed path the first again at the end.
        boxes: where they lie.
        labels: of what class they are.
        interpolate: from two latents, their labels and t to the latents between them.
    """

    z: Latents
    boxes: tuple[Box, ...]
    labels: tuple[str, ...]
    interpolate: Callable[[Latent, Latent, str, str, Places], Latents]

    @classmethod
    def through(
        cls,
        drawings: Sequence[Source],
        closed: bool,
        path: str,
        seed: int,
        model: Codec,
        allow_class_change: bool,
    ) -> LatentPath:
        """Raises `InputError`: see `animate`."""
        labels = [label_or_identify(drawing, model) for drawing in drawings]
        if not allow_class_change:
            require_same_class(drawings, labels)

        def between(a: Latent, b: Latent, one: str, other: str, t: Places) -> Latents:
            centred = path == "centred"
            centre = (model.centre(one) + model.centre(other)) / 2 if centred else None
            return interpolate(path, a, b, t, seed, centre)

        order = [*range(len(drawings)), *([0] if closed else [])]
        boxes = [frame_box(drawing) for drawing in drawings]
        return cls(
            model.encode(drawings)[order],
            tuple(boxes[k] for k in order),
            tuple(labels[k] for k in order),
            between,
        )

    @property
    def legs(self) -> int:
        return len(self.z) - 1

    def latents(self, places: Places) -> Latents:
        """`(n, latent)`, in the order of the places."""
        found = np.empty((len(places), self.z.shape[1]), np.float32)
        legs = np.minimum(places.astype(np.intp), self.legs - 1)
        for leg in range(self.legs):
            here = legs == leg
            (a, b), (one, other) = self.z[leg : leg + 2], self.labels[leg : leg + 2]
            found[here] = self.interpolate(a, b, one, other, places[here] - leg)
        return found

    def box(self, place: float) -> Box:
        leg = min(int(place), self.legs - 1)
        return self.boxes[leg].interpolate(self.boxes[leg + 1], float(place) - leg)

    def label(self, place: float) -> str:
        """Of the nearer drawing; of two as near, there and back, the one that sorts first."""
        near = {int(np.ceil(place - 0.5)), int(np.floor(place + 0.5))}
        return min(self.labels[k] for k in near)


def _moved(
    route: LatentPath,
    clock: Timeline,
    steps: int,
    seed: int,
    model: Codec,
    how: Coherence | None,
    pinned: Sequence[Drawing] | None,
) -> tuple[Places, list[Drawing]]:
    """Frames whose strokes keep their identity, and where on the route they are."""
    keys = np.arange(route.legs * (steps + 1) + 1) / (steps + 1)
    motion = track_motion(
        model,
        route.latents(keys),
        [route.label(key) for key in keys],
        range(0, len(keys), steps + 1),
        seed=seed,
        how=how,
        pinned=pinned,
    )

    def at(places: Places) -> list[Drawing]:
        boxes = map(route.box, places)
        unit = motion.at(places * (steps + 1))
        return [
            transform(one, box.longer, (0.0, 0.0), box.centre)
            for one, box in zip(unit, boxes, strict=True)
        ]

    lengths = None
    if route.legs > 1:
        clouds = [point_cloud(frame.strokes) for frame in at(keys)]
        travelled = np.cumsum([0.0, *(chamfer(a, b) for a, b in pairwise(clouds))])
        lengths = np.diff(travelled[:: steps + 1])
    places = clock.positions(route.legs, lengths)
    if lengths is not None:
        places = uniform_speed(places, keys, travelled)
    return places, at(places)


def _drawn(sources: Sequence[Source], coherent: bool) -> list[Drawing]:
    """The drawings that are to be pinned."""
    if not coherent:
        raise InputError(
            "pinned drawings need strokes that keep their identity; "
            "leave out --pin or --independent"
        )
    drawings = [source for source in sources if isinstance(source, Drawing)]
    if len(drawings) < len(sources):
        raise InputError(
            "a picture has no strokes to be pinned; leave out --pin, or let --vectorise trace it"
        )
    return drawings


def count_recognised(animation: Animation) -> tuple[int, int]:
    """How many frames the model took for what they are meant to be, and how many there are.

    Reads the facts that `animate` leaves.
    """
    facts = animation.facts
    return sum(fact["identified"] == fact["label"] for fact in facts), len(facts)


def frame_box(drawing: Source) -> Box:
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
