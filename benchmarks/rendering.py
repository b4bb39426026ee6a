"""Rendering against the obvious alternatives: `python -m benchmarks.rendering [--json FILE]`.

The same moving drawing goes through all of them, in one run and by turns; each figure is the best
of several. A library that is not installed costs its rows, not the run: `pip install matplotlib
imageio imageio-ffmpeg` has them all.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import json
import logging
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

import numpy as np

from benchmarks.__main__ import best, row
from strokeanim.errors import StrokeAnimError
from strokeanim.render import registry
from strokeanim.render.animation import Animation
from strokeanim.render.installed import available
from strokeanim.render.protocol import Frame, RenderContext
from strokeanim.strokes import Box

SIZE, FRAMES, FPS, WIDTH = 512, 100, 20, 4.0
SMALL, LONG, SETTLED, PILLOW_LONG = (64, 48), 10_000, 2_000, 3_000
CRF = 18
SAVE_ALL = "Pillow's save_all"
LIBRARIES = ("av", "cairosvg", "imageio", "imageio-ffmpeg", "matplotlib", "pillow", "svgwrite")

found: list[dict[str, object]] = []
series: list[list[float]] = []


def drawn(place: int, width: int = SIZE, height: int = SIZE) -> Frame:
    """Five wobbling loops of sixty points that turn, grow and shrink; frames never repeat soon."""
    angle, moment = np.linspace(0, 5.8, 60), place / 50
    centre, strokes = np.array([width, height]) / 2, []
    for loop in range(5):
        reach = (0.12 + 0.07 * loop) * (1 + 0.1 * np.sin(moment + loop))
        radius = reach * (1 + 0.15 * np.sin((loop + 2) * angle + 3 * moment))
        turned = angle + moment * (1 if loop % 2 else -1)
        strokes.append(centre + min(width, height) * (radius * [np.cos(turned), np.sin(turned)]).T)
    return Frame(strokes)


def context(
    frames: int, size: tuple[int, int] = (SIZE, SIZE), smooth: bool = False
) -> RenderContext:
    durations, log = (Fraction(1, FPS),) * frames, logging.getLogger("benchmarks")
    facts = ({},) * frames
    return RenderContext(*size, "#000000", WIDTH, "#ffffff", smooth, durations, "", facts, log)


def by_turns(*calls: Callable[[], object], runs: int) -> list[float]:
    """Best seconds of each: by turns, as the machine is not as fast all the time."""
    rounds = [[best(call, 1) for call in calls] for _ in range(runs)]
    columns = [list(column) for column in zip(*rounds, strict=True)]
    series.extend(columns)
    return [min(column) for column in columns]


def report(
    what: str, ours: float, theirs: float, ratio: float, target: str, is_met: bool, unit: str = "s"
) -> None:
    """A row of the table; the target stands beside the ratio."""
    found.append(
        {"what": what, "ours": ours, "theirs": theirs, "unit": unit, "ratio": ratio}
        | {"target": target, "met": is_met}
    )
    verdict = f"{f'{ratio:.2f} ×':>9}  {target}{'' if is_met else '  MISSED'}"
    row(what, told(ours, unit), told(theirs, unit), verdict)


def told(value: float, unit: str) -> str:
    if unit == "s" and value < 0.1:
        return f"{value * 1e3:.2f} ms"
    return f"{value:.2f} {unit}" if unit == "s" else f"{value:.1f} {unit}"


def skipped(what: str, *modules: str) -> bool:
    """Whether a row can't be had; says why."""
    missing = [one for one in modules if importlib.util.find_spec(one) is None]
    if missing:
        found.append({"what": what, "skipped": f"no {', '.join(missing)}"})
        row(what, "skipped", "", f"no {', '.join(missing)}")
    return bool(missing)


