"""Installs the plug-in package beside this environment, once, and runs communique with it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).parent / "package"


def install(package: Path, target: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "--no-input",
        "--no-index",
    ]
    command += ["--no-deps", "--no-build-isolation", "--target", str(target), str(package)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


class Installed:
    """communique in a process that sees some plug-in packages."""

    def __init__(self, *targets: Path, folder: Path, apart: Callable[..., Any]):
        self.folder = folder
        self.targets = [str(target) for target in targets]
        self._apart = apart

    def __call__(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        environment = {"NO_COLOR": "1", "COMMUNIQUE_LOG": ""} | env
        process = self._apart(arguments, environment, folder=str(self.folder), path=self.targets)
        said, shown = process.communicate(120)
        return subprocess.CompletedProcess(arguments, process.returncode, said, shown)

    def in_a_new_interpreter(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it as people do; the start takes a second."""
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(self.targets), "NO_COLOR": "1"}
        command = [sys.executable, "-m", "communique", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    def rows(self, name: str) -> list[dict]:
        return [json.loads(line) for line in (self.folder / name).read_text("utf-8").splitlines()]


@pytest.fixture(scope="session")
def plugin_folder(tmp_path_factory):
    pytest.importorskip("hatchling", reason="builds the plug-in package")
    target = tmp_path_factory.mktemp("site")
    install(PACKAGE, target)
    return target


@pytest.fixture
def communique(plugin_folder, tmp_path, apart):
    return Installed(plugin_folder, folder=tmp_path, apart=apart)
