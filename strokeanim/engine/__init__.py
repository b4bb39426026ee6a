"""Load a trained model as a codec: ONNX Runtime or, for comparison, Keras."""

from __future__ import annotations

from importlib.resources import files
from os import PathLike
from pathlib import Path

from strokeanim.engine.base import Engine, read_metadata
from strokeanim.errors import InputError, MissingDependencyError

__all__ = ["BUNDLED", "Engine", "load_model", "model_folder", "read_metadata"]

BUNDLED = ("faces",)


def model_folder(model: str | PathLike[str] = "faces") -> Path:
    """Return the folder of a bundled model by its name, or the path of any other folder."""
    if isinstance(model, str) and model in BUNDLED:
        return Path(str(files("strokeanim") / "assets" / model))
    return Path(model)


def load_model(model: str | PathLike[str] = "faces", engine: str = "onnx") -> Engine:
    """Load the codec of a bundled model (`"faces"`) or of a model folder.

    Args:
        model: a folder that `strokeanim model export` has written, or a bundled model's name.
        engine: `"onnx"`, or `"keras"` for comparison, which needs `strokeanim[train]`.

    Raises:
        InputError: the model or the engine does not exist.
        MissingDependencyError: Keras is not installed.
    """
    folder = model_folder(model)
    facts = read_metadata(folder)
    if engine == "onnx":
        from strokeanim.engine.onnx import OnnxEngine  # noqa: PLC0415

        return OnnxEngine(folder, facts)
    if engine == "keras":
        try:
            from strokeanim.engine.keras import KerasEngine  # noqa: PLC0415
        except ImportError as error:
            raise MissingDependencyError(
                f"the Keras engine needs {error.name}: pip install 'strokeanim[train]'"
            ) from error
        return KerasEngine(folder, facts)
    raise InputError(f"no engine called {engine!r}; choose onnx or keras")
