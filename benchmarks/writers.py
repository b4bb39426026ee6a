"""Write frames to files with other libraries: same frames, same width, same CRF.

Each function follows the documentation of its library.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import svgwrite

from benchmarks.frames import FPS, SIZE, WIDTH
from strokeanim.animation.frame import Frame

CRF = 18
MP4 = {"format": "FFMPEG", "fps": FPS, "codec": "libx264", "pixelformat": "yuv420p"}
MP4 |= {"quality": None, "output_params": ["-crf", str(CRF)]}
"""The settings of imageio for a video."""


def with_matplotlib(path: Path, frames: Sequence[Frame]) -> None:
    """Update line artists with new points for each frame."""
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


def document(frame: Frame) -> bytes:
    """Return a frame as an svgwrite document."""
    style = {"fill": "none", "stroke": "#000000", "stroke_width": WIDTH}
    style |= {"stroke_linecap": "round", "stroke_linejoin": "round"}
    found = svgwrite.Drawing(size=(SIZE, SIZE), debug=False)
    found.add(found.rect((0, 0), (SIZE, SIZE), fill="#ffffff"))
    for stroke in frame.strokes:
        found.add(found.polyline(stroke.tolist(), **style))
    return bytes(found.tostring(), "utf-8")


def with_cairosvg(path: Path, frames: Sequence[Frame]) -> None:
    """Make a document for each frame, a PNG of it, and pass its pixels to imageio."""
    import cairosvg
    import imageio.v2 as imageio

    settings = MP4 if path.suffix == ".mp4" else {"duration": 1000 / FPS, "loop": 0}
    with imageio.get_writer(path, mode="I", **settings) as writer:
        for frame in frames:
            png = cairosvg.svg2png(document(frame))
            writer.append_data(imageio.imread(io.BytesIO(png))[..., :3])


def png(path: Path, frames: Sequence[Frame]) -> None:
    """Write the first frame as a PNG."""
    import cairosvg

    cairosvg.svg2png(document(frames[0]), write_to=str(path))


def with_drawsvg(path: Path, frames: Sequence[Frame]) -> None:
    """Draw frames by a function, within drawsvg's context manager that makes a video."""
    import drawsvg

    def draw(frame: Frame) -> drawsvg.Drawing:
        drawing = drawsvg.Drawing(SIZE, SIZE)
        drawing.append(drawsvg.Rectangle(0, 0, SIZE, SIZE, fill="#ffffff"))
        drawing.extend(drawsvg_lines(frame))
        return drawing

    settings = MP4 if path.suffix == ".mp4" else {"duration": 1000 / FPS, "loop": 0}
    with drawsvg.frame_animate_video(str(path), draw, **settings) as animation:
        for frame in frames:
            animation.draw_frame(frame)


def drawsvg_lines(frame: Frame) -> list[object]:
    """Return the strokes of a frame as drawsvg elements."""
    import drawsvg

    ends = {"stroke_linecap": "round", "stroke_linejoin": "round"}
    style = {"fill": "none", "stroke": "#000000", "stroke_width": WIDTH} | ends
    return [drawsvg.Lines(*stroke.ravel().tolist(), **style) for stroke in frame.strokes]


def drawsvg_layers(path: Path, frames: Sequence[Frame]) -> None:
    """Write a group for each frame, all but the first hidden."""
    import drawsvg

    drawing = drawsvg.Drawing(SIZE, SIZE)
    for place, frame in enumerate(frames):
        layer = drawsvg.Group(id=f"frame-{place}", display="none" if place else None)
        layer.extend(drawsvg_lines(frame))
        drawing.append(layer)
    drawing.save_svg(path)


def drawsvg_moving(path: Path, frames: Sequence[Frame]) -> None:
    """Write a path for each stroke, with a key frame for each frame."""
    import drawsvg

    config = drawsvg.types.SyncedAnimationConfig(duration=len(frames) / FPS)
    drawing = drawsvg.Drawing(SIZE, SIZE, animation_config=config)
    lines = drawsvg_lines(frames[0])
    for place, frame in enumerate(frames):
        for line, moved in zip(lines, drawsvg_lines(frame), strict=True):
            line.add_key_frame(place / FPS, d=moved.args["d"])
    drawing.extend(lines)
    drawing.save_svg(path)
