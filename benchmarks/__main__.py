"""Run every benchmark and print a table: what, ours, theirs, ratio."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

RUNS = 5


def best(call: Callable[[], object], runs: int = RUNS) -> float:
    """Seconds of the fastest of several runs: the one least disturbed by the machine."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def process(*arguments: str, runs: int = RUNS) -> tuple[float, float]:
    """Seconds and peak MB of a whole process."""
    seconds, peak = [], 0.0
    for _ in range(runs):
        start = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds.append(time.perf_counter() - start)
        peak = max(peak, usage.ru_maxrss / 1024)
        if status:
            raise RuntimeError(f"{' '.join(arguments)} failed")
    return min(seconds), peak


def row(what: str, ours: str, theirs: str, ratio: str) -> None:
    print(f"{what:44} {ours:>12} {theirs:>12} {ratio:>9}", flush=True)


def start_up() -> None:
    helped, _ = process("-m", "strokeanim", "--help")
    bare, _ = process("-c", "import typer, rich")
    row("--help / import typer, rich", f"{helped:.2f} s", f"{bare:.2f} s", f"{helped / bare:.2f} ×")


def with_plugins() -> None:
    """What twenty plugins cost, three of them broken, where nothing is asked of them."""
    from tests.plugins.packages import install, package, renderer

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packages = [package(folder, f"p-{n}", f"p{n}", renderer(f"p{n}")) for n in range(17)]
        packages += [
            package(folder, "no-import", "sad", renderer("sad", start="import nothing_there\n")),
            package(folder, "no-dependency", "sadder", renderer("sadder"), ["nothing-there"]),
            package(folder, "no-spec", "saddest", "class Renderer: ..."),
        ]
        install(folder / "site", packages)
        for command in (["--help"], ["plugins", "list"]):
            ways: dict[str, list[float]] = {"": [], str(folder / "site"): []}
            for _ in range(3 * RUNS):  # by turns: the machine is not as fast all the time
                for path, seconds in ways.items():
                    os.environ["PYTHONPATH"] = path
                    seconds.append(process("-m", "strokeanim", *command, runs=1)[0])
            del os.environ["PYTHONPATH"]
            without, beside = map(min, ways.values())
            row(
                f"{' '.join(command)}, 20 plugins / none",
                f"{beside:.2f} s",
                f"{without:.2f} s",
                f"{beside / without:.2f} ×",
            )


def cold_animate() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = ("-m", "strokeanim", "animate", "sample:mouth", "--out", f"{folder}/m.gif")
        onnx, memory = process(*command)
        keras, heavy = process(*command, "--engine", "keras", runs=2)
    row(
        "animate to GIF, cold / Keras engine",
        f"{onnx:.2f} s",
        f"{keras:.1f} s",
        f"{keras / onnx:.1f} ×",
    )
    row("  peak memory", f"{memory:.0f} MB", f"{heavy:.0f} MB", f"{heavy / memory:.1f} ×")


def decoding() -> None:
    import numpy as np

    from strokeanim.data.samples import all_samples
    from strokeanim.engine import load_model
    from strokeanim.latent.paths import slerp, times

    onnx, keras = load_model(), load_model(engine="keras")
    z = onnx.encode(all_samples())
    frames = np.concatenate([slerp(z[k], z[k + 4], times(10)) for k in range(24)])[:280]
    onnx.decode(frames[:2]), keras.decode(frames[:1])
    ours = best(lambda: onnx.decode(frames))
    few = frames[:: len(frames) // 10]
    theirs = best(lambda: [keras.decode(one[None]) for one in few], 1) / len(few) * len(frames)
    row(
        "decode 280 frames / Keras, one at a time",
        f"{ours:.2f} s",
        f"{theirs:.1f} s",
        f"{theirs / ours:.0f} ×",
    )


def coherence() -> None:
    from strokeanim.animate import animate
    from strokeanim.data.samples import of_class
    from strokeanim.engine import load_model

    model, pair = load_model(), of_class("eye")[:2]
    ours = best(lambda: animate(*pair, model=model))
    theirs = best(lambda: animate(*pair, model=model, coherent=False))
    row(
        "ten in-betweens, coherent / independent",
        f"{ours * 1e3:.0f} ms",
        f"{theirs * 1e3:.0f} ms",
        f"{ours / theirs:.0f} ×",
    )


def raster() -> None:
    import logging
    from fractions import Fraction

    import cairosvg
    import numpy as np

    from strokeanim.render.animation import Animation
    from strokeanim.render.protocol import Frame, RenderContext
    from strokeanim.render.raster import coverage

    t = np.linspace(0, 2 * np.pi, 60)
    circles = [
        np.stack([256 + r * np.cos(t), 256 + r * np.sin(t)], 1) for r in (50, 90, 130, 170, 210)
    ]
    frame = Frame(circles)
    context = RenderContext(
        512, 512, "#000000", 4.0, "#ffffff", False, (Fraction(1),), "", ({},), logging.getLogger()
    )
    ours = best(lambda: coverage(frame, context), 50)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.svg"
        from strokeanim.strokes import Drawing

        def through_svg() -> None:
            Animation.from_drawings([Drawing(circles)]).save(path, smooth=False)
            cairosvg.svg2png(url=str(path), output_width=512, output_height=512)

        theirs = best(through_svg, 10)
    row(
        "raster frame 512² / SVG and CairoSVG",
        f"{ours * 1e3:.2f} ms",
        f"{theirs * 1e3:.1f} ms",
        f"{theirs / ours:.0f} ×",
    )


def main() -> None:
    row("what / against", "ours", "theirs", "ratio")
    for benchmark in (start_up, with_plugins, cold_animate, coherence, raster, decoding):
        benchmark()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"(this process: {peak:.0f} MB)")


if __name__ == "__main__":
    main()
