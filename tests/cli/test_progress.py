"""What a terminal shows while articles are read, and what a pipe doesn't."""

import io
import re

import anyio
import pytest

from communique import Document
from communique.backends.scripted import ScriptedBackend
from communique.batch.budget import Bounds
from communique.batch.limits import Limits
from communique.batch.outcome import Outcome, Tally, show, status_line
from communique.cli.extract import Spinner
from communique.engine import Extractor, Hooks
from communique.errors import ThrottledError
from communique.schemas import Usage

NOTHING = {"meetings": [], "allegations": [], "sanctions_concerns": []}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(stream, monkeypatch, *, quiet=False, first="a\x1b[2J.txt"):
    monkeypatch.setattr("sys.stderr", stream)
    hooks = Hooks()
    spinner = Spinner(hooks, 2, quiet=quiet)
    with Extractor(ScriptedBackend([NOTHING] * 4), hooks=hooks) as extractor:
        documents = [Document.from_text("Rain fell.", source=name) for name in (first, "b.txt")]
        assert len(list(extractor.extract_many(spinner.each(documents)))) == 2
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stream.getvalue())


def test_a_terminal_sees_the_article_the_question_and_the_tokens(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    seen = shown(Terminal(), monkeypatch)

    assert "(1 of 2) · question 1 ·" in seen
    assert "b.txt (2 of 2, 0:00 left) · question 1 ·" in seen
    assert "tokens in" in seen
    assert "[2J" not in seen.replace("␛[2J", "")


@pytest.mark.parametrize(("stream", "quiet"), [(io.StringIO(), False), (Terminal(), True)])
def test_a_pipe_and_quiet_see_nothing(stream, quiet, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    assert shown(stream, monkeypatch, quiet=quiet) == ""


class CodePage1252(Terminal):
    encoding = "cp1252"

    def write(self, text):
        text.encode("cp1252")
        return super().write(text)


def test_a_terminal_of_code_page_1252_is_shown_only_letters_that_it_has(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    assert "question 1" in shown(CodePage1252(), monkeypatch, first="ä.txt")


def test_a_terminal_of_40_columns_loses_nothing(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    seen = " ".join(shown(Terminal(), monkeypatch).split())
    assert "tokens in" in seen
    assert "…" not in seen


def test_the_line_of_the_next_article_deletes_nothing_that_was_printed(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    spinner = Spinner(Hooks(), 2, quiet=False)
    each = spinner.each([Document.from_text("Rain fell.", source=name) for name in ("a" * 90, "b.txt")])
    next(each)
    spinner.stop()
    before = len(stream.getvalue())
    next(each)
    spinner.stop()
    seen = stream.getvalue()[before:]
    assert "\x1b[1A" not in seen[: seen.index("b.txt")]  # the cursor goes no line up


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def batch_so_far():
    clock = Clock()
    limits = Limits(Bounds(concurrency=4, rpm=60), clock=clock)
    tally = Tally(clock, seen=10, all_seen=True)
    for state, reason, records in [
        ("ok", "", 3),
        ("failed", "length", 0),
        ("failed", "length", 0),
        ("failed", "empty", 0),
    ]:
        tally.stored(Outcome(b"", state, reason, records=records))
    clock.now += 40
    return clock, limits, tally


def test_a_batch_tells_records_rate_time_and_failures_by_reason():
    _, limits, tally = batch_so_far()
    line = status_line(tally, limits)
    for part in (
        "done 1",
        "failed 3 (answer cut off [length] 2, empty 1)",
        "left 6",
        "records 3",
        "0.1/s",
        "0:40 so far",
        "1:00 left",
    ):
        assert part in line, line
    assert "waiting" not in line


def test_a_batch_tells_what_it_waits_for():
    clock, _, tally = batch_so_far()

    async def cut_short(_seconds):
        raise TimeoutError

    limits = Limits(Bounds(concurrency=4), clock=clock, sleep=cut_short)

    async def asked():
        await limits.admit(1)
        limits.settle(1, Usage(), ThrottledError("slow down", retry_after=20))
        with pytest.raises(TimeoutError):
            await limits.admit(1)

    anyio.run(asked)
    assert "waiting for the pause that the server asks for, 20 s" in status_line(tally, limits)
    assert "throttled to 2 at once" in status_line(tally, limits)
    clock.now += 21
    assert "waiting" not in status_line(tally, limits)


def test_a_terminal_of_40_columns_shows_a_batch_in_whole_lines(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    _, limits, tally = batch_so_far()

    async def briefly():
        with anyio.move_on_after(0):
            await show(tally, limits)

    anyio.run(briefly)
    lines = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stream.getvalue()).replace("\r", "\n").splitlines()
    assert max(map(len, lines)) <= 40
    assert any(set(line.strip()) <= set("━╸╺") for line in lines if line.strip())
    assert "cut off" in " ".join(lines)
