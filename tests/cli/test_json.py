"""`--json`: results on standard output and errors on standard error, for programs."""

import json

import pytest

from communique.cli.app import run
from communique.testing import FakeServer

ANSWER = {
    "meetings": [{"evidence": [1], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"]}],
    "allegations": [],
    "sanctions_concerns": [],
}


@pytest.fixture(autouse=True)
def _place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("Odo Brask met Ilya Tarn.\n", "utf-8")
    (tmp_path / "answer.json").write_text(json.dumps(ANSWER), "utf-8")
    assert run(["extract", "a.txt", "-m", "scripted/answer.json", "-q", "-o", "r.jsonl"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["extract", "a.txt", "-m", "scripted/answer.json", "-q"],
        ["batch", "a.txt", "-m", "scripted/answer.json", "-o", "o.jsonl"],
        ["batch", "a.txt", "-m", "scripted/answer.json", "-o", "o.jsonl", "--dry-run"],
        ["evaluate", "r.jsonl", "r.jsonl"],
        ["schema"],
        ["show"],
        ["show", "rules"],
        ["show", "plugins"],
        ["show", "languages"],
        ["models"],
        ["convert", "r.jsonl", "-o", "r.csv"],
        ["view", "r.jsonl", "--no-open"],
    ],
)
def test_what_a_verb_gives_is_json(capsys, arguments):
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0
    assert isinstance(json.loads(capsys.readouterr().out), dict | list)


def test_doctor_is_json_whatever_it_finds(capsys):
    code = run(["doctor", "--json"])
    (found,) = json.loads(capsys.readouterr().out)
    assert found["ok"] is (code == 0)
    assert found["python"]


def test_a_batch_reports_counts_and_reasons(capsys):
    with FakeServer(lambda _body: ANSWER) as server:
        server.fail("moderation", when=lambda _body: True)
        asked = ["batch", "a.txt", "-m", "m1", "--base-url", server.url, "-o", "o.jsonl", "--json"]
        assert run(asked) == 3
    found = json.loads(capsys.readouterr().out)
    assert (found["failed"], found["reasons"], found["exit_code"]) == (1, {"content_filter": 1}, 3)


def test_a_batch_that_was_complete_reports_the_same_as_the_one_that_completed_it(capsys, tmp_path):
    (tmp_path / "empty.txt").write_text("", "utf-8")
    (tmp_path / "new.txt").write_text("Odo Brask met Ilya Tarn again.", "utf-8")
    told = []
    with FakeServer(lambda _body: ANSWER) as server:
        asked = ["batch", "empty.txt", "a.txt", "-m", "m1", "--base-url", server.url, "-o", "twice.jsonl"]
        for more in ([], [], ["new.txt"]):
            assert run([*asked, *more, "--json"]) == 3
            told.append(json.loads(capsys.readouterr().out))
        assert run([*asked, "new.txt"]) == 3
    assert [t["reasons"] for t in told] == [{"empty": 1}] * 3
    assert [(t["all_seen"], t["already"]) for t in told] == [(True, 0), (True, 2), (True, 1)]
    assert "done 2, failed 1, left 0, already done 3 (empty 1)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (["extract", "none.txt"], 2, "UnreadableDocumentError"),
        (["status", "none.jsonl"], 2, "UnreadableDocumentError"),
        (["show", "readrs"], 2, "UnknownNameError"),
        (["extract", "--colour"], 2, None),
    ],
)
def test_an_error_is_one_json_object_on_standard_error(capsys, arguments, code, kind):
    capsys.readouterr()
    assert run([*arguments, "--json"]) == code
    said = capsys.readouterr()
    assert said.out == ""
    error = json.loads(said.err)["error"]
    assert (error["exit_code"], error.get("type")) == (code, kind)
    assert error["message"]


def test_results_come_from_standard_input(capsys, tmp_path, monkeypatch):
    for name, content in {
        "lines": (tmp_path / "r.jsonl").read_bytes(),
        "list": b"[\n" + (tmp_path / "r.jsonl").read_bytes() + b"]",
    }.items():
        (tmp_path / name).write_bytes(content)
        with (tmp_path / name).open() as stream:
            monkeypatch.setattr("sys.stdin", stream)
            assert run(["convert", "-", "-o", f"{name}.out.jsonl"]) == 0
        assert "Ilya Tarn" in (tmp_path / f"{name}.out.jsonl").read_text("utf-8")
    with (tmp_path / "lines").open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert run(["view", "-", "--no-open"]) == 0
    assert (tmp_path / "results.report.html").exists()
