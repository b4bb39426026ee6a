"""Record what the commands write, and compare two records: a check that a change changed nothing.

    python -m tools.record_outputs record FOLDER [--cases DIR]
    python -m tools.record_outputs compare BEFORE AFTER

Each case is one command line, run in this process in an empty folder of its own below FOLDER, with
what it prints on stdout in `stdout`. `compare` names every file that differs: numbers by the
largest difference and everything else of text by how many words, pictures and films by the largest
difference of a channel. Its exit code is 1 if anything differs.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__.splitlines()[0])

CLASSES = ("mouth", "nose", "eye", "ear")
NUMBER = re.compile(r"-?\d+\.?\d*(?:[eE][-+]?\d+)?")
PICTURES = {".png", ".gif", ".webp", ".apng"}
FILMS = {".mp4", ".webm"}

FILES = (
    "a.svg",
    "a.gif",
    "a.mp4",
    "a.html",
    "a.ndjson",
    "a.webp",
    "a.webm",
    "a.apng",
    "a-%03d.png",
)
RENDERERS = (("svg-animated", "a.svg"), ("sheet", "a.png"), ("lottie", "a.json"),
             ("plotter", "a.gcode"))  # fmt: skip
STYLES = (
    ("--size", "320"), ("--size", "80mm"), ("--stroke", "navy"), ("--width", "5"),
    ("--background", "none"), ("--margin", "0.2"), ("--colour-by", "stroke"),
    ("--colour-by", "frame"), ("--draw-on", "1"),
)  # fmt: skip
MOTIONS = (
    ("--independent",), ("--pin",), ("--loop", "pingpong"), ("--loop", "cycle"),
    ("--easing", "ease-in-out"), ("--tween-fps", "12"), ("--path", "lerp"), ("--steps", "3"),
    ("--seed", "7"), ("-C", "step=3"),
)  # fmt: skip
SVG_PROFILES = (
    ("profile=plain",), ("profile=inkscape",), ("profile=illustrator",), ("profile=figma",),
    ("frames=onion",), ("smooth=false",), ("brush=taper",), ("brush=nib",),
)  # fmt: skip
FORMATS = ("a.svg", "a.ndjson", "a.ndjson.gz", "a.json", "a.npz", "a.bin")


def cases(extra: Path | None) -> Iterator[tuple[str, list[str]]]:
    """Yield names and command lines; files of earlier cases are reached by `../NAME/FILE`."""
    for label, file in itertools.product(CLASSES, FILES):
        yield f"animate-{label}-{file}", ["animate", f"sample:{label}/2", f"sample:{label}/5",
                                          "--out", file]  # fmt: skip
    for label, (renderer, file) in itertools.product(CLASSES[:3], RENDERERS):
        yield f"animate-{label}-{renderer}", ["animate", f"sample:{label}", "--renderer", renderer,
                                              "--out", file]  # fmt: skip
    for label, words in itertools.product(CLASSES, MOTIONS):
        yield f"animate-{label}-{'-'.join(words)}", ["animate", f"sample:{label}/1",
            f"sample:{label}/4", f"sample:{label}/8", *words, "--out", "a.ndjson", "--out", "a.svg",
            "--json"]  # fmt: skip
    for label, words in itertools.product(("eye", "ear"), STYLES):
        yield f"style-{label}-{'-'.join(words)}", ["animate", f"sample:{label}/3",
            f"sample:{label}/6", "--steps", "3", *words, "--out", "a.svg", "--out", "a-%02d.png",
            "--out", "a.gif", "--out", "a.html"]  # fmt: skip
    for label, words in itertools.product(("mouth", "nose"), SVG_PROFILES):
        yield f"svg-{label}-{words[0]}", ["animate", f"sample:{label}/3", f"sample:{label}/6",
            "--steps", "3", "-O", words[0], "--out", "a.svg"]  # fmt: skip
    for label, number in itertools.product(CLASSES, range(5)):
        yield f"render-{label}-{number}", ["render", f"sample:{label}/{number}", "--out", "a.png",
                                           "--out", "a.svg"]  # fmt: skip
    for label, file in itertools.product(CLASSES, FORMATS):
        yield f"convert-{label}-{file}", ["convert", f"sample:{label}", file]
        yield f"convert-back-{label}-{file}", ["convert", f"../convert-{label}-{file}/{file}",
                                               "a.ndjson"]  # fmt: skip
    for label in CLASSES:
        yield f"convert-simplify-{label}", ["convert", f"sample:{label}", "a.ndjson", "--simplify"]
        yield f"generate-{label}", ["generate", "--class", label, "-n", "8", "--out", "a.ndjson"]
        yield f"identify-{label}", ["identify", f"sample:{label}", "--json"]
        yield f"info-{label}", ["data", "info", f"sample:{label}", "--json", "--out", "a.png"]
        yield f"vectorise-{label}", ["vectorise", f"../render-{label}-0/a.png", "--out", "a.svg",
                                     "--out", "a.ndjson"]  # fmt: skip
        yield f"picture-{label}", ["animate", f"../render-{label}-0/a.png", f"sample:{label}/3",
                                   "--out", "a.ndjson", "--json"]  # fmt: skip
        yield f"trace-{label}", ["animate", f"../render-{label}-0/a.png", f"sample:{label}/3",
                                 "--vectorise", "--out", "a.ndjson"]  # fmt: skip
        yield f"latents-{label}", ["latents", f"sample:{label}", "-n", "12", "--out", "a.npz"]
    for seed in range(4):
        yield f"synth-{seed}", ["data", "synth", "-n", "40", "--seed", str(seed), "--out",
                                "a.ndjson"]  # fmt: skip
    yield "across", ["animate", "sample:mouth/1", "sample:eye/2", "--allow-class-change", "--out",
                     "a.ndjson"]  # fmt: skip
    yield "shards", ["data", "shard", "../synth-0/a.ndjson", "../synth-1/a.ndjson", "--out", "s"]
    yield "batch", ["batch", "--pairs", "sample:mouth", "--per-class", "3", "--out", "b",
                    "--workers", "0"]  # fmt: skip
    yield "model-info", ["model", "info", "--json"]
    yield "plugins-info", ["plugins", "info", "svg"]
    if extra is not None:
        for path in sorted(p for p in extra.rglob("*") if p.suffix in {".svg", ".ndjson", ".json"}):
            yield f"case-{path.name}", ["convert", str(path), "a.ndjson"]
        for path in sorted(extra.rglob("*.png")):
            yield f"case-{path.name}", ["vectorise", str(path), "--out", "a.ndjson"]


@app.command()
def record(
    folder: Path,
    extra: Annotated[
        Path | None, typer.Option("--cases", help="A folder of more inputs, to be converted.")
    ] = None,
) -> None:
    """Run all cases and keep what they write in FOLDER, which must not be there yet."""
    from strokeanim.cli.main import main

    folder.mkdir(parents=True)
    extra = extra.resolve() if extra else None
    count = failed = 0
    root = folder.resolve()
    for name, arguments in cases(extra):
        place = root / name
        place.mkdir()
        os.chdir(place)
        printed, told = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(told):
            code = main(arguments)
        (place / "stdout").write_text(printed.getvalue())
        count, failed = count + 1, failed + (code != 0)
        if code:
            (place / "failed").write_text(f"{code}\n")
            print(f"{name}: exit {code}: {told.getvalue().strip()[:200]}")
    print(f"{count} cases, {failed} failed, {sum(p.is_file() for p in root.rglob('*'))} files")


@app.command()
def compare(before: Path, after: Path) -> None:
    """List the files that differ between two records."""
    old, new = _files(before), _files(after)
    different = 0
    for name in sorted(old | new):
        if name not in old or name not in new:
            print(f"{name}: only {'before' if name in old else 'after'}")
        elif (before / name).read_bytes() == (after / name).read_bytes():
            continue
        else:
            print(f"{name}: {_difference(before / name, after / name)}")
        different += 1
    print(f"{different} of {len(old | new)} files differ")
    raise typer.Exit(1 if different else 0)


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def _difference(one: Path, other: Path) -> str:
    if one.suffix in PICTURES | FILMS:
        return _pixels(one, other)
    if one.suffix == ".npz":
        return _arrays(one, other)
    first, second = _text(one), _text(other)
    if NUMBER.sub("#", first) != NUMBER.sub("#", second):
        a, b = NUMBER.sub("#", first).split(), NUMBER.sub("#", second).split()
        changed = sum(x != y for x, y in itertools.zip_longest(a, b))
        return f"text: {changed} of {len(a)} words"
    a, b = (np.array([float(n) for n in NUMBER.findall(t)]) for t in (first, second))
    return f"numbers: by {np.abs(a - b).max():.3g} at most"


def _text(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8", "replace")


def _arrays(one: Path, other: Path) -> str:
    with np.load(one) as first, np.load(other) as second:
        if set(first) != set(second):
            return f"arrays: {sorted(set(first) ^ set(second))}"
        gaps = [
            np.inf if first[k].shape != second[k].shape else np.abs(first[k] - second[k]).max()
            for k in first
            if np.issubdtype(first[k].dtype, np.number)
        ]
    return f"arrays: by {max(gaps, default=np.inf):.3g} at most"


def _pixels(one: Path, other: Path) -> str:
    first, second = _pictures(one), _pictures(other)
    if len(first) != len(second) or first[0].shape != second[0].shape:
        return f"{len(first)} pictures of {first[0].shape}, then {len(second)} of {second[0].shape}"
    gaps = [np.abs(a.astype(int) - b.astype(int)).max() for a, b in zip(first, second, strict=True)]
    return f"pixels: by {max(gaps)} of 255 at most"


def _pictures(path: Path) -> list[np.ndarray]:
    if path.suffix in FILMS:
        import av

        with av.open(str(path)) as film:
            return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    from PIL import Image, ImageSequence

    with Image.open(path) as image:
        return [np.asarray(each.convert("RGBA")) for each in ImageSequence.Iterator(image)]


if __name__ == "__main__":
    app()
