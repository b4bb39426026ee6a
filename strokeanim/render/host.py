"""Write animations with renderers: the host's side of the renderer contract.

The host checks the renderer, its options and the destination before it writes the first byte.
Then it maps the frames to px and streams them into sessions, whose sinks become files only if
every session succeeds.
"""

from __future__ import annotations

import contextlib
import io
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from strokeanim import params as option_parser
from strokeanim.animation.frame import Frame
from strokeanim.errors import InputError, PluginError, StrokeAnimError
from strokeanim.io.atomic_files import Staging, check_destination, is_full, output_error, staging
from strokeanim.render.guard import Guard
from strokeanim.render.plugins import registry
from strokeanim.render.protocol import RenderContext, Renderer, RendererSpec
from strokeanim.render.style import Style, apply_style

if TYPE_CHECKING:
    from strokeanim.animation.animation import Animation

_PATTERN = re.compile(r"%0?\d*d")
STYLE_OPTIONS = frozenset(option_parser.option_names(Style))


def save(
    animation: Animation,
    path: str | PathLike[str],
    renderer: str | Renderer | type[Renderer] | None = None,
    **options: object,
) -> Path | list[Path]:
    """Write an animation to one file, or to one file per frame; see `Animation.save`."""
    return save_all(animation, [path], renderer, options)[0]


def save_all(
    animation: Animation,
    paths: Sequence[str | PathLike[str]],
    renderer: str | Renderer | type[Renderer] | None = None,
    options: Mapping[str, object] | None = None,
) -> list[Path | list[Path]]:
    """Write an animation to several outputs, each complete or not at all.

    All outputs are checked before any is written. An option goes to the renderers that have it.

    Args:
        animation: the animation to write.
        paths: the output paths; without `renderer`, the extension of each selects its renderer.
        renderer: the renderer of all outputs: a name, a `dist:name`, a renderer, or its class.
        options: style and renderer options, as values or as text.

    Returns:
        One item per output: its path, or a list of paths if its name holds a number pattern.

    Raises:
        InputError, OutputError, PluginError: as `Animation.save`.
    """
    destinations, given = [Path(path) for path in paths], options or {}
    chosen = _resolve_renderers(destinations, renderer, given)
    jobs = [
        _prepare_job(animation, *pair, given) for pair in zip(destinations, chosen, strict=True)
    ]
    for job in jobs:
        job.run()
    return [job.files if job.is_series else job.files[0] for job in jobs]


def check_outputs(
    paths: Sequence[str | PathLike[str]],
    renderer: str | Renderer | type[Renderer] | None = None,
    options: Mapping[str, object] | None = None,
) -> None:
    """Check outputs before their animation exists, assuming that it has several frames.

    Args:
        paths: as for `save_all`, but their folders need not exist yet.
        renderer: as for `save_all`.
        options: as for `save_all`.

    Raises:
        InputError, PluginError: as `save_all` would.
    """
    destinations, given = [Path(path) for path in paths], options or {}
    renderers = _resolve_renderers(destinations, renderer, given)
    for destination, chosen in zip(destinations, renderers, strict=True):
        _parse_settings(chosen, given)
        _expand_path(destination, chosen.renderer.spec, 2)


