import logging
import subprocess
import sys
from pathlib import Path

import pytest
from strokeanim_plotter import PlotterRenderer

from strokeanim.testing import RendererConformance


class TestHpgl(RendererConformance):
    renderer = PlotterRenderer


class TestGcode(RendererConformance):
    renderer = PlotterRenderer
    extension = ".gcode"


class TestSvg(RendererConformance):
    renderer = PlotterRenderer
    extension = ".svg"


@pytest.mark.parametrize("extension", PlotterRenderer.spec.extensions)
def test_the_root_logger_stays_as_it_is(extension):
    program = (
        "import logging, reading\n"
        f"reading.written([[[(1, 1), (9, 9)]]] * 2, {extension!r})\n"
        "assert not logging.getLogger().handlers\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parent)
    assert not any(type(one) is logging.NullHandler for one in logging.getLogger().handlers)
