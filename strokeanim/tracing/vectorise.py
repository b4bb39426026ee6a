"""Trace pictures as drawings: thin the ink, follow its skeleton, smooth the strokes.

Lines continue straight through crossings; spurs of the skeleton are dropped; a dot becomes a
stroke of one point; ink much wider than the pen is filled with rings from its edge inwards. Order
and direction of the strokes are canonical, as pixels do not determine them. `strokeanim.io.picture`
reads files as ink, `skeleton` builds the graph, and `branch_linking` links its branches to lines.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy import ndimage
from skimage.measure import find_contours
from skimage.morphology import skeletonize

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing, Picture
from strokeanim.geometry.canonical import canonicalise
from strokeanim.geometry.drawing import MAX_PICTURE_SIDE
from strokeanim.geometry.polylines import simplify
from strokeanim.tracing.branch_linking import link_branches
from strokeanim.tracing.skeleton import MOST_ENDS, build_graph, noise_error
from strokeanim.typing import Bool, Float64, Int64, Raster

INKED = 0.4
"""Least coverage of a pixel that counts as ink."""

_EIGHT = np.ones((3, 3), bool)
_SPECK = 0.3
"""Components of ink or paper smaller than this fraction of the pen's area are dust."""

_SOLID = 4
"""A pen wider than 1 / `_SOLID` of the drawing means filled shapes; a quarter of that is used."""

_FILLED = 2.0
"""Ink more than this many pen widths wide is filled, not traced along its middle."""

_CORNER = np.radians(50)
"""Least turning angle, within a pen's width, of a corner, which is not smoothed."""


