"""Write all frames into one PNG: a sprite sheet with an atlas, a contact sheet or an onion skin."""

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
from strokeanim.geometry.colours import split_rgb
from strokeanim.render.protocol import RenderContext, RendererSpec
from strokeanim.render.raster import pixels
from strokeanim.render.style import onion_opacity

MAX_SIDE = 32_768
"""Largest side, px: twice what graphics cards accept, and more than anybody looks at."""


@dataclass(frozen=True)
class SheetOptions:
    """Options of the sheet renderer."""

    layout: Literal["sprites", "contact", "onion"] = field(
        default="sprites",
        metadata={
            "help": "sprites: cells without gaps, and a .json with the position of each;"
            " contact: numbered pictures to look at; onion: all frames on top of one another"
        },
    )
    columns: int | None = field(
        default=None,
        metadata={
            "help": "pictures in a row; none for a nearly square sheet",
            "min": 1,
            "max": 1000,
        },
    )
    gap: int | None = field(
        default=None,
        metadata={"help": "px between pictures; none for the default of the layout", "min": 0},
    )


class SheetRenderer:
    """Renderer of one picture of all frames."""

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
        """Create an empty sheet."""
        return SheetSession(sink, context, options)


class SheetSession:
    """A session that draws each frame into its cell and writes the sheet at the end."""

    def __init__(self, sink: BinaryIO, context: RenderContext, options: SheetOptions) -> None:
        self._sink, self._context, self._options = sink, context, options
        self._count = 0
        is_onion, is_contact = options.layout == "onion", options.layout == "contact"
        self._columns = 1 if is_onion else _count_columns(context, options.columns)
        rows = 1 if is_onion else math.ceil(context.frames / self._columns)
        gap = options.gap if options.gap is not None else 8 if is_contact else 0
        font_size = max(8, min(24, context.height // 12))
        self._font = ImageFont.load_default(font_size)
        self._caption_height = font_size * 3 // 2 if is_contact else 0
        self._step = context.width + gap, context.height + gap + self._caption_height
        size = self._columns * self._step[0] - gap, rows * self._step[1] - gap
        if max(size) > MAX_SIDE:
            raise InputError(
                f"a sheet of {context.frames} frames would have {size[0]} × {size[1]} px; "
                f"{MAX_SIDE} a side is the most, so give a smaller size or fewer frames"
            )
        background = (*split_rgb(context.background), 255) if context.background else (0, 0, 0, 0)
        self._sheet = Image.new("RGBA", size, background)

    def frame(self, frame: Frame) -> None:
        """Draw one frame into its cell."""
        index, context = self._count, self._context
        self._count += 1
        if self._options.layout == "onion":
            opacity = frame.opacity * onion_opacity(index, context.frames)
            frame = Frame(frame.strokes, frame.ids, opacity, frame.colours)
        image = Image.fromarray(pixels(frame, _without_background(context)))
        left, top = self._corner(index)
        self._sheet.alpha_composite(image, (left, top))
        if self._caption_height:
            ink = "#000000" if sum(split_rgb(context.background or "#ffffff")) > 380 else "#ffffff"
            ImageDraw.Draw(self._sheet).text(
                (left + context.width / 2, top + context.height), self._caption_text(index),
                fill=ink, font=self._font, anchor="ma",
            )  # fmt: skip

    def finish(self) -> None:
        """Write the picture, and for sprites the atlas beside it."""
        context = self._context
        image = self._sheet if context.background is None else self._sheet.convert("RGB")
        image.save(self._sink, "PNG")
        if self._options.layout == "sprites":
            atlas = json.dumps(self._atlas(), indent=1)
            context.companion(".json").write(atlas.encode() + b"\n")

    def abort(self) -> None:
        """Do nothing; the session holds no resources."""

    def _corner(self, index: int) -> tuple[int, int]:
        if self._options.layout == "onion":
            return 0, 0
        row, column = divmod(index, self._columns)
        return column * self._step[0], row * self._step[1]

    def _caption_text(self, index: int) -> str:
        facts = self._context.facts[index]
        if "caption" in facts:
            return str(facts["caption"])
        t, number = facts.get("t"), str(index)  # as in file.ndjson#NUMBER
        return f"{number}  t {t:.2f}" if isinstance(t, int | float) else number

    def _atlas(self) -> dict[str, object]:
        """Return the position and duration of each frame, like TexturePacker and Aseprite."""
        context = self._context
        size = {"w": context.width, "h": context.height}
        digits = len(str(context.frames))
        ends = [round(end * 1000) for end in accumulate(context.durations, initial=Fraction(0))]
        frames = {}
        for index in range(context.frames):
            left, top = self._corner(index)
            frames[f"{context.label or 'frame'} {str(index + 1).zfill(digits)}"] = {
                "frame": {"x": left, "y": top, **size},
                "rotated": False,
                "trimmed": False,
                "spriteSourceSize": {"x": 0, "y": 0, **size},
                "sourceSize": size,
                "duration": ends[index + 1] - ends[index],
            }
        width, height = self._sheet.size
        meta = {"format": "RGBA8888", "size": {"w": width, "h": height}, "scale": "1"}
        return {"frames": frames, "meta": meta}


def _count_columns(context: RenderContext, wanted: int | None) -> int:
    """Return the number of columns: as wanted, or such that the sheet is about square."""
    if wanted is not None:
        return min(wanted, context.frames)
    ratio = context.height / context.width
    return max(1, min(context.frames, round(math.sqrt(context.frames * ratio))))


def _without_background(context: RenderContext) -> RenderContext:
    """Return the context of a transparent frame, since the sheet has the background already."""
    return replace(context, background=None)
