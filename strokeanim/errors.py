"""Define the errors that strokeanim raises deliberately.

Every message states what is wrong, where, and what to do about it, naming arguments as in Python:
`pin`, never `--pin`. The command line shows the flag instead of `option`, and turns an
`InputError` into exit code 2 and every other `StrokeAnimError` into exit code 1.
"""


class StrokeAnimError(Exception):
    """Base class of all errors that strokeanim raises deliberately.

    Attributes:
        option: the argument that the message tells to change, by its name in Python; the command
            line shows it as its flag. None if no argument is to blame.
    """

    option: str | None

    def __init__(self, *args: object, option: str | None = None) -> None:
        super().__init__(*args)
        self.option = option


class InputError(StrokeAnimError, ValueError):
    """A mistake in the input: a file, a selector, an option, a model folder."""


class OutputError(StrokeAnimError, OSError):
    """The output could not be written, for example because the disk is full."""


class DestinationError(OutputError, InputError):
    """The output path can't be used: no such folder, no permission, not a file."""


class PluginError(StrokeAnimError):
    """A renderer plugin is broken or broke the renderer contract."""


class MissingDependencyError(StrokeAnimError, ImportError):
    """An optional package or system library is required but not installed."""
