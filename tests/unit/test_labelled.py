"""Pictures with labels for classifiers, and drawings torn apart."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pytest

from strokeanim.datasets.classifier_batches import OTHER, ClassifierBatches, tear
from strokeanim.datasets.splits import UNSEEN
from strokeanim.datasets.synthetic import synthesise_many
from strokeanim.evaluation.judge import confusion, measured_groups
from strokeanim.geometry import Drawing
from strokeanim.geometry.polylines import arc_length

MOUTHS, EYES = (synthesise_many(12, 3, [label]) for label in ("mouth", "eye"))
THINGS = [
    Drawing([[(0, 0), (number, 9)]], f"thing {number % 5}", str(number)) for number in range(40)
]


def total(drawing: Drawing) -> float:
    return sum(map(arc_length, drawing.strokes))


def test_a_batch_is_a_function_of_its_number_and_shares_are_kept():
    stream = ClassifierBatches((MOUTHS, EYES), THINGS, other_share=0.25, torn_share=0.15, side=32)
    pages, labels = stream.at(3)
    assert pages.shape == (128, 32, 32, 1)
    assert 0 <= pages.min() <= pages.max() <= 1
    assert np.array_equal(pages, stream.at(3)[0])
    assert not np.array_equal(pages, stream.at(4)[0])
    many = np.concatenate([stream.at(number)[1] for number in range(8)])
    assert np.bincount(many) / len(many) == pytest.approx([0.3, 0.3, 0.4], abs=0.05)
    assert labels.dtype == np.int64


@pytest.mark.parametrize("drawing", [*EYES, Drawing([[(0, 0), (6, 0), (6, 8)]])])
def test_torn_strokes_keep_their_length_and_lose_their_places(drawing):
    torn = tear(drawing, np.random.default_rng(5))
    assert len(torn.strokes) == max(2, len(drawing.strokes))
    assert total(torn) == pytest.approx(total(drawing), rel=1e-4)
    gap = np.linalg.norm(torn.strokes[0][-1] - torn.strokes[1][0])
    before = drawing.strokes[0]
    assert len(drawing.strokes) > 1 or gap > 0.05 * np.ptp(before)


def test_a_dot_can_be_torn():
    assert len(tear(Drawing([[(5, 5)]]), np.random.default_rng(0)).strokes) == 2


def test_groups_are_held_out_and_torn_alike_each_time():
    groups = measured_groups([*MOUTHS, *EYES], THINGS, "test")
    assert {name: len(some) for name, some in groups.items()} == {
        "mouth": 4, "eye": 4, OTHER: 4, "torn": 8, UNSEEN: 8
    }  # fmt: skip
    again = measured_groups([*MOUTHS, *EYES], THINGS, "test")
    assert groups["torn"] == again["torn"]
    assert UNSEEN not in measured_groups([*MOUTHS, *EYES], THINGS, "valid")


def test_confusion_counts_words_by_group():
    class Judge:
        name = "fake"
        classes = ("mouth", "eye", OTHER)
        facts = MappingProxyType({})

        def classify(self, drawings):
            return [d.label if d.label in self.classes else OTHER for d in drawings], np.zeros(0)

    table = confusion(Judge(), {"mouth": MOUTHS, OTHER: THINGS})
    assert table == {
        "mouth": {"mouth": 12, "eye": 0, OTHER: 0},
        OTHER: {"mouth": 0, "eye": 0, OTHER: 40},
    }
