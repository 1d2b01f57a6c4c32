import json

import pytest

from communique.errors import ConfigurationError
from communique.evaluation import digest, evaluate, gate

GOLD = {
    "id": "a",
    "meetings": [{"participants": [{"name": "Iran"}, {"name": "Iraq"}], "evidence": ["They met."], "status": "held"}],
}


@pytest.fixture
def scores():
    return evaluate([GOLD], [GOLD])


@pytest.fixture
def floors(tmp_path):
    def write(least=None, most=None):
        path = tmp_path / "floors.json"
        path.write_text(json.dumps({"gold_sha256": "x", "least": least or {}, "most": most or {}}), encoding="utf-8")
        return path

    return write


def test_figures_at_their_bounds_pass(scores, floors):
    assert gate(scores, floors({"micro.F1": 1.0, "slots.actors.tp": 2}, {"empty.records": 0}), "x") == []


def test_a_figure_below_its_floor_or_above_its_ceiling_is_named(scores, floors):
    assert gate(scores, floors({"types.meetings.recall": 1.1}, {"micro.predicted": 0})) == [
        "types.meetings.recall is 1, below the floor 1.1",
        "micro.predicted is 1, above the ceiling 0",
    ]


def test_a_figure_that_was_not_measured_does_not_pass(scores, floors):
    assert gate(scores, floors({"slots.denied_by.F1": 0.0})) == [
        "slots.denied_by.F1 is not measured, below the floor 0"
    ]


@pytest.mark.parametrize("name", ["micro.F9", "micro", "predictions_missing", "micro.F1.x"])
def test_a_floor_of_no_figure_is_refused(scores, floors, name):
    with pytest.raises(ConfigurationError, match="figure"):
        gate(scores, floors({name: 0.5}))


def test_floors_of_another_gold_break_the_gate(scores, floors):
    assert "measured on other gold" in gate(scores, floors(), "y")[0]


@pytest.mark.parametrize(
    "content", ["", "[]", '{"least": {}}', '{"gold_sha256": "x", "least": {"a": "b"}, "most": {}}']
)
def test_a_file_that_holds_no_floors_is_refused(scores, tmp_path, content):
    path = tmp_path / "floors.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="has no valid floors"):
        gate(scores, path)


def test_the_digest_follows_names_and_contents_but_not_the_floors(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"one\ntwo")
    first = digest(tmp_path)
    (tmp_path / "floors.json").write_text("{}", encoding="utf-8")
    (tmp_path / "predictions.jsonl").write_text("{}", encoding="utf-8")
    assert digest(tmp_path) == first
    (tmp_path / "a.txt").write_bytes(b"one\r\ntwo")
    assert digest(tmp_path) == first, "a checkout with other line ends is the same gold"
    (tmp_path / "a.txt").write_bytes(b"one\ntwo!")
    assert digest(tmp_path) != first
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    (tmp_path / "b.txt").write_bytes(b"one\ntwo")
    assert digest(tmp_path) != first
