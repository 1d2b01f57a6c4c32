"""Exports: input order, whole lines, whole files."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique import errors
from communique.batch.export import export, manifest_path
from communique.batch.outcome import Occurrence, Outcome, summary_line
from communique.schemas import DocumentInfo, Provenance, VerifiedSummary
from communique.schemas.stored import json_line


def key(number):
    return number.to_bytes(32, "big")


def ok(number):
    payload = json_line({"document": {"id": f"d{number}", "source": "in", "notes": []}, "n": number})
    return Outcome(key(number), "ok", payload=payload, id=f"d{number}", source="in")


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


def test_rows_stand_in_input_order_whatever_came_first(journal, tmp_path):
    journal.record([ok(3)], [Occurrence(2, "d3", "in", key(3))])
    journal.record([ok(1), ok(2)], [Occurrence(0, "d1", "in", key(1)), Occurrence(1, "d2", "in", key(2))])
    assert export(journal, tmp_path / "out.jsonl", full=True) == (3, 0)
    assert [row["n"] for row in lines(tmp_path / "out.jsonl")] == [1, 2, 3]


def test_a_twin_has_a_row_of_its_own_with_its_own_id(journal, tmp_path):
    twins = [Occurrence(0, "d1", "in", key(1)), Occurrence(1, "copy", "other", key(1))]
    journal.record([ok(1)], twins)
    export(journal, tmp_path / "out.jsonl", full=True)
    first, second = lines(tmp_path / "out.jsonl")
    assert first["document"] == {"id": "d1", "source": "in", "notes": []}
    assert second["document"] == {"id": "copy", "source": "other", "notes": ["duplicate_of: d1"]}


def test_failures_and_skips_are_in_the_manifest(journal, tmp_path):
    bad = Outcome(key(1), "failed", "refusal", "declined", id="d1", source="in", attempts=1)
    journal.record(
        [bad],
        [Occurrence(0, "d1", "in", key(1)), Occurrence(1, "", "x.png", b"", "binary", "it is an image")],
    )
    assert export(journal, tmp_path / "out.jsonl", full=True) == (0, 2)
    first, second = lines(manifest_path(tmp_path / "out.jsonl"))
    assert (first["state"], first["reason"], first["id"]) == ("failed", "refusal", "d1")
    assert (second["state"], second["reason"], second["source"]) == ("skipped", "binary", "x.png")
    assert (tmp_path / "out.jsonl").read_text() == ""


def test_without_failures_there_is_no_manifest(journal, tmp_path):
    manifest_path(tmp_path / "out.jsonl").write_text("old")
    journal.record([ok(1)], [Occurrence(0, "d1", "in", key(1))])
    export(journal, tmp_path / "out.jsonl", full=True)
    assert not manifest_path(tmp_path / "out.jsonl").exists()


def test_a_damaged_result_is_not_published_and_the_old_file_stays(journal, tmp_path):
    journal.record([ok(1)], [Occurrence(0, "d1", "in", key(1))])
    export(journal, tmp_path / "out.jsonl", full=True)
    before = (tmp_path / "out.jsonl").read_bytes()
    journal._db.execute("UPDATE result SET payload = replace(payload, 'd1', 'd9')")
    with pytest.raises(errors.JournalError, match="checksum"):
        export(journal, tmp_path / "out.jsonl", full=True)
    assert (tmp_path / "out.jsonl").read_bytes() == before
    assert not list(tmp_path.glob(".*.tmp"))


def test_an_output_that_is_a_folder_is_an_error(journal, tmp_path):
    (tmp_path / "out.jsonl").mkdir()
    with pytest.raises(errors.OutputError):
        export(journal, tmp_path / "out.jsonl", full=True)


@given(st.dictionaries(st.text(), st.text()))
def test_a_record_is_one_line_and_comes_back(value):
    line = json_line(value)
    assert len(line.splitlines()) == 1
    assert json.loads(line.encode()) == value


@given(st.text(), st.text(max_size=20))
def test_a_summary_is_the_same_line_by_both_ways(title, outlet):
    info = DocumentInfo(id="d", sha256="0", title=title, outlet=outlet, chars=3, notes=("\u2028\x85", "”"))
    summary = VerifiedSummary(document=info, provenance=Provenance(seconds=0.25))
    assert summary_line(summary) == json_line(summary.model_dump(mode="json"))


def test_a_lone_surrogate_in_a_summary_is_escaped():
    info = DocumentInfo.model_construct(id="d", sha256="0", title="a\ud800b")
    line = summary_line(
        VerifiedSummary.model_construct(document=info, records={}, brief=(), rejections=(), provenance=Provenance())
    )
    assert json.loads(line.encode())["document"]["title"] == "a\ud800b"
