"""What is shown in a real browser."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import strokeanim as sa
from strokeanim.testing import animations

ROOT = Path(__file__).parents[2]
LOTTIE = ROOT / ".venv/web/node_modules/lottie-web/build/player/lottie.min.js"


@pytest.fixture
def page(browser):
    """A blank page; errors on it are errors of the test."""
    opened = browser.new_page(viewport={"width": 600, "height": 600}, offline=True)
    errors = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    opened.close()
    assert errors == []


CASES = {
    "morph": lambda: sa.animate(*sa.load("sample:mouth")[:2], steps=4, fps=5),
    "flip-book": lambda: sa.animate(*sa.load("sample:eye")[:2], steps=4, fps=5, coherent=False),
    "strokes that come and go": animations.changing,
    "uneven times": animations.uneven,
    "a dot": animations.dot,
}
"""Animations to play, each in a way of its own."""


def grey(png):
    """Grey levels, 0 black, of a picture."""
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("L")).astype(float)


def ours(animation, place, folder, **options):
    """Grey levels of one frame as our own PNG has it."""
    one = sa.Animation((animation.frames[place],), (1,), animation.canvas)
    return grey(one.save(folder / "still.png", **options).read_bytes())
