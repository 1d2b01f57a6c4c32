"""Run the tests with the pins, with the oldest versions that pyproject.toml admits and with the newest, each in an environment.

    make fresh                      for python3
    make fresh PYTHON=python3.13    for another: its results are added to the others'
    make fresh ARGS=newest          only some of the runs: pinned, oldest, newest

What was found goes into requirements/tested.json, and from there onto docs/reference/tested-versions.md. Each run is some
minutes.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
TESTED = HERE / "tested.json"
PAGE = ROOT / "docs/reference/tested-versions.md"
UV = str(ROOT / ".venv-pins/bin/uv")
KINDS = ("pinned", "oldest", "newest")
EXTRAS = ("local", "readers", "parquet", "html", "xlsx", "otel", "mcp", "review")
GROUPS = ("build", "test", "check", "docs")
PYTHON = platform.python_version()
SERIES = PYTHON.rpartition(".")[0]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
DIRECT = [
    re.split(r"(?:\[.*\])?(?=[<>=!~;]|$)", need.replace(" ", ""), maxsplit=1)
    for need in (*PROJECT["dependencies"], *(n for e in EXTRAS for n in PROJECT["optional-dependencies"][e]))
]
"""Name of each package that we ask for ourselves, with what we say of it."""


def main(pinned: str, *kinds: str) -> int:
    """Make the runs; return 1 if one of them fails.

    Args:
        pinned: Environment of the pins; it is there.
        kinds: Which runs, of KINDS; all if none is named.
    """
    tested = json.loads(TESTED.read_text("utf-8")) if TESTED.exists() else {}
    runs = tested.setdefault(SERIES, {})
    (ROOT / ".venv-fresh").mkdir(exist_ok=True)
    for kind in kinds or KINDS:
        folder = Path(pinned) if kind == "pinned" else made(kind, *(floors() if kind == "oldest" else ()))
        runs[kind] = run(folder, kind)
        if kind == "newest":
            runs[kind]["held"] = held(folder)
        TESTED.write_text(json.dumps(tested, indent=1, sort_keys=True) + "\n", "utf-8")
        PAGE.write_text(page(tested), "utf-8")
    return int(any(runs[kind]["failed"] for kind in kinds or KINDS))


def floors() -> list[str]:
    """Return the option that keeps our own needs at the oldest versions."""
    listed = uv(
        "pip",
        "compile",
        "pyproject.toml",
        *asked(),
        "--resolution=lowest-direct",
        "--no-annotate",
        "--strip-extras",
    )
    names = {name for name, _ in DIRECT}
    file = ROOT / f".venv-fresh/{SERIES}-floors.txt"
    file.write_text("\n".join(pin for pin in listed.splitlines() if pin.partition("==")[0] in names), "utf-8")
    return ["--constraint", str(file)]


def asked() -> list[str]:
    """Return what uv is asked for: the project's own needs, as far as wheels go."""
    return [f"--extra={name}" for name in EXTRAS] + [
        "--no-config",
        "--no-build",
        f"--python-version={SERIES}",
    ]


def made(name: str, *options: str) -> Path:
    """Make an environment and return its folder."""
    folder = ROOT / f".venv-fresh/{SERIES}-{name}"
    uv("venv", "--seed", "--clear", "--no-config", "--python", sys.executable, str(folder))  # with pip, for the tests
    groups = [f"--group={group}" for group in GROUPS]
    uv("pip", "install", "--python", str(folder), "-r", "pyproject.toml", *asked(), *groups, *options)
    uv(
        "pip",
        "install",
        "--python",
        str(folder),
        "--no-config",
        "--no-deps",
        "--no-build-isolation",
        "-e",
        ".",
    )
    return folder


def run(folder: Path, what: str) -> dict[str, Any]:
    """Run the tests and return how they ended, with which versions."""
    print(f"Python {PYTHON}, {what}", flush=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    command = [str(python), "-m", "pytest", "-n", "2", "-q", "-m", "not model and not release"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    *_, last = ended.stdout.strip().splitlines() or ["no test ran"]
    tests = re.sub(r" in .*", "", last)
    print(
        f"  {tests}\n",
        *re.findall(r"^(?:FAILED|ERROR) .*", ended.stdout, re.MULTILINE),
        sep="\n  ",
        flush=True,
    )
    installed = json.loads(uv("pip", "list", "--python", str(folder), "--format=json", "--no-config"))
    versions = {found["name"].lower(): found["version"] for found in installed}
    return {
        "python": PYTHON,
        "system": f"{platform.system()} {platform.machine()}",
        "day": f"{dt.datetime.now(tz=dt.UTC):%Y-%m-%d}",
        "tests": tests,
        "failed": ended.returncode != 0,
        "versions": {name: versions[name] for name, _ in DIRECT},
    }


def held(folder: Path) -> dict[str, str]:
    """Return the packages of ours of which there is a newer release that doesn't fit, with uv's reason."""
    newer = json.loads(uv("pip", "list", "--python", str(folder), "--outdated", "--format=json", "--no-config"))
    names = {name for name, _ in DIRECT}
    reasons = {}
    for found in newer:
        if found["name"] in names:
            wanted = f"{found['name']}=={found['latest_version']}"
            said = uv("pip", "compile", "pyproject.toml", "-", *asked(), given=wanted, fails=True)
            because = re.search(r"Because (.+?), we can conclude", " ".join(said.split()))
            reasons[wanted] = because[1] if because else "uv chose an older one"
    return reasons


def uv(*arguments: str, given: str = "", fails: bool = False) -> str:
    """Run uv and return what it printed."""
    done = subprocess.run(
        [UV, "--quiet", *arguments], cwd=ROOT, input=given, capture_output=True, text=True, check=False
    )
    if done.returncode and not fails:
        sys.exit(f"error: uv {' '.join(arguments[:2])}: {done.stderr.strip()}")
    return done.stdout + (done.stderr if fails else "")


def page(tested: dict[str, Any]) -> str:
    """Return the page."""
    series = sorted(tested, key=lambda name: int(name.partition(".")[2]))
    found = [(kind, tested[name][kind]) for name in series for kind in KINDS if kind in tested[name]]
    rows = [f"| {run['python']} | {kind} | {run['tests']} | {run['system']}, {run['day']} |" for kind, run in found]
    first = {kind: next((run for other, run in found if other == kind), None) for kind in KINDS}
    newest = next((run for kind, run in reversed(found) if kind == "newest"), None)
    columns = (first["oldest"], first["pinned"], newest)
    packages = [
        " | ".join(
            [
                "",
                name,
                said or "any",
                *(run["versions"].get(name, "not there yet") if run else "" for run in columns),
                "",
            ]
        ).strip()
        for name, said in DIRECT
    ]
    held = [f"- **{wanted}**: {why}." for wanted, why in (newest or {"held": {}})["held"].items()]
    parts = {"runs": rows, "packages": packages, "held": held or ["Nothing."]}
    parts |= {kind: [run["python"] if run else "none"] for kind, run in zip(KINDS, columns, strict=True)}
    text = (HERE / "tested-versions.md").read_text("utf-8")
    for name, lines in parts.items():
        text = text.replace(f"{{{name}}}", "\n".join(lines))
    return text


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
