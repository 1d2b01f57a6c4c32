"""Write docs/reference/cli.md from `communique --help` and the help of every verb."""

from pathlib import Path

import typer.main
from typer.testing import CliRunner

from communique.cli.app import app

PAGE = Path(__file__).parent / "reference" / "cli.md"


def reference() -> str:
    verbs = list(typer.main.get_command(app).commands)
    parts = [
        "# Command line",
        "Results go to standard output, everything else to standard error. Written from `--help`.",
    ]
    for verb in ("", *verbs):
        shown = CliRunner().invoke(
            app, [*([verb] if verb else []), "--help"], prog_name="communique", terminal_width=90
        )
        lines = "\n".join(line.rstrip() for line in shown.stdout.splitlines()).strip()
        parts += [f"## communique {verb}".rstrip(), f"```text\n{lines}\n```"]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(reference(), "utf-8")
