"""The layers hold, files stay small, and every file is named after the one thing in it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "src" / "communique").rglob("*.py"))
FORBIDDEN = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "base",
    "misc",
    "core",
    "handler",
    "processor",
    "data",
}


def test_there_are_files_to_check():
    assert len(FILES) > 50


@pytest.mark.skipif(
    not (shutil.which("lint-imports") or (Path(sys.executable).parent / "lint-imports").exists()),
    reason="needs import-linter",
)
def test_the_layers_hold():
    command = shutil.which("lint-imports") or str(Path(sys.executable).parent / "lint-imports")
    found = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout[-3000:] + found.stderr[-1000:]


def test_no_file_is_longer_than_300_lines():
    long = {str(f.relative_to(ROOT)): n for f in FILES if (n := len(f.read_text("utf-8").splitlines())) > 300}
    assert long == {}


def test_no_file_or_folder_has_a_name_that_says_nothing():
    names = [(f, part) for f in FILES for part in f.relative_to(ROOT / "src").with_suffix("").parts]
    vague = [str(f) for f, part in names if set(part.split("_")) & FORBIDDEN]
    assert vague == []


def test_every_file_says_what_it_is_for():
    silent = [str(f) for f in FILES if not f.read_text("utf-8").startswith(('"""', 'r"""'))]
    assert silent == []
