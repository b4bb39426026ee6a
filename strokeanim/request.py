"""What someone asks `animate` for in words: sources by name, options by name.

The command line asks once, a batch ten thousand times; both get the same animation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Literal

from strokeanim.animation.animation import Animation
from strokeanim.errors import InputError
from strokeanim.geometry import Drawing, Picture
from strokeanim.geometry.polylines import normalise
from strokeanim.inbetween import Coherence
from strokeanim.io.limits import ReadPolicy
from strokeanim.io.samples import all_samples
from strokeanim.io.sources import load, load_one, parse_source
from strokeanim.latent.codec import Codec
from strokeanim.pipeline import (
    Source,
    animate,
    check_arguments,
    label_or_identify,
    random_partner,
    require_same_class,
)


@dataclass(frozen=True)
class Request:
    """The options of `strokeanim animate` that are about drawings, not about files.

    Fields are declared as renderer options are (see `render.options`), so that text can be parsed
    into them. What each means is said in `animate`.

    Attributes:
        vectorise: trace pictures and let the strokes appear, as with `pin`.
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

    def shown(self, drawings: Sequence[Source], resized: bool) -> list[Source]:
        """Trace and resize drawings as they enter the animation (see `are_separate_pages`)."""
        if self.vectorise:
            # scikit-image takes longer than those who have no picture should wait
            vectorise = import_module("strokeanim.tracing.vectorise").vectorise
            drawings = [vectorise(one) if isinstance(one, Picture) else one for one in drawings]
        if resized:
            drawings = [normalise(one) if isinstance(one, Drawing) else one for one in drawings]
        return list(drawings)

    def check(
        self, drawings: Sequence[Source], model: Codec, coherence: Coherence | None = None
    ) -> None:
        """Find out what `animation` would refuse without drawing anything.

        Raises:
            InputError: see `animate`.
        """
        if self.vectorise and self.independent:
            raise InputError(
                "traced strokes keep their identity; leave out vectorise or independent"
            )
        check_arguments(
            drawings, self.steps, self.fps, not self.independent, self.loop, self.easing,
            self.tween_fps, self.pin and not self.vectorise, self.seed, coherence,
        )  # fmt: skip
        for one in drawings:
            if isinstance(one, Drawing) and not one.strokes:
                raise InputError(f"the drawing {one.key!r} has no strokes; leave it out")
            if one.label:
                model.centre(one.label)  # or it does not know the class
        labels = [one.label for one in drawings]
        if all(labels) and not self.allow_class_change:
            require_same_class(drawings, labels)

    def animation(
        self, drawings: Sequence[Source], model: Codec, coherence: Coherence | None = None
    ) -> Animation:
        """Raises `InputError`: see `animate`."""
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
    """Whether drawings become as large as QuickDraw's.

    Drawings of one file lie where they lie in it; pages of different files have nothing to do with
    one another.
    """
    return len(sources) == 1 or len({parse_source(one).place for one in sources}) > 1


def resolve_sources(
    sources: Sequence[str], seed: int, model: Callable[[], Codec], policy: ReadPolicy = ReadPolicy()
) -> list[Source]:
    """The drawings that sources name; of one source, that and a random other of its class.

    The other is from the same file or, if that has none, from the samples.

    Args:
        sources: one or more, as in `data.sources`.
        seed: decides which other one.
        model: gives what says of what class a drawing without a label is.
        policy: how bad drawings are met.

    Raises:
        InputError: as `load_one`; standard input is named twice; there is no other drawing.
    """
    if sources.count("-") > 1:
        raise InputError("standard input can be read once only; name files for the other drawings")
    if len(sources) > 1:
        return [load_one(source, policy.limits, policy.on_bad) for source in sources]
    place = parse_source(sources[0])
    whole = sources[0] if place.place == "-" else place.place
    pool = load(whole, policy.limits, policy.on_bad)
    # what is bad was told of while the pool was loaded
    again = policy.on_bad and (lambda _: None)
    start = pool[0] if whole == sources[0] else load_one(sources[0], policy.limits, again)
    return [start, random_other(start, pool, seed, model)]


def random_other(
    start: Source, pool: Sequence[Source], seed: int, model: Callable[[], Codec]
) -> Source:
    """A random other drawing of the class of `start`, from `pool` or from the samples.

    Raises:
        InputError: there is none.
    """
    label = start.label or label_or_identify(start, model())
    found = random_partner(start, pool, label, seed) or random_partner(
        start, all_samples(), label, seed
    )
    if found is None:
        raise InputError(f"there is no other {label!r} to go to; name a second drawing")
    return found
