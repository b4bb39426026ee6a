"""How far drawings are from each other: the Chamfer distance of their clouds."""

from __future__ import annotations

from scipy.spatial import cKDTree

from strokeanim.strokes import Drawing
from strokeanim.strokes.geometry import cloud, normalise
from strokeanim.typing import Points


def chamfer(a: Points, b: Points) -> float:
    """Between two clouds: the mean of the two directed mean distances to the nearest point."""
    there, back = cKDTree(a).query(b)[0], cKDTree(b).query(a)[0]
    return float(there.mean() + back.mean()) / 2


def drawing_distance(a: Drawing, b: Drawing) -> float:
    """Chamfer distance of two drawings with the longer side at 1 and the top left aligned."""
    return chamfer(*(cloud(normalise(drawing, 1.0).strokes) for drawing in (a, b)))
