"""Compare synthetic with real drawings: `python -m benchmarks.synthetic DRAWINGS [SHEETS_DIR]`.

Real drawings are those of train and valid, which a model may use; test stays unseen. Printed per
class are the distributions of a few figures, with the two-sample Kolmogorov-Smirnov distance, and
how well a classifier tells real from synthetic: balanced accuracy and the area under the ROC, which
are 50 % and 0.5 for a blind guess and 100 % and 1 for a perfect one. The contact sheets show what
these figures can't; they contain real drawings and are for inspection only.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy.stats import ks_2samp
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from strokeanim.datasets.raster import rasterise
from strokeanim.datasets.splits import by_label, split
from strokeanim.datasets.synthetic import CLASSES, synthesise_many
from strokeanim.geometry import Drawing
from strokeanim.geometry.polylines import arc_length
from strokeanim.io.sources import load
from strokeanim.typing import Points

PER_REAL = 4
"""Synthetic drawings per real one in the classifiers' data; classes are weighted equally."""

REPEATS = 5
FIGURES = (
    "points",
    "strokes",
    "aspect",
    "closed",
    "ink",
    "turning",
    "first largest",
    "clockwise",
    "rightward",
)


def figures(drawing: Drawing) -> list[float]:
    """Compute the `FIGURES` of one drawing.

    Aspect is the logarithm of width over height; closed is a share of strokes; ink is the length of
    all strokes and turning the mean absolute turn (radians) per length, both in longer sides.
    """
    strokes, box = drawing.strokes, drawing.box
    lengths = [arc_length(stroke) for stroke in strokes]
    ink = sum(lengths) / (box.longer or 1.0)
    going_round = [area(s) for s in strokes if closed(s, 0.36)]
    along = [s[-1, 0] >= s[0, 0] for s in strokes if not closed(s, 0.36)]
    return [
        drawing.points,
        len(strokes),
        np.log((box.width + 1) / (box.height + 1)),
        float(np.mean([closed(stroke, 0.06) for stroke in strokes])),
        ink,
        sum(map(turning, strokes)) / (ink or 1.0),
        float(np.argmax(lengths) == 0),
        float(np.mean(np.array(going_round) > 0)) if going_round else 0.5,
        float(np.mean(along)) if along else 0.5,
    ]


def closed(stroke: Points, share: float) -> bool:
    """Return whether the ends of a stroke are closer than `share` of its length."""
    gap = float(np.hypot(*(stroke[-1] - stroke[0])))
    return len(stroke) > 2 and gap < share * arc_length(stroke)


def turning(stroke: Points) -> float:
    legs = np.diff(stroke.astype(np.float64), axis=0)
    legs = legs[np.hypot(legs[:, 0], legs[:, 1]) > 0]
    turns = np.diff(np.arctan2(legs[:, 1], legs[:, 0]))
    return float(np.abs((turns + np.pi) % (2 * np.pi) - np.pi).sum())


def area(stroke: Points) -> float:
    """Return the signed area of a stroke, positive if it is clockwise on the page."""
    x, y = (stroke - stroke[0]).astype(np.float64).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def picture(drawing: Drawing) -> np.ndarray:
    """Rasterise a drawing to 16 × 16 pixels."""
    return rasterise(drawing, 32, 1.5).reshape(16, 2, 16, 2).mean(axis=(1, 3)).ravel()


def separated(real: list[Drawing], made: list[Drawing], seed: int) -> np.ndarray:
    """Return the cross-validated `rates` of logistic regression and of a forest, a row each.

    Their features are the figures and the first 12 principal components of the pictures.
    """
    everything = [*real, *made]
    truth = np.repeat([1, 0], [len(real), len(made)])
    pictures = np.array([picture(d) for d in everything])
    labels = np.array([[d.label == name for name in CLASSES] for d in everything], float)
    known = np.hstack([np.array([figures(d) for d in everything]), labels])
    guess = np.zeros((2, len(truth)))
    for fit, left in StratifiedKFold(5, shuffle=True, random_state=seed).split(known, truth):
        pca = PCA(12, random_state=0).fit(pictures[fit])
        rows = np.hstack([known, pca.transform(pictures)])
        models = (
            make_pipeline(
                StandardScaler(), LogisticRegression(C=0.1, class_weight="balanced", max_iter=500)
            ),
            ExtraTreesClassifier(
                120, min_samples_leaf=4, class_weight="balanced_subsample", random_state=seed
            ),
        )
        for row, model in zip(guess, models, strict=True):
            row[left] = model.fit(rows[fit], truth[fit]).predict_proba(rows[left])[:, 1]
    return np.array([rates(truth, row) for row in guess])


