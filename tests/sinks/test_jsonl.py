import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.errors import UnreadableDocumentError
from communique.schemas import DocumentInfo, Record, VerifiedSummary
from communique.schemas.stored import json_line
from communique.sinks import FanOut, SinkOptions, read_results, sink_named


def write(name, path, results, *, full=True):
    with FanOut([(sink_named(name), path)], SinkOptions(full=full)) as out:
        for document, summary in results:
            out.write(summary, document and document.text)
    return path


@pytest.mark.parametrize("name", ["jsonl", "json"])
def test_what_is_written_comes_back_equal(name, tmp_path, summaries):
    path = write(name, tmp_path / "out", [(None, s) for s in summaries])

    assert list(read_results(path)) == summaries


@pytest.mark.parametrize("name", ["jsonl", "json"])
def test_a_text_that_is_given_is_kept(name, tmp_path, results):
    path = write(name, tmp_path / "out", results)

    assert [s.document.text for s in read_results(path)] == [d.text for d, _ in results]


def test_a_text_that_is_not_given_leaves_no_key(tmp_path, summaries):
    path = write("jsonl", tmp_path / "out.jsonl", [(None, summaries[0])])

    assert "text" not in json.loads(path.read_text())["document"]


def test_no_results_make_an_empty_file_and_an_empty_array(tmp_path):
    assert write("jsonl", tmp_path / "a.jsonl", []).read_bytes() == b""
    assert json.loads(write("json", tmp_path / "a.json", []).read_text()) == []
    assert list(read_results(tmp_path / "a.jsonl")) == list(read_results(tmp_path / "a.json")) == []


@given(st.text(st.characters(exclude_categories=())))
def test_a_line_is_one_line_for_everybody_and_loads_as_it_was(text):
    line = json_line({"k": text})

    assert line.splitlines() == [line]
    assert json.loads(line.encode()) == {"k": text}


def test_an_object_spread_over_lines_is_read(tmp_path, summaries):
    path = tmp_path / "one.json"
    path.write_text(json.dumps(summaries[0].model_dump(mode="json"), indent=2), encoding="utf-8")

    assert list(read_results(path)) == [summaries[0]]


class Resignation(Record):
    """Somebody leaves office."""

    who: str


def test_a_record_of_an_unknown_type_keeps_its_fields(tmp_path):
    info = DocumentInfo(id="x", sha256="0")
    summary = VerifiedSummary(document=info, records={"resignations": (Resignation(who="Eva Holt"),)})
    path = write("jsonl", tmp_path / "out.jsonl", [(None, summary)])

    (found,) = read_results(path)

    assert found.records["resignations"][0].model_extra == {"who": "Eva Holt"}
    assert found.model_dump(mode="json") == summary.model_dump(mode="json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"document": {"id": "x", "sha256": "0"}}\n{"docu', "line 2: not JSON"),
        ('{"document": {"id": "x", "sha256": "0"}}\n[]', "line 2: not a result of communique"),
        ('{"document": {"id": 5, "sha256": "0"}}', "line 1: document.id: Input should be a valid string"),
        ('{"document": {"id": "x", "sha256": "0"}, "meetings": 3}', "line 1: meetings: a list of records was expected"),
        (
            '{"document": {"id": "x", "sha256": "0"}, "meetings": [{"status": "hold"}]}',
            "line 1: status: Input should be",
        ),
        (
            '{"document": {}, "schema_version": "9.0"}',
            "line 1: schema version 9.0, but this version of communique reads 2.0 and 1.0",
        ),
        ('[{"document": 1}]', "element 1"),
        ("[" * 100_000, "nested too deeply"),
        ("\xff\xfe", "not a result|not JSON|not UTF-8"),
        ("nothing of the kind", "line 1: not JSON"),
    ],
)
def test_a_bad_line_is_named(tmp_path, content, message):
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content.encode("latin-1"))

    with pytest.raises(UnreadableDocumentError, match=message):
        list(read_results(path))


def test_the_lines_before_a_bad_one_are_given(tmp_path, summaries):
    path = write("jsonl", tmp_path / "out.jsonl", [(None, summaries[0])])
    path.write_bytes(path.read_bytes() + b'{"cut')

    found = read_results(path)

    assert next(found) == summaries[0]
    with pytest.raises(UnreadableDocumentError, match="line 2"):
        next(found)


def test_a_missing_file_is_an_error_of_one_line(tmp_path):
    with pytest.raises(UnreadableDocumentError, match="No such file"):
        list(read_results(tmp_path / "none.jsonl"))
    with pytest.raises(UnreadableDocumentError, match="Is a directory"):
        list(read_results(tmp_path))
