"""Train a model on classes of your own in minutes, describe it, and animate its drawings.

    python examples/train_own_classes.py banana snail "wine glass" --data drawings.ndjson --out mine

DATA is QuickDraw ndjson with drawings of these classes, a few dozen of each or more; any other
classes in it teach the model how people draw. Training begins with the weights of the bundled
model, so it only has to learn the new shapes. Each step is a command that you could type.
"""

from __future__ import annotations

import difflib
import json
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from strokeanim.cli.main import main as strokeanim
from strokeanim.datasets.splits import by_label, split
from strokeanim.engine import model_folder, read_metadata
from strokeanim.errors import InputError, StrokeAnimError
from strokeanim.geometry import Drawing
from strokeanim.io.atomic_files import reporting_errors
from strokeanim.io.ndjson import write_ndjson
from strokeanim.io.sources import load

CONFIG = """[model]
{model}

[data]
synthetic = 0
real = ["drawings.ndjson"]
real_share = {share}
{other}
[train]
steps = {steps}
rate = 5e-4
kl_warmup = 0
batch = {batch}
"""


def main(
    classes: Annotated[list[str], typer.Argument(help="QuickDraw's words.")],
    data: Annotated[Path, typer.Option(help="QuickDraw ndjson that holds them.")],
    out: Annotated[Path, typer.Option(help="A folder for everything.")] = Path("mine"),
    steps: Annotated[int, typer.Option(help="Of training; 400 take some six minutes.")] = 400,
    start: Annotated[str, typer.Option("--from", help="The model to begin with.")] = "faces",
) -> None:
    found = by_label(d for d in load(str(data)) if isinstance(d, Drawing) and d.strokes)
    for name in classes:
        if len(found.get(name, [])) < 6:
            near = ", ".join(difflib.get_close_matches(name, found, 3)) or "none alike"
            raise InputError(
                f"{data} holds {len(found.get(name, []))} drawings of {name!r}; near: {near}"
            )
    with reporting_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    own = [drawing for name in classes for drawing in found[name]]
    rest = [d for name, some in found.items() if name not in classes for d in some]
    write_ndjson(own, out / "drawings.ndjson")
    write_ndjson(rest, out / "other.ndjson")
    other = 'other = ["other.ndjson"]\nother_share = 0.3\n' if rest else ""
    share = 0.7 if rest else 1.0
    # keep the network whose weights training begins with; only its classes are new
    before = read_metadata(model_folder(start))["config"]
    model = {**before["model"], "classes": classes}
    text = CONFIG.format(
        model="\n".join(f"{key} = {json.dumps(value)}" for key, value in model.items()),
        share=share,
        other=other,
        steps=steps,
        batch=before["train"]["batch"],
    )
    (out / "config.toml").write_text(text)

    run("train", out / "config.toml", "--out", out / "run", "--from", start, "--resume")
    run("model", "export", out / "run", "--out", out / "model", "--data", out / "drawings.ndjson")
    run("model", "info", "--model", out / "model")
    held = split(own)["test"]
    write_ndjson(held, out / "test.ndjson")
    for name in classes:
        first, second = [place for place, d in enumerate(held) if d.label == name][:2]
        source = out / "test.ndjson"
        gif = out / f"{name.replace(' ', '-')}.gif"
        run("animate", f"{source}#{first}", f"{source}#{second}", "--out", gif,
            "--model", out / "model")  # fmt: skip


def run(*arguments: object) -> None:
    words = [str(word) for word in arguments]
    print("$", shlex.join(["strokeanim", *words]), flush=True)
    if code := strokeanim(words):
        sys.exit(code)


if __name__ == "__main__":
    try:
        typer.run(main)
    except StrokeAnimError as error:
        print(f"train_own_classes: {error}", file=sys.stderr)
        sys.exit(2)
