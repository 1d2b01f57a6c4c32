"""What a terminal shows while articles are read, and what a pipe doesn't."""

import io
import re

import pytest

from communique.backends.scripted import ScriptedBackend
from communique.cli.progress import Spinner
from communique.engine import Extractor, Hooks

NOTHING = {"meetings": [], "allegations": [], "sanctions_concerns": []}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(stream, monkeypatch, *, quiet=False):
    monkeypatch.setattr("sys.stderr", stream)
    hooks = Hooks()
    spinner = Spinner(hooks, 2, quiet=quiet)
    with Extractor(ScriptedBackend([NOTHING] * 4), hooks=hooks) as extractor:
        for name in ("a\x1b[2J.txt", "b.txt"):
            with spinner.reading(name):
                extractor.extract("Rain fell on the hills.")
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stream.getvalue())


def test_a_terminal_sees_the_article_the_question_and_the_tokens(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    seen = shown(Terminal(), monkeypatch)

    assert "(1 of 2) · question 1 ·" in seen
    assert "b.txt (2 of 2) · question 1 ·" in seen
    assert "tokens in" in seen
    assert "[2J" not in seen.replace("␛[2J", "")


@pytest.mark.parametrize(("stream", "quiet"), [(io.StringIO(), False), (Terminal(), True)])
def test_a_pipe_and_quiet_see_nothing(stream, quiet, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    assert shown(stream, monkeypatch, quiet=quiet) == ""
