"""What authors of plugins test with; nothing here needs pytest, and all of it works with pytest.

- `RendererConformance` holds a renderer to the contract. In a test file:

      class TestDots(RendererConformance):
          renderer = DotsRenderer

- `RecordingRenderer` stands in for a renderer, and keeps what it was given.
- `FakeCodec` stands in for a trained model.
- `animations` are ready-made: a face that moves, a dot, nothing at all, odd sizes and odd timing.
  `animations.moving(3).save(path, DotsRenderer(), size=64, mark="x")` writes one; the keywords are
  style options and the renderer's own.
- `context` is a `RenderContext` for opening a session by hand.
- `Seen` is what an override of `RendererConformance.seen` returns.
"""

from strokeanim.testing import animations
from strokeanim.testing.animations import context
from strokeanim.testing.codec import FakeCodec
from strokeanim.testing.conformance import Outcome, RendererConformance, conformance
from strokeanim.testing.readback import Seen
from strokeanim.testing.recording import RecordingRenderer

__all__ = [
    "FakeCodec",
    "Outcome",
    "RecordingRenderer",
    "RendererConformance",
    "Seen",
    "animations",
    "conformance",
    "context",
]
