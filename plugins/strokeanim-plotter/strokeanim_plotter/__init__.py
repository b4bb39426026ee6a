"""Write files for pen plotters with strokeanim: HPGL, G-code and SVG, one sheet of paper per file.

The strokes become lines of a `vpype.Document`, which vpype crops, merges and writes. vpype takes
long to import, so that only `session` and what it imports know it.
"""

from strokeanim_plotter.options import PlotterOptions
from strokeanim_plotter.renderer import PlotterRenderer

__all__ = ["PlotterOptions", "PlotterRenderer"]
