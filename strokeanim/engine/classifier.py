"""Classify drawings independently of the model, by the judge or the selector.

The *judge* scores finished models and is used for nothing else. The *selector* makes the choices
in training: early stopping, ablations. Both have a class *other*, for what is none of the
features; both were trained separately from the model and from each other.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from strokeanim.datasets.classifier_batches import OTHER
from strokeanim.datasets.preprocess import rasterise_all
from strokeanim.engine.base import BATCH
from strokeanim.engine.onnx import open_session
from strokeanim.errors import InputError
from strokeanim.geometry.drawing import Drawing, Picture
from strokeanim.typing import Probabilities

BUNDLED = ("judge", "selector")
GRAPH = "classifier.onnx"
METADATA = "classifier.json"


@dataclass(frozen=True)
class Classifier:
    """A picture classifier; the last of its `classes` is *other*.

    Attributes:
        folder: the folder of its graph and its metadata.
        facts: its metadata, the content of `classifier.json`: name, classes, side, and accuracy
            on real drawings.
    """

    folder: Path
    facts: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.facts["name"])

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.facts["classes"])

    def classify(self, drawings: Sequence[Drawing | Picture]) -> tuple[list[str], Probabilities]:
        """Return the most probable class of each drawing, and `(n, classes)` probabilities.

        Raises:
            InputError: a drawing is empty, or a picture blank.
        """
        side = int(self.facts["side"])
        parts = [
            self._graph.run(None, {"pictures": rasterise_all(batch, side)})[0]
            for batch in (drawings[k : k + BATCH] for k in range(0, len(drawings), BATCH))
        ]
        probabilities = np.concatenate(parts) if parts else np.zeros((0, len(self.classes)))
        labels = [self.classes[best] for best in probabilities.argmax(axis=1)]
        return labels, np.asarray(probabilities, np.float32)

    @cached_property
    def _graph(self) -> Any:
        return open_session(self.folder / GRAPH)


def load_classifier(classifier: str | Path) -> Classifier:
    """Load the bundled `"judge"` or `"selector"`, or a classifier from a folder.

    Raises:
        InputError: the folder does not exist, or is not a valid classifier folder.
    """
    bundled = isinstance(classifier, str) and classifier in BUNDLED
    folder = Path(str(files("strokeanim") / "assets")) / classifier if bundled else Path(classifier)
    try:
        facts = json.loads((folder / METADATA).read_text(encoding="utf-8"))
        valid = bool(facts["name"]) and int(facts["side"]) > 0 and facts["classes"][-1] == OTHER
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        valid = False
    if not valid:
        known = " and ".join(repr(name) for name in BUNDLED)
        raise InputError(
            f"{folder} is no classifier: no valid {METADATA} in it; {known} are bundled"
        )
    return Classifier(folder, facts)
