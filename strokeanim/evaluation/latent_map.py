"""Draw the latent space as a map: t-SNE, with each drawing at the position of its latent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from sklearn.manifold import TSNE

from strokeanim.errors import InputError
from strokeanim.geometry import Drawing
from strokeanim.geometry.polylines import normalise
from strokeanim.io.atomic_files import replace_file
from strokeanim.typing import Float32, Latents

COLOURS = ("#c0392b", "#2471a3", "#1e8449", "#b9770e", "#6c3483", "#117a65", "#884ea0", "#5d6d7e")


def embed(z: Latents, seed: int = 0) -> Float32[np.ndarray, "n 2"]:
    """Embed `(n, latent)` in `(n, 2)` by t-SNE (van der Maaten and Hinton 2008).

    The perplexity is 30, less for few points.

    Raises:
        InputError: see `check_map`.
    """
    check_map(z)
    perplexity = min(30.0, (len(z) - 1) / 3)
    tsne = TSNE(perplexity=perplexity, init="pca", random_state=seed)
    positions: Float32[np.ndarray, "n 2"] = tsne.fit_transform(z).astype(np.float32)
    return positions


def check_map(z: Latents) -> None:
    """Raise `InputError` for fewer than five latents, or if all are equal."""
    if len(z) < 5:
        raise InputError(f"a map needs at least 5 drawings, not {len(z)}")
    if not np.ptp(z, axis=0).any():  # t-SNE would crash the process
        raise InputError(
            f"the model gives all {len(z)} drawings the same latent, so there is nothing to map; "
            "train it for longer"
        )


def draw_map(
    positions: Float32[np.ndarray, "n 2"], drawings: Sequence[Drawing], path: Path
) -> None:
    """Write a PNG or SVG of the drawings, each at its position, coloured by class.

    Raises:
        OutputError: the file can't be written.
    """
    figure = Figure(figsize=(10, 10), dpi=120)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.92))
    labels = list(dict.fromkeys(drawing.label for drawing in drawings))
    colours = {label: COLOURS[n % len(COLOURS)] for n, label in enumerate(labels)}
    span = float(np.ptp(positions, axis=0).max()) or 1.0
    size = 0.9 * span / np.sqrt(max(len(drawings), 16)) / 1.6
    for position, drawing in zip(positions, drawings, strict=True):
        small = normalise(drawing, size)
        middle = np.array([small.box.width, small.box.height]) / 2
        lines = [position + (stroke - middle) * [1, -1] for stroke in small.strokes]
        axes.add_collection(LineCollection(lines, colors=colours[drawing.label], linewidths=0.9))
    axes.set_xlim(positions[:, 0].min() - size, positions[:, 0].max() + size)
    axes.set_ylim(positions[:, 1].min() - size, positions[:, 1].max() + size)
    axes.set_aspect("equal")
    axes.set_axis_off()
    handles = [
        Line2D([], [], color=colours[label], label=label or "unlabelled") for label in labels
    ]
    figure.legend(handles=handles, loc="upper center", ncols=len(labels), frameon=False)
    title = f"t-SNE of {len(drawings)} latents"
    figure.text(0.5, 0.01, title, ha="center", fontsize=9, color="#555555")
    # A fixed salt instead of a random one, so that the same map has the same bytes.
    with rc_context({"svg.hashsalt": "strokeanim"}), replace_file(path) as file:
        figure.savefig(
            file, format=path.suffix[1:], metadata={"Date": None} if path.suffix == ".svg" else None
        )
