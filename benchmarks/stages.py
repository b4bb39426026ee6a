"""Measure the cost of each stage of a batch on one core: `python -m benchmarks.stages`.

This prints the figures of docs/explanation/scale.md. Animations are of synthetic drawings of all
four classes, with the default options: ten in-betweens, 512 px.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from strokeanim.animation.animation import Animation
from strokeanim.batch import plan, random_pairs
from strokeanim.batch.dispatcher import TOGETHER
from strokeanim.batch.shared_decoder import run_batched
from strokeanim.datasets.synthetic import synthesise_many
from strokeanim.engine import load_model
from strokeanim.geometry import Drawing
from strokeanim.io.saving import save
from strokeanim.io.sources import load
from strokeanim.latent.codec import Codec
from strokeanim.pipeline import animate

COUNT = 8 * TOGETHER
FORMATS = ("ndjson", "svg", "gif", "webp", "mp4")


@contextmanager
def told(what: str, count: int) -> Iterator[None]:
    """Print the CPU time of this process per item, and items per second."""
    start = time.process_time()
    yield
    each = (time.process_time() - start) / count
    print(f"{what:<44} {1e3 * each:9.2f} ms {1 / each:10.0f} a second")


def company(model: Codec, pairs: list[tuple[Drawing, Drawing]], coherent: bool) -> list[Animation]:
    """Make animations as a worker of a batch does."""
    made: list[Animation] = []
    for k in range(0, len(pairs), TOGETHER):
        tasks: list[Callable[[Codec], Animation]] = [
            lambda shared, pair=pair: animate(*pair, coherent=coherent, model=shared)
            for pair in pairs[k : k + TOGETHER]
        ]
        made += [one.result() for one in run_batched(model, tasks)]
    return made


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = str(folder / "drawings.ndjson")
        drawings = synthesise_many(4 * COUNT, seed=0)
        save(drawings, file)
        with told("a drawing read from ndjson", len(drawings)):
            load(file)
        entries = random_pairs(file, COUNT // 4)
        model = load_model()
        plan(entries, name, load_model, template="{line}.svg")
        with told("a job planned", len(entries)):
            plan(entries, name, load_model, template="{line}.svg")
        numbers = [[int(one.rpartition("#")[2]) for one in e.values["source"]] for e in entries]
        pairs = [(drawings[a], drawings[b]) for a, b in numbers]
        z = model.encode(drawings)
        with told("a drawing encoded", len(drawings)):
            model.encode(drawings)
        with told("a drawing decoded, one at a time", 64):
            for row in z[:64]:
                model.decode(row[None])
        with told("a drawing decoded, 256 at a time", len(z)):
            model.decode(z)
        company(model, pairs[:TOGETHER], coherent=True)
        with told("an animation, alone", len(pairs)):
            made = [animate(*pair, model=model) for pair in pairs]
        with told(f"an animation, {TOGETHER} at a time", len(pairs)):
            assert company(model, pairs, coherent=True) == made
        with told("an independent animation, alone", len(pairs)):
            [animate(*pair, coherent=False, model=model) for pair in pairs]
        with told(f"an independent animation, {TOGETHER} at a time", len(pairs)):
            company(model, pairs, coherent=False)
        for form in FORMATS:
            made[0].save(folder / f"a.{form}")
            files = [folder / f"{number}.{form}" for number in range(len(made))]
            with told(f"its {form}", len(made)):
                for animation, written in zip(made, files, strict=True):
                    animation.save(written)
            size = sum(written.stat().st_size for written in files) / len(files)
            print(f"{'':<44} {size / 1e3:9.1f} kB")


if __name__ == "__main__":
    main()
