"""Write HPGL for one of the plotters that vpype supports."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import get_args

import vpype

from strokeanim.errors import InputError
from strokeanim_plotter.formats import MM
from strokeanim_plotter.options import Page, PlotterOptions
from strokeanim_plotter.sheet import Box

EMPTY = "IN;DF;PU;SP0;IN;\n"
"""A sheet without ink, for which vpype would write an empty file."""

ANY_PAGE = "flex"
"""Name by vpype of the paper of a plotter that takes any."""


class Hpgl:
    """HPGL as vpype writes it, absolute coordinates in the plotter's own units.

    Raises:
        InputError: vpype does not know the plotter, or it does not take the page.
    """

    def __init__(self, options: PlotterOptions) -> None:
        self._device = options.device
        self._plotter = _plotter(options.device)
        self._paper = self._plotter.paper_config(options.page) or self._plotter.paper_config(
            ANY_PAGE
        )
        if self._paper is None:
            raise InputError(_other_ways(self._plotter, options))

    def reach(self, page: Box) -> Box:
        """Return the part of the page between the plotter's limits, where vpype would crop.

        A plotter unit less on each side, so that rounding takes no line along the edge away.
        """
        paper = self._paper
        if paper.x_range is None or paper.y_range is None:
            return page
        width, height = self._paper_size(page)
        unit = self._plotter.plotter_unit_length / MM
        left, top = (place / MM for place in paper.origin_location)
        if paper.origin_location_reference == "botleft":
            top = height - top
        up = -1 if paper.y_axis_up else 1
        corners = [
            complex(left + x * unit, top + up * y * unit)
            for x, y in (
                (paper.x_range[0] + 1, paper.y_range[0] + 1),
                (paper.x_range[1] - 1, paper.y_range[1] - 1),
            )
        ]
        if paper.rotate_180:
            corners = [complex(width, height) - corner for corner in corners]
        if (page.width > page.height) != (width > height):
            corners = [complex(height - corner.imag, corner.real) for corner in corners]
        (left, right), (top, bottom) = (
            sorted(corner.real for corner in corners),
            sorted(corner.imag for corner in corners),
        )
        return page & Box(left, top, right, bottom)

    def text(self, document: vpype.Document) -> str:
        if document.is_empty():
            return EMPTY
        width, height = document.page_size
        text = io.StringIO()
        vpype.write_hpgl(
            text,
            document,
            page_size=self._paper.name,
            landscape=width > height,
            center=False,
            device=self._device,
            velocity=None,
            absolute=True,
            quiet=True,
        )
        return text.getvalue()

    def _paper_size(self, page: Box) -> tuple[float, float]:
        """Return the size of the paper as it lies in the plotter, mm."""
        width, height = (
            (page.width, page.height)
            if self._paper.paper_size is None
            else (side / MM for side in self._paper.paper_size)
        )
        lies = "landscape" if width > height else "portrait"
        if self._paper.paper_orientation in (None, lies):
            return width, height
        return height, width


def _plotter(device: str) -> vpype.PlotterConfig:
    try:
        plotter = vpype.config_manager.get_plotter_config(device)
    except ValueError as error:
        raise InputError(f"vpype can't read what it knows of device={device}: {error}") from error
    if plotter is None:
        known = ", ".join(sorted(vpype.config_manager.get_plotter_list()))
        raise InputError(f"vpype knows no device={device}; it knows {known}")
    return plotter


def _other_ways(plotter: vpype.PlotterConfig, options: PlotterOptions) -> str:
    """Return the fix for a page that a plotter doesn't take."""
    devices = ", ".join(_devices_with(options.page))
    return (
        f"device={options.device} takes no page={options.page}; it takes "
        f"{', '.join(_names(plotter))}. "
        + (f"The page fits device={devices}" if devices else "No device takes that page")
        + "; vpype learns of others from ~/.vpype.toml"
    )


def _devices_with(page: str) -> Iterator[str]:
    for device in sorted(vpype.config_manager.get_plotter_list()):
        with contextlib.suppress(InputError):
            if _plotter(device).paper_config(page) is not None:
                yield device


def _names(plotter: vpype.PlotterConfig) -> list[str]:
    """Return the pages that a plotter takes, among those of the option `page`."""
    return [page for page in get_args(Page) if plotter.paper_config(page) is not None]