def raster() -> None:
    if skipped("raster frame 512²", "cairosvg"):
        return
    import cairosvg

    from strokeanim.render.raster import coverage
    from strokeanim.render.svg import picture

    frame, alone = drawn(0), context(1)
    ours, theirs = by_turns(
        lambda: coverage(frame, alone),
        lambda: cairosvg.svg2png(picture(frame, alone), output_width=SIZE, output_height=SIZE),
        runs=50,
    )
    is_met = theirs / ours >= 20 and ours <= 1e-3
    what = "raster frame 512² / SVG, CairoSVG, PNG"
    report(what, ours, theirs, theirs / ours, "≥ 20 ×, ≤ 1 ms", is_met)


def files(extension: str, against: dict[str, tuple[float, tuple[str, ...]]], runs: int) -> None:
    """All frames to one file each way, from frames to the file on disk; then how large they are."""
    frames = [drawn(place) for place in range(FRAMES)]
    animation = Animation(frames, (Fraction(1, FPS),) * FRAMES, Box(0, 0, SIZE, SIZE))
    ways = {"matplotlib": with_matplotlib, "svgwrite, CairoSVG, imageio": with_cairosvg}
    name = extension[1:].upper()
    ways = {
        way: write
        for way, write in ways.items()
        if not skipped(f"100 frames to {name} / {way}", *against[way][1])
    }
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{place}{extension}") for place in range(len(ways) + 1)]
        seconds = by_turns(
            lambda: animation.save(paths[0], size=SIZE, width=WIDTH, smooth=False),
            *(
                lambda write=write, path=path: write(frames, path)
                for write, path in zip(ways.values(), paths[1:], strict=True)
            ),
            runs=runs,
        )
        kb = [path.stat().st_size / 1000 for path in paths]
    for way, theirs, theirs_kb in zip(ways, seconds[1:], kb[1:], strict=True):
        ratio, wanted = theirs / seconds[0], against[way][0]
        what = f"100 frames to {name} / {way}"
        report(what, seconds[0], theirs, ratio, f"≥ {wanted:g} ×", ratio >= wanted)
        is_met = kb[0] <= theirs_kb
        report("  size", kb[0], theirs_kb, kb[0] / theirs_kb, "≤ 1 ×", is_met, "kB")


def gif() -> None:
    against = {
        "matplotlib": (12, ("matplotlib",)),
        "svgwrite, CairoSVG, imageio": (20, ("svgwrite", "cairosvg", "imageio")),
    }
    files(".gif", against, runs=4)


def mp4() -> None:
    against = {
        "matplotlib": (5, ("matplotlib", "imageio_ffmpeg")),
        "svgwrite, CairoSVG, imageio": (6, ("svgwrite", "cairosvg", "imageio", "imageio_ffmpeg")),
    }
    files(".mp4", against, runs=4)


def with_matplotlib(frames: list[Frame], path: Path) -> None:
    """Line artists that get new points for each frame."""
    import matplotlib as mpl
    from matplotlib.animation import FFMpegWriter, FuncAnimation, PillowWriter
    from matplotlib.figure import Figure

    figure = Figure(figsize=(SIZE / 100, SIZE / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, SIZE), ylim=(SIZE, 0))
    axes.axis("off")
    style = {"color": "black", "linewidth": WIDTH * 72 / 100}
    style |= {"solid_capstyle": "round", "solid_joinstyle": "round"}
    lines = [axes.plot(*stroke.T, **style)[0] for stroke in frames[0].strokes]

    def update(frame: Frame) -> list[object]:
        for line, stroke in zip(lines, frame.strokes, strict=True):
            line.set_data(*stroke.T)
        return lines

    if path.suffix == ".gif":
        writer = PillowWriter(fps=FPS)
    else:
        import imageio_ffmpeg

        mpl.rcParams["animation.ffmpeg_path"] = imageio_ffmpeg.get_ffmpeg_exe()
        settings = ["-crf", str(CRF), "-pix_fmt", "yuv420p"]
        writer = FFMpegWriter(fps=FPS, codec="libx264", extra_args=settings)
    moving = FuncAnimation(figure, update, frames, cache_frame_data=False)
    moving.save(path, writer=writer, dpi=100)


