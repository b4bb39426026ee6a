"""Regenerate the pictures of the documentation: `python -m tools.figures [NAME…]`.

Each picture is made by the commands in FIGURES, in a folder of its own; a PNG gets a palette, which
makes it a third as large. The same commands give the same bytes. To add a picture, add it to
FIGURES, and look at it before you commit it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import av
from PIL import Image, ImageSequence

ROOT = Path(__file__).parents[1]
HERE = ROOT / "docs" / "img"
LARGEST = {"demo.gif": 360_000, "coherence.png": 190_000}
"""Size limits in bytes, 90 000 for other pictures, since every clone contains all of them."""
SIDE = {"demo.gif": 320, "face.gif": 224, "talking.gif": 224, "blink.gif": 224}
"""The longer side, in px, of GIFs that are reduced in size and to grey."""
COLOURS = 192

EYE = "strokeanim animate sample:eye/3 sample:eye/5"
FIGURES: dict[str, list[str]] = {
    "coherence.png": [f"python {ROOT}/benchmarks/coherence_sheet.py coherence.png"],
    "demo.gif": ["strokeanim demo --out demo", "cp demo/demo.gif demo.gif"],
    "mouth.gif": [
        "strokeanim animate sample:mouth/2 sample:mouth/19 --out mouth.gif --size 256 --width 3"
    ],
    "eye.gif": [
        "strokeanim animate sample:eye/9 sample:eye/22 sample:eye/23 --loop cycle"
        " --easing ease-in-out --tween-fps 8 --steps 5 --size 192 --width 2.5 --out eye.gif"
    ],
    "face.gif": [f"python {ROOT}/examples/face.py --out face"],  # an MP4, see `small`
    "talking.gif": [f"python {ROOT}/examples/talking_mouth.py --out talking.mp4"],
    "blink.gif": [f"python {ROOT}/examples/blinking_eye.py --out blink"],
    "contact.png": [
        f"{EYE} --steps 4 --out contact.png --renderer sheet -O layout=contact -O columns=6"
        " --size 130 --colour-by stroke --width 1.5"
    ],
    "onion.png": [
        f"{EYE} --steps 5 --out onion.svg -O frames=onion --colour-by stroke --width 3",
        "cairosvg onion.svg -o onion.png --output-width 420 -b white",
    ],
    "frames.png": [
        f"{EYE} --steps 4 --out frames.png --renderer sheet -O layout=onion --size 420"
        " --colour-by frame --width 2"
    ],
    "draw-on.gif": [
        "strokeanim render sample:eye/3 --out draw-on.gif --draw-on 2 --size 256 --width 3"
    ],
    "strokes.gif": [
        "strokeanim animate sample:mouth/2 sample:mouth/19 --loop pingpong"
        " --colour-by stroke --out strokes.gif --size 256 --width 3"
    ],
    "brush.png": [
        f"{EYE} --steps 0 --out brush.svg -O brush=taper --width 14",
        "cairosvg brush.svg -o brush.png --output-width 320 -b white",
    ],
    "plotter.png": [
        "strokeanim animate sample:mouth/2 sample:mouth/19 --out sheet.svg --renderer plotter"
        " -O page=a5",
        "cairosvg sheet.svg -o plotter.png --output-width 360 -b white",
    ],
    "latents.png": [
        "strokeanim data synth -n 200 --out drawings.ndjson",
        "strokeanim latents drawings.ndjson --out latents.svg",
        "cairosvg latents.svg -o latents.png --output-width 480 -b white",
    ],
}


def make(name: str) -> Path:
    """Run the commands of one figure, and copy it into docs/img."""
    programs = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    with tempfile.TemporaryDirectory() as folder:
        for line in FIGURES[name]:
            subprocess.run(shlex.split(line), cwd=folder, check=True, env=os.environ | programs)
        made = Path(folder, name)
        if name in SIDE:
            small(made, SIDE[name])
        if made.suffix == ".png":
            Image.open(made).convert("RGB").quantize(COLOURS).save(made, optimize=True)
        size, most = made.stat().st_size, LARGEST.get(name, 90_000)
        if size > most:
            raise SystemExit(f"{name}: {size} bytes, at most {most} are wanted")
        HERE.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copyfile(made, HERE / name))


def small(gif: Path, side: int, every: float = 0.16) -> None:
    """Reduce the size and the frames of a GIF to what a page needs; the source may be an MP4."""
    film = gif.with_suffix(".mp4")
    if gif.exists() and not film.exists():
        with Image.open(gif) as whole:
            shown = [
                (one.convert("L"), one.info["duration"]) for one in ImageSequence.Iterator(whole)
            ]
    else:
        with av.open(str(film)) as opened:
            pictures = [frame.to_image().convert("L") for frame in opened.decode(video=0)]
            step = max(1, round(every * float(opened.streams.video[0].average_rate)))
            ms = round(1000 * step / opened.streams.video[0].average_rate)
        shown = [(picture, ms) for picture in pictures[::step]]
    for picture, _ in shown:
        picture.thumbnail((side, side))
    first, *rest = [picture.quantize(8) for picture, _ in shown]
    first.save(gif, save_all=True, append_images=rest, duration=[ms for _, ms in shown], loop=0)


def main(names: list[str]) -> None:
    """Make the figures with these names, or all of them."""
    unknown = sorted(set(names) - set(FIGURES))
    if unknown:
        raise SystemExit(f"no figure {', '.join(unknown)}; there are {', '.join(FIGURES)}")
    for name in names or FIGURES:
        sys.stdout.write(f"{make(name)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
