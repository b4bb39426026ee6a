"""The classifiers: both networks, their threshold, and mirror images."""

from __future__ import annotations

import numpy as np
import pytest

from strokeanim.datasets.synthetic import synthesise_many
from strokeanim.engine.classifier import load_classifier
from strokeanim.errors import InputError
from strokeanim.geometry import Drawing
from strokeanim.geometry.polylines import transform

pytest.importorskip("keras")
pytestmark = pytest.mark.slow

CLASSES = ("mouth", "ear")
DRAWINGS = synthesise_many(24, 3, CLASSES)
OTHER = [Drawing([[(0, 0), (9, number), (number, 9)]], f"thing {number}") for number in range(20)]


@pytest.mark.parametrize(("network", "side"), [("plain", 32), ("residual", 16)])
def test_a_network_learns_is_written_and_knows_mirror_images(tmp_path, network, side):
    from strokeanim.model.classifier import (
        ClassifierConfig,
        set_threshold,
        train_classifier,
        write_classifier,
    )

    config = ClassifierConfig(
        CLASSES, network, side, filters=(4, 8, 8, 8), steps=200, batch=16, rate=5e-3
    )
    model = train_classifier(config, DRAWINGS, OTHER)
    set_threshold(model, config, DRAWINGS, recognised=0.6)
    write_classifier(model, config, {"name": "mine"}, tmp_path)
    classifier = load_classifier(tmp_path)
    found, probabilities = classifier.classify(DRAWINGS)
    right = [a == d.label for a, d in zip(found, DRAWINGS, strict=True)]
    assert np.mean([np.mean(right[::2]), np.mean(right[1::2])]) >= 0.6
    mirrored = [transform(drawing, (-1, 1), (0, 0), (0, 0)) for drawing in DRAWINGS]
    np.testing.assert_allclose(classifier.classify(mirrored)[1], probabilities, atol=0.05)
    set_threshold(model, config, DRAWINGS, recognised=0.0)
    write_classifier(model, config, {"name": "all other"}, tmp_path)
    assert set(load_classifier(tmp_path).classify(DRAWINGS)[0]) == {"other"}


def test_a_network_that_there_is_not():
    from strokeanim.model.classifier import ClassifierConfig

    with pytest.raises(InputError, match="plain or residual"):
        ClassifierConfig(CLASSES, network="wide")
