"""In-betweens that keep their strokes: choosing, matching and smoothing frames."""

from strokeanim.inbetween.decoded import Motion, track_motion
from strokeanim.inbetween.settings import Coherence

__all__ = ["Coherence", "Motion", "track_motion"]
