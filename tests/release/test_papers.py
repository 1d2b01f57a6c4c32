"""README, changelog, citation and metadata say the same, and stay within their bounds."""

import json
import re
import runpy
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest
import yaml

import communique

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CHANGELOG = (ROOT / "docs/changelog.md").read_text("utf-8")
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_version_is_the_same_everywhere():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    newest = re.search(r"^## (\d+\.\d+\.\d+)", CHANGELOG, re.MULTILINE)
    assert newest is not None
    assert {PROJECT["version"], str(cited["version"]), newest[1]} == {communique.__version__}


def test_the_changelog_is_in_its_format():
    heads = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)
    assert heads
    for head in heads:
        version, _, day = head.partition(" - ")
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), head
        assert day == "unreleased" or date.fromisoformat(day), head
    assert set(re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE)) <= KINDS
    assert all(head.endswith("unreleased") is (at == 0) or at == 0 for at, head in enumerate(heads))


def test_the_citation_has_what_its_format_requires():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(cited)
    assert cited["license"] == PROJECT["license"]


def test_the_readme_is_short_and_its_links_lead_somewhere():
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.splitlines()) <= 150
    local = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert local
    assert [link for link in local if not (ROOT / link).exists()] == []


def test_the_hooks_need_no_host():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [repo["repo"] for repo in hooks["repos"]] == ["local"]
    entries = [hook["entry"] for repo in hooks["repos"] for hook in repo["hooks"]]
    assert all(entry.startswith(".venv/bin/") for entry in entries)


@pytest.mark.parametrize(
    "target",
    re.findall(r"^make ([a-z-]+) ", (ROOT / "docs/contributing.md").read_text("utf-8"), re.MULTILINE),
)
def test_every_target_that_is_explained_exists(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_every_room_is_on_the_map():
    rooms = {
        p.name.removesuffix(".py") for p in (ROOT / "src/communique").iterdir() if not p.name.startswith(("_", "py"))
    }
    page = (ROOT / "docs/contributing.md").read_text("utf-8")
    assert {f"`{room}`" for room in rooms} <= set(re.findall(r"^\| (`\w+`) \|", page, re.MULTILINE))


def test_a_broken_anchor_fails_make_docs(tmp_path):
    (flags,) = re.findall(r"mkdocs build(.*)", (ROOT / "Makefile").read_text("utf-8"))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# Here\n\n[there](#nowhere)\n", "utf-8")
    validation = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["validation"]
    site = {"site_name": "s", "validation": validation}
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(site), "utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", *flags.split()]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.returncode, "#nowhere" in done.stderr) == (1, True)


@pytest.mark.release
def test_the_page_of_tested_versions_is_what_the_runs_found():
    tested = json.loads((ROOT / "requirements/tested.json").read_text("utf-8"))
    page = runpy.run_path(str(ROOT / "requirements/fresh.py"))["page"]

    assert page(tested) == (ROOT / "docs/reference/tested-versions.md").read_text("utf-8")


@pytest.mark.release
def test_every_python_of_the_classifiers_was_tested():
    tested = json.loads((ROOT / "requirements/tested.json").read_text("utf-8"))
    named = re.findall(r":: (3\.\d+)", "\n".join(PROJECT["classifiers"]))

    assert named
    assert [series for series in named if series not in tested or tested[series]["pinned"]["failed"]] == []
