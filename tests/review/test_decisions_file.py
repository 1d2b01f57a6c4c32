"""The file of decisions: nothing acknowledged is lost, whatever cuts a line short and whoever else writes."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from communique.errors import OutputError, UnreadableDocumentError
from communique.review import Decision, DecisionsFile, StaleDecisionError, decisions_path

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def decision(key="k", **more):
    return Decision(**({"by": "ana", "decision": "accept", "key": key, "document": "d"} | more))


def ids(file, key="k"):
    return [d.id for d in file.of(key)]


def test_the_file_lies_beside_the_results():
    assert decisions_path(Path("runs/out.jsonl")) == Path("runs/out.jsonl.decisions.jsonl")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(comments=st.lists(WORDS, min_size=1, max_size=5), cut=st.integers(0, 10_000))
def test_a_cut_loses_the_cut_line_alone_and_the_next_writer_goes_on(tmp_path_factory, comments, cut):
    path = tmp_path_factory.mktemp("cut") / "d.jsonl"
    file = DecisionsFile(path)
    made = [decision(comment=c) for c in comments]
    ends = []
    for one in made:
        file.add(one)
        ends.append(path.stat().st_size)
    at = cut % (ends[-1] + 1)
    with path.open("r+b") as raw:
        raw.truncate(at)

    whole = [one.id for one, end in zip(made, ends, strict=True) if end - 1 <= at]  # the line end alone may be missing
    again = DecisionsFile(path)
    assert ids(again) == whole
    new = decision(comment=comments[0])
    again.add(new)
    assert ids(DecisionsFile(path)) == [*whole, new.id]
    assert DecisionsFile(path).of("k")[-1] == new


def test_two_processes_see_what_the_other_wrote_and_keep_both(tmp_path):
    one, other = (DecisionsFile(tmp_path / "d.jsonl") for _ in range(2))
    first, second = decision(by="ana"), decision(by="bo", decision="reject")
    one.add(first, saw="")
    with pytest.raises(StaleDecisionError):
        other.add(second, saw="")
    other.add(second, saw=first.id)
    one.refresh()

    assert ids(one) == ids(other) == [first.id, second.id]


def test_what_was_taken_back_stays_in_the_file_and_counts_no_more(tmp_path):
    file = DecisionsFile(tmp_path / "d.jsonl")
    first = decision()
    file.add(first)
    file.add(decision(decision="undo", undoes=first.id))

    assert file.standing("k") == []
    assert len(file.of("k")) == len((tmp_path / "d.jsonl").read_text("utf-8").splitlines()) == 2


def test_a_line_that_is_no_decision_is_told_with_its_number(tmp_path):
    path = tmp_path / "d.jsonl"
    DecisionsFile(path).add(decision())
    path.write_text(path.read_text("utf-8") + "{}\n", "utf-8")

    with pytest.raises(UnreadableDocumentError, match="line 2: not a decision"):
        DecisionsFile(path)


def test_a_replaced_file_is_read_anew(tmp_path):
    path, other = tmp_path / "d.jsonl", tmp_path / "e.jsonl"
    file = DecisionsFile(path)
    file.add(decision())
    new = decision()
    DecisionsFile(other).add(new)
    other.replace(path)
    file.refresh()

    assert ids(file) == [new.id]


def test_a_file_that_was_edited_in_place_is_read_anew(tmp_path):
    path = tmp_path / "d.jsonl"
    file = DecisionsFile(path)
    file.add(decision(by="ana"))
    path.write_text(path.read_text("utf-8").replace('"ana"', '"bob"'), "utf-8")
    file.refresh()
    file.add(decision(by="cy"))

    assert [d.by for d in file.of("k")] == [d.by for d in DecisionsFile(path).of("k")] == ["bob", "cy"]


def test_a_folder_is_made_and_one_that_cannot_be_is_told(tmp_path):
    DecisionsFile(tmp_path / "new" / "d.jsonl").add(decision())
    assert (tmp_path / "new" / "d.jsonl").is_file()
    (tmp_path / "file").touch()
    with pytest.raises(UnreadableDocumentError, match="can't read"):
        DecisionsFile(tmp_path / "file" / "d.jsonl")


@pytest.mark.parametrize(
    "line",
    [b"[]", b"{}", b"\xff", b'{"by": "\\ud800", "decision": "accept", "key": "k", "document": "d"}', b"[" * 100_000],
)
def test_hostile_lines_are_told(tmp_path, line):
    path = tmp_path / "d.jsonl"
    path.write_bytes(line + b"\n")
    with pytest.raises(UnreadableDocumentError, match="line 1: not a decision"):
        DecisionsFile(path)


@pytest.mark.parametrize("before", [b"", b"a decision"])
@pytest.mark.parametrize(
    "last", [b"my notes", b"{}", b'{"idle": 1', b'{"id":"a","text":"whole"}', b'{"id":"a"}, ', b"my notes\0\0"]
)
def test_a_last_line_of_another_kind_is_told_and_never_cut_off(tmp_path, before, last):
    path = tmp_path / "notes.txt"
    file = DecisionsFile(path)
    if before:
        file.add(decision())
    with path.open("ab") as raw:
        raw.write(last)
    kept = path.read_bytes()
    for attempt in (lambda: DecisionsFile(path), lambda: file.add(decision())):
        with pytest.raises(UnreadableDocumentError, match=r"notes\.txt, line [12]: not a decision \(mend or delete it"):
            attempt()
    assert path.read_bytes() == kept


@pytest.mark.parametrize("before", [0, 2])
@pytest.mark.parametrize("torn", [b"", b'{"id":"0a1b', b'{"id":"0a1b","by":"ana","decision":"accept","key":"k","docu'])
def test_nul_bytes_at_the_end_which_a_power_failure_leaves_are_cut_off_by_the_next_writer(tmp_path, before, torn):
    path = tmp_path / "d.jsonl"
    file = DecisionsFile(path)
    made = [decision() for _ in range(before)]
    for one in made:
        file.add(one)
    with path.open("ab") as raw:
        raw.write(torn + b"\0" * 5000)
    file.refresh()
    again = DecisionsFile(path)
    assert ids(file) == ids(again) == [one.id for one in made]
    new = decision()
    again.add(new)
    file.refresh()
    assert ids(file) == ids(DecisionsFile(path)) == [*(one.id for one in made), new.id]
    assert path.read_bytes().count(b"\n") == before + 1
    assert b"\0" not in path.read_bytes()


def test_a_decision_before_nul_bytes_that_lacks_its_line_end_alone_is_kept(tmp_path):
    path = tmp_path / "d.jsonl"
    first, second = decision(), decision()
    DecisionsFile(path).add(first)
    path.write_bytes(path.read_bytes().removesuffix(b"\n") + b"\0" * 9)
    file = DecisionsFile(path)
    file.refresh()
    file.add(second)
    assert ids(file) == ids(DecisionsFile(path)) == [first.id, second.id]
    assert path.read_bytes().count(b"\n") == 2


@pytest.mark.parametrize("line", [b"\0\0\n", b"\0\0my notes\n", b'{"id":"0a\0\0"}\n'])
def test_nul_bytes_elsewhere_are_told_with_their_line_and_never_cut_off(tmp_path, line):
    path = tmp_path / "d.jsonl"
    file = DecisionsFile(path)
    file.add(decision())
    path.write_bytes(path.read_bytes() + line + path.read_bytes())
    kept = path.read_bytes()
    for attempt in (lambda: DecisionsFile(path), lambda: file.add(decision())):
        with pytest.raises(UnreadableDocumentError, match=r"line 2: NUL bytes, not a decision \(mend or delete it"):
            attempt()
    assert path.read_bytes() == kept


@pytest.mark.parametrize("more", [{"by": "J\udcf6rg"}, {"comment": "\ud800"}, {"edited": {"when": "\ud800"}}])
def test_what_could_not_be_read_again_is_not_written(tmp_path, more):
    path = tmp_path / "d.jsonl"
    file = DecisionsFile(path)
    file.add(decision())
    kept = path.read_bytes()
    with pytest.raises(OutputError, match="not UTF-8"):
        file.add(decision(**more))
    assert path.read_bytes() == kept


@pytest.mark.slow
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path):
    script = Path(__file__).with_name("kills.py")
    done = subprocess.run(
        [sys.executable, script, tmp_path / "d.jsonl", "150"], capture_output=True, text=True, check=True
    )
    kills, acknowledged, lost = map(int, done.stdout.splitlines()[-1].split())

    assert kills == 150
    assert acknowledged > 0
    assert lost == 0
