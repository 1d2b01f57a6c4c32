"""The fenced blocks of the documentation, and how each kind is run.

A block may carry a marker in the line before it, which the rendered page doesn't show:

    <!-- not run: network: installs packages -->    left out, for a reason that is counted
    <!-- needs: ftm -->                             run where that command or Python package is installed
    <!-- output: model -->                          run, and what it prints is not compared (console only)

`python` blocks of a page run in order in one namespace, `bash` and `console` blocks in one folder. A block with a title
is a file: it is written there. In `console` a line `...` stands for any lines, and … for anything within a line.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).parents[2]
REASONS = {"network", "paid", "model", "checkout", "cluster", "browser"}
RUN = {"python", "bash", "console"}
PARSED = {"json", "toml", "jsonl"}
SHOWN = {"text", "html", "yaml"}

_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^`\n]*)$")
_MARKER = re.compile(r"^ *<!-- (not run|output|needs): (\w+)(?:: .+)? -->$")
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True)
class Block:
    page: Path
    line: int
    language: str
    title: str
    text: str
    skip: str = ""
    output_of: str = ""

    def __str__(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def _installed(name: str) -> bool:
    return shutil.which(name) is not None or importlib.util.find_spec(name) is not None


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    found, lines, at = [], page.read_text("utf-8").split("\n"), 0
    while at < len(lines):
        opening = _FENCE.match(lines[at])
        if opening is None:
            at += 1
            continue
        start, indent = at, opening["indent"]
        at += 1
        body = []
        while lines[at].strip() != "```":
            body.append(lines[at].removeprefix(indent))
            at += 1
        at += 1
        marker = _MARKER.match(lines[start - 1]) if start else None
        kind, reason = marker.groups() if marker else ("", "")
        title = _TITLE.search(opening["info"])
        found.append(
            Block(
                page,
                start + 1,
                opening["info"].split()[0] if opening["info"].split() else "",
                title[1] if title else "",
                "\n".join(body) + "\n",
                reason if kind == "not run" else "needs" if kind == "needs" and not _installed(reason) else "",
                reason if kind == "output" else "",
            )
        )
    return found


def write(block: Block, folder: Path) -> None:
    path = folder / block.title
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.text, "utf-8")


def parse(block: Block) -> None:
    if block.language == "toml":
        tomllib.loads(block.text)
    elif block.language == "jsonl":
        [json.loads(line) for line in block.text.splitlines()]
    else:
        text = block.text.strip()
        json.loads(text if text[0] in "[{" else "{" + text + "}")  # a page may show a part of an object


class Shell:
    """Runs commands in a folder, with `communique` as the tests start it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run lines: here if all of them only call `communique`, which saves its start, and by bash otherwise."""
        command = re.sub(r"http://(127\.0\.0\.1|localhost):\d+/v1", self.url, command)
        lines = [line.strip() for line in command.replace("\\\n", " ").split("\n")]
        calls = [_call(line) for line in lines if line and not line.startswith(("export ", "#"))]
        if None not in calls:
            return _here(command, [call for call in calls if call is not None], self.folder)
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.folder,
            env=dict(os.environ),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
            check=False,
        )

    def clear(self, block: Block) -> None:
        """Remove what the batches of a block are to write: pages begin where there is no output yet."""
        for name in re.findall(r"\bbatch\b.* -o (\S+)", block.text):
            for left in self.folder.glob(f"{name.removesuffix('.jsonl')}*jsonl*"):
                left.unlink()

    def bash(self, block: Block) -> None:
        done = self.run(block.text)
        assert done.returncode == 0, f"{block}: exit code {done.returncode}\n{done.stdout}"

    def console(self, block: Block) -> None:
        for command, expected, code in conversations(block):
            done = self.run(command)
            assert done.returncode == code, f"{block}: {command}: exit code {done.returncode}\n{done.stdout}"
            if not block.output_of:
                assert matches(expected, done.stdout), (
                    f"{block}: {command}\n--- expected\n{expected}\n--- printed\n{done.stdout}"
                )


@dataclass
class Call:
    """One call of `communique`: arguments, environment, and the files of its standard streams."""

    arguments: list[str]
    environment: dict[str, str]
    into: str = ""
    out_of: str = ""


def _call(line: str) -> Call | None:
    """Return the call that a line is; None where it does more than call `communique`."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        return None
    environment, into, out_of = {}, "", ""
    while words and re.match(r"[A-Z_]+=", words[0]):
        name, _, value = words.pop(0).partition("=")
        environment[name] = value
    if not words or words.pop(0) != "communique":
        return None
    arguments = []
    while words:
        word = words.pop(0)
        if word in {">", "<"}:
            into, out_of = (words[0], out_of) if word == ">" else (into, words[0])
            words.pop(0)
        elif word in {"|", "&&", ";", "||", "&", "2>"}:
            return None
        else:
            arguments += sorted(map(str, Path().glob(word))) if "*" in word else [word]
    return Call(arguments, environment, into, out_of)


def _here(command: str, calls: list[Call], folder: Path) -> subprocess.CompletedProcess[str]:
    from communique.cli.app import run

    printed = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    code = 0
    for call in calls:
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.dict(os.environ, call.environment))
            stack.enter_context(contextlib.redirect_stderr(printed))
            out = stack.enter_context((folder / call.into).open("w", encoding="utf-8")) if call.into else printed
            stack.enter_context(contextlib.redirect_stdout(out))
            if call.out_of:
                source = stack.enter_context((folder / call.out_of).open(encoding="utf-8"))
                stack.enter_context(mock.patch.object(sys, "stdin", source))
            code = run(call.arguments)
        if code:
            break
    return subprocess.CompletedProcess(command, code, printed.buffer.getvalue().decode())


def conversations(block: Block) -> list[tuple[str, str, int]]:
    """Return (command, output, exit code); the code is what a following `$ echo $?` shows, else 0."""
    found: list[list] = []
    for line in block.text.split("\n"):
        if line.startswith("$ "):
            found.append([line[2:], [], 0])
        elif line.startswith("> ") and found and not found[-1][1]:
            found[-1][0] += "\n" + line[2:]
        elif found:
            found[-1][1].append(line)
    asked: list[tuple[str, str, int]] = []
    for command, output, code in found:
        if command == "echo $?":
            asked[-1] = (*asked[-1][:2], int("".join(output)))
        else:
            asked.append((command, "\n".join(output), code))
    return asked


def matches(expected: str, printed: str) -> bool:
    pattern = ""
    for line in expected.strip("\n").split("\n"):
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.rstrip().split("…")) + r" *\n"
    text = "\n".join(line.rstrip() for line in printed.strip("\n").split("\n")) + "\n"
    return re.fullmatch(pattern, text) is not None
