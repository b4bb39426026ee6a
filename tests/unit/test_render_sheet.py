"""Sheets: every frame is where the atlas says it is."""

import json

import numpy as np
import pytest
from PIL import Image

from strokeanim.errors import InputError
from strokeanim.testing import animations

MOVING = animations.moving(7)


def opened(path):
    with Image.open(path) as image:
        return image.copy()


def test_the_atlas_says_where_each_frame_is(tmp_path):
    MOVING.save(tmp_path / "s.png", "sheet", size=64)
    MOVING.save(tmp_path / "f-%d.png", size=64)
    sheet = opened(tmp_path / "s.png").convert("L")
    atlas = json.loads((tmp_path / "s.json").read_text())
    assert atlas["meta"]["size"] == {"w": sheet.width, "h": sheet.height}
    assert list(atlas["frames"]) == [f"face {place}" for place in range(1, 8)]
    for place, one in enumerate(atlas["frames"].values()):
        box = one["frame"]
        cell = sheet.crop((box["x"], box["y"], box["x"] + box["w"], box["y"] + box["h"]))
        alone = opened(tmp_path / f"f-{place}.png").convert("L")
        assert np.abs(np.asarray(cell, float) - np.asarray(alone, float)).mean() < 1.5
        assert one["duration"] == 100


@pytest.mark.parametrize(
    ("columns", "size"), [(7, (7 * 64, 51)), (2, (128, 4 * 51)), (99, (448, 51))]
)
def test_columns(tmp_path, columns, size):
    MOVING.save(tmp_path / "s.png", "sheet", size=64, columns=columns)
    assert opened(tmp_path / "s.png").size == size


def test_contact_sheets_and_onion_skins_have_no_atlas(tmp_path):
    for layout in ("contact", "onion"):
        MOVING.save(tmp_path / f"{layout}.png", "sheet", size=64, layout=layout)
    assert {path.name for path in tmp_path.iterdir()} == {"contact.png", "onion.png"}
    assert opened(tmp_path / "onion.png").size == (64, 51)


def test_a_sheet_too_large_to_hold_is_refused(tmp_path):
    with pytest.raises(InputError, match="32768 a side is the most, so give a smaller size"):
        MOVING.save(tmp_path / "s.png", "sheet", size=8000, columns=7)
    assert not list(tmp_path.iterdir())
