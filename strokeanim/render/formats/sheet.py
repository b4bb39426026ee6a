"""All frames in one PNG: a sprite sheet with its atlas, a contact sheet, or an onion skin."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import accumulate
from typing import BinaryIO, Literal

from PIL import Image, ImageDraw, ImageFont

from strokeanim.animation.frame import Frame
from strokeanim.errors import InputError
from strokeanim.geometry.colours import rgb
from strokeanim.render.protocol import RenderContext, RendererSpec
from strokeanim.render.raster import pixels
from strokeanim.render.style import onion_opacity

MOST_PX = 32_768
"""Px of a side; graphics cards take half of that, and nobody looks at more."""


@dataclass(frozen=True)
class SheetOptions:
    """`-O` options of the sheet renderer."""

    layout: Literal["sprites", "contact", "onion"] = field(
        default="sprites",
        metadata={
            "help": "sprites: cells without gaps, and a .json that says where each is;"
            " contact: numbered pictures to look at; onion: all on top of one another"
        },
    )
    columns: int | None = field(
        default=None,
        metadata={"help": "pictures in a row; none for as square as can be", "min": 1, "max": 1000},
    )
    gap: int | None = field(
        default=None,
        metadata={"help": "px between pictures; none for what suits the layout", "min": 0},
    )


class SheetRenderer:
    """One picture of all frames."""

    spec = RendererSpec(
        name="sheet",
        extensions=(".png",),
        media_type="image/png",
        kind="sequence",
        priority=-10,
        timing=False,
        options=SheetOptions,
        description="all frames in one PNG: sprite sheet with atlas, contact sheet, onion skin",
    )

    def open(self, sink: BinaryIO, context: RenderContext, options: SheetOptions) -> SheetSession:
        """Make an empty sheet."""
        return SheetSession(sink, context, options)


class SheetSession:
    """Puts each frame where it belongs; the sheet is written at the end."""

    def __init__(self, sink: BinaryIO, context: RenderContext, options: SheetOptions) -> None:
        self._sink, self._context, self._options = sink, context, options
        self._count = 0
        is_onion, is_contact = options.layout == "onion", options.layout == "contact"
        self._columns = 1 if is_onion else _columns(context, options.columns)
        rows = 1 if is_onion else math.ceil(context.frames / self._columns)
        gap = options.gap if options.gap is not None else 8 if is_contact else 0
        letters = max(8, min(24, context.height // 12))
        self._font = ImageFont.load_default(letters)
        caption = letters * 3 // 2 if is_contact else 0
        self._step = context.width + gap, context.height + gap + caption
        self._caption = caption
        size = self._columns * self._step[0] - gap, rows * self._step[1] - gap
        if max(size) > MOST_PX:
            raise InputError(
                f"a sheet of {context.frames} frames would have {size[0]} × {size[1]} px; "
                f"{MOST_PX} a side is the most, so give a smaller size or fewer frames"
            )
        paper = (*rgb(context.background), 255) if context.background else (0, 0, 0, 0)
        self._sheet = Image.new("RGBA", size, paper)

    def frame(self, frame: Frame) -> None:
        """Draw one frame into its cell."""
        place, context = self._count, self._context
        self._count += 1
        if self._options.layout == "onion":
            share = onion_opacity(place, context.frames)
            frame = Frame(frame.strokes, frame.ids, frame.opacity * share, frame.colours)
        image = Image.fromarray(pixels(frame, _on_nothing(context)))
        left, top = self._corner(place)
        self._sheet.alpha_composite(image, (left, top))
        if self._caption:
            ink = "#000000" if sum(rgb(context.background or "#ffffff")) > 380 else "#ffffff"
            ImageDraw.Draw(self._sheet).text(
                (left + context.width / 2, top + context.height), self._words(place),
                fill=ink, font=self._font, anchor="ma",
            )  # fmt: skip

    def finish(self) -> None:
        """Write the picture, and beside it where everything is."""
        context = self._context
        image = self._sheet if context.background is None else self._sheet.convert("RGB")
        image.save(self._sink, "PNG")
        if self._options.layout == "sprites":
            atlas = json.dumps(self._atlas(), indent=1)
            context.companion(".json").write(atlas.encode() + b"\n")

    def abort(self) -> None:
        """Nothing is held."""

    def _corner(self, place: int) -> tuple[int, int]:
        if self._options.layout == "onion":
            return 0, 0
        row, column = divmod(place, self._columns)
        return column * self._step[0], row * self._step[1]

    def _words(self, place: int) -> str:
        facts = self._context.facts[place]
        if "caption" in facts:
            return str(facts["caption"])
        t, number = facts.get("t"), str(place)  # as in file.ndjson#NUMBER
        return f"{number}  t {t:.2f}" if isinstance(t, int | float) else number

    def _atlas(self) -> dict[str, object]:
        """Where each frame is and how long it is shown, as TexturePacker and Aseprite write it."""
        context = self._context
        size = {"w": context.width, "h": context.height}
        digits = len(str(context.frames))
        ends = [round(end * 1000) for end in accumulate(context.durations, initial=Fraction(0))]
        frames = {}
        for place in range(context.frames):
            left, top = self._corner(place)
            frames[f"{context.label or 'frame'} {str(place + 1).zfill(digits)}"] = {
                "frame": {"x": left, "y": top, **size},
                "rotated": False,
                "trimmed": False,
                "spriteSourceSize": {"x": 0, "y": 0, **size},
                "sourceSize": size,
                "duration": ends[place + 1] - ends[place],
            }
        width, height = self._sheet.size
        meta = {"format": "RGBA8888", "size": {"w": width, "h": height}, "scale": "1"}
        return {"frames": frames, "meta": meta}


def _columns(context: RenderContext, wanted: int | None) -> int:
    """As many as make the sheet about square."""
    if wanted is not None:
        return min(wanted, context.frames)
    ratio = context.height / context.width
    return max(1, min(context.frames, round(math.sqrt(context.frames * ratio))))


def _on_nothing(context: RenderContext) -> RenderContext:
    """The sheet has a background already."""
    return replace(context, background=None)