def with_cairosvg(frames: list[Frame], path: Path) -> None:
    """An SVG document for each frame, a PNG from it, and the pixels of that to imageio."""
    import cairosvg
    import imageio.v2 as imageio
    import svgwrite

    style = {"fill": "none", "stroke": "#000000", "stroke_width": WIDTH}
    style |= {"stroke_linecap": "round", "stroke_linejoin": "round"}
    if path.suffix == ".gif":
        settings = {"duration": 1000 / FPS, "loop": 0}
    else:
        settings = {"format": "FFMPEG", "fps": FPS, "codec": "libx264", "pixelformat": "yuv420p"}
        settings |= {"quality": None, "output_params": ["-crf", str(CRF)]}
    with imageio.get_writer(path, mode="I", **settings) as writer:
        for frame in frames:
            document = svgwrite.Drawing(size=(SIZE, SIZE), debug=False)
            document.add(document.rect((0, 0), (SIZE, SIZE), fill="#ffffff"))
            for stroke in frame.strokes:
                document.add(document.polyline(stroke.tolist(), **style))
            png = cairosvg.svg2png(document.tostring().encode())
            writer.append_data(imageio.imread(io.BytesIO(png))[..., :3])


def svg() -> None:
    if skipped("SVG frame", "svgwrite"):
        return
    for smooth, name in ((False, "straight"), (True, "smooth")):
        frames = [drawn(place) for place in range(FRAMES)]
        settings = context(FRAMES, smooth=smooth)
        sink = io.BytesIO()
        streamed("svg", settings, frames, sink)
        root = ElementTree.fromstring(sink.getvalue())
        ours, theirs = by_turns(
            lambda frames=frames, settings=settings: streamed(
                "svg", settings, frames, io.BytesIO()
            ),
            lambda root=root: with_svgwrite(root),
            runs=12,
        )
        ours, theirs, ratio = ours / FRAMES, theirs / FRAMES, ours / theirs
        what = f"SVG frame, {name} / svgwrite, same paths"
        report(what, ours, theirs, ratio, "≤ 1.5 ×", ratio <= 1.5)


def with_svgwrite(ours: ElementTree.Element) -> bytes:
    """The layers of a document once more: same elements, same attributes, same path data."""
    import svgwrite

    def plain(element: ElementTree.Element) -> dict[str, str]:
        return {re.sub("{.*}", "inkscape:", name): text for name, text in element.items()}

    document = svgwrite.Drawing(debug=False, **plain(ours))
    document["xmlns:inkscape"] = "http://www.inkscape.org/namespaces/inkscape"
    for group in ours.iterfind("{*}g"):
        layer = document.g(**plain(group))
        layer.set_desc(title=group.findtext("{*}title"))
        for path in group.iterfind("{*}path"):
            layer.add(document.path(**plain(path)))
        document.add(layer)
    return document.tostring().encode()


def streamed(
    name: str,
    settings: RenderContext,
    frames: Iterable[Frame],
    sink: BinaryIO,
    watch: Callable[[int], object] = lambda _: None,
) -> float:
    """The seconds that a session takes, without those for making the frames."""
    renderer = registry.get(name)
    start = time.perf_counter()
    session = renderer.open(sink, settings, renderer.spec.options())
    seconds = time.perf_counter() - start
    for place, frame in enumerate(frames, start=1):
        start = time.perf_counter()
        session.frame(frame)
        seconds += time.perf_counter() - start
        watch(place)
    start = time.perf_counter()
    session.finish()
    return seconds + time.perf_counter() - start


