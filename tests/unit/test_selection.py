"""What a model is chosen by."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pytest

from strokeanim.analysis.selection import selection
from strokeanim.data.synth import synthesise_many
from strokeanim.engine import load_model


class Seer:
    """Takes everything for a nose."""

    name = "seer"
    classes = ("mouth", "nose", "eye", "ear", "other")
    facts = MappingProxyType({})

    def classify(self, drawings):
        self.asked = len(drawings)
        return ["nose"] * len(drawings), np.tile([0, 1, 0, 0, 0], (len(drawings), 1))


def test_shares_are_averaged_over_classes_and_pairs_have_a_limit():
    seer, drawings = Seer(), synthesise_many(20, 3)
    found = selection(load_model(), seer, drawings, steps=2)
    assert found == {"score": 0.25, "rebuilt": 0.25, "between": 0.25}
    assert seer.asked == 20 + 4 * 10 * 2  # five drawings have ten pairs


def test_a_class_of_one_drawing_has_no_pairs():
    noses = [d for d in synthesise_many(4, 3) if d.label == "nose"]
    assert selection(load_model(), Seer(), noses) == {"score": 1.0, "rebuilt": 1.0}


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_gives_the_same_pairs(seed):
    drawings = synthesise_many(40, 3)
    runs = [selection(load_model(), Seer(), drawings, 1, seed) for _ in range(2)]
    assert runs[0] == runs[1]
