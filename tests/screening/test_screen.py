"""`communique screen`: every actor of every record, one line each, in careful words; and the cards of the report."""

import json
import os
from typing import Annotated

import pytest

from communique.cli.app import run
from communique.schemas import Evidence, Mentioned, Record
from communique.screening import NameIndex, Screening, mentions, notes_of, read_screenings, screen
from communique.sinks import FanOut, SinkOptions, sink_named


class Loan(Record):
    """A loan."""

    lender: Annotated[str, Mentioned()]
    borrowers: tuple[Annotated[str, Mentioned()], ...] = ()


@pytest.fixture
def results(tmp_path, summary):
    path = tmp_path / "out.jsonl"
    path.write_text(summary.model_dump_json() + "\n", encoding="utf-8")
    return path


def test_every_actor_of_every_record_has_a_line(known, results, tmp_path, capsys):
    output = tmp_path / "screening.jsonl"
    assert run(["screen", str(results), "--list", str(known), "-o", str(output)]) == 0
    found = list(read_screenings(output))
    assert [(s.record_id, s.field, s.name, s.state) for s in found] == [
        ("m1", "participants[0].name", "Ilse Brandt", "SAME"),
        ("m1", "participants[1].name", "John Harrow", "UNDECIDED"),
        ("a1", "accused[0].name", "Kuiseb Logistics", "SAME"),
    ]
    assert found[0].list.name == "list.ftm.json"
    assert len(found[0].list.sha256) == 64
    out, err = capsys.readouterr()
    assert "3 mentions against 5 entries: SAME 2, UNDECIDED 1, NO_MATCH 0" in err
    assert "a person decides who is meant" in err
    assert out.splitlines() == [
        "SAME       Ilse Brandt (once): “p4” (p4, de)",
        "SAME       Kuiseb Logistics (once): “c1” (c1, na)",
        "UNDECIDED  John Harrow (once): “p2” (p2, us), “p3” (p3, gb)",
    ]


def test_json_tells_what_was_counted_and_left_out(known, results, tmp_path, capsys):
    known.write_text("broken\n" + known.read_text("utf-8"), encoding="utf-8")
    output = tmp_path / "screening.jsonl"
    assert run(["screen", str(results), "--list", str(known), "-o", str(output), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["names"], row["SAME"], row["list"]["entries"]) == (3, 2, 5)
    assert row["skipped"][0].startswith("list.ftm.json, line 1: ")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--map", "name"], "names no column"),
        (["--undecided", "0.9"], "make no sense"),
        (["--list", "absent.json"], "can't read absent.json"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_no_file(known, results, tmp_path, capsys, more, why):
    output = tmp_path / "screening.jsonl"
    assert run(["screen", str(results), "--list", str(known), "-o", str(output), *more]) == 2
    assert why in capsys.readouterr().err
    assert not output.exists()


def test_what_is_read_is_not_written_over(known, results, capsys):
    for path in (known, results):
        before = path.read_bytes()
        assert run(["screen", str(results), "--list", str(known), "-o", str(path)]) == 2
        assert path.read_bytes() == before
    assert "written over" in capsys.readouterr().err


def test_a_device_or_a_pipe_is_not_replaced(known, results, tmp_path, capsys):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert run(["screen", str(results), "--list", str(known), "-o", str(pipe)]) == 2
    assert "is not an ordinary file" in capsys.readouterr().err
    assert pipe.is_fifo()


def test_names_in_record_types_of_others_are_found_by_their_marker():
    loan = Loan(lender="Ilse Brandt", borrowers=("Kuiseb",), evidence=(Evidence(sentence=1),))
    assert [(path, actor.name) for path, actor in mentions(loan)] == [
        ("lender", "Ilse Brandt"),
        ("borrowers[0]", "Kuiseb"),
    ]


def test_records_whose_type_is_not_at_hand_are_told(known, results, tmp_path, capsys, summary):
    loan = Loan(lender="Ilse Brandt", evidence=summary.records["meetings"][0].evidence, id="l1")
    own = summary.model_copy(update={"records": {"loans": (loan,)}})
    results.write_text(own.model_dump_json() + "\n", encoding="utf-8")
    assert run(["screen", str(results), "--list", str(known), "-o", str(tmp_path / "s.jsonl")]) == 0
    assert "1 loans were not screened" in capsys.readouterr().err


def test_the_words_say_that_names_match_and_nothing_of_the_person(known, summary):
    with NameIndex.of(known) as index:
        found = {s.name: s.statement for s in screen(summary, index)}
    assert found["Ilse Brandt"].startswith("The name matches list entry “p4” (p4, de) of list.ftm.json (")
    assert "A person decides" in found["Ilse Brandt"]
    assert "several entries have such a name" in found["John Harrow"]
    assert not any("sanctioned" in text or "is listed" in text for text in found.values())


def test_a_report_has_them_in_its_cards(known, results, tmp_path):
    output, page = tmp_path / "screening.jsonl", tmp_path / "report.html"
    assert run(["screen", str(results), "--list", str(known), "-o", str(output)]) == 0
    assert run(["convert", str(results), "-o", str(page), "--screening", str(output)]) == 0
    html = page.read_text("utf-8")
    assert '"beside":[["Known names",[["Ilse Brandt","same name","look","The name matches list entry' in html
    assert run(["view", str(results), "-o", str(page), "--no-open", "--screening", str(results)]) == 2


def test_notes_of_others_stand_beside_them(known, summary, tmp_path):
    from communique.sinks.cards import CardNote

    page = tmp_path / "report.html"
    notes = (lambda _, record: [CardNote("Review", "", "accepted", "done", f"by A.B., {record.id}")],)
    with FanOut([(sink_named("html"), page)], SinkOptions(notes=notes)) as out:
        out.write(summary)
    assert '"beside":[["Review",[["","accepted","done","by A.B., m1"]]]]' in page.read_text("utf-8")


def test_a_record_that_changed_since_has_no_note(known, summary, tmp_path):
    output = tmp_path / "screening.jsonl"
    with NameIndex.of(known) as index:
        lines = [s.model_dump_json() + "\n" for s in screen(summary, index)]
    output.write_text("".join(lines), encoding="utf-8")
    of = notes_of(output)
    record = summary.records["meetings"][0]
    assert [note.about for note in of(summary, record)] == ["Ilse Brandt", "John Harrow"]
    assert list(of(summary, record.model_copy(update={"id": "m2"}))) == []
    assert Screening.model_validate_json(lines[0]).candidates[0].topics == ()
