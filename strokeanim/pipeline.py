"""Animate drawings: sources → latents → in-betweens → timeline → `Animation`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from importlib import import_module
from itertools import pairwise
from typing import Literal

import numpy as np

from strokeanim.animation.animation import Animation, seconds_per_frame
from strokeanim.animation.timeline import Timeline, uniform_speed
from strokeanim.engine import load_model
from strokeanim.errors import InputError
from strokeanim.geometry import Drawing, DrawingArray, Picture
from strokeanim.geometry.chamfer import chamfer
from strokeanim.geometry.polylines import fit_to_box, normalise, point_cloud, transform
from strokeanim.inbetween import Coherence, track_motion
from strokeanim.inbetween.latent_path import (
    LatentPath,
    Positions,
    Source,
    label_or_identify,
    require_same_class,
)
from strokeanim.io.limits import ReadPolicy
from strokeanim.io.samples import all_samples
from strokeanim.io.sources import load, load_one, parse_source
from strokeanim.latent.codec import Codec
from strokeanim.latent.interpolation import interpolation_times


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
    """Animate from drawing to drawing through in-betweens that the model generates.

    Between two drawings there are `steps` in-betweens, at t = k / (steps + 1). Both ends are
    decoded like the rest, unless they are pinned. Coherent strokes keep their ids and their number
    of points from the first frame to the last. Frames lie where the inputs lie: their centre and
    longer side are interpolated from one input's to the next's, exactly if each frame is decoded
    by itself, and with a size that may dip in between if not. A picture counts as a drawing with a
    longer side of 255 at the origin. `facts` hold `t`, which counts on from drawing to drawing, the
    `label` aimed at, the class that the model identifies (`identified`) and its `probability`.

    Coherent animations with more than one leg have a uniform speed by Chamfer distance: each
    drawing has a frame of its own, and longer legs get more of the in-betweens, `steps` per leg on
    average.

    Args:
        drawings: two or more drawings or pictures.
        steps: in-betweens from one to the next, 0 or more.
        fps: frames per second.
        path: slerp, lerp, nlerp or centred.
        coherent: whether strokes keep their identity; else every frame is decoded by itself.
        loop: None; `"pingpong"`, back the same way; or `"cycle"`, on from the last to the first.
            Neither shows a drawing twice when it begins again.
        easing: linear, ease-in, ease-out or ease-in-out, from each drawing to the next.
        tween_fps: another rate, at which the same motion is shown in the same time.
        pin: show the drawings as they are, instead of as the model decodes them.
        seed: seed of the way round between opposite latents, and of the candidates.
        model: a codec; the bundled model if None.
        allow_class_change: allow drawings of different classes.
        coherence: settings of coherent in-betweens.

    Raises:
        InputError: an empty drawing, a class that the model does not know, two classes, an
            unknown path, loop or easing, a number out of range, a picture to be pinned.
    """
    codec = model or load_model()
    timeline = check_arguments(
        drawings, steps, fps, coherent, loop, easing, tween_fps, pin, seed, coherence
    )
    pinned = _require_pinnable(drawings, coherent) if pin else None
    steps = int(steps)
    route = LatentPath.through(drawings, loop == "cycle", path, seed, codec, allow_class_change)
    if coherent:
        if pinned is not None and loop == "cycle":
            pinned.append(pinned[0])
        positions, frames = _track_frames(route, timeline, steps, seed, codec, coherence, pinned)
    else:
        positions = timeline.positions(route.legs)
        decoded = codec.decode(route.latents(positions))
        boxes = map(route.box, positions)
        frames = [fit_to_box(drawing, box) for drawing, box in zip(decoded, boxes, strict=True)]
    identified, probabilities = codec.identify(frames)
    facts = [
        {
            "t": round(float(position), 6),
            "label": route.label(position),
            "identified": name,
            "probability": round(float(row.max()), 4),
        }
        for position, name, row in zip(positions, identified, probabilities, strict=True)
    ]
    label = route.labels[0] if len(set(route.labels)) == 1 else ""
    animation = Animation.from_drawings(frames, fps=fps, label=label, facts=facts)
    return replace(animation, durations=timeline.durations)


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
    """Check arguments of `animate` without the model, and return the timeline.

    Raises:
        InputError: a mistake that `animate` would refuse without asking the model.
    """
    if len(drawings) < 2:
        raise InputError(f"an animation needs at least two drawings, not {len(drawings)}")
    if pin:
        _require_pinnable(drawings, coherent)
    if coherence is not None and not coherent:
        raise InputError(
            "independent frames are not chosen; leave out coherence", option="coherence"
        )
    if seed != int(seed) or seed < 0:
        raise InputError(f"seed = {seed} must be 0, 1, 2, …")
    steps = len(interpolation_times(steps)) - 2  # which checks them
    tween = None if tween_fps is None else seconds_per_frame(tween_fps, "the rate of the tweens")
    return Timeline.of(len(drawings), steps, seconds_per_frame(fps), tween, loop, easing)


def count_recognised(animation: Animation) -> tuple[int, int]:
    """Count the frames that the model identifies as their label, and all frames.

    Reads the facts that `animate` sets.
    """
    facts = animation.facts
    return sum(fact["identified"] == fact["label"] for fact in facts), len(facts)


@dataclass(frozen=True)
class AnimateOptions:
    """Options of `strokeanim animate` that concern drawings, not files.

    Fields are declared like renderer options (see `params`), so that text can be parsed into them;
    `animate` documents them.

    Attributes:
        vectorise: trace pictures and pin the strokes.
        independent: the opposite of `coherent`.
    """

    steps: int = field(default=10, metadata={"min": 0})
    fps: float = 5.0
    path: Literal["slerp", "lerp", "nlerp", "centred"] = "slerp"
    loop: Literal["pingpong", "cycle"] | None = None
    easing: Literal["linear", "ease-in", "ease-out", "ease-in-out"] = "linear"
    tween_fps: float | None = None
    pin: bool = False
    vectorise: bool = False
    independent: bool = False
    seed: int = field(default=0, metadata={"min": 0, "max": 2**32 - 1})
    allow_class_change: bool = False

    def prepare(self, drawings: Sequence[Source], resized: bool) -> list[Source]:
        """Trace and resize drawings as they enter the animation (see `are_separate_pages`)."""
        if self.vectorise:
            # Importing scikit-image takes long, and few need it.
            vectorise = import_module("strokeanim.tracing.vectorise").vectorise
            drawings = [vectorise(d) if isinstance(d, Picture) else d for d in drawings]
        if resized:
            drawings = [normalise(d) if isinstance(d, Drawing) else d for d in drawings]
        return list(drawings)

    def check(
        self, drawings: Sequence[Source], model: Codec, coherence: Coherence | None = None
    ) -> None:
        """Check what `animate` would refuse, without decoding anything.

        Raises:
            InputError: as the function `animate`.
        """
        if self.vectorise and self.independent:
            raise InputError(
                "traced strokes keep their identity; leave out vectorise", option="vectorise"
            )
        check_arguments(
            drawings, self.steps, self.fps, not self.independent, self.loop, self.easing,
            self.tween_fps, self.pin and not self.vectorise, self.seed, coherence,
        )  # fmt: skip
        for drawing in drawings:
            if isinstance(drawing, Drawing) and not drawing.strokes:
                raise InputError(f"the drawing {drawing.key!r} has no strokes; leave it out")
            if drawing.label:
                model.centre(drawing.label)  # which raises for an unknown class
        labels = [drawing.label for drawing in drawings]
        if all(labels) and not self.allow_class_change:
            require_same_class(drawings, labels)

    def animate(
        self, drawings: Sequence[Source], model: Codec, coherence: Coherence | None = None
    ) -> Animation:
        """Animate prepared drawings with these options.

        Raises:
            InputError: as the function `animate`.
        """
        return animate(
            *drawings,
            steps=self.steps,
            fps=self.fps,
            path=self.path,
            coherent=not self.independent,
            loop=self.loop,
            easing=self.easing,
            tween_fps=self.tween_fps,
            pin=self.pin or self.vectorise,
            seed=self.seed,
            model=model,
            allow_class_change=self.allow_class_change,
            coherence=coherence,
        )


def are_separate_pages(sources: Sequence[str]) -> bool:
    """Return whether drawings are scaled to QuickDraw's size.

    Drawings of one file keep their places in it; the pages of different files are unrelated.
    """
    return len(sources) == 1 or len({parse_source(source).place for source in sources}) > 1


def resolve_sources(
    sources: Sequence[str], seed: int, model: Callable[[], Codec], policy: ReadPolicy = ReadPolicy()
) -> list[Source]:
    """Load the drawings of sources; for one source, add a random other drawing of its class.

    The other drawing is from the same file or, if that has none, from the samples.

    Args:
        sources: one or more, as in `io.sources`.
        seed: seed of the random choice.
        model: returns the codec that identifies a drawing without a label.
        policy: limits, and what happens to bad drawings.

    Raises:
        InputError: as `load_one`; standard input twice; or no other drawing.
    """
    if sources.count("-") > 1:
        raise InputError("standard input can be read once only; name files for the other drawings")
    if len(sources) > 1:
        return [load_one(source, policy.limits, policy.on_bad) for source in sources]
    name = parse_source(sources[0])
    whole = sources[0] if name.place == "-" else name.place
    pool = load(whole, policy.limits, policy.on_bad)
    # Bad drawings were reported while the pool was loaded.
    silent = policy.on_bad and (lambda _: None)
    start = pool[0] if whole == sources[0] else load_one(sources[0], policy.limits, silent)
    return [start, random_other(start, pool, seed, model)]


def random_other(
    start: Source, pool: Sequence[Source], seed: int, model: Callable[[], Codec]
) -> Source:
    """Return a random other drawing of the class of `start`, from `pool` or from the samples.

    Raises:
        InputError: there is none.
    """
    label = start.label or label_or_identify(start, model())
    partner = random_partner(start, pool, label, seed)
    partner = partner or random_partner(start, all_samples(), label, seed)
    if partner is None:
        raise InputError(f"there is no other {label!r} to go to; name a second drawing")
    return partner


def random_partner(
    drawing: Source, pool: Sequence[Source], label: str, seed: int = 0
) -> Source | None:
    """Return a random other drawing of class `label` from `pool`, never `drawing`; or None."""
    # By index, since a large pool builds its drawings when they are asked for.
    if isinstance(pool, DrawingArray):
        names = list(zip(pool.labels.tolist(), pool.keys.tolist(), strict=True))
    else:
        names = [(other.label, other.key) for other in pool]
    same = [(index, key) for index, (own, key) in enumerate(names) if own == label]
    others = [index for index, key in same if key != drawing.key or pool[index] != drawing]
    return pool[others[int(np.random.default_rng(seed).integers(len(others)))]] if others else None


def _track_frames(
    route: LatentPath,
    timeline: Timeline,
    steps: int,
    seed: int,
    model: Codec,
    coherence: Coherence | None,
    pinned: Sequence[Drawing] | None,
) -> tuple[Positions, list[Drawing]]:
    """Return the positions on the path, and frames whose strokes keep their identity."""
    keys = np.arange(route.legs * (steps + 1) + 1) / (steps + 1)
    motion = track_motion(
        model,
        route.latents(keys),
        [route.label(key) for key in keys],
        range(0, len(keys), steps + 1),
        seed=seed,
        how=coherence,
        pinned=pinned,
    )

    def frames_at(positions: Positions) -> list[Drawing]:
        boxes = map(route.box, positions)
        units = motion.at(positions * (steps + 1))
        return [
            transform(unit, box.longer, (0.0, 0.0), box.centre)
            for unit, box in zip(units, boxes, strict=True)
        ]

    lengths = None
    if route.legs > 1:
        clouds = [point_cloud(frame.strokes) for frame in frames_at(keys)]
        travelled = np.cumsum([0.0, *(chamfer(a, b) for a, b in pairwise(clouds))])
        lengths = np.diff(travelled[:: steps + 1])
    positions = timeline.positions(route.legs, lengths)
    if lengths is not None:
        positions = uniform_speed(positions, keys, travelled)
    return positions, frames_at(positions)


def _require_pinnable(sources: Sequence[Source], coherent: bool) -> list[Drawing]:
    """Return the drawings to be pinned.

    Raises:
        InputError: frames are independent, or a source is a picture.
    """
    if not coherent:
        raise InputError(
            "pinned drawings need strokes that keep their identity; leave out pin, or let frames "
            "be coherent",
            option="pin",
        )
    drawings = [source for source in sources if isinstance(source, Drawing)]
    if len(drawings) < len(sources):
        raise InputError(
            "a picture has no strokes to be pinned; leave out pin, or trace it", option="pin"
        )
    return drawings