@dataclass(frozen=True)
class _Job:
    """An output that has been checked and is ready to be written."""

    animation: Animation
    renderer: Renderer
    origin: str
    options: Any
    context: RenderContext
    files: list[Path]
    is_series: bool

    def run(self) -> None:
        frames = self._map_frames()
        with staging() as staged:
            if not self.is_series:
                self._write_file(staged, self.files[0], self.context, frames, 1)
                return
            for index, (file, frame) in enumerate(zip(self.files, frames, strict=True)):
                context = replace(
                    self.context,
                    durations=self.context.durations[index : index + 1],
                    facts=self.context.facts[index : index + 1],
                )
                self._write_file(staged, file, context, [frame], index + 1)

    def _write_file(
        self,
        staged: Staging,
        file: Path,
        context: RenderContext,
        frames: Iterable[Frame],
        first: int,
    ) -> None:
        with contextlib.ExitStack() as sinks:

            def companion(extension: str) -> BinaryIO:
                return sinks.enter_context(staged.open(file.with_suffix(extension)))

            sink = sinks.enter_context(staged.open(file))
            self._write(sink, file, replace(context, companion=companion), frames, first)

    def _map_frames(self) -> Iterator[Frame]:
        """Yield the frames in the units of the renderer: px of the canvas, or drawing units."""
        animation = self.animation
        if self.renderer.spec.units == "drawing":
            yield from animation.frames
            return
        corner = np.array([animation.canvas.x, animation.canvas.y])
        scale = max(self.context.width, self.context.height) / animation.canvas.longer
        for frame in animation.frames:
            strokes = [(stroke.astype(np.float64) - corner) * scale for stroke in frame.strokes]
            yield Frame(strokes, frame.ids, frame.opacity, frame.colours)

    def _write(
        self,
        sink: BinaryIO,
        file: Path,
        context: RenderContext,
        frames: Iterable[Frame],
        first: int,
    ) -> None:
        """Drive one session; raise what it does wrong as an error that names the renderer.

        `first` is the number of the first frame within the animation, from 1.
        """
        guard, step = self._build_guard(), "open()"
        try:
            with guard:
                session = self.renderer.open(sink, context, self.options)
            try:
                self._check_session(session)
                for number, frame in enumerate(frames, start=first):
                    step = f"frame {number} of {len(self.context.durations)}"
                    with guard:
                        session.frame(frame)
                step = "finish()"
                with guard:
                    session.finish()
            except BaseException:
                with guard:
                    _abort(session, context.log)
                raise
            self._check_sink(sink)
        except StrokeAnimError:
            raise
        except (Exception, SystemExit) as error:
            if isinstance(error, OSError) and is_full(error):
                raise output_error(file, error) from error
            location = _locate(error, type(self.renderer).__module__)
            raise self._build_error(
                f"failed at {step} ({type(error).__name__}: {error}{location})"
            ) from error

    def _build_guard(self) -> AbstractContextManager[None]:
        if type(self.renderer).__module__.startswith("strokeanim."):
            return contextlib.nullcontext()
        # The folder of the path as given, and that of the file which a link may lead to.
        folders = {parent for file in self.files for parent in (file.parent, file.resolve().parent)}
        return Guard(self.origin, folders)

    def _check_sink(self, sink: BinaryIO) -> None:
        if sink.closed:
            raise self._build_error("closed its sink, which is the host's to close")
        if sink.seek(0, io.SEEK_END) == 0:
            raise self._build_error("had written nothing when finish() returned")

    def _check_session(self, session: object) -> None:
        if session is None:
            raise self._build_error("returned nothing from open(); it must return the session")
        for method in ("frame", "finish", "abort"):
            if not callable(getattr(session, method, None)):
                kind = type(session).__name__
                raise self._build_error(f"opened a session, {kind}, that has no {method}()")

    def _build_error(self, what: str) -> PluginError:
        return PluginError(
            f"{self.origin} {what}; report it to its authors, or use another renderer"
        )


def _abort(session: Any, log: logging.Logger) -> None:
    try:
        session.abort()
    except (Exception, SystemExit):
        # The error that led to abort() matters more.
        log.debug("abort() raised, which it must not", exc_info=True)


def _locate(error: BaseException, module: str) -> str:
    """Return where in a plugin's code an error was raised: `", strokeanim_dots.py:12"`, or ""."""
    package = module.partition(".")[0]
    location, trace = "", error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        if str(frame.f_globals.get("__name__")).partition(".")[0] == package != "strokeanim":
            location = f", {Path(frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return location


def _resolve_renderers(
    paths: Sequence[Path],
    renderer: str | Renderer | type[Renderer] | None,
    given: Mapping[str, object],
) -> list[registry.FoundRenderer]:
    if not paths:
        raise InputError("no file to write was named; name one such as mouth.gif")
    if len(set(paths)) < len(paths):
        raise InputError("the same file is named twice; name each output once")
    chosen = [_resolve_renderer(path, renderer) for path in paths]
    specs = [found.renderer.spec for found in chosen]
    known = {key for spec in specs for key in option_parser.option_names(spec.options)}
    for key in given:
        if key not in known | STYLE_OPTIONS:
            names = " and ".join(dict.fromkeys(spec.name for spec in specs))
            raise option_parser.unknown_option(key, known | STYLE_OPTIONS, names)
    return chosen


