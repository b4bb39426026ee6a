from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt

from strokeanim.datasets.synthetic import synthesise_many
from strokeanim.errors import InputError
from strokeanim.geometry import Box
from strokeanim.geometry.drawing import MAX_PICTURE_SIDE
from strokeanim.geometry.polylines import fit_to_box
from strokeanim.io.picture import parse_picture, read_picture
from strokeanim.tracing.vectorise import vectorise

SIZE = 40
CROSS = np.zeros((SIZE, SIZE), np.float32)
CROSS[18:22, 5:35] = CROSS[5:35, 18:22] = 1


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def cross(ink: int, paper: int) -> Image.Image:
    """The cross in two tones."""
    return Image.fromarray(np.where(CROSS > 0, ink, paper).astype(np.uint8))


def ink_of(image: Image.Image, kind: str = "PNG", **options: Any) -> npt.NDArray[np.float32]:
    return parse_picture(encoded(image, kind, **options), "x.png").coverage


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0), (90, 200), (200, 90), (250, 230)])
def test_ink_is_1_and_paper_0_whichever_is_darker(ink: int, paper: int) -> None:
    assert np.array_equal(ink_of(cross(ink, paper)), CROSS)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA"])
def test_every_mode_is_read(mode: str) -> None:
    assert np.array_equal(ink_of(cross(0, 255).convert(mode)), CROSS)


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    deep = np.where(CROSS > 0, 20_000, 60_000).astype(np.uint16)
    assert np.array_equal(ink_of(Image.fromarray(deep)), CROSS)


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "L"), ("JPEG", "CMYK"), ("WEBP", "RGB")])
def test_lossy_formats_leave_the_paper_clean(kind: str, mode: str) -> None:
    ink = ink_of(cross(0, 255).convert(mode), kind, quality=90)
    assert np.abs(ink - CROSS).max() < 0.2
    assert (ink[:4] == 0).all()


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (128, 128, 128), (200, 30, 30)])
def test_line_art_on_nothing_is_ink_whatever_its_colour(colour: tuple[int, int, int]) -> None:
    image = Image.new("RGBA", (SIZE, SIZE), (*colour, 0))
    image.paste((*colour, 255), mask=cross(255, 0))
    assert np.array_equal(ink_of(image), CROSS)
    for kind in ("WEBP", "PNG"):
        assert np.abs(ink_of(image, kind, lossless=True) - CROSS).max() == 0


def test_what_is_hidden_under_transparency_does_not_show() -> None:
    # black everywhere, but only the cross is opaque: exporters leave such colours behind
    image = Image.new("RGBA", (SIZE, SIZE), (0, 0, 0, 0))
    image.putalpha(cross(255, 0))
    assert np.array_equal(ink_of(image), CROSS)
    # and half transparent ink is still ink
    image.putalpha(cross(100, 0))
    assert np.array_equal(ink_of(image), CROSS)


@pytest.mark.parametrize("inverted", [False, True])
def test_a_sticker_brings_its_own_paper(inverted: bool) -> None:
    image = cross(*((255, 0) if inverted else (0, 255))).convert("RGBA")
    framed = Image.new("RGBA", (SIZE + 20, SIZE + 20), (0, 0, 0, 0))
    framed.paste(image, (10, 10))
    assert np.array_equal(ink_of(framed), np.pad(CROSS, 10))


def test_a_palette_with_a_transparent_entry_is_read() -> None:
    image = cross(0, 1).convert("P")
    image.putpalette([0, 0, 0, 0, 0, 0])
    assert np.array_equal(ink_of(image, transparency=1), CROSS)


def test_a_drawing_that_touches_the_border_keeps_its_polarity() -> None:
    ink = np.zeros((30, 30), np.float32)
    ink[:, 10:14] = ink[5:9] = 1
    assert np.array_equal(ink_of(Image.fromarray((255 - ink * 255).astype(np.uint8))), ink)


def test_uneven_noise_on_the_paper_is_paper() -> None:
    noise = np.random.default_rng(0).normal(0, 4, (200, 200))
    page = 220 + noise
    page[90:110, 40:160] = 40
    ink = ink_of(Image.fromarray(page.astype(np.uint8)))
    assert ink[95:105, 50:150].min() > 0.9
    assert np.mean(ink[:80] > 0) < 0.01


def test_a_black_speck_does_not_set_the_scale() -> None:
    grey = np.where(CROSS > 0, 150, 255).astype(np.uint8)
    grey[2, 2] = 0
    assert ink_of(Image.fromarray(grey))[20, 10] == 1


def test_one_dot_is_ink() -> None:
    dot = Image.new("L", (9, 9), 255)
    dot.putpixel((4, 4), 0)
    assert ink_of(dot).sum() == 1


