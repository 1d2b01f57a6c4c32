"""The command line: verbs are registered here, and every error becomes one line and an exit code here."""

from __future__ import annotations

import os
import shutil
import sys
from functools import partial
from typing import Any

import typer

from communique.cli.batch import batch
from communique.cli.command import Verb, origin, with_options
from communique.cli.extract import extract
from communique.cli.models import doctor, models
from communique.cli.results import convert, evaluate, events, screen, view
from communique.cli.serving import mcp, review
from communique.cli.show import schema, show
from communique.cli.status import status
from communique.cli.terminal import BUG, INTERRUPTED, STORAGE, exit_code_of, observe, tell
from communique.errors import CommuniqueError

app = typer.Typer(
    name="communique",
    help="Turn news into meetings, allegations and sanctions concerns, each with the sentences that say so.",
    no_args_is_help=True,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done, 1 a bug, 2 usage or input, 3 some documents failed, 4 stopped early, 5 budget, "
    "6 journal or output, 7 locked, 8 answers to come, 130 interrupted.",
)
app.callback()(observe)
for verb in (
    extract, batch, status, evaluate, schema, show, models, doctor, convert, view, events, screen, review, mcp,
):  # fmt: skip
    app.command(
        verb.__name__, cls=Verb, context_settings={"auto_envvar_prefix": f"COMMUNIQUE_{verb.__name__.upper()}"}
    )(with_options(verb))
_COMMANDS: Any = typer.main.get_command(app)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; no traceback for a user's mistake."""
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(errors="backslashreplace")  # a letter that the encoding lacks is shown as an escape
    given = sys.argv[1:] if arguments is None else arguments
    say = partial(tell, as_json="--json" in given)
    try:
        # typer's own least width is 50
        width = max(min(shutil.get_terminal_size().columns, 80) - 2, 20)
        result = _COMMANDS(args=arguments, prog_name="communique", standalone_mode=False, terminal_width=width)
    except CommuniqueError as error:
        return say(error, exit_code_of(error))
    except (KeyboardInterrupt, typer.Abort):
        return say("interrupted", INTERRUPTED)
    except typer.Exit as stop:
        return stop.exit_code
    except (BrokenPipeError, SystemExit) as error:
        if isinstance(error, SystemExit) and not isinstance(error.__context__, BrokenPipeError):
            raise  # typer ends so where the pipe is closed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        usage: Any = error
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.stdout.write(f"{usage.format_message()}\n")
            return 0
        if hasattr(usage, "exit_code") and hasattr(usage, "format_message"):  # click's usage errors
            param, ctx = getattr(usage, "param", None), getattr(usage, "ctx", None)
            place = origin(ctx, param.name) if param and ctx else ""
            return say(f"{usage.format_message()}{f' (from {place})' * bool(place)}", int(usage.exit_code))
        if os.environ.get("COMMUNIQUE_DEBUG"):
            raise
        told, code = f"a bug of communique: {type(error).__name__}: {error}", BUG
        told += " (COMMUNIQUE_DEBUG=1 shows where; please report it)"
        if isinstance(error, OSError) and error.errno is not None:  # a full disk, a name that is too long
            told, code = f"{error.filename or 'a file'}: {error.strerror}", STORAGE
        return say(told, code)
    return result if isinstance(result, int) else 0
