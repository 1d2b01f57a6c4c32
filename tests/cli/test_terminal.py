"""What comes from outside - messages, paths, names of models - never steers the terminal."""

import io
from collections import Counter
from pathlib import Path

import anyio
import pytest

from communique.backends.scripted import ScriptedBackend
from communique.batch import arun_batch
from communique.batch.outcome import Tally
from communique.batch.run import Ending, Report
from communique.cli.app import run
from communique.cli.status import report_ending
from communique.cli.terminal import harmless, notice
from communique.engine import Plan
from communique.errors import AuthenticationError

EVIL = "\x1b[2Jgone\rdone 9\u202etxt\nsecond"


def shown(text):
    return not any(c in text for c in "\x1b\r\u202e")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("done 3", "done 3"),
        ("a\x1b[31mb", "a␛[31mb"),
        ("a\nb", "a b"),
        ("a\r\nb", "a b"),
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("two  blanks", "two  blanks"),
        ("a\tb", "a␉b"),
    ],
)
def test_a_notice_is_one_line_that_a_terminal_only_shows(capsys, line, said):
    assert harmless(line) == said
    notice(line)
    assert capsys.readouterr().err == f"{said}\n"


def test_the_end_of_a_batch_shows_causes_and_paths_harmlessly(capsys):
    tally = Tally(all_seen=True, reasons=Counter({EVIL: 1}))
    for cause in (AuthenticationError(EVIL), None):
        report = Report(Ending(cause), {"ok": 1, "failed": 1}, tally, pending=EVIL, same_ids=(EVIL,))
        report_ending(report, Path(EVIL))
    said = capsys.readouterr().err
    assert "gone" in said
    assert shown(said)
    assert len(said.splitlines()) == 7


def test_status_shows_the_name_that_a_server_gives_its_model_harmlessly(capsys, tmp_path):
    (tmp_path / "a.txt").write_text("Odo Brask met Ilya Tarn.", "utf-8")
    backend = ScriptedBackend([{"meetings": []}], model=EVIL)
    anyio.run(arun_batch, [str(tmp_path / "a.txt")], tmp_path / "o.jsonl", backend, Plan(repair_rounds=0))
    for more in ([], ["--report"]):
        assert run(["status", str(tmp_path / "o.jsonl"), *more]) == 0
        said = capsys.readouterr().out
        assert "gone" in said
        assert shown(said)


@pytest.mark.parametrize(
    "arguments",
    [
        ["-h"],
        ["batch", "-h"],
        ["show", "rules"],
        ["show", "languages"],
        ["show", "rules", "--json"],
        ["doctor"],
        ["status"],
    ],
)
def test_a_console_of_code_page_1252_shows_every_verb(monkeypatch, arguments):
    written = io.BytesIO()
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(f"sys.{name}", io.TextIOWrapper(written, encoding="cp1252", write_through=True))
    assert run(arguments) in {0, 1, 2}
    assert b"bug of communique" not in written.getvalue()
    assert len(written.getvalue()) > 30


def test_a_list_of_files_is_utf_8_whatever_the_code_page(monkeypatch, tmp_path, capsys):
    for name in ("Łódź", "Ørsted"):
        (tmp_path / f"{name}.txt").write_text(f"It rained in {name}.", "utf-8")
    listed = "\r\n".join(str(path) for path in tmp_path.glob("*.txt")).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(listed), encoding="cp1252"))
    asked = ["batch", "--files-from", "-", "-m", "scripted/none.json", "-o", str(tmp_path / "o.jsonl"), "--dry-run"]
    assert run(asked) == 0
    assert capsys.readouterr().out.startswith("2 documents (0 duplicates, 0 unreadable")
