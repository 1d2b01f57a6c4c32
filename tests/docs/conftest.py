"""A folder as the pages expect it, and a fake server in place of every model."""

import importlib.util
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from communique import plugins
from communique.testing import FakeServer

HERE = Path(__file__).parent


def _module(name):
    spec = importlib.util.spec_from_file_location(f"communique_docs_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


pages = _module("pages")
stand_in = _module("stand_in")

ARTICLE = """Talks in Lund

The ministers Tilda Brask and Ole Vang met in Lund on Monday.
Varnia accused Olmark of jamming the radio of its fishing boats. Olmark denied it.
"""


@pytest.fixture(scope="session")
def server():
    with FakeServer(stand_in.answer, keep_bodies=False) as running:
        yield running


@pytest.fixture(scope="session")
def outputs(server, tmp_path_factory):
    """Make what pages take for granted: `article.txt`, `articles/`, `five/`, and the output of a batch over them."""
    folder = tmp_path_factory.mktemp("outputs")
    (folder / "article.txt").write_text(ARTICLE, "utf-8")
    shutil.copytree(pages.ROOT / "examples/articles", folder / "articles")
    shutil.copytree(pages.ROOT / "examples/five_articles", folder / "five")
    shutil.copy(folder / "article.txt", folder / "articles")
    from communique.cli.app import run

    code = run(
        [
            "batch",
            str(folder / "articles"),
            "-o",
            str(folder / "out.jsonl"),
            "-m",
            "m",
            "-q",
            "--base-url",
            server.url,
        ]
    )
    assert code == 0
    return folder


@pytest.fixture
def place(outputs, server, tmp_path, monkeypatch):
    """Give a folder with these files, in which `communique` is ours and every model is the fake server."""
    folder = tmp_path / "work"
    shutil.copytree(outputs, folder, ignore=shutil.ignore_patterns("*.lock"))
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, line in (
        ("communique", f'exec {shlex.quote(sys.executable)} {shlex.quote(str(HERE / "stand_in.py"))} "$@"'),
        ("python", f'exec {shlex.quote(sys.executable)} "$@"'),
    ):
        (commands / name).write_text(f"#!/bin/sh\n{line}\n", "utf-8")
        (commands / name).chmod(0o755)
    for name in ("COMMUNIQUE_API_KEY", "COMMUNIQUE_LOG", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    import os

    monkeypatch.setenv("PATH", f"{commands}:{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.setenv(stand_in.SERVER, server.url)
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url.removesuffix("/v1"))
    for key in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(key, "sk-for-the-documentation")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(plugins, "load", plugins.load)
    import webbrowser

    monkeypatch.setattr(webbrowser, "open", webbrowser.open)
    stand_in.replace_the_model(server.url)
    return folder


def pytest_generate_tests(metafunc):
    if "page" in metafunc.fixturenames:
        found = [p for p in pages.pages() if pages.blocks(p)]
        metafunc.parametrize("page", found, ids=lambda page: str(page.relative_to(pages.ROOT)))


@pytest.fixture
def doc_pages():
    return pages
