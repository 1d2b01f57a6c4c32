"""Installs the plug-in package beside this environment, once, and runs communique with it."""

import json
import os
import subprocess
import sys
from pathlib import Path

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

    def __init__(self, *targets: Path, folder: Path):
        self.folder = folder
        self.env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, targets)), "NO_COLOR": "1"}
        self.env.pop("COMMUNIQUE_LOG", None)

    def __call__(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "communique", *arguments]
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.env | env,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
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
def communique(plugin_folder, tmp_path):
    return Installed(plugin_folder, folder=tmp_path)
