"""What a model is chosen by."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pytest

from strokeanim.datasets.synthetic import synthesise_many
from strokeanim.engine import load_model
from strokeanim.evaluation.selection import score_model


class Seer:
    """Recognises the noses of real drawings, and takes whatever is decoded for a nose."""

    name = "seer"
    classes = ("mouth", "nose", "eye", "ear", "other")
    facts = MappingProxyType({})

    def __init__(self) -> None:
        self.asked: list[int] = []

    def classify(self, drawings):
        self.asked.append(len(drawings))
        found = [drawing.label or "nose" for drawing in drawings]
        return found, np.tile([0, 1, 0, 0, 0], (len(drawings), 1))


class Blind(Seer):
    """Recognises nothing but noses."""

    def classify(self, drawings):
        return ["nose"] * len(drawings), super().classify(drawings)[1]


def test_shares_are_averaged_over_classes_and_pairs_have_a_limit():
    seer, drawings = Seer(), synthesise_many(20, 3)
    found = score_model(load_model(), seer, drawings, steps=2)
    assert (found["between"], found["rebuilt"]) == (0.25, 0.25)
    assert found["score"] == pytest.approx(0.25 - found["chamfer"])
    assert 0 < found["chamfer"] < 0.1
    assert seer.asked == [20, 20 + 4 * 10 * 2]  # five drawings have ten pairs


def test_drawings_that_are_not_recognised_do_not_count():
    found = score_model(load_model(), Blind(), synthesise_many(20, 3), steps=2)
    assert (found["between"], found["rebuilt"]) == (1, 1)


def test_a_class_of_one_drawing_has_no_pairs():
    noses = [d for d in synthesise_many(4, 3) if d.label == "nose"]
    found = score_model(load_model(), Seer(), noses)
    assert (found["between"], found["rebuilt"]) == (0, 1)


def test_nothing_recognised_is_no_score():
    mouths = synthesise_many(4, 3, ["mouth"])
    assert score_model(load_model(), Blind(), mouths)["score"] == 0


def test_the_same_seed_gives_the_same_pairs():
    drawings = synthesise_many(40, 3)
    runs = [score_model(load_model(), Seer(), drawings, 1, 5) for _ in range(2)]
    assert runs[0] == runs[1]
