"""In-betweens that keep their strokes: choosing, matching and smoothing frames."""

from strokeanim.coherence.motion import Coherence, moving

__all__ = ["Coherence", "moving"]
