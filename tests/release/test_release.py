"""`make release` refuses a checkout that isn't ready, and says why."""

import runpy
import subprocess
from pathlib import Path

import pytest

FAULTS = runpy.run_path(str(Path(__file__).parents[2] / ".ci/release.py"))["faults"]
PROJECT = """[project]
version = "1.2.0"
[project.urls]
Source = "https://code.example.org"
Issues = "https://code.example.org/issues"
Documentation = "https://docs.example.org"
"""


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/changelog.md").write_text("# Changelog\n\n## 1.2.0 - 2030-01-31\n", "utf-8")
    (tmp_path / "pyproject.toml").write_text(PROJECT, "utf-8")
    for command in (
        ("init", "--quiet"),
        ("config", "user.email", "a@example.org"),
        ("config", "user.name", "A"),
        ("add", "."),
        ("commit", "--quiet", "--message", "first"),
    ):
        subprocess.run(("git", *command), cwd=tmp_path, check=True)
    return tmp_path


def test_a_checkout_that_is_ready_has_no_fault(checkout):
    assert FAULTS(checkout) == []


def test_each_missing_piece_is_named(checkout):
    (checkout / "docs/changelog.md").write_text("# Changelog\n\n## 1.2.0 - unreleased\n", "utf-8")
    (checkout / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n', "utf-8")
    subprocess.run(("git", "tag", "v1.2.0"), cwd=checkout, check=True)

    said = "\n".join(FAULTS(checkout))

    for piece in ("no Source", "no Issues", "no Documentation", "no date", "not committed", "v1.2.0 is there"):
        assert piece in said


def test_a_changelog_of_another_version_is_named(checkout):
    (checkout / "docs/changelog.md").write_text("# Changelog\n\n## 1.1.0 - 2029-01-31\n", "utf-8")
    assert any("newest section is not 1.2.0" in fault for fault in FAULTS(checkout))
