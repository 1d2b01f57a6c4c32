"""Build what is released into dist/ and tag it: python .ci/release.py. Nothing is published.

Refuses, with one line for each fault, if the version, the changelog, the addresses or the checkout aren't ready.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
ADDRESSES = ("Source", "Issues", "Documentation")


def faults(root: Path) -> list[str]:
    """Return what keeps a checkout from being released, one line each."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    version = project["version"]
    found = [
        f"pyproject.toml: [project.urls] has no {name}" for name in ADDRESSES if name not in project.get("urls", {})
    ]
    newest = re.search(r"^## (\S+) - (\S+)", (root / "docs/changelog.md").read_text("utf-8"), re.MULTILINE)
    if newest is None or newest[1] != version:
        found.append(f"docs/changelog.md: the newest section is not {version}")
    elif newest[2] == "unreleased":
        found.append(f"docs/changelog.md: {version} has no date")
    if git(root, "status", "--porcelain"):
        found.append("the checkout has changes that are not committed")
    if git(root, "tag", "--list", f"v{version}"):
        found.append(f"the tag v{version} is there already")
    return found


def git(root: Path, *arguments: str) -> str:
    """Return what git prints."""
    command = ("git", *arguments)
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    return done.stdout.strip()


def main() -> int:
    """Build and tag; return the exit code."""
    if found := faults(ROOT):
        print("Not released:", *found, sep="\n  ", file=sys.stderr)
        return 2
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    subprocess.run((sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist", "."), cwd=ROOT, check=True)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    git(ROOT, "tag", "--annotate", f"v{version}", "--message", f"communique {version}")
    print(f"Tagged v{version}; dist/ and the tag are to be published.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
