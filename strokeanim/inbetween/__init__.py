"""Generate in-betweens with coherent strokes: choose, match and smooth frames."""

from strokeanim.inbetween.decoded import Motion, track_motion
from strokeanim.inbetween.settings import Coherence

__all__ = ["Coherence", "Motion", "track_motion"]
