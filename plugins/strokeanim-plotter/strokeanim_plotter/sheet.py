"""Lay frames out on paper; lengths in mm, y down from the upper left corner."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from strokeanim.errors import InputError


@dataclass(frozen=True)
class Box:
    """A rectangle on the paper, mm."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def inset(self, margin: float) -> Box:
        """Return the rectangle inside a margin; its width or height may be negative."""
        return Box(self.left + margin, self.top + margin, self.right - margin, self.bottom - margin)

    def __and__(self, other: Box) -> Box:
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )


@dataclass(frozen=True)
class Grid:
    """Cells of one shape and size, side by side in reading order.

    Attributes:
        columns, rows: how many.
        canvas: width and height of the picture in each cell, px.
        gap: between cells, mm.
    """

    columns: int
    rows: int
    canvas: tuple[int, int]
    gap: float

    def scale(self, area: Box) -> float:
        """Return the most mm per px that fits into the area; not positive if nothing fits."""
        return min(
            (area.width - (self.columns - 1) * self.gap) / (self.columns * self.canvas[0]),
            (area.height - (self.rows - 1) * self.gap) / (self.rows * self.canvas[1]),
        )

    def corner(self, index: int, area: Box) -> tuple[float, float]:
        """Return the upper left corner of a cell of the grid centred in the area."""
        scale = self.scale(area)
        row, column = divmod(index, self.columns)
        across, down = (scale * side + self.gap for side in self.canvas)
        return (
            area.left + (area.width - self.columns * across + self.gap) / 2 + column * across,
            area.top + (area.height - self.rows * down + self.gap) / 2 + row * down,
        )


@dataclass(frozen=True)
class Sheet:
    """A sheet of paper with a grid on it.

    Attributes:
        page: the whole sheet.
        area: the part to be drawn on.
        grid: what is laid out there.
    """

    page: Box
    area: Box
    grid: Grid

    @property
    def scale(self) -> float:
        """Return mm per px."""
        return self.grid.scale(self.area)

    def corner(self, index: int) -> tuple[float, float]:
        """Return the upper left corner of a cell."""
        return self.grid.corner(index, self.area)


def lay_out(
    papers: Iterable[tuple[Box, Box]],
    canvas: tuple[int, int],
    cells: int,
    columns: int | None,
    gap: float,
) -> Sheet:
    """Return the sheet on which the cells are largest; the first of equals.

    Args:
        papers: the page and the area to be drawn on, of each sheet to choose from.
        canvas: width and height of a picture, px.
        cells: how many pictures are laid out.
        columns: how many the grid has, or None for the best.
        gap: between cells, mm.

    Raises:
        InputError: there is no room.

    >>> wide, high = Box(0, 0, 30, 20), Box(0, 0, 20, 30)
    >>> lay_out([(wide, wide), (high, high)], (64, 48), cells=2, columns=None, gap=0).page.width
    20
    """
    choices = [columns] if columns else range(1, cells + 1)
    grids = [Grid(count, math.ceil(cells / count), canvas, gap) for count in choices]
    sheets = [Sheet(page, area, grid) for page, area in papers for grid in grids]
    best = max(sheets, key=lambda sheet: sheet.scale)
    if best.area.width <= 0 or best.area.height <= 0:
        raise InputError("the margins leave no paper to draw on: a smaller margin, a larger page")
    if best.scale <= 0:
        raise InputError(
            f"{cells} frames with gaps of {gap:g} mm don't fit on the paper: a smaller gap or "
            "margin, a larger page, another number of columns, or layout=overlay"
        )
    return best
