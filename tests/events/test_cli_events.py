"""`communique events`: files in, one file out, errors of one line."""

import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("datasketch")
pytest.importorskip("rigour")
sys.path.insert(0, str(Path(__file__).parent))

from made import meeting, result

from communique.cli.app import run


@pytest.fixture
def results(tmp_path):
    path = tmp_path / "results.jsonl"
    told = [result("a", meeting("m1", date="2024-03-12")), result("b", meeting("m2", date="2024-03-12"))]
    path.write_text("".join(one.to_json(full=number == 0) + "\n" for number, one in enumerate(told)), "utf-8")
    return path


def test_results_lean_and_full_become_events_and_an_update_changes_nothing(results, tmp_path, capsys):
    out = tmp_path / "events.jsonl"
    assert run(["events", str(results), "-o", str(out)]) == 0
    assert "1 event told by 2 records" in capsys.readouterr().err
    before = out.read_bytes()
    assert run(["events", str(results), "--update", str(out), "-o", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["events"] == 1
    assert out.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [("{", "not JSON"), ('{"a": 1}\n', "not a result of communique"), ("no results\n", "not JSON")],
)
def test_what_is_no_result_is_one_line_and_leaves_the_old_file(tmp_path, capsys, content, said):
    given, out = tmp_path / "bad.jsonl", tmp_path / "events.jsonl"
    given.write_text(content, "utf-8")
    out.write_text("old", "utf-8")
    assert run(["events", str(given), "-o", str(out)]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert out.read_text("utf-8") == "old"


def test_empty_results_give_an_empty_file(tmp_path):
    given, out = tmp_path / "none.jsonl", tmp_path / "events.jsonl"
    given.write_text("", "utf-8")
    assert run(["events", str(given), "-o", str(out)]) == 0
    assert out.read_bytes() == b""


def test_results_are_never_written_over(results, capsys):
    assert run(["events", str(results), "-o", str(results)]) == 2
    assert "written over itself" in capsys.readouterr().err
    assert run(["events", str(results), "-o", str(results.parent / "no" / "x.jsonl")]) == 2


def test_the_report_tells_who_told_it_first_and_what_contradicts(tmp_path):
    given, out, page = tmp_path / "results.jsonl", tmp_path / "events.jsonl", tmp_path / "page.html"
    told = [
        result("a", meeting("m1", date="2024-03-12"), outlet="Harbour Post", published="2024-03-13"),
        result("b", meeting("m2", date="2024-03-12", status="cancelled"), outlet="Nordic Wire", published="2024-03-13"),
    ]
    given.write_text("".join(one.to_json() + "\n" for one in told), "utf-8")
    assert run(["events", str(given), "-o", str(out)]) == 0
    assert run(["convert", str(given), "-o", str(page), "--events", str(out)]) == 0
    shown = page.read_text("utf-8")
    assert "Told by 2 articles, first by Harbour Post on 2024-03-13." in shown
    assert "held (Harbour Post) / cancelled (Nordic Wire)" in shown
    assert run(["view", str(given), "-o", str(page), "--no-open", "--events", str(given)]) == 2


def test_a_file_of_events_that_was_put_together_of_two_is_refused(results, tmp_path, capsys):
    out = tmp_path / "events.jsonl"
    assert run(["events", str(results), "-o", str(out)]) == 0
    twice = tmp_path / "twice.jsonl"
    twice.write_text("\ufeff" + out.read_text("utf-8") + "\n" + out.read_text("utf-8"), "utf-8")
    capsys.readouterr()
    assert run(["events", str(results), "--update", str(twice), "-o", str(out)]) == 2
    assert "twice.jsonl, line 3: no event: the file has an event twice" in capsys.readouterr().err


def test_a_file_of_events_that_was_edited_wrongly_is_one_line_and_no_bug(results, tmp_path, capsys):
    out, page = tmp_path / "events.jsonl", tmp_path / "page.html"
    assert run(["events", str(results), "-o", str(out)]) == 0
    event = json.loads(out.read_text("utf-8"))
    del event["members"][1]["document"]["sha256"]
    out.write_text(json.dumps(event) + "\n", "utf-8")
    before = out.read_bytes()
    capsys.readouterr()
    for command in (
        ["events", "--update", str(out), "-o", str(out)],
        ["convert", "--events", str(out), "-o", str(page)],
    ):
        assert run([command[0], str(results), *command[1:]]) == 2
        told = capsys.readouterr().err
        assert "events.jsonl, line 1: no event: member 2: document.sha256: Field required" in told
        assert told.count("\n") == 1
    assert out.read_bytes() == before


def test_a_report_has_the_event_of_a_record_whose_id_another_has(tmp_path):
    given, out, page = tmp_path / "results.jsonl", tmp_path / "events.jsonl", tmp_path / "page.html"
    own = (meeting("m1", date="2024-03-12"), meeting("m1", date="2024-06-01"))
    told = [
        result("a", *own, outlet="Harbour Post"),
        result("b", meeting("m2", date="2024-03-12"), outlet="Nordic Wire"),
    ]
    given.write_text("".join(one.to_json() + "\n" for one in told), "utf-8")
    assert run(["events", str(given), "-o", str(out)]) == 0
    assert run(["convert", str(given), "-o", str(page), "--events", str(out)]) == 0
    assert page.read_text("utf-8").count("Told by 2 articles, first by Harbour Post") == 2
