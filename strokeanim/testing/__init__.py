"""Test renderer plugins, and code that animates or saves animations, with or without pytest.

- `RendererConformance` checks a renderer against the contract. In a test file:

      class TestDots(RendererConformance):
          renderer = DotsRenderer

- `RecordingRenderer` replaces a renderer and records its calls.
- `FakeCodec` replaces a trained model.
- `animations` makes animations: a moving face, a dot, no strokes, odd sizes and odd timing.
  `animations.moving(3).save(path, DotsRenderer(), size=64, mark="x")` writes one; the keywords are
  style options and the renderer's own.
- `context` makes a `RenderContext`, to open a session directly.
- `FileProperties` is the return type of an override of `RendererConformance.seen`.
"""

from strokeanim.testing import animations
from strokeanim.testing.animations import context
from strokeanim.testing.codec import FakeCodec
from strokeanim.testing.conformance import Outcome, RendererConformance, conformance
from strokeanim.testing.readback import FileProperties
from strokeanim.testing.recording import RecordingRenderer

__all__ = [
    "FakeCodec",
    "Outcome",
    "RecordingRenderer",
    "RendererConformance",
    "FileProperties",
    "animations",
    "conformance",
    "context",
]
