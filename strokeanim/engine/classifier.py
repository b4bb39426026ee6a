"""Classifiers that look at drawings from outside the model: the judge and the selector.

The *judge* scores a finished model and does nothing else. The *selector* makes the choices on the
way: early stopping, ablations. Both know a class *other*, for what is none of the features; both
were trained apart from the model and from each other.
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
    """A picture classifier: `classes` end in `other`.

    Attributes:
        folder: where its graph and its card are.
        facts: its `classifier.json`: name, classes, side, and its accuracy on real drawings.
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
        """The likeliest class of each, and probabilities `(n, classes)`.

        Raises:
            InputError: an empty drawing or a blank picture.
        """
        side = int(self.facts["side"])
        parts = [
            self._graph.run(None, {"pictures": rasterise_all(some, side)})[0]
            for some in (drawings[k : k + BATCH] for k in range(0, len(drawings), BATCH))
        ]
        probabilities = np.concatenate(parts) if parts else np.zeros((0, len(self.classes)))
        found = [self.classes[best] for best in probabilities.argmax(axis=1)]
        return found, np.asarray(probabilities, np.float32)

    @cached_property
    def _graph(self) -> Any:
        return open_session(self.folder / GRAPH)


def load_classifier(classifier: str | Path) -> Classifier:
    """The bundled `"judge"` or `"selector"`, or one from a folder.

    Raises:
        InputError: there is none.
    """
    bundled = isinstance(classifier, str) and classifier in BUNDLED
    folder = Path(str(files("strokeanim") / "assets")) / classifier if bundled else Path(classifier)
    try:
        facts = json.loads((folder / METADATA).read_text(encoding="utf-8"))
        whole = bool(facts["name"]) and int(facts["side"]) > 0 and facts["classes"][-1] == OTHER
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        whole = False
    if not whole:
        known = " and ".join(repr(name) for name in BUNDLED)
        raise InputError(
            f"{folder} is no classifier: no valid {METADATA} in it; {known} are bundled"
        )
    return Classifier(folder, facts)
