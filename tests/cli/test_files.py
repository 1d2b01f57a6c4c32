"""Files that commands are given: none of those that are read is written over, none of the system's errors is a bug."""

import json

import pytest

from communique.cli.app import run
from communique.schemas import DocumentInfo, VerifiedSummary


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    summary = VerifiedSummary(document=DocumentInfo(id="a", sha256="0"))
    (tmp_path / "results.jsonl").write_text(summary.to_json() + "\n", "utf-8")
    for name in ("decisions.jsonl", "events.jsonl", "screening.jsonl"):
        (tmp_path / name).write_text("", "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "given",
    [
        ["convert", "results.jsonl", "--to", "jsonl", "-o", "results.jsonl"],
        ["convert", "results.jsonl", "--reviewed", "decisions.jsonl", "--to", "jsonl", "-o", "./decisions.jsonl"],
        ["convert", "results.jsonl", "--events", "events.jsonl", "--to", "jsonl", "-o", "events.jsonl"],
        ["convert", "results.jsonl", "--screening", "screening.jsonl", "--to", "jsonl", "-o", "screening.jsonl"],
        ["view", "results.jsonl", "--no-open", "-o", "results.jsonl"],
        ["view", "results.jsonl", "--no-open", "--events", "events.jsonl", "-o", "events.jsonl"],
    ],
)
def test_what_is_read_is_not_written_over(results, capsys, given):
    before = {path.name: path.read_bytes() for path in results.iterdir()}
    assert run(given) == 2
    assert "would be written over itself" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in results.iterdir()} == before


def test_a_folder_is_no_page_of_results(results, capsys):
    assert run(["view", ".", "--no-open"]) == 2
    assert capsys.readouterr().err == "communique: . is a folder (name a file of results)\n"


def test_an_error_of_the_system_is_one_line_and_no_bug(results, capsys):
    assert run(["view", "x" * 300, "--no-open"]) in {2, 6}
    said = capsys.readouterr().err
    assert "File name too long" in said
    assert "bug" not in said


def test_a_number_that_python_refuses_to_read_is_told_with_its_line(results, capsys):
    (results / "long.jsonl").write_text(json.dumps({"document": 1})[:-2] + "9" * 5000 + "}\n", "utf-8")
    assert run(["convert", "long.jsonl", "--to", "jsonl"]) == 2
    assert "long.jsonl, line 1:" in capsys.readouterr().err


@pytest.fixture
def articles(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = {"meetings": [], "allegations": [], "sanctions_concerns": []}
    (tmp_path / ".answer.json").write_text(json.dumps(answer), "utf-8")
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(f"{name}: it rained.\n", "utf-8")
    return tmp_path


@pytest.mark.parametrize("inputs", [".", "*.txt"])
@pytest.mark.parametrize("written", [["-o", "a.txt", "--format", "text"], ["--answers", "a.txt"]])
@pytest.mark.parametrize("verb", [["extract"], ["batch", "-o", "out.jsonl"]])
def test_an_article_in_a_folder_or_of_a_pattern_is_not_written_over(articles, capsys, verb, inputs, written):
    if verb[0] == "batch" and "-o" in written:
        written = ["-o", "a.txt", "--overwrite"]
    assert run([*verb, inputs, *written, "-m", "scripted/.answer.json", "--no-judge"]) == 2
    assert "a.txt would be written over" in capsys.readouterr().err
    assert (articles / "a.txt").read_text("utf-8") == "a.txt: it rained.\n"


@pytest.mark.parametrize("output", ["out.jsonl", "out.csv"])
def test_extract_into_its_own_folder_can_be_run_again(articles, capsys, output):
    for _ in range(2):
        made = ["extract", ".", "-o", output, "--answers", "answers.jsonl", "-m", "scripted/.answer.json", "--no-judge"]
        assert run(made) == 0
        assert "2 documents: 0 records" in capsys.readouterr().err


@pytest.mark.parametrize(("output", "kind"), [("out.csv", "csv"), ("out.json", "json"), ("out.parquet", "parquet")])
def test_a_batch_into_a_name_for_another_format_is_refused_and_told_how(articles, capsys, output, kind):
    assert run(["batch", "a.txt", "-o", output, "-m", "scripted/.answer.json", "--no-judge"]) == 2
    told = capsys.readouterr().err
    assert f"batch writes JSONL, and {output} is a name for {kind}" in told
    assert f"communique convert out.jsonl -o {output}" in told
    assert sorted(path.name for path in articles.iterdir()) == [".answer.json", "a.txt", "b.txt"]
