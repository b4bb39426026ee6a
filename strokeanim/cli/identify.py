"""Run `strokeanim identify`: classify drawings, with probabilities."""

from __future__ import annotations

from typing import Annotated

import typer

from strokeanim.cli import _shared


def identify(
    source: Annotated[
        list[str],
        typer.Argument(metavar="INPUT...", help="Drawings or pictures; of a file, every drawing."),
    ],
    model: _shared.Model = "faces",
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
    json: _shared.Json = False,
) -> None:
    """Print the class of each drawing, by the class head of the model.

    Example: strokeanim identify photo.png sample:eye/0 --json
    """
    from strokeanim.io.sources import SourceName, load, parse_source, stream

    codec = _shared.load_codec(model)
    rows = []
    with _shared.policy(allow, skip_bad) as policy:
        read = stream if skip_bad else load  # a bad picture leaves nothing, which `stream` allows
        loaded = [list(read(name, policy.limits, policy.on_bad)) for name in source]
    for name, drawings in zip(source, loaded, strict=True):
        if not drawings:
            continue
        is_single = len(drawings) == 1
        labels, probabilities = codec.identify(drawings)
        for index, (drawing, label, row) in enumerate(
            zip(drawings, labels, probabilities, strict=True)
        ):
            rows.append(
                {
                    "source": name
                    if is_single
                    else str(SourceName(parse_source(name).place, str(index))),
                    "key": drawing.key,
                    "label": label,
                    "probability": round(float(row.max()), 4),
                    "probabilities": {
                        class_name: round(float(p), 4)
                        for class_name, p in zip(codec.classes, row, strict=True)
                    },
                }
            )
    if json:
        _shared.print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['label']:8} {row['probability']:.2f}  {row['source']}")
