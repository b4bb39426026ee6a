"""What a reader has at hand while reading: the files that pages name and do not make."""

from __future__ import annotations

import atexit
import re
import tempfile
import threading
from collections.abc import Callable, Sequence
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

import strokeanim as sa
from strokeanim.datasets.synthetic import CLASSES, synthesise_many


def sketch(path: Path) -> None:
    """A drawing as a design tool saves it: layers with names."""
    eyes, ears = sa.load("sample:eye"), sa.load("sample:ear")
    names = ["left-eye", "right-eye", "ear", "drawing"]
    drawings = zip([eyes[3], eyes[5], ears[3], eyes[8]], names, strict=True)
    sa.save([drawing.with_label("", name) for drawing, name in drawings], path)


def eye(path: Path) -> None:
    sa.save(sa.load("sample:eye")[5], path)


def scan(path: Path, label: str = "ear") -> None:
    picture = sa.Animation.from_drawings([sa.load(f"sample:{label}")[4]])
    picture.save(path.with_suffix(".png"), size=400, background="#ffffff")
    if path.suffix != ".png":
        path.with_suffix(".png").replace(path)


def photo(path: Path) -> None:
    """A felt pen on grey paper, lit from one side."""
    scan(path.with_suffix(".png"), "mouth")
    ink = Image.open(path.with_suffix(".png")).convert("L").filter(ImageFilter.GaussianBlur(1))
    light = np.linspace(120, 230, ink.width)[None] / 255
    Image.fromarray((np.asarray(ink) * light).astype(np.uint8)).save(path, quality=90)
    path.with_suffix(".png").unlink()


def synthetic(path: Path, labels: Sequence[str] = ("mouth",), count: int = 24) -> None:
    sa.save(synthesise_many(count, 3, labels), path)


def own_classes(path: Path) -> None:
    """Drawings of classes that the bundled model does not know."""
    made = [synthesise_many(12, 7, [feature]) for feature in ("nose", "eye", "ear")]
    names = ("banana", "snail", "cloud")
    sa.save(
        [d.with_label(name, f"{name}-{n}") for name, some in zip(names, made, strict=True)
         for n, d in enumerate(some)],
        path,
    )  # fmt: skip


def mixed(path: Path) -> None:
    """A file in which a line is broken."""
    synthetic(path)
    path.write_text(path.read_text().replace('"drawing"', '"drawin"', 1))


FILES: dict[str, Callable[[Path], None]] = {
    "photo.jpg": photo,
    "my-ear.png": scan,
    "scan.png": scan,
    "photo.png": scan,
    "sketch.svg": sketch,
    "drawing.svg": sketch,
    "my-eye.svg": eye,
    "face.svg": sketch,
    "sketches/one.svg": sketch,
    "sketches/two.svg": sketch,
    "scans/one.png": scan,
    "scans/two.png": scan,
    "drawings.ndjson": own_classes,
    "mixed.ndjson": mixed,
    "a.ndjson": synthetic,
    "mouths.ndjson": synthetic,
    "quickdraw.ndjson": partial(synthetic, labels=("mouth", "nose", "eye", "ear"), count=60),
}


def write(text: str, folder: Path) -> None:
    """Make those of the files that the text of a page names."""
    if "python examples/" in text:
        (folder / "examples").symlink_to(Path(__file__).parents[2] / "examples")
    for name, make in FILES.items():
        written = re.search(rf"(?m)(?:--out |convert .* ){re.escape(name)}(?=\s+--|\s*$)", text)
        named = re.search(rf"(?<![\w./-]){re.escape(name)}", text)
        if (named and not written) or ("/" in name and f"{name.partition('/')[0]}/*" in text):
            (folder / name).parent.mkdir(exist_ok=True)
            make(folder / name)


@cache
def quickdraw() -> str:
    """The URL of a mirror of QuickDraw with a few synthetic drawings."""
    home = tempfile.TemporaryDirectory()
    atexit.register(home.cleanup)
    for name in ("mouth", "nose", "eye", "ear", "ice cream", "banana", "snail"):
        file = Path(home.name, "full/simplified", f"{name}.ndjson")
        file.parent.mkdir(parents=True, exist_ok=True)
        label = name if name in CLASSES else "nose"
        sa.save([d.with_label(name, d.key) for d in synthesise_many(60, 5, [label])], file)

    return served(home.name)


def served(folder: str | Path) -> str:
    """The URL under which a folder is served until the tests end."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"
