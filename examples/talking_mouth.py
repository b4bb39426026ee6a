"""Animate a talking mouth, from visemes or from the loudness of speech in an audio file.

    python examples/talking_mouth.py
    python examples/talking_mouth.py --visemes "M:0.1 AA:0.25 M:0.1 AA:0.3 -:0.4" --out mama.mp4
    python examples/talking_mouth.py --audio speech.wav --out speech.mp4

By default it writes an MP4 that says hello. With --audio, the MP4 includes the sound. One animation
leads from the closed mouth to the open one, and every frame is one of its frames, made wider or
narrower, so the strokes keep their identity.
"""

from __future__ import annotations

import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import av
import numpy as np
import typer

import strokeanim as sa

FPS, RATE, STEPS = 25, 48000, 22
VISEMES = {  # openness, width
    "-": (0.0, 1.0), "M": (0.0, 0.92), "F": (0.1, 1.0), "T": (0.2, 1.0), "S": (0.15, 1.1),
    "L": (0.35, 0.95), "R": (0.3, 0.8), "W": (0.25, 0.55), "OO": (0.4, 0.58), "OH": (0.7, 0.66),
    "EE": (0.3, 1.15), "EH": (0.5, 1.1), "AH": (0.75, 1.0), "AA": (1.0, 0.95),
}  # fmt: skip
HELLO = "-:0.3 EH:0.16 L:0.12 OH:0.3 -:0.16 W:0.14 R:0.14 L:0.12 T:0.1 -:0.5"
INTO = 0.06
"""Seconds of transition into a viseme and out of it."""


def main(
    visemes: Annotated[str, typer.Option(help=f"NAME:SECONDS …, of {' '.join(VISEMES)}.")] = HELLO,
    audio: Annotated[Path | None, typer.Option(help="Any file with speech in it.")] = None,
    out: Annotated[Path, typer.Option(help="An MP4.")] = Path("talking.mp4"),
) -> None:
    if out.suffix != ".mp4":
        raise sa.InputError(f"{out}: name a .mp4")
    if audio is not None and audio.resolve() == out.resolve():
        raise sa.InputError(f"{out} is what is listened to; name another file")
    sound = None if audio is None else heard(audio)
    wanted = spoken(visemes) if sound is None else loud(sound)
    way = sa.animate(mouth(0), mouth(1), steps=STEPS, pin=True)
    middle, frames = way.canvas.centre, []
    for openness, width in wanted:
        frame = way.frames[round(openness * (STEPS + 1))]
        strokes = [(stroke - middle) * [width, 1] + middle for stroke in frame.strokes]
        frames.append(sa.Frame(strokes, frame.ids))
    durations = (Fraction(1, FPS),) * len(frames)
    talking = sa.Animation(tuple(frames), durations, way.canvas.expand(24), "mouth")
    talking.save(out, size=480, width=6)
    if sound is not None:
        add(sound, out)
    print(f"{out}: {float(talking.duration):g} s")


def mouth(openness: float) -> sa.Drawing:
    """Draw two lips as four strokes: 0 is closed, 1 fully open."""
    x = np.linspace(-1, 1, 21)
    bulge, bow = 1 - x**2, np.exp(-(((abs(x) - 0.28) / 0.16) ** 2))
    lines = [
        -(0.3 + 0.22 * openness) * bulge - 0.1 * bow,
        (0.34 + 0.9 * openness) * bulge,
        -0.25 * openness * bulge - 0.02,
        0.85 * openness * bulge - 0.02,
    ]
    wide = [x, x, 0.82 * x, 0.82 * x]
    strokes = [np.stack(line, axis=1) * 128 for line in zip(wide, lines, strict=True)]
    return sa.Drawing(strokes, label="mouth")


def spoken(visemes: str) -> np.ndarray:
    """Return openness and width in each frame, `(frames, 2)`, from visemes."""
    times, targets, now = [], [], 0.0
    for word in visemes.split() or [visemes]:
        name, _, seconds = word.partition(":")
        try:
            target, lasts = VISEMES[name], float(seconds)
        except (KeyError, ValueError):
            lasts = 0.0
        if not 0 < lasts <= 60:
            known = " ".join(VISEMES)
            raise sa.InputError(f"{word!r} is not NAME:SECONDS, up to 60; names are {known}")
        edge = min(INTO, lasts / 2)
        times += [now + edge, now + lasts - edge]
        targets += [target, target]
        now += lasts
    at = np.arange(round(now * FPS) or 1) / FPS
    return np.stack([np.interp(at, times, column) for column in np.transpose(targets)], axis=1)


def heard(audio: Path) -> np.ndarray:
    """Return all samples of an audio file, one channel, `RATE` per second."""
    parts = []
    try:
        with av.open(str(audio)) as file:
            to_mono = av.AudioResampler("fltp", "mono", RATE)
            for frame in [*file.decode(audio=0), None] if file.streams.audio else []:
                parts += to_mono.resample(frame)
    except av.FFmpegError as error:
        raise sa.InputError(f"{audio}: {error.strerror}") from None
    if not parts:
        raise sa.InputError(f"{audio}: there is no sound in it")
    return np.concatenate([part.to_ndarray()[0] for part in parts])


def loud(sound: np.ndarray) -> np.ndarray:
    """Return openness and width in each frame: the louder, the wider open, and the narrower."""
    size = RATE // FPS
    padded = np.pad(sound, (0, -len(sound) % size)).reshape(-1, size)
    rms = np.sqrt((padded**2).mean(axis=1))
    open_ = np.clip(rms / max(np.percentile(rms, 95), 1e-4) * 1.1 - 0.1, 0, 1) ** 0.7
    smooth = np.convolve(np.pad(open_, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
    return np.stack([smooth, 1 - 0.15 * smooth], axis=1)


def add(sound: np.ndarray, video: Path) -> None:
    """Add sound to a video file as AAC, without encoding the pictures again."""
    options = {"fflags": "+bitexact", "movflags": "+faststart"}
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "whole.mp4")
        with av.open(str(video)) as silent, av.open(str(whole), "w", options=options) as file:
            pictures = file.add_stream_from_template(silent.streams.video[0])
            voice = file.add_stream("aac", rate=RATE, layout="mono")
            for packet in silent.demux(video=0):
                if packet.dts is not None:
                    packet.stream = pictures
                    file.mux(packet)
            frame = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
            frame.sample_rate = RATE
            file.mux(voice.encode(frame))
            file.mux(voice.encode(None))
        video.write_bytes(whole.read_bytes())


if __name__ == "__main__":
    try:
        typer.run(main)
    except sa.StrokeAnimError as error:
        print(f"talking_mouth: {error}", file=sys.stderr)
        sys.exit(2)
