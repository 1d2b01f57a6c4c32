"""`communique batch` and `status` as a process of its own, for tests that kill it."""

import sys

import typer

from communique.cli.batch import batch
from communique.cli.exit_codes import exit_code_of
from communique.cli.status import status
from communique.errors import CommuniqueError

app = typer.Typer()
app.command()(batch)
app.command()(status)

if __name__ == "__main__":
    try:
        app()
    except CommuniqueError as error:
        print(f"communique: {error}", file=sys.stderr)
        sys.exit(exit_code_of(error))
