"""The errors strokeanim raises on purpose.

Every message says what is wrong, where, and what to do about it. The command line turns an
`InputError` into exit code 2 and every other `StrokeAnimError` into exit code 1.
"""


class StrokeAnimError(Exception):
    """Root of all errors that strokeanim raises on purpose."""


class InputError(StrokeAnimError, ValueError):
    """A mistake in what was asked for: a file, a selector, an option, a model folder."""


class OutputError(StrokeAnimError, OSError):
    """The result could not be written: the disk is full, or worse."""


class DestinationError(OutputError, InputError):
    """The place named for the output can't be used: no such folder, no permission, not a file."""


class PluginError(StrokeAnimError):
    """A renderer plugin is broken or broke the renderer contract."""


class MissingDependencyError(StrokeAnimError, ImportError):
    """An optional package or system library is needed for this and is not installed."""
