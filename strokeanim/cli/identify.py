"""`strokeanim identify`: which feature is it, and how sure."""

from __future__ import annotations

from typing import Annotated

import typer

from strokeanim.cli import _shared


def identify(
    source: Annotated[
        list[str],
        typer.Argument(metavar="INPUT...", help="Drawings or pictures; every drawing of a file."),
    ],
    model: _shared.Model = "faces",
    skip_bad: _shared.SkipBad = False,
    allow: _shared.Allow = None,
    json: _shared.Json = False,
) -> None:
    """Say what each drawing shows, by the model's own class head.

    Example: strokeanim identify photo.png sample:eye/0 --json
    """
    from strokeanim.io.sources import SourceName, load, parse_source, stream

    codec = _shared.codec(model)
    rows = []
    with _shared.policy(allow, skip_bad) as policy:
        read = stream if skip_bad else load  # of a picture that is no good, there is nothing
        found = [list(read(one, policy.limits, policy.on_bad)) for one in source]
    for one, drawings in zip(source, found, strict=True):
        if not drawings:
            continue
        alone = len(drawings) == 1
        labels, probabilities = codec.identify(drawings)
        for place, (drawing, label, row) in enumerate(
            zip(drawings, labels, probabilities, strict=True)
        ):
            rows.append(
                {
                    "source": one
                    if alone
                    else str(SourceName(parse_source(one).place, str(place))),
                    "key": drawing.key,
                    "label": label,
                    "probability": round(float(row.max()), 4),
                    "probabilities": {
                        name: round(float(p), 4) for name, p in zip(codec.classes, row, strict=True)
                    },
                }
            )
    if json:
        _shared.print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['label']:8} {row['probability']:.2f}  {row['source']}")
