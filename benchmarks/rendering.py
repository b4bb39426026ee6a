"""Rendering against the obvious alternatives: `python -m benchmarks.rendering`.

The same moving drawing goes through all of them, in one run and by turns; a figure is the best of
several. What is not installed costs its rows, not the run: `pip install matplotlib imageio
imageio-ffmpeg` has them all. Ours ends in a file on disk as theirs does, x264 gets the same CRF.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import io
import json
import logging
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

import numpy as np
import svgwrite
from PIL import Image

import strokeanim
from benchmarks.__main__ import best, row
from strokeanim.errors import StrokeAnimError
from strokeanim.render import registry
from strokeanim.render.animation import Animation
from strokeanim.render.installed import available
from strokeanim.render.protocol import Frame, RenderContext
from strokeanim.render.raster import coverage
from strokeanim.render.svg import picture
from strokeanim.strokes import Box

SIZE, FRAMES, FPS, WIDTH, CRF = 512, 100, 20, 4.0, 18
SMALL, LONG, SETTLED, PILLOW_LONG = (64, 48), 10_000, 2_000, 3_000
STATUS = Path("/proc/self/status")

DENSE = "--dense" in sys.argv
found: list[dict[str, object]] = []
series: list[list[float]] = []


@functools.cache
def in_betweens() -> Animation:
    """From one mouth to the next and the next: what strokeanim is there to draw."""
    mouths = strokeanim.load("sample:mouth")
    return strokeanim.animate(mouths[0], mouths[3], mouths[5], steps=49, fps=FPS)


def drawn(place: int, width: int = SIZE, height: int = SIZE) -> Frame:
    """A frame of the in-betweens on a square canvas, or of something denser for `--dense`."""
    if DENSE:
        return loops(place, width, height)
    animation = in_betweens()
    frame = animation.frames[place % len(animation.frames)]
    scale = min(width, height) / animation.canvas.longer
    corner = animation.canvas.x, animation.canvas.y
    return Frame([(stroke - corner) * scale for stroke in frame.strokes], frame.ids)


def loops(place: int, width: int, height: int) -> Frame:
    """Five wobbling loops of sixty points that turn, grow and shrink: ink all over the picture."""
    angle, moment = np.linspace(0, 5.8, 60), place / 50
    centre, strokes = np.array([width, height]) / 2, []
    for loop in range(5):
        reach = (0.12 + 0.07 * loop) * (1 + 0.1 * np.sin(moment + loop))
        radius = reach * (1 + 0.15 * np.sin((loop + 2) * angle + 3 * moment))
        turned = angle + moment * (1 if loop % 2 else -1)
        strokes.append(centre + min(width, height) * (radius * [np.cos(turned), np.sin(turned)]).T)
    return Frame(strokes)


def context(frames: int, size: Iterable[int] = (SIZE, SIZE), smooth: bool = False) -> RenderContext:
    times, facts, log = (Fraction(1, FPS),) * frames, ({},) * frames, logging.getLogger()
    given = (*size, "#000000", WIDTH, "#ffffff", smooth, times, "", facts, log)
    return RenderContext(*given, companion=lambda _: io.BytesIO())


def by_turns(*calls: Callable[[], object], runs: int) -> list[float]:
    """Best seconds of each: by turns, as the machine is not as fast all the time."""
    rounds = [[best(call, 1) for call in calls] for _ in range(runs)]
    series.extend(list(column) for column in zip(*rounds, strict=True))
    return [min(column) for column in zip(*rounds, strict=True)]


def report(what: str, ours: float, theirs: float, ratio: float, target: str, is_met: bool) -> None:
    """A row of the table, the target beside the ratio; `what` ends in the unit if it is not s."""
    names = "what", "ours", "theirs", "ratio", "target", "met"
    found.append(dict(zip(names, (what, ours, theirs, ratio, target, is_met), strict=True)))
    factor, unit = (1, what[-2:]) if what[-2:] in ("kB", "MB") else (1e3, "ms")
    cells = [f"{one * factor:.2f} {unit}" for one in (ours, theirs)]
    row(what, *cells, f"{f'{ratio:.2f} ×':>9}  {target}{'' if is_met else '  MISSED'}")


def skip(what: str, why: str) -> None:
    found.append({"what": what, "skipped": why})
    row(what, "skipped", "", f"  {why}")


def lacks(what: str, *modules: str) -> bool:
    """Whether a row can't be had, which it says."""
    try:
        return not all(map(importlib.import_module, modules))
    except (ImportError, OSError) as error:  # OSError: a library that is not Python's
        skip(what, str(error).partition("\n")[0])
        return True


