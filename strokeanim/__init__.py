"""strokeanim: drawings in, animations made of strokes out.

>>> import strokeanim as sa
>>> mouths = sa.load("sample:mouth")
>>> animation = sa.animate(mouths[0], mouths[1], steps=10, fps=5)
>>> len(animation.frames), float(animation.duration)
(12, 2.4)

The names below are imported when they are first used: `import strokeanim` is cheap.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Animation": "strokeanim.animation.animation",
    "Box": "strokeanim.geometry",
    "Codec": "strokeanim.latent.codec",
    "Coherence": "strokeanim.inbetween",
    "DestinationError": "strokeanim.errors",
    "Drawing": "strokeanim.geometry",
    "DrawingArray": "strokeanim.geometry",
    "Frame": "strokeanim.animation.frame",
    "InputError": "strokeanim.errors",
    "Limits": "strokeanim.io.limits",
    "MissingDependencyError": "strokeanim.errors",
    "OutputError": "strokeanim.errors",
    "Picture": "strokeanim.geometry",
    "PluginError": "strokeanim.errors",
    "StrokeAnimError": "strokeanim.errors",
    "animate": "strokeanim.pipeline",
    "generate": "strokeanim.engine.generation",
    "grid": "strokeanim.animation.animation",
    "load": "strokeanim.io.sources",
    "load_model": "strokeanim.engine",
    "save": "strokeanim.io.saving",
    "stream": "strokeanim.io.sources",
    "synthesise": "strokeanim.datasets.synthetic",
    "vectorise": "strokeanim.tracing.vectorise",
}

__all__ = [
    "Animation",
    "Box",
    "Codec",
    "Coherence",
    "DestinationError",
    "Drawing",
    "DrawingArray",
    "Frame",
    "InputError",
    "Limits",
    "MissingDependencyError",
    "OutputError",
    "Picture",
    "PluginError",
    "StrokeAnimError",
    "animate",
    "generate",
    "grid",
    "load",
    "load_model",
    "save",
    "stream",
    "synthesise",
    "vectorise",
]

if TYPE_CHECKING:
    from strokeanim.animation.animation import Animation as Animation
    from strokeanim.animation.animation import grid as grid
    from strokeanim.animation.frame import Frame as Frame
    from strokeanim.datasets.synthetic import synthesise as synthesise
    from strokeanim.engine import load_model as load_model
    from strokeanim.engine.generation import generate as generate
    from strokeanim.errors import DestinationError as DestinationError
    from strokeanim.errors import InputError as InputError
    from strokeanim.errors import MissingDependencyError as MissingDependencyError
    from strokeanim.errors import OutputError as OutputError
    from strokeanim.errors import PluginError as PluginError
    from strokeanim.errors import StrokeAnimError as StrokeAnimError
    from strokeanim.geometry import Box as Box
    from strokeanim.geometry import Drawing as Drawing
    from strokeanim.geometry import DrawingArray as DrawingArray
    from strokeanim.geometry import Picture as Picture
    from strokeanim.inbetween import Coherence as Coherence
    from strokeanim.io.limits import Limits as Limits
    from strokeanim.io.saving import save as save
    from strokeanim.io.sources import load as load
    from strokeanim.io.sources import stream as stream
    from strokeanim.latent.codec import Codec as Codec
    from strokeanim.pipeline import animate as animate
    from strokeanim.tracing.vectorise import vectorise as vectorise


if not TYPE_CHECKING:  # or a type checker would take any name for there

    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module 'strokeanim' has no attribute {name!r}")
        value = getattr(import_module(_HOME[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
