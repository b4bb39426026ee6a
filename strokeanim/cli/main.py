"""Assemble the commands into the command line, `strokeanim COMMAND …`, and run it.

Neither this module nor the top of a command's module imports anything heavy: `--help` must be
quick.
"""

from __future__ import annotations

import re
import sys
import traceback
from typing import Annotated, Any

import typer

from strokeanim import __version__
from strokeanim.cli import (
    animate,
    batch,
    convert,
    data,
    demo,
    evaluate,
    generate,
    identify,
    latents,
    model,
    plugins,
    render,
    vectorise,
)
from strokeanim.cli import train as train_command
from strokeanim.errors import InputError, StrokeAnimError

INTERRUPTED = 130
"""The exit code after Ctrl-C, as in shells."""

app = typer.Typer(
    name="strokeanim",
    help="Turn drawings into animations made of strokes.",
    epilog="Example: strokeanim animate sample:mouth --out mouth.gif",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich parses Markdown, which triples the time of --help
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(requested: bool) -> None:
    if requested:
        typer.echo(f"strokeanim {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Show the traceback of an error; allowed at any position."),
    ] = False,
) -> None:
    """Turn drawings into animations made of strokes."""
    del version, debug


app.command("demo")(demo.demo)
app.command("animate")(animate.animate)
app.command("batch")(batch.batch)
app.command("render")(render.render)
app.command("convert")(convert.convert)
app.command("vectorise")(vectorise.vectorise)
app.command("identify")(identify.identify)
app.command("generate")(generate.generate)
app.command("latents")(latents.latents)
app.command("evaluate")(evaluate.evaluate)
app.command("train")(train_command.train)
app.add_typer(data.app, name="data")
app.add_typer(model.app, name="model")
app.add_typer(plugins.app, name="plugins")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code: 0, 2 for mistakes in the input, else 1.

    Errors are printed as one or two lines on stderr, with a traceback only under `--debug`.

    Args:
        arguments: the words after the program's name; those of the process by default.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in arguments
    # "-#3" is a source, not an option.
    arguments = [
        f"stdin:{argument[1:]}" if argument.startswith("-#") else argument
        for argument in arguments
        if argument != "--debug"
    ]
    try:
        code: int = app(arguments, prog_name="strokeanim", standalone_mode=False) or 0
        if code == INTERRUPTED:  # typer has caught the KeyboardInterrupt
            raise KeyboardInterrupt
        return code
    except _UsageError as error:
        return _print_usage_error(error)
    except (KeyboardInterrupt, typer.Abort):
        print("strokeanim: interrupted", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except Exception as error:
        if debug:
            traceback.print_exc()
        else:
            print(f"strokeanim: {_format_error(error)}", file=sys.stderr)  # noqa: T201
        return 2 if isinstance(error, InputError) else 1


_UsageError: type[Any] = typer.BadParameter.__mro__[1]
"""The error that typer raises for arguments it can't parse; it exports only a subclass."""


def _print_usage_error(error: Any) -> int:
    message = error.format_message()
    if error.ctx is not None and not message.startswith("Usage:"):
        message = f"strokeanim: {message}\nSee {error.ctx.command_path} --help"
    print(message, file=sys.stderr)  # noqa: T201
    return 2


def run() -> None:
    """Run the command line as the console script, and exit."""
    sys.exit(main())


FLAGS = {"coherence": "-C", "simplify_as_quickdraw": "--simplify"}
"""Flags of arguments whose flag is not their name with dashes."""


def _format_error(error: Exception) -> str:
    if isinstance(error, StrokeAnimError):
        return _name_flag(str(error), _find_option(error))
    return (
        f"{type(error).__name__}: {error}\n"
        "This is a bug in strokeanim or a plugin; run again with --debug and report what it shows."
    )


def _find_option(error: BaseException | None) -> str | None:
    """Return the argument that an error, or the one it was raised from, tells to change."""
    while isinstance(error, StrokeAnimError):
        if error.option is not None:
            return error.option
        error = error.__cause__ or error.__context__
    return None


def _name_flag(message: str, option: str | None) -> str:
    """Replace the last mention of an argument by its flag.

    >>> _name_flag("a pin pins; leave out pin", "pin")
    'a pin pins; leave out --pin'
    >>> _name_flag("choose one with renderer=dots", "renderer")
    'choose one with --renderer dots'
    >>> _name_flag("allow more with Limits(points=…)", None)
    'allow more with --allow points=…'
    """
    message = re.sub(r"Limits\((.*?)\)", r"--allow \1", message)
    if option is None:
        return message
    flag = FLAGS.get(option, f"--{option.replace('_', '-')}")
    before, mention, after = _rpartition(rf"\b{option}\b=?", message)
    return f"{before}{flag}{' ' * mention.endswith('=')}{after}" if mention else message


def _rpartition(pattern: str, text: str) -> tuple[str, str, str]:
    """Split text at the last match of a pattern, as `str.rpartition` does."""
    matches = list(re.finditer(pattern, text))
    if not matches:
        return "", "", text
    start, end = matches[-1].span()
    return text[:start], text[start:end], text[end:]
