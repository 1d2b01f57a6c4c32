"""Results of schema version 1 still load, also in one file with those of today."""

import json
from pathlib import Path

import jsonschema
import pytest

from communique.cli.results import convert, view
from communique.errors import UnreadableDocumentError
from communique.schemas import SCHEMA_VERSION
from communique.schemas.json_schema import output_schema
from communique.sinks import FanOut, read_results, sink_named

OLD = Path(__file__).with_name("frozen") / "results-1.0.jsonl"


def lost(new, old, path=""):
    """What of the old result is not in the new one, by path, but for what version 2 says in another way."""
    if isinstance(old, dict):
        for key, value in old.items():
            if key not in {"checks", "opinions", "verdict", "schema_version"}:
                yield from lost(new.get(key), value, f"{path}.{key}") if isinstance(new, dict) else [path]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(new, old, strict=True)):
            yield from lost(one, other, f"{path}[{number}]")
    elif new != old:
        yield path


@pytest.fixture
def mixed(tmp_path, results):
    """A file with results of version 1, then of today, then of version 1 again."""
    new = tmp_path / "new.jsonl"
    with FanOut([(sink_named("jsonl"), new)]) as out:
        out.write(results[0][1], results[0][0].text)
    path = tmp_path / "mixed.jsonl"
    path.write_text(OLD.read_text("utf-8") + new.read_text("utf-8") + OLD.read_text("utf-8"), "utf-8")
    return path


def test_everything_but_the_verdicts_is_as_it_was_and_fits_the_schema_of_today():
    validator = jsonschema.Draft202012Validator(output_schema(full=True))
    old = [json.loads(text) for text in OLD.read_text("utf-8").splitlines()]

    for before, summary in zip(old, read_results(OLD), strict=True):
        now = summary.model_dump(mode="json")
        assert list(lost(now, before)) == []
        assert list(validator.iter_errors(now)) == []
        assert now["schema_version"] == SCHEMA_VERSION


def test_verified_was_supported_and_a_flag_asks_for_a_look():
    first = next(read_results(OLD))

    assert (first.meetings[0].verdict, first.allegations[0].verdict) == ("supported", "flagged")
    (flag,) = first.allegations[0].flags
    assert (flag.reason, flag.outcome, flag.severity, flag.change) == (
        "wording",
        "unsupported",
        "flag",
        "kept",
    )


@pytest.mark.parametrize(("outcome", "change"), [("passed", None), ("flagged", "kept"), ("failed", "left_out")])
def test_a_check_says_what_became_of_the_value(tmp_path, outcome, change):
    row = json.loads(OLD.read_text("utf-8").splitlines()[0])
    row["meetings"][0]["checks"] = [{"field": "when", "outcome": outcome, "reason": "r"}]
    path = tmp_path / "x.json"
    path.write_text(json.dumps([row]), "utf-8")

    (summary,) = read_results(path)

    assert [c.change for c in summary.meetings[0].checks] == ([change] if change else [])


def test_mixed_versions_in_one_file_are_converted_to_the_version_of_today(tmp_path, mixed):
    out = tmp_path / "out.jsonl"

    assert convert(str(mixed), output=[str(out)], full=True) == 0

    rows = [json.loads(text) for text in out.read_text("utf-8").splitlines()]
    assert len(rows) == 2 * len(OLD.read_text("utf-8").splitlines()) + 1
    assert {r["schema_version"] for r in rows} == {SCHEMA_VERSION}
    assert list(read_results(out)) == list(read_results(mixed))


def test_mixed_versions_in_one_file_are_one_report(mixed):
    assert view(str(mixed), no_open=True) == 0

    page = mixed.with_suffix(".report.html").read_text("utf-8")
    assert "“shipped” is not in the sentence." in page, "a rule that no longer exists is told in its own words"
    assert "present it only as a possibility" in page


@pytest.mark.parametrize(
    "damage",
    [
        {"meetings": [7]},
        {"meetings": {"a": 1}},
        {"meetings": [{"checks": 7}]},
        {"meetings": [{"checks": [7]}]},
        {"meetings": [{"verdict": [], "checks": [{}]}]},
        {"rejections": 7},
        {"rejections": [None]},
        {"rejections": [{"checks": [{"outcome": "odd"}]}]},
    ],
)
def test_a_damaged_result_of_version_1_is_named_in_one_line(tmp_path, damage):
    row = json.loads(OLD.read_text("utf-8").splitlines()[0]) | damage
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(row) + "\n", "utf-8")

    with pytest.raises(UnreadableDocumentError, match="line 1: ") as caught:
        list(read_results(path))

    assert "\n" not in str(caught.value)