def rates(truth: np.ndarray, guess: np.ndarray) -> tuple[float, float, float]:
    """Return the recall of real and of synthetic drawings, and the area under the ROC.

    As many drawings are called real as there are real ones, those with the highest scores. With a
    threshold of 0.5 a forest would call almost none real; and with more, or fewer, a perfect
    classifier would not reach 100 %.

    >>> truth = np.array([1, 0, 0, 0, 0])
    >>> rates(truth, np.array([0.3, 0.1, 0.2, 0.0, 0.2]))
    (1.0, 1.0, 1.0)
    >>> rates(truth, np.array([0.1, 0.3, 0.2, 0.4, 0.2]))
    (0.0, 0.75, 0.0)
    """
    called = guess > np.quantile(guess, 1 - truth.mean())
    right = called == truth
    return (
        float(right[truth == 1].mean()),
        float(right[truth == 0].mean()),
        float(roc_auc_score(truth, guess)),
    )


def main(source: str, sheets: str | None = None) -> None:
    parts = split(d for d in load(source) if isinstance(d, Drawing) and d.strokes)
    real = by_label([*parts["train"], *parts["valid"]])
    seeds = range(REPEATS)
    made = {
        label: [synthesise_many(PER_REAL * len(real[label]), 100 + s, [label]) for s in seeds]
        for label in CLASSES
    }
    for label in CLASSES:
        compare(label, real[label], [d for repeat in made[label] for d in repeat])
        if sheets is not None:
            sheet(real[label][:60], made[label][0][:60]).save(Path(sheets) / f"{label}.png")
    print("\ntelling real from synthetic: balanced accuracy, area under the ROC")
    print(f"{'':10}{'linear':>18}{'forest':>22}")
    for label in CLASSES:
        told(label, real[label], [(real[label], made[label][s]) for s in seeds])
    everyone = [d for label in CLASSES for d in real[label]]
    rounds = [(everyone, [d for label in CLASSES for d in made[label][s]]) for s in seeds]
    told("all", everyone, rounds)


def compare(label: str, real: list[Drawing], made: list[Drawing]) -> None:
    print(f"\n{label:14}{f'{len(real)} real: 10, 50, 90 %':>26}{'synthetic':>26}{'KS':>8}")
    ours, theirs = (np.array([figures(d) for d in group]).T for group in (made, real))
    for name, own, other in zip(FIGURES, ours, theirs, strict=True):
        columns = [np.percentile(values, [10, 50, 90]) for values in (other, own)]
        text = "".join("".join(f"{value:8.2f}" for value in column) + "  " for column in columns)
        print(f"{name:14}  {text}{ks_2samp(own, other).statistic:6.2f}")


def told(
    label: str, real: list[Drawing], rounds: list[tuple[list[Drawing], list[Drawing]]]
) -> None:
    """Print the mean over samples of synthetic drawings, with the 95 % interval of one sample."""
    text = ""
    for one, other, below in np.mean([separated(*pair, k) for k, pair in enumerate(rounds)], 0):
        share = one * (1 - one) / len(real) + other * (1 - other) / (PER_REAL * len(real))
        text += f"{(one + other) / 2:10.0%} ± {1.96 * np.sqrt(share) / 2:.0%}".rjust(16)
        text += f"{below:6.2f}"
    print(f"{label:10}{text}", flush=True)


def sheet(real: list[Drawing], made: list[Drawing], cell: int = 96, across: int = 6) -> Image.Image:
    """Draw a sheet with real drawings on the left and synthetic ones on the right of a line."""
    rows = -(-max(len(real), len(made)) // across)
    page = Image.new("L", (2 * across * cell + 9, rows * cell), 255)
    pen = ImageDraw.Draw(page)
    for drawings, left in ((real, 0), (made, across * cell + 9)):
        for place, drawing in enumerate(drawings):
            row, column = divmod(place, across)
            scale = (cell - 12) / (drawing.box.longer or 1.0)
            corner = np.array([left + column * cell + 6, row * cell + 6])
            for stroke in drawing.strokes:
                points = (stroke - (drawing.box.x, drawing.box.y)) * scale + corner
                pen.line(points.ravel().tolist(), fill=0, width=2)
    pen.line((across * cell + 4, 0, across * cell + 4, rows * cell), fill=128, width=2)
    return page


if __name__ == "__main__":
    main(*sys.argv[1:])