def raster() -> None:
    what, frame, alone = "raster frame 512² / SVG, CairoSVG, PNG", drawn(0), context(1)
    if lacks(what, "cairosvg"):
        return
    import cairosvg

    def through_svg() -> None:
        cairosvg.svg2png(picture(frame, alone), output_width=SIZE, output_height=SIZE)

    ours, theirs = by_turns(lambda: coverage(frame, alone), through_svg, runs=50)
    is_met = theirs / ours >= 20 and ours <= 1e-3
    report(what, ours, theirs, theirs / ours, "≥ 20 ×, ≤ 1 ms", is_met)


def svg(smooth: bool) -> None:
    """Theirs gets the numbers of the paths as text already."""
    frames, settings = [drawn(place) for place in range(FRAMES)], context(FRAMES, smooth=smooth)
    streamed("svg", settings, frames, sink := io.BytesIO())
    root = ElementTree.fromstring(sink.getvalue())
    for one in root.iter():
        one.attrib = {re.sub("{.*}", "inkscape:", key): value for key, value in one.items()}
    calls = (lambda: streamed("svg", settings, frames, io.BytesIO())), (lambda: with_svgwrite(root))
    ours, theirs = by_turns(*calls, runs=12)
    what = f"SVG frame, {'smooth' if smooth else 'straight'} / svgwrite, same paths"
    report(what, ours / FRAMES, theirs / FRAMES, ours / theirs, "≤ 1.5 ×", ours / theirs <= 1.5)


def with_svgwrite(ours: ElementTree.Element) -> bytes:
    """The layers of a document once more: same elements, same attributes, same path data."""
    document = svgwrite.Drawing(debug=False, **ours.attrib)
    document["xmlns:inkscape"] = "http://www.inkscape.org/namespaces/inkscape"
    for group in ours.iterfind("{*}g"):
        layer = document.g(**group.attrib)
        layer.set_desc(title=group.findtext("{*}title"))
        for path in group.iterfind("{*}path"):
            layer.add(document.path(**path.attrib))
        document.add(layer)
    return document.tostring().encode()


def files(extension: str, matplotlib: float, cairosvg: float) -> None:
    """All frames to one file each way; then how large they are. The targets are given."""
    frames = [drawn(place) for place in range(FRAMES)]
    animation = Animation(frames, (Fraction(1, FPS),) * FRAMES, Box(0, 0, SIZE, SIZE))
    to = f"100 frames to {extension[1:].upper()}"
    more = ("imageio_ffmpeg",) if extension == ".mp4" else ()
    ways = [
        (what, write, wanted)
        for what, write, wanted, modules in (
            (f"{to} / matplotlib", with_matplotlib, matplotlib, ("matplotlib", *more)),
            (f"{to} / CairoSVG, imageio", with_cairosvg, cairosvg, ("cairosvg", "imageio", *more)),
        )
        if not lacks(what, *modules)
    ]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{place}{extension}") for place in range(len(ways) + 1)]
        rest = [partial(write, frames=frames) for _, write, _ in ways]
        own = partial(animation.save, size=SIZE, width=WIDTH, smooth=False)
        calls = [partial(write, path) for write, path in zip([own, *rest], paths, strict=True)]
        ours, *seconds = by_turns(*calls, runs=4)
        own_kb, *kbs = [path.stat().st_size / 1000 for path in paths]
    for (what, _, wanted), theirs, kb in zip(ways, seconds, kbs, strict=True):
        report(what, ours, theirs, theirs / ours, f"≥ {wanted:g} ×", theirs / ours >= wanted)
        report("  size, kB", own_kb, kb, own_kb / kb, "≤ 1 ×", own_kb <= kb)


def with_matplotlib(path: Path, frames: list[Frame]) -> None:
    """Line artists that get new points for each frame."""
    import matplotlib as mpl
    from matplotlib.animation import FFMpegWriter, FuncAnimation, PillowWriter
    from matplotlib.figure import Figure

    figure = Figure(figsize=(SIZE / 100, SIZE / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, SIZE), ylim=(SIZE, 0))
    axes.axis("off")
    ends = {"solid_capstyle": "round", "solid_joinstyle": "round"}
    style = {"color": "black", "linewidth": WIDTH * 72 / 100} | ends
    lines = [axes.plot(*stroke.T, **style)[0] for stroke in frames[0].strokes]

    def update(frame: Frame) -> None:
        for line, stroke in zip(lines, frame.strokes, strict=True):
            line.set_data(*stroke.T)

    writer = PillowWriter(fps=FPS)
    if path.suffix == ".mp4":
        import imageio_ffmpeg

        mpl.rcParams["animation.ffmpeg_path"] = imageio_ffmpeg.get_ffmpeg_exe()
        settings = ["-crf", str(CRF), "-pix_fmt", "yuv420p"]
        writer = FFMpegWriter(fps=FPS, codec="libx264", extra_args=settings)
    FuncAnimation(figure, update, frames, cache_frame_data=False).save(path, writer, dpi=100)


