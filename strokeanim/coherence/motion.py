"""In-betweens that keep their strokes: from candidates for every frame to points that move.

In four steps: `candidates` draws every frame several times, `choosing` takes one of each,
`tracks` finds which stroke is which, `smoothing` lets them move evenly. In unit boxes; where frames
lie on the page is left to `animate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from strokeanim.coherence.candidates import candidates
from strokeanim.coherence.choosing import Weights, choose
from strokeanim.coherence.smoothing import smooth
from strokeanim.coherence.tracks import Track, follow
from strokeanim.latent.codec import Codec
from strokeanim.typing import Float64, Latents

SPACING = 0.015
"""Between the points of a track where it is longest, of the longer side."""

FEWEST, MOST = 12, 160
"""Points of a track."""

Moving = Float64[np.ndarray, "frames points 2"]


@dataclass(frozen=True)
class Coherence:
    """How in-betweens are made to keep their strokes.

    Attributes:
        candidates: besides the greedy one, per frame.
        temperature: that they are drawn at.
        weights: what choosing one of them goes by.
        smoothing: how strongly tracks are kept from bending in time, at ten in-betweens.
    """

    candidates: int = 7
    temperature: float = 0.15
    weights: Weights = field(default_factory=Weights)
    smoothing: float = 30.0


def moving(
    codec: Codec,
    z: Latents,
    labels: Sequence[str],
    ends: Sequence[int],
    seed: int = 0,
    how: Coherence | None = None,
) -> list[Moving]:
    """The points of every stroke in every frame, in a unit box around the origin.

    Args:
        codec: the model.
        z: latents of the frames.
        labels: the class that each is to be of.
        ends: numbers of the frames that are the decoded drawings themselves, the first and the
            last among them.
        seed: of the candidates.
        how: settings.
    """
    how = how or Coherence()
    if len(ends) == 2 and z[0].tobytes() > z[-1].tobytes():  # so that there and back are one way
        back = moving(codec, z[::-1], labels[::-1], ends, seed, how)
        return [track[::-1] for track in back]
    # A frame with the latent of an end is that end: from a drawing to itself nothing moves.
    fixed = [frame for frame, one in enumerate(z) if any(np.allclose(one, z[k]) for k in ends)]
    found = candidates(
        codec, z, labels, fixed, count=how.candidates, temperature=how.temperature, seed=seed
    )
    chosen = choose(found, how.weights)
    tracks = follow(chosen, ends)
    points = {track: _points(track) for track in tracks}
    for track in tracks:
        known = np.array([span is not None for span in track.spans])
        for first, last in pairwise(ends):
            leg = slice(first, last + 1)
            strength = how.smoothing * ((last - first) / 11) ** 3
            points[track][leg] = smooth(points[track][leg], known[leg], strength)
    for track in tracks:
        for frame, (host, share) in track.rides.items():
            points[track][frame] = points[host][frame][round(share * (len(points[host][0]) - 1))]
    return list(points.values())


def _points(track: Track) -> Moving:
    """Where they are not known, they are 0."""
    longest = max(span.length for span in track.spans if span)
    count = int(np.clip(np.ceil(longest / SPACING), FEWEST, MOST))
    rows = [span.sampled(count) if span else np.zeros((count, 2)) for span in track.spans]
    return np.array(rows)