def _resolve_renderer(
    path: Path, renderer: str | Renderer | type[Renderer] | None
) -> registry.FoundRenderer:
    if renderer is None or isinstance(renderer, str):
        return registry.find(path, renderer)
    instance = renderer() if isinstance(renderer, type) else renderer
    return registry.FoundRenderer(instance, f"renderer {instance.spec.name!r}")


def _prepare_job(
    animation: Animation, path: Path, chosen: registry.FoundRenderer, given: Mapping[str, object]
) -> _Job:
    spec = chosen.renderer.spec
    style, options, background = _parse_settings(chosen, given)
    if style.draw_on != 0 and spec.kind == "sequence" and not spec.timing:
        logging.getLogger(f"strokeanim.render.{spec.name}").warning(
            "%s holds no times, so draw_on is left out", spec.name
        )
        style = replace(style, draw_on=0.0)
    animation = apply_style(animation, style)
    files, is_series = _expand_path(path, spec, len(animation.frames))
    for file in files:
        check_destination(file)
    context = _build_context(animation, spec, style, background, path)
    return _Job(animation, chosen.renderer, chosen.origin, options, context, files, is_series)


def _parse_settings(
    chosen: registry.FoundRenderer, given: Mapping[str, object]
) -> tuple[Style, Any, str | None]:
    """Return the style, the renderer's own options, and the background; None is transparent."""
    spec = chosen.renderer.spec
    own = {key: given[key] for key in option_parser.option_names(spec.options) if key in given}
    shared = {key: given[key] for key in STYLE_OPTIONS - own.keys() if key in given}
    style = option_parser.parse_options(Style, shared, spec.name)
    background = spec.background if style.background == "auto" else style.background
    if background is None and not spec.transparency:
        raise InputError(f"{spec.name} has no transparency; give background=#rrggbb")
    try:
        return style, option_parser.parse_options(spec.options, own, spec.name), background
    except StrokeAnimError:
        raise
    except Exception as error:
        raise PluginError(
            f"{chosen.origin} failed to check its options ({type(error).__name__}: {error}); "
            "report it to its authors, or use another renderer"
        ) from error


def _build_context(
    animation: Animation, spec: RendererSpec, style: Style, background: str | None, path: Path
) -> RenderContext:
    canvas = animation.canvas
    scale = style.px / canvas.longer
    log = logging.getLogger(f"strokeanim.render.{spec.name}")
    suffix = path.suffix.lower()
    if suffix not in spec.extensions:
        log.warning(
            "%s is written by %s as a %s file; its extensions are %s",
            path.name, spec.name, spec.extensions[0], ", ".join(spec.extensions),
        )  # fmt: skip
    return RenderContext(
        width=max(1, round(canvas.width * scale)),
        height=max(1, round(canvas.height * scale)),
        stroke=style.stroke,
        stroke_width=style.stroke_width,
        background=background,
        smooth=style.smooth,
        durations=animation.durations,
        label=animation.label,
        facts=animation.facts,
        log=log,
        extension=suffix if suffix in spec.extensions else spec.extensions[0],
        colours=_collect_colours(animation, style.stroke),
        mm_per_px=style.mm_per_px,
    )


def _collect_colours(animation: Animation, stroke: str) -> tuple[str, ...]:
    """Return the distinct colours of all strokes, in order of their first use."""
    colours: dict[str, None] = {}
    for frame in animation.frames:
        colours.update(dict.fromkeys(frame.colours if frame.colours else [stroke]))
    return tuple(colours)


def _expand_path(path: Path, spec: RendererSpec, frames: int) -> tuple[list[Path], bool]:
    """Return the files to write, and whether they are a numbered series."""
    patterns = _PATTERN.findall(path.name)
    if len(patterns) > 1:
        raise InputError(f"{path.name!r} holds {len(patterns)} number patterns; keep one")
    if patterns:
        return [
            path.with_name(path.name.replace(patterns[0], patterns[0] % index))
            for index in range(frames)
        ], True
    if spec.kind == "frame" and frames > 1:
        numbered = f"{path.stem}-%04d{path.suffix}"
        raise InputError(
            f"{spec.name} holds one frame and there are {frames}; name the file {numbered} for "
            f"one file per frame, give a single frame, or pick another format such as .gif"
        )
    return [path], False


__all__ = ["STYLE_OPTIONS", "check_outputs", "save", "save_all"]