def long_runs() -> None:
    """Ten thousand frames, a fresh process for each renderer: seconds and memory."""
    if not Path("/proc/self/status").exists():
        row("10 000 frames at 64×48", "skipped", "", "only Linux tells memory in /proc")
        return
    row("10 000 frames at 64×48, a process each", "s / 1 000", "peak", "RSS from 2 000 to 10 000")
    for one in sorted(available(), key=lambda one: one.name):
        if not one.is_builtin:
            continue
        try:
            if one.load().spec.kind != "sequence":
                continue
            told = in_process(one.name, LONG)
        except (StrokeAnimError, subprocess.CalledProcessError) as error:
            row(f"  {one.name}", "skipped", "", str(error))
            continue
        found.append({"what": f"{LONG} frames to {one.name}", **told})
        cells = f"{told['seconds']:.2f} s", f"{told['peak']:.0f} MB", f"{told['growth']:+.1f} MB"
        row(f"  {one.name}", *cells)
    ours, theirs = in_process("gif", PILLOW_LONG), in_process(SAVE_ALL, PILLOW_LONG)
    for key, what in (
        ("peak", "3 000 frames to GIF / Pillow, peak"),
        ("rise", "  of which since the first frame"),
    ):
        one, other = ours[key], theirs[key]
        report(what, one, other, one / other, "< 1 ×", one < other, "MB")


def in_process(name: str, frames: int) -> dict[str, float]:
    """What `measured` finds in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.rendering", "--process", name, str(frames)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def measured(name: str, frames: int) -> dict[str, float]:
    """Seconds per 1 000 frames, and MB: at most, since the first frame, and once settled."""
    at: dict[int, float] = {}

    def watch(place: int) -> None:
        if place in (1, SETTLED, frames):
            at[place] = memory("VmRSS")

    moving, settings = (drawn(place, *SMALL) for place in range(frames)), context(frames, SMALL)
    with tempfile.TemporaryFile() as sink:
        if name == SAVE_ALL:
            seconds = with_pillow(moving, settings, sink, watch)
        else:
            seconds = streamed(name, settings, moving, sink, watch)
    peak = memory("VmHWM")
    growth = at[frames] - at[SETTLED]
    per_thousand = seconds / frames * 1000
    return {"seconds": per_thousand, "peak": peak, "rise": peak - at[1], "growth": growth}


def with_pillow(
    moving: Iterator[Frame], settings: RenderContext, sink: BinaryIO, watch: Callable[[int], object]
) -> float:
    """A GIF as Pillow writes it by itself, of pictures that are handed over one at a time."""
    from PIL import Image, ImageOps

    from strokeanim.render.raster import coverage

    def pictures() -> Iterator[Image.Image]:
        for place, frame in enumerate(moving, start=1):
            yield ImageOps.invert(Image.fromarray(coverage(frame, settings)))
            watch(place)

    start, rest = time.perf_counter(), pictures()
    next(rest).save(sink, "GIF", save_all=True, append_images=rest, duration=1000 // FPS, loop=0)
    return time.perf_counter() - start


def memory(line: str) -> float:
    """MB, from a line of the kernel's; `getrusage` counts the parent's memory as well."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(rf"{line}:\s+(\d+)", status)[1]) / 1024


def noise() -> str:
    """How far apart the runs of one thing were."""
    worst = max(max(times) / min(times) for times in series)
    usual = statistics.median(statistics.median(times) / min(times) for times in series)
    return f"runs: median {usual:.2f} × the best, at most {worst:.2f} ×"


def machine() -> dict[str, object]:
    versions = {}
    for name in LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            versions[name] = version(name)
    return {"python": platform.python_version(), "cpus": os.cpu_count(), "versions": versions}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="the figures as JSON too")
    parser.add_argument("--process", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.process:
        print(json.dumps(measured(asked.process[0], int(asked.process[1]))))
        return
    row("what / against", "ours", "theirs", "ratio" + "  target")
    for benchmark in (raster, svg, gif, mp4, long_runs):
        benchmark()
    print(f"({noise()})")
    if asked.json:
        told = {"machine": machine(), "noise": noise(), "rows": found}
        asked.json.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
