"""Strokes that rest on others until they are needed again: they move with what they rest on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strokeanim.geometry.chamfer import nearest
from strokeanim.typing import Moving

ON = 0.01
"""How far from another stroke's points one may lie to rest on it, of the longer side."""


def attach_hidden(tracks: Sequence[Moving]) -> list[Moving]:
    """The same tracks; one that lies on others in the first frame and in the last does so in all.

    Else it would be seen in between as specks beside the line that hides it at both ends. Of two
    that lie on each other the longer one is the host.
    """
    hosts: list[int] = []
    found = list(tracks)
    by_length = sorted(range(len(tracks)), key=lambda k: -_length(tracks[k]))
    for place in by_length:
        track = tracks[place]
        inks = (
            [np.concatenate([tracks[k][frame] for k in hosts]) for frame in (0, -1)]
            if hosts
            else []
        )
        if inks and all(
            nearest(track[frame], ink)[0].max() <= ON
            for ink, frame in zip(inks, (0, -1), strict=True)
        ):
            found[place] = _on([tracks[k] for k in hosts], track)
        else:
            hosts.append(place)
    return found


def _on(hosts: Sequence[Moving], track: Moving) -> Moving:
    moved = track.copy()
    for frame in range(1, len(track) - 1):
        ink = np.concatenate([host[frame] for host in hosts])
        moved[frame] = ink[nearest(track[frame], ink)[1]]
    return moved


def _length(track: Moving) -> float:
    return float(np.linalg.norm(np.diff(track[[0, -1]], axis=1), axis=-1).sum())