def with_cairosvg(path: Path, frames: list[Frame]) -> None:
    """For each frame a document of svgwrite's, a PNG from it, and its pixels to imageio."""
    import cairosvg
    import imageio.v2 as imageio

    style = {"fill": "none", "stroke": "#000000", "stroke_width": WIDTH}
    style |= {"stroke_linecap": "round", "stroke_linejoin": "round"}
    settings = {"duration": 1000 / FPS, "loop": 0}
    if path.suffix == ".mp4":
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


def streamed(name: str, settings: RenderContext, frames: Iterable[Frame], sink: BinaryIO) -> None:
    renderer = registry.get(name)
    session = renderer.open(sink, settings, renderer.spec.options())
    for frame in frames:
        session.frame(frame)
    session.finish()


def long_runs() -> None:
    """Ten thousand small frames, a fresh process for each renderer: seconds and memory."""
    if not STATUS.exists():
        skip("10 000 frames at 64×48", f"no {STATUS}, which tells memory")
        return
    row("10 000 frames at 64×48, a process each", "s / 1 000", "peak", "RSS from 2 000 to 10 000")
    for one in sorted(available(), key=lambda one: one.name):
        try:
            if not one.is_builtin or one.load().spec.kind != "sequence":
                continue
            told = in_process(one.name, LONG)
        except (StrokeAnimError, subprocess.CalledProcessError) as error:
            said = getattr(error, "stderr", str(error)).strip()
            skip(f"  {one.name}", said.rpartition("\n")[2])
            continue
        found.append({"what": f"10 000 frames to {one.name}"} | told)
        seconds, peak, growth = told.values()
        row(f"  {one.name}", f"{seconds:.2f} s", f"{peak:.0f} MB", f"{growth:+.1f} MB")
    ours, theirs = in_process("gif", PILLOW_LONG), in_process("pillow", PILLOW_LONG)
    ratio, what = ours["peak"] / theirs["peak"], "3 000 frames to GIF / Pillow's save_all, MB"
    report(what, ours["peak"], theirs["peak"], ratio, "< 1 ×", ratio < 1)


def in_process(name: str, frames: int) -> dict[str, float]:
    """What `measured` finds in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.rendering", "--process", name, str(frames)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measured(name: str, count: int) -> dict[str, float]:
    """Seconds per 1 000 frames, those of making them included; MB at most, and growth of RSS."""
    at: dict[int, float] = {}

    def frames() -> Iterable[Frame]:
        for place in range(count):
            if place in (SETTLED, count - 1):
                at[place] = memory("VmRSS")
            yield loops(place, *SMALL)  # the model would take most of the memory

    start, settings = time.perf_counter(), context(count, SMALL)
    with tempfile.TemporaryFile() as sink:
        if name == "pillow":  # by itself, of pictures that are handed over one at a time
            pictures = (Image.fromarray(255 - coverage(frame, settings)) for frame in frames())
            timing = {"duration": 1000 // FPS, "loop": 0}
            next(pictures).save(sink, "GIF", save_all=True, append_images=pictures, **timing)
        else:
            streamed(name, settings, frames(), sink)
    seconds, peak = (time.perf_counter() - start) / count * 1000, memory("VmHWM")
    return {"seconds": seconds, "peak": peak, "growth": at[count - 1] - at[SETTLED]}


def memory(line: str) -> float:
    """MB, from a line of the kernel's; `getrusage` counts the parent's memory as well."""
    return int(re.search(rf"{line}:\s+(\d+)", STATUS.read_text())[1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--dense", action="store_true", help="ink all over instead of a mouth")
    parser.add_argument("--process", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.process:
        print(json.dumps(measured(asked.process[0], int(asked.process[1]))))
        return
    row("what / against", "ours", "theirs", "    ratio  target")
    raster()
    svg(smooth=False)
    svg(smooth=True)
    files(".gif", matplotlib=12, cairosvg=20)
    files(".mp4", matplotlib=5, cairosvg=6)
    long_runs()
    spreads = [statistics.median(times) / min(times) for times in series]
    print(f"(median of the runs over their best: {min(spreads):.2f} to {max(spreads):.2f})")
    if asked.json:
        asked.json.write_text(json.dumps({"rows": found, "spreads": spreads}, indent=1) + "\n")


if __name__ == "__main__":
    main()
