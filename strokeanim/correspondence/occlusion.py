"""Attach strokes that others hide in the first and the last frame to them in every frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strokeanim.geometry.chamfer import nearest
from strokeanim.typing import MovingStroke

HIDDEN_DISTANCE = 0.01
"""Largest distance of a hidden point from those of the strokes that hide it, of the longer side."""


def attach_hidden(tracks: Sequence[MovingStroke]) -> list[MovingStroke]:
    """Move every track that lies on others in the first and in the last frame along with them.

    Otherwise it would show in between as specks beside the line that hides it at both ends. Of two
    tracks that lie on each other the longer one is the host.
    """
    hosts: list[int] = []
    attached = list(tracks)
    by_length = sorted(range(len(tracks)), key=lambda k: -_length(tracks[k]))
    for index in by_length:
        track = tracks[index]
        inks = (
            [np.concatenate([tracks[k][frame] for k in hosts]) for frame in (0, -1)]
            if hosts
            else []
        )
        if inks and all(
            nearest(track[frame], ink)[0].max() <= HIDDEN_DISTANCE
            for ink, frame in zip(inks, (0, -1), strict=True)
        ):
            attached[index] = _snap([tracks[k] for k in hosts], track)
        else:
            hosts.append(index)
    return attached


def _snap(hosts: Sequence[MovingStroke], track: MovingStroke) -> MovingStroke:
    """Move the points of a track to the nearest points of its hosts, except in the end frames."""
    moved = track.copy()
    for frame in range(1, len(track) - 1):
        ink = np.concatenate([host[frame] for host in hosts])
        moved[frame] = ink[nearest(track[frame], ink)[1]]
    return moved


def _length(track: MovingStroke) -> float:
    return float(np.linalg.norm(np.diff(track[[0, -1]], axis=1), axis=-1).sum())