@pytest.mark.parametrize("size", [(1, 60), (60, 1), (2, 2), (3000, 40), (1500, 2500)])
def test_any_size_is_read_and_large_ones_are_averaged_down(size: tuple[int, int]) -> None:
    image = Image.new("L", size, 255)
    reach = max(size) // 3
    ImageDraw.Draw(image).rectangle((0, 0, min(reach, size[0]), min(reach, size[1]) // 2), fill=0)
    height, width = ink_of(image).shape
    assert max(height, width) <= MAX_PICTURE_SIDE
    assert width / height == pytest.approx(size[0] / size[1], rel=0.05)


def test_exif_orientation_is_obeyed() -> None:
    image = Image.new("L", (60, 30), 255)
    ImageDraw.Draw(image).rectangle((2, 2, 8, 8), fill=0)
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right by a quarter
    ink = ink_of(image, "JPEG", exif=exif, quality=95)
    assert ink.shape == (60, 30)
    assert ink[5, 25] > 0.9
    assert ink[5, 5] == 0


@pytest.mark.parametrize(
    "image",
    [
        Image.new("L", (9, 9), 255),
        Image.new("RGB", (9, 9), (12, 12, 12)),
        Image.new("RGBA", (9, 9), (0, 0, 0, 0)),
        Image.new("L", (1, 1), 0),
    ],
)
def test_a_blank_picture_shows_no_ink(image: Image.Image) -> None:
    with pytest.raises(InputError, match=r"x\.png shows no ink"):
        parse_picture(encoded(image), "x.png")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"\x89PNG\r\n\x1a\n",
        encoded(cross(0, 255))[:60],
        encoded(cross(0, 255), "JPEG")[:200],
        encoded(cross(0, 255), "GIF"),  # Pillow could, but it isn't promised
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match=r"x\.png is not a picture that can be read: PNG"):
        parse_picture(data, "x.png")


@pytest.mark.parametrize("side", [7100, 12_000, 40_000])
def test_a_bomb_is_refused_before_it_is_decoded(side: int) -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(kind + content)
        return len(content).to_bytes(4, "big") + kind + content + crc.to_bytes(4, "big")

    header = side.to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    with pytest.raises(InputError, match=r"scale it down|Limits\(pixels="):
        parse_picture(bomb, "x.png")


def test_the_key_is_the_stem(tmp_path: Path) -> None:
    (tmp_path / "my mouth.png").write_bytes(encoded(cross(0, 255)))
    picture = read_picture(tmp_path / "my mouth.png")
    assert (picture.key, picture.label) == ("my mouth", "")


# --- photographs ---

HEIGHT, WIDTH = 600, 800
X, Y = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
FROM_CENTRE = (X - 0.5) ** 2 + (Y - 0.5) ** 2

Tones = npt.NDArray[np.float64]


def shadow(softness: float) -> Tones:
    """A third of the light is missing right of a slanting edge."""
    return 0.9 - 0.32 / (1 + np.exp(-(X + 0.3 * Y - 0.7) / softness))


LIGHTS = {
    "gradient": (230 - 110 * X) / 255,
    "slanting gradient": (120 + 110 * (X + Y) / 2) / 255,
    "vignette": 0.92 * (1 - 0.9 * FROM_CENTRE),
    "strong vignette": 0.95 * np.cos(1.3 * np.sqrt(FROM_CENTRE)) ** 2,
    "soft shadow": shadow(0.025),
    "sharp shadow": shadow(0.005),
}
PENS = {
    "blue pen": ((35, 40, 95), (250, 247, 235)),
    "black pen": ((30, 30, 32), (252, 250, 240)),
    "chalk": ((230, 230, 225), (64, 72, 68)),
}


def drawn(number: int, width: float) -> Tones:
    """True ink of a synthetic drawing."""
    drawing = fit_to_box(synthesise_many(number + 1, seed=4)[number], Box(80, 60, 640, 480))
    image = Image.new("L", (2 * WIDTH, 2 * HEIGHT))
    for stroke in drawing.strokes:
        line = (2 * stroke).ravel().tolist()
        ImageDraw.Draw(image).line(line, 255, round(2 * width), joint="curve")
    return np.asarray(image.reduce(2)) / 255


def photo(ink: Tones, light: Tones, pen: str, noise: float) -> bytes:
    colour, paper = np.array(PENS[pen], np.float64)
    tones = (paper + ink[..., None] * (colour - paper)) * light[..., None]
    tones += np.random.default_rng(1).normal(0, noise, tones.shape)
    return encoded(Image.fromarray(np.clip(tones, 0, 255).astype(np.uint8)), "JPEG", quality=80)


@pytest.mark.parametrize("pen", PENS)
@pytest.mark.parametrize("name", LIGHTS)
def test_a_photograph_shows_its_ink_and_clean_paper(name: str, pen: str) -> None:
    number, noise = (2, 4.0) if pen == "blue pen" else (0, 8.0)
    truth = drawn(number, 4.5 + number)
    picture = parse_picture(photo(truth, LIGHTS[name], pen, noise), "x.jpg")
    ink, found = truth > 0.5, picture.coverage > 0.4
    from_ink = distance_transform_edt(~ink)
    assert np.mean(distance_transform_edt(~found)[ink] <= 2) > 0.99
    assert np.mean(from_ink[found] <= 2) > 0.99
    assert np.mean(picture.coverage[from_ink > 4] > 0) < 0.01
    strokes = vectorise(picture).strokes
    places = np.concatenate(strokes).astype(int)
    assert from_ink[places[:, 1], places[:, 0]].max() <= 3
    assert len(strokes) < 15


def test_a_filled_patch_of_a_photograph_is_ink_to_its_middle() -> None:
    truth = np.zeros((HEIGHT, WIDTH))
    truth[270:330, 370:430] = 1
    picture = parse_picture(photo(truth, LIGHTS["gradient"], "blue pen", 6), "x.jpg")
    assert picture.coverage[272:328, 372:428].min() > 0.5
    assert np.mean(picture.coverage[truth == 0] > 0.25) < 0.01


def test_a_photograph_of_uneven_paper_alone_shows_no_drawing() -> None:
    blank = photo(np.zeros((HEIGHT, WIDTH)), LIGHTS["gradient"], "blue pen", 4)
    with pytest.raises(InputError, match="shows no ink"):
        parse_picture(blank, "x.jpg")


def test_even_paper_is_left_as_it_is_whatever_touches_its_border() -> None:
    page = np.full((200, 300), 255, np.uint8)
    page[:, 100:180] = page[60:100] = 0
    assert np.array_equal(ink_of(Image.fromarray(page)), page == 0)
    page[page == 0] = 120
    assert np.array_equal(ink_of(Image.fromarray(page)), page == 120)
