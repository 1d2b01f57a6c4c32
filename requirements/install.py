"""Set up an environment from pins: python requirements/install.py ENVIRONMENT PINS [--editable].

PINS is a file such as requirements/check.txt. It names every package with its hashes, so pip resolves nothing: what
somebody uploads later can't change or break an install. `pip check` then names what the pins lack. --editable installs
this checkout too. Whatever goes wrong is one line on standard error and exit code 1; pip's own words are kept in a
file.

Only the standard library, and syntax that Python 3.6 reads, so that an old Python gets its line too.
"""

import os
import platform
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

OLDEST = (3, 11)
PYTHON = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
PINNED = ["install", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
# pyicu has no wheels. It is built with the setuptools of check.txt, not with whatever is the newest.
BUILT = ["--no-binary", "pyicu", "--no-build-isolation"]
EDITABLE = ["install", "--no-deps", "--no-index", "--no-build-isolation", "--force-reinstall", "-e"]


def main(environment: str, pins: str, *options: str) -> None:
    """Make the environment where it is missing, install the pins, check them."""
    if sys.version_info < OLDEST:
        sys.exit(f"error: communique needs Python 3.11 or newer, this is {PYTHON}: name another, PYTHON=python3.12")
    python = interpreter(Path(environment))
    if sys.stdout.isatty():
        count = Path(pins).read_text("utf-8").count("==")
        print(f"installing {count} packages into {environment}; the first time takes some minutes", flush=True)
    pip(python, *PINNED, *BUILT, "-r", pins)
    if "--editable" in options:
        pip(python, *EDITABLE, str(Path(__file__).resolve().parents[1]))
    pip(python, "check")


def interpreter(environment: Path) -> Path:
    """Return the environment's Python; the environment is made if there is none."""
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        try:
            venv.create(environment, with_pip=True, clear=(environment / "pyvenv.cfg").exists())
        except OSError as error:
            sys.exit(f"error: {environment} can't be made ({error.strerror}): copy the checkout to a folder of yours")
        except subprocess.CalledProcessError:
            sys.exit(f"error: {PYTHON} can't put pip into an environment: on Debian, apt-get install python3-venv")
    made = re.search(r"^version\s*=\s*(\d+\.\d+)", (environment / "pyvenv.cfg").read_text("utf-8"), re.MULTILINE)
    if made and f"Python {made.group(1)}" != PYTHON:
        sys.exit(
            f"error: {environment} is of Python {made.group(1)}, this is {PYTHON}: make clean, or VENV=.venv-other"
        )
    return python


def pip(python: Path, *arguments: str) -> None:
    """Run the environment's pip; a failure ends us with one line."""
    command = [
        str(python),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "--retries",
        "2",
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        with tempfile.NamedTemporaryFile("w", prefix="pip-", suffix=".log", delete=False, encoding="utf-8") as log:
            log.write(done.stdout + done.stderr)
        sys.exit(f"error: {reason(done.stdout + done.stderr)} (pip's own words: {log.name})")


def reason(said: str) -> str:
    """Say in one line why pip failed."""
    absent = re.search(r"No matching distribution found for ([^\s;]+)", said)
    other = re.search(r"^\s+(\S+==\S+) .*:\n\s+Expected sha256", said, re.MULTILINE)
    broken = re.findall(r"^\S+ \S+ (?:requires|has requirement|is not supported) .+$", said, re.MULTILINE)
    errors = re.findall(r"^ERROR: (.+)$", said, re.MULTILINE)
    if re.search(r"connection broken by|Max retries exceeded|[Ff]ailed to establish", said):
        return "no package index can be reached: look at the network, and at `pip config list`"
    if absent:
        return f"the package index has no {absent.group(1)} for {PYTHON} on {platform.system()} {platform.machine()}"
    if other:
        return f"the package index gives another file for {other.group(1)} than the pinned one"
    if broken:
        more = f"; and {len(broken) - 1} more" if broken[1:] else ""
        return f"the pins don't fit together, make pins writes them anew: {broken[0].rstrip('.')}{more}"
    return errors[-1] if errors else "pip failed"


if __name__ == "__main__":
    main(*sys.argv[1:])
