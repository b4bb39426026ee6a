"""What authors of plugins test with; nothing here needs pytest, and all of it works with pytest.

- `RendererConformance` holds a renderer to the contract. In a test file:

      class TestDots(RendererConformance):
          renderer = DotsRenderer

- `RecordingRenderer` stands in for a renderer, and keeps what it was given.
- `FakeCodec` stands in for a trained model.
- `animations` are ready-made: a face that moves, a dot, nothing at all, odd sizes and odd timing.
- `context` is a `RenderContext` for opening a session by hand.
"""

from strokeanim.testing import animations
from strokeanim.testing.animations import context
from strokeanim.testing.codec import FakeCodec
from strokeanim.testing.conformance import Outcome, RendererConformance, conformance
from strokeanim.testing.recording import RecordingRenderer

__all__ = [
    "FakeCodec",
    "Outcome",
    "RecordingRenderer",
    "RendererConformance",
    "animations",
    "conformance",
    "context",
]
