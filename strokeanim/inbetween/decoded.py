"""In-betweens that keep their strokes: from latents to points that move.

In steps, leg by leg from one drawing to the next: `candidates` draws every frame several times,
`choosing` takes one of each, `matching` finds which stroke becomes which, `following` where each is
in between, `smoothing` lets them move evenly. How far a frame may stray from the even way to look
more like what the model drew is tried several ways, and the best is kept, by what the candidates
were chosen by. In unit boxes; where frames lie on the page is left to `animate`.
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
from strokeanim.typing import Float64, Int64, Latents, Moving

STIFFNESS = (0.2, 2.0, 20.0, 200.0, 2000.0)
"""How strongly strokes are kept from bending in time, at ten in-betweens; each is tried."""

EXACT = 0.005
"""The gap that a ring may have in a pinned drawing, of its longer side."""

LOOKED_AT = 24
"""Points of a stroke that are enough to look at it with."""

OFF_INK = (2.0, 15.0)
"""What it costs a stroke to go where the model draws nothing (see `matching`); each is tried."""


@dataclass(frozen=True, eq=False)
class Motion:
    """Strokes that move.

    Attributes:
        tracks: one stroke each, `(keyframes, points, 2)`, in a unit box around the origin.
        ends: the numbers of the keyframes that are drawings, the first and the last among them.
    """

    tracks: tuple[Moving, ...]
    ends: tuple[int, ...]

    def at(self, places: Float64[np.ndarray, " frames"]) -> list[Drawing]:
        """The strokes at places among the keyframes, the first at 0; 1.5 is half-way from the
        second to the third.

        Between keyframes every point moves along a natural cubic spline, from one drawing to the
        next; at a keyframe it is where that has it.
        """
        numbers = places.astype(int)
        if (numbers == places).all():
            moved = [track[numbers] for track in self.tracks]
        else:
            moved = [self._between(track, places) for track in self.tracks]
        return [Drawing([found[place] for found in moved]) for place in range(len(places))]

    def _between(self, track: Moving, places: Float64[np.ndarray, " frames"]) -> Moving:
        moved = np.empty((len(places), *track.shape[1:]))
        for first, last in pairwise(self.ends):
            here = (places >= first) & (places <= last)
            keys = np.arange(first, last + 1)
            spline = scipy.interpolate.CubicSpline(keys, track[keys], bc_type="natural")
            moved[here] = spline(places[here])
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
    """The strokes of all frames along a path.

    Args:
        codec: the model.
        z: latents of the keyframes.
        labels: the class that each is to be of.
        ends: numbers of the keyframes that are drawings, the first and the last among them.
        seed: of the candidates.
        how: settings.
        pinned: what these drawings are to look like, instead of as they are decoded.
    """
    how = how or Coherence()
    if len(ends) == 2 and z[0].tobytes() > z[-1].tobytes():  # so that there and back are one way
        turned = pinned and pinned[::-1]
        back = track_motion(codec, z[::-1], labels[::-1], ends, seed=seed, how=how, pinned=turned)
        return Motion(tuple(track[::-1] for track in back.tracks), back.ends)
    # A frame with the latent of an end is that end: from a drawing to itself nothing moves.
    fixed = {
        frame: place
        for frame, one in enumerate(z)
        for place, end in enumerate(ends)
        if np.allclose(one, z[end])
    }
    fixed.update({frame: place for place, frame in enumerate(ends)})
    found = sample_candidates(
        codec,
        z,
        labels,
        list(fixed),
        count=how.candidates,
        temperature=how.temperature,
        seed=seed,
    )
    chosen = choose_candidates(found, how)
    if pinned is not None:
        for frame, place in fixed.items():
            chosen[frame] = fit_to_box(pinned[place], UNIT)
    # The gap of a ring that starts elsewhere is drawn; pinned drawings bear no such change.
    gap = GAP if pinned is None else EXACT
    strokes = [[Curve.of(stroke, gap) for stroke in drawing.strokes] for drawing in chosen]
    tracks: list[Moving] = []
    for first, last in pairwise(ends):
        starts = [_latest(track, gap) for track in tracks] if tracks else strokes[first]
        ways = list(
            _ways(starts, strokes[first + 1 : last], strokes[last], chosen[first + 1 : last])
        )
        inner = slice(first + 1, last)
        followed, leg = ways[_best(ways, codec, z[inner], labels[inner], how)]
        joined = [_joined(tracks, *pair) for pair in zip(followed, leg, strict=True)]
        tracks = [track[:, select_points(track)] for track in joined]
    return Motion(tuple(tracks), tuple(ends))


Way = tuple[list[Track], list[Moving]]
"""How strokes could move from one drawing to the next, both frames included."""


def _ways(
    starts: Sequence[Curve],
    between: Sequence[Sequence[Curve]],
    ends: Sequence[Curve],
    drawings: Sequence[Drawing],
) -> Iterator[Way]:
    inks = [point_cloud(drawing.strokes, 96).astype(np.float64) for drawing in drawings]
    every = match_each(starts, ends, inks, OFF_INK[: None if inks else 1])
    some = {move.key: move for moves in every for move in moves}
    seen = dict(zip(some, track_moves(list(some.values()), between), strict=True))
    for keys in dict.fromkeys(tuple(move.key for move in moves) for moves in every):
        followed = [seen[key] for key in keys]
        for stiffness in STIFFNESS[: None if inks else 1]:
            moved = attach_hidden([smooth(each.points, each.known, stiffness) for each in followed])
            yield followed, restore_sizes(moved)


def _best(
    ways: Sequence[Way], codec: Codec, z: Latents, labels: Sequence[str], how: Coherence
) -> int:
    """The number of the cheapest."""
    frames = len(z) + 2
    if len(ways) == 1 or frames == 2:
        return 0
    drawn = []
    for _, leg in ways:
        thin = [points[:, _few(points)] for points in leg]
        drawn.append([Drawing([points[frame] for points in thin]) for frame in range(frames)])
    inner = [frame for each in drawn for frame in each[1:-1]]
    sight = score_drawings(codec, inner, np.tile(z, (len(ways), 1)), list(labels) * len(ways))
    costs = []
    sights = sight.parted([len(z) * k for k in range(1, len(ways))])
    for one, each, (_, leg) in zip(sights, drawn, ways, strict=True):
        first, last = (point_cloud(each[end].strokes, CLOUD)[None] for end in (0, -1))
        clouds = np.concatenate([first, one.clouds, last])
        steps = sum(batch_chamfer(clouds[:-1], clouds[1:]).tolist())
        cost = float(unary_costs(one, how).sum()) + how.step * steps + how.bend * acceleration(leg)
        costs.append(cost)
    return int(np.argmin(costs))


def _few(points: Moving) -> Int64[np.ndarray, " few"]:
    """Numbers of some of the points, both ends among them."""
    count = points.shape[1]
    return np.linspace(0, count - 1, min(count, LOOKED_AT)).round().astype(np.int64)


def _latest(track: Moving, gap: float) -> Curve:
    """A track where it is now; a ring only if it has been one all the way."""
    gaps = np.linalg.norm(track[:, -1] - track[:, 0], axis=-1)
    lengths = np.linalg.norm(np.diff(track, axis=1), axis=-1).sum(axis=1)
    closed = (gaps <= np.minimum(gap, CLOSED * lengths)).all()
    return Curve(track[-1], gap if closed else -1.0, material=True)


def _joined(tracks: Sequence[Moving], followed: Track, leg: Moving) -> Moving:
    """The part of a track that goes on as `leg`, in all frames so far, and the leg."""
    if not tracks:
        return leg
    start, past = followed.move.start, tracks[followed.move.source]
    if start.curve.closed:
        past = np.concatenate([past, past[:, :1]], axis=1)
    places = start.curve.places(start.shares(followed.shares))
    so_far: Moving = interpolate_at(past, places)
    return np.concatenate([so_far, leg[1:]])
