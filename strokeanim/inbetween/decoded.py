"""Generate moving strokes from the latents of keyframes.

Each leg from one drawing to the next takes these steps: `candidates` decodes every frame several
times, `viterbi` chooses one candidate per frame, `matching` matches the strokes of both ends,
`tracking` tracks them in between, and `smoothing` evens their motion. Several strengths of
smoothing are tried, and the cheapest is kept, by the costs by which candidates are chosen.
Everything is in unit boxes; `animate` puts the frames on the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy

from strokeanim.correspondence.arc_segments import CLOSED, GAP, Curve, interpolate_at
from strokeanim.correspondence.matching import match_each
from strokeanim.correspondence.occlusion import attach_hidden
from strokeanim.correspondence.track_simplification import select_points
from strokeanim.correspondence.tracking import Track, track_moves
from strokeanim.geometry import Drawing
from strokeanim.geometry.chamfer import batch_chamfer
from strokeanim.geometry.polylines import fit_to_box, point_cloud
from strokeanim.inbetween.candidates import CLOUD, UNIT, sample_candidates, score_drawings
from strokeanim.inbetween.settings import Coherence
from strokeanim.inbetween.smoothing import acceleration, restore_sizes, smooth
from strokeanim.inbetween.viterbi import choose_candidates, unary_costs
from strokeanim.latent.codec import Codec
from strokeanim.typing import Float64, Int64, Latents, MovingStroke

STIFFNESS = (0.2, 2.0, 20.0, 200.0, 2000.0)
"""Strengths of smoothing, at ten in-betweens; each is tried."""

EXACT = 0.005
"""Largest gap of a closed stroke in a pinned drawing, as a fraction of its longer side."""

SCORED_POINTS = 24
"""Points per stroke when motions are scored by the model."""

OFF_INK = (2.0, 15.0)
"""Weights of the distance from the ink between (see `matching`); each is tried."""


@dataclass(frozen=True, eq=False)
class Motion:
    """Moving strokes.

    Attributes:
        tracks: one per stroke, `(keyframes, points, 2)`, in a unit box around the origin.
        ends: indices of the keyframes that are drawings, the first and the last among them.
    """

    tracks: tuple[MovingStroke, ...]
    ends: tuple[int, ...]

    def at(self, places: Float64[np.ndarray, " frames"]) -> list[Drawing]:
        """Return the strokes at fractional indices of keyframes.

        0 is the first keyframe, 1.5 half-way from the second to the third. Each point moves along
        a natural cubic spline through the keyframes from one drawing to the next.
        """
        numbers = places.astype(int)
        if (numbers == places).all():
            moved = [track[numbers] for track in self.tracks]
        else:
            moved = [self._interpolate(track, places) for track in self.tracks]
        return [Drawing([track[frame] for track in moved]) for frame in range(len(places))]

    def _interpolate(
        self, track: MovingStroke, places: Float64[np.ndarray, " frames"]
    ) -> MovingStroke:
        moved = np.empty((len(places), *track.shape[1:]))
        for first, last in pairwise(self.ends):
            inside = (places >= first) & (places <= last)
            keys = np.arange(first, last + 1)
            spline = scipy.interpolate.CubicSpline(keys, track[keys], bc_type="natural")
            moved[inside] = spline(places[inside])
        return moved


def track_motion(
    codec: Codec,
    z: Latents,
    labels: Sequence[str],
    ends: Sequence[int],
    *,
    seed: int = 0,
    how: Coherence | None = None,
    pinned: Sequence[Drawing] | None = None,
) -> Motion:
    """Generate the moving strokes of all keyframes along a path of latents.

    Args:
        codec: the model.
        z: latents of the keyframes.
        labels: classes of the keyframes.
        ends: indices of the keyframes that are drawings, the first and the last among them.
        seed: seed of the candidates.
        how: settings; the defaults if None.
        pinned: drawings that replace the decoded ones at `ends`.
    """
    how = how or Coherence()
    if len(ends) == 2 and z[0].tobytes() > z[-1].tobytes():  # the same motion in both directions
        backwards = pinned and pinned[::-1]
        back = track_motion(
            codec, z[::-1], labels[::-1], ends, seed=seed, how=how, pinned=backwards
        )
        return Motion(tuple(track[::-1] for track in back.tracks), back.ends)
    # A frame with the latent of an end equals that end: from a drawing to itself nothing moves.
    fixed = {
        frame: index
        for frame, latent in enumerate(z)
        for index, end in enumerate(ends)
        if np.allclose(latent, z[end])
    }
    fixed.update({frame: index for index, frame in enumerate(ends)})
    candidates = sample_candidates(
        codec,
        z,
        labels,
        list(fixed),
        count=how.candidates,
        temperature=how.temperature,
        seed=seed,
    )
    chosen = choose_candidates(candidates, how)
    if pinned is not None:
        for frame, index in fixed.items():
            chosen[frame] = fit_to_box(pinned[index], UNIT)
    # A closed stroke with a shifted start shows its gap; pinned drawings must not change so much.
    gap = GAP if pinned is None else EXACT
    strokes = [[Curve.of(stroke, gap) for stroke in drawing.strokes] for drawing in chosen]
    tracks: list[MovingStroke] = []
    for first, last in pairwise(ends):
        starts = [_build_last_curve(track, gap) for track in tracks] if tracks else strokes[first]
        inner = slice(first + 1, last)
        ways = list(_propose_ways(starts, strokes[inner], strokes[last], chosen[inner]))
        tracked, leg = ways[_find_cheapest(ways, codec, z[inner], labels[inner], how)]
        extended = [_extend(tracks, *pair) for pair in zip(tracked, leg, strict=True)]
        tracks = [track[:, select_points(track)] for track in extended]
    return Motion(tuple(tracks), tuple(ends))


LegMotion = tuple[list[Track], list[MovingStroke]]
"""Tracks and smoothed strokes from one drawing to the next, both frames included."""


def _propose_ways(
    starts: Sequence[Curve],
    between: Sequence[Sequence[Curve]],
    ends: Sequence[Curve],
    drawings: Sequence[Drawing],
) -> Iterator[LegMotion]:
    """Yield the smoothed motions for all weights `OFF_INK` and strengths `STIFFNESS`."""
    inks = [point_cloud(drawing.strokes, 96).astype(np.float64) for drawing in drawings]
    matches = match_each(starts, ends, inks, OFF_INK[: None if inks else 1])
    unique = {move.key: move for moves in matches for move in moves}
    by_key = dict(zip(unique, track_moves(list(unique.values()), between), strict=True))
    for keys in dict.fromkeys(tuple(move.key for move in moves) for moves in matches):
        tracks = [by_key[key] for key in keys]
        for stiffness in STIFFNESS[: None if inks else 1]:
            moved = attach_hidden([smooth(each.points, each.known, stiffness) for each in tracks])
            yield tracks, restore_sizes(moved)


def _find_cheapest(
    ways: Sequence[LegMotion], codec: Codec, z: Latents, labels: Sequence[str], how: Coherence
) -> int:
    """Return the index of the way with the lowest cost."""
    frames = len(z) + 2
    if len(ways) == 1 or frames == 2:
        return 0
    animations = []
    for _, leg in ways:
        thin = [points[:, _thin(points)] for points in leg]
        animations.append([Drawing([points[frame] for points in thin]) for frame in range(frames)])
    inner = [drawing for drawings in animations for drawing in drawings[1:-1]]
    scores = score_drawings(codec, inner, np.tile(z, (len(ways), 1)), list(labels) * len(ways))
    costs = []
    parts = scores.parted([len(z) * k for k in range(1, len(ways))])
    for part, drawings, (_, leg) in zip(parts, animations, ways, strict=True):
        first, last = (point_cloud(drawings[end].strokes, CLOUD)[None] for end in (0, -1))
        clouds = np.concatenate([first, part.clouds, last])
        steps = sum(batch_chamfer(clouds[:-1], clouds[1:]).tolist())
        cost = float(unary_costs(part, how).sum()) + how.step * steps + how.bend * acceleration(leg)
        costs.append(cost)
    return int(np.argmin(costs))


def _thin(points: MovingStroke) -> Int64[np.ndarray, " few"]:
    """Return the indices of at most `SCORED_POINTS` even points, both ends among them."""
    count = points.shape[1]
    return np.linspace(0, count - 1, min(count, SCORED_POINTS)).round().astype(np.int64)


def _build_last_curve(track: MovingStroke, gap: float) -> Curve:
    """Build the curve of a track's last frame; it is closed only if it is so in all frames."""
    gaps = np.linalg.norm(track[:, -1] - track[:, 0], axis=-1)
    lengths = np.linalg.norm(np.diff(track, axis=1), axis=-1).sum(axis=1)
    closed = (gaps <= np.minimum(gap, CLOSED * lengths)).all()
    return Curve(track[-1], gap if closed else -1.0, material=True)


def _extend(tracks: Sequence[MovingStroke], tracked: Track, leg: MovingStroke) -> MovingStroke:
    """Join the segment of a track that continues as `leg`, in all frames so far, and the leg."""
    if not tracks:
        return leg
    start, past = tracked.move.start, tracks[tracked.move.source]
    if start.curve.closed:
        past = np.concatenate([past, past[:, :1]], axis=1)
    indices = start.curve.places(start.shares(tracked.shares))
    so_far: MovingStroke = interpolate_at(past, indices)
    return np.concatenate([so_far, leg[1:]])
