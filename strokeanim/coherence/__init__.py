"""In-betweens that keep their strokes: choosing, matching and smoothing frames."""

from strokeanim.coherence.motion import Motion, moving
from strokeanim.coherence.settings import Coherence

__all__ = ["Coherence", "Motion", "moving"]