def vectorise(picture: Picture, tolerance: float | None = None) -> Drawing:
    """Trace the strokes of a line drawing, in px of the picture, pixel centres at + 0.5.

    Args:
        picture: ink of any size, averaged down if its longer side has more px than
            `MAX_PICTURE_SIDE`; the pen's width is estimated from it.
        tolerance: largest distance, in px, of a simplified stroke from the middle of its line; a
            third of the pen's width, but at least 0.75 px, if None.

    Raises:
        InputError: if the picture is blank, or has lines meeting all over, as noise has.

    Examples:
        >>> ink = np.zeros((30, 40))
        >>> ink[14:17, 5:35] = 1
        >>> drawing = vectorise(Picture(ink))
        >>> [len(stroke) for stroke in drawing.strokes], drawing.box.width
        ([2], 28.0)
    """
    factor = -(-max(picture.coverage.shape) // MAX_PICTURE_SIDE)
    ink, corner = _crop(_downsample(picture.coverage, factor))
    ink, distance, skeleton, pen = _thin(ink)
    filled, rings = _fill_wide_ink(ink, distance, pen)
    branches, nodes = build_graph(skeleton, distance, filled)
    lines = link_branches(branches, nodes, pen)
    tolerance = max(pen / 3, 0.75) if tolerance is None else tolerance / factor
    strokes = [simplify(_smooth(line, pen).astype(np.float32), tolerance) for line in lines + rings]
    placed = [(stroke + corner) * (factor * picture.scale) for stroke in strokes]
    return canonicalise(Drawing(placed, picture.label, picture.key), closing=False)


def pen_width(
    distance: Float64[np.ndarray, "height width"], skeleton: Bool[np.ndarray, "height width"]
) -> float:
    """Estimate the median width of the lines in px from the distance to paper along the skeleton.

    In lines of 2n - 1 and of 2n px, a middle pixel's centre is n px from that of the next paper.
    """
    return max(2 * float(np.median(distance[skeleton])) - 0.75, 1.0)


def _downsample(ink: Raster, factor: int) -> Raster:
    """Average squares of `factor` px, padded with paper at the right and at the bottom."""
    if factor == 1:
        return ink
    padded = np.pad(ink, [(0, -side % factor) for side in ink.shape])
    rows, columns = (side // factor for side in padded.shape)
    reduced: Raster = padded.reshape(rows, factor, columns, factor).mean(axis=(1, 3))
    return reduced


def _crop(ink: Raster) -> tuple[Bool[np.ndarray, "height width"], Float64[np.ndarray, " 2"]]:
    """Return the mask of the ink with a border of 1 px of paper, and the position of its corner."""
    inked = ink >= INKED
    if not inked.any():
        raise InputError("the picture is blank, there is nothing to make strokes of")
    (top, bottom), (left, right) = (
        np.flatnonzero(inked.any(axis=axis))[[0, -1]] for axis in (1, 0)
    )
    return np.pad(inked[top : bottom + 1, left : right + 1], 1), np.array([left - 1.0, top - 1.0])


def _thin(
    ink: Bool[np.ndarray, "height width"],
) -> tuple[
    Bool[np.ndarray, "height width"],
    Float64[np.ndarray, "height width"],
    Bool[np.ndarray, "height width"],
    float,
]:
    """Return the ink without dust, its distance to paper, its skeleton, and the pen's width, px."""
    distance, skeleton = ndimage.distance_transform_edt(ink), skeletonize(ink)
    pen = pen_width(distance, skeleton)
    longer = max(ink.shape)
    if pen > longer / _SOLID and skeleton.sum() > pen:
        pen = longer / (4 * _SOLID)
    dust = max(_SPECK * np.pi / 4 * pen**2, 1.0)
    clean = _remove_small(ink, dust, _EIGHT)
    clean = ~_remove_small(~clean, dust, None) if clean.any() else ink
    if (clean & ~ink).any():
        distance, skeleton = ndimage.distance_transform_edt(clean), skeletonize(clean)
    return clean, distance, skeleton & clean, pen


def _remove_small(
    image: Bool[np.ndarray, "height width"], area: float, near: Bool[np.ndarray, "3 3"] | None
) -> Bool[np.ndarray, "height width"]:
    """Remove connected components of less than `area` px."""
    labels, _ = ndimage.label(image, near)
    kept = np.bincount(labels.ravel()) >= area
    kept[0] = False
    large: Bool[np.ndarray, "height width"] = kept[labels]
    return large


def _fill_wide_ink(
    ink: Bool[np.ndarray, "height width"], distance: Float64[np.ndarray, "height width"], pen: float
) -> tuple[Bool[np.ndarray, "height width"], list[Float64[np.ndarray, "n 2"]]]:
    """Return the mask of filled ink, and spirals that fill it, linked from rings a pen apart.

    Filled ink is the morphological opening of the ink by a disc wider than `_FILLED` pens.
    """
    radius = _FILLED * pen / 2
    core = distance > radius
    filled = np.zeros_like(ink)
    rings: list[Float64[np.ndarray, "n 2"]] = []
    if not core.any():
        return filled, rings
    parts, count = ndimage.label(core, _EIGHT)
    if count > MOST_ENDS // 10:
        raise noise_error()
    reach = int(radius) + 2
    for number, (rows, columns) in enumerate(ndimage.find_objects(parts), start=1):
        top, left = max(rows.start - reach, 0), max(columns.start - reach, 0)
        window = slice(top, rows.stop + reach), slice(left, columns.stop + reach)
        own = parts[window] == number
        room = distance[window][own]
        is_small = room.max() < radius + 1 + pen / 2 and (room > radius + 1).sum() < pen**2
        if is_small and _reaches_border(ink[window], own):
            continue  # no wider than a crossing of a few lines
        swept = np.pad(ndimage.distance_transform_edt(~own) <= radius, 1)
        depth = ndimage.distance_transform_edt(swept)
        filled[window] |= depth[1:-1, 1:-1] > pen / 2
        corner = np.array([left, top]) - 0.5  # a pixel's corner; the window is padded by one
        rings += [ring + corner for ring in _trace_spirals(depth, pen)]
    return filled, rings


def _reaches_border(
    ink: Bool[np.ndarray, "height width"], core: Bool[np.ndarray, "height width"]
) -> bool:
    """Check whether the ink around a core reaches the border of the window."""
    labels, _ = ndimage.label(ink, _EIGHT)
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    return bool(np.isin(labels[core], edge).any())


def _trace_spirals(
    depth: Float64[np.ndarray, "height width"], pen: float
) -> list[Float64[np.ndarray, "n 2"]]:
    """Trace rings in filled ink from its edge inwards, each linked to the next one inside it."""
    spirals: list[list[Float64[np.ndarray, "n 2"]]] = []
    ending: list[list[Float64[np.ndarray, "n 2"]]] = []
    for level in np.arange(pen / 2 + 0.5, depth.max(), 0.9 * pen):
        before, ending = ending, []
        for contour in find_contours(depth, level):
            ring = _rotate(contour[:, ::-1], contour[:, 1].argmin())
            x, y = ring.T
            if x[:-1] @ y[1:] < x[1:] @ y[:-1]:
                ring = ring[::-1]  # clockwise on the page
            gaps = [np.hypot(*(ring - spiral[-1][-1]).T) for spiral in before]
            nearest = int(np.argmin([gap.min() for gap in gaps])) if gaps else 0
            if gaps and gaps[nearest].min() < 2 * pen:
                spiral = before.pop(nearest)
                ring = _rotate(ring, gaps[nearest].argmin())
            else:
                spirals.append(spiral := [])
            spiral.append(ring)
            ending.append(spiral)
    return [np.concatenate(spiral) for spiral in spirals]


def _rotate(ring: Float64[np.ndarray, "n 2"], start: int) -> Float64[np.ndarray, "n 2"]:
    """Rotate a closed line so that it starts at the point `start`."""
    rotated: Float64[np.ndarray, "n 2"] = np.concatenate([ring[start:-1], ring[: start + 1]])
    return rotated


def _smooth(line: Float64[np.ndarray, "n 2"], pen: float) -> Float64[np.ndarray, "m 2"]:
    """Smooth the pixel steps of a line: resample it to a point per px and filter it along itself.

    The filter is a Gaussian with σ of half a pen's width; ends and corners stay fixed.
    """
    steps = np.hypot(*np.diff(line, axis=0).T)
    if steps.sum() < pen / 2:
        dot: Float64[np.ndarray, "1 2"] = line.mean(axis=0, keepdims=True)
        return dot
    line = line[np.append(True, steps > 0)]
    along = np.append(0, np.cumsum(steps[steps > 0]))
    if len(line) < 3 or along[-1] < 3:
        return line
    count = round(along[-1]) + 1
    at = np.linspace(0, along[-1], count)
    line = np.stack([np.interp(at, along, values) for values in line.T], axis=1)
    is_loop = bool((line[0] == line[-1]).all()) and count > 4
    reach = max(3, round(pen))
    corners = _find_corners(line, reach, is_loop)
    if is_loop and len(corners):
        line = _rotate(line, int(corners[0]))
        corners = corners - corners[0]
    sigma = max(0.5 * pen, 1.0)
    if is_loop and not len(corners):
        padded = np.pad(line[:-1], ((reach * 2, reach * 2), (0, 0)), mode="wrap")
        smooth = ndimage.gaussian_filter1d(padded, sigma, axis=0)[reach * 2 : -reach * 2]
        return np.concatenate([smooth, smooth[:1]])
    cuts = np.unique([0, *corners, count - 1])
    parts = [line[first : last + 1] for first, last in pairwise(cuts)]
    smoothed = [_smooth_with_fixed_ends(part, sigma) for part in parts]
    return np.concatenate([smoothed[0], *(part[1:] for part in smoothed[1:])])


def _smooth_with_fixed_ends(
    part: Float64[np.ndarray, "n 2"], sigma: float
) -> Float64[np.ndarray, "n 2"]:
    """Smooth a line padded with its point reflections in both ends, so that they stay fixed."""
    if len(part) < 3:
        return part
    width = min(len(part) - 1, int(4 * sigma) + 1)
    padded = np.pad(part, ((width, width), (0, 0)), mode="reflect", reflect_type="odd")
    smooth: Float64[np.ndarray, "n 2"] = ndimage.gaussian_filter1d(padded, sigma, axis=0)
    return smooth[width:-width]


def _find_corners(
    line: Float64[np.ndarray, "n 2"], reach: int, is_loop: bool
) -> Int64[np.ndarray, " corners"]:
    """Return the indices at which a line turns by more than `_CORNER` within `reach` px."""
    pad = ((reach, reach), (0, 0))
    padded = np.pad(line[:-1] if is_loop else line, pad, mode="wrap" if is_loop else "edge")
    before = padded[reach:-reach] - padded[: -2 * reach]
    after = padded[2 * reach :] - padded[reach:-reach]
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    turns = np.abs(np.arctan2(cross, (before * after).sum(axis=1)))
    if not is_loop:
        turns[:2] = turns[-2:] = 0
    peak = ndimage.maximum_filter1d(turns, 2 * reach + 1, mode="wrap" if is_loop else "nearest")
    corners: Int64[np.ndarray, " corners"] = np.flatnonzero((turns == peak) & (turns > _CORNER))
    return corners
