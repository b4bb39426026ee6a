"""strokeanim: drawings in, animations made of strokes out.

>>> import strokeanim as sa
>>> mouths = sa.load("sample:mouth")
>>> animation = sa.animate(mouths[0], mouths[1], steps=10, fps=5)
>>> len(animation.frames), float(animation.duration)
(12, 2.4)

The names below are imported when they are first used: `import strokeanim` is cheap.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Animation": "strokeanim.render.animation",
    "Box": "strokeanim.strokes",
    "Codec": "strokeanim.latent.codec",
    "Coherence": "strokeanim.coherence",
    "DestinationError": "strokeanim.errors",
    "Drawing": "strokeanim.strokes",
    "Drawings": "strokeanim.strokes",
    "Frame": "strokeanim.render.protocol",
    "InputError": "strokeanim.errors",
    "Limits": "strokeanim.data.limits",
    "MissingDependencyError": "strokeanim.errors",
    "OutputError": "strokeanim.errors",
    "Picture": "strokeanim.strokes",
    "PluginError": "strokeanim.errors",
    "StrokeAnimError": "strokeanim.errors",
    "animate": "strokeanim.animate",
    "generate": "strokeanim.animate",
    "grid": "strokeanim.render.animation",
    "load": "strokeanim.data.sources",
    "load_model": "strokeanim.engine",
    "save": "strokeanim.data.saving",
    "stream": "strokeanim.data.sources",
    "synthesise": "strokeanim.data.synth",
    "vectorise": "strokeanim.data.vectorise",
}

__all__ = [
    "Animation",
    "Box",
    "Codec",
    "Coherence",
    "DestinationError",
    "Drawing",
    "Drawings",
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
    from strokeanim.animate import animate as animate
    from strokeanim.animate import generate as generate
    from strokeanim.coherence import Coherence as Coherence
    from strokeanim.data.limits import Limits as Limits
    from strokeanim.data.saving import save as save
    from strokeanim.data.sources import load as load
    from strokeanim.data.sources import stream as stream
    from strokeanim.data.synth import synthesise as synthesise
    from strokeanim.data.vectorise import vectorise as vectorise
    from strokeanim.engine import load_model as load_model
    from strokeanim.errors import DestinationError as DestinationError
    from strokeanim.errors import InputError as InputError
    from strokeanim.errors import MissingDependencyError as MissingDependencyError
    from strokeanim.errors import OutputError as OutputError
    from strokeanim.errors import PluginError as PluginError
    from strokeanim.errors import StrokeAnimError as StrokeAnimError
    from strokeanim.latent.codec import Codec as Codec
    from strokeanim.render.animation import Animation as Animation
    from strokeanim.render.animation import grid as grid
    from strokeanim.render.protocol import Frame as Frame
    from strokeanim.strokes import Box as Box
    from strokeanim.strokes import Drawing as Drawing
    from strokeanim.strokes import Drawings as Drawings
    from strokeanim.strokes import Picture as Picture


if not TYPE_CHECKING:  # or a type checker would take any name for there

    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module 'strokeanim' has no attribute {name!r}")
        value = getattr(import_module(_HOME[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


class _Package(ModuleType):
    """Keeps `strokeanim.animate` the function, although a module of that name defines it.

    Importing a submodule binds it in its package, which would hide the function.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "animate" and isinstance(value, ModuleType):
            value = value.animate
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
