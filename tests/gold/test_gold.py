"""The gold itself: copied words, closed lists, coverage, and the floors that hang on it."""

import json
import re
from pathlib import Path

import pytest

from communique.evaluation import Floors, digest, evaluate, gate

HERE = Path(__file__).resolve().parent
IDS = sorted(p.stem for p in HERE.glob("*.txt"))
KINDS = ("meetings", "allegations", "sanctions_concerns")
ROLES = {
    "meetings": ("participants", "reported_by"),
    "allegations": ("accusers", "accused", "denied_by"),
    "sanctions_concerns": ("raised_by", "subjects"),
}
FIELDS = {
    "meetings": {
        "participants",
        "place",
        "when_as_written",
        "when_resolved",
        "status",
        "topics",
        "reported_by",
    },
    "allegations": {"accusers", "accused", "act", "denied_by", "stance"},
    "sanctions_concerns": {"raised_by", "subjects", "activity", "regime", "status"},
}
STATES = {
    ("meetings", "status"): {"held", "planned", "proposed", "cancelled"},
    ("allegations", "stance"): {"asserted", "speculated", "reported"},
    ("sanctions_concerns", "status"): {"potential", "alleged", "found", "imposed", "proposed"},
}
EDTF = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?(/\d{4}(-\d{2}(-\d{2})?)?)?")


def text_of(i):
    return (HERE / f"{i}.txt").read_text(encoding="utf-8")


def gold_of(i):
    return json.loads((HERE / f"{i}.json").read_text(encoding="utf-8"))


def meta_of(i):
    return json.loads((HERE / f"{i}.meta.json").read_text(encoding="utf-8"))


def records(i):
    return [(kind, record) for kind in KINDS for record in gold_of(i)[kind]]


def everything():
    return [(i, kind, record) for i in IDS for kind, record in records(i)]


@pytest.mark.parametrize("i", IDS)
def test_every_copied_word_stands_in_the_article(i):
    text = text_of(i)
    for kind, record in records(i):
        copied = list(record["evidence"]) + [
            record.get(k) for k in ("place", "when_as_written", "regime") if record.get(k)
        ]
        for role in ROLES[kind]:
            for key in (role, role + "_optional"):
                copied += [form for actor in record.get(key, []) for form in actor]
            copied += record.get(role + "_group", [])
        assert record["evidence"]
        assert [c for c in copied if not c or c not in text] == []


@pytest.mark.parametrize("i", IDS)
def test_every_record_has_its_fields_and_knows_its_lists(i):
    for kind, record in records(i):
        assert FIELDS[kind] | {"evidence", "optional"} <= set(record)
        for (of, field), allowed in STATES.items():
            if of == kind:
                assert {record[field], *record.get(field + "_ok", [])} <= allowed
        if record.get("when_as_written"):
            assert EDTF.fullmatch(record["when_resolved"])


@pytest.mark.parametrize("i", IDS)
def test_every_article_is_of_the_stated_length_and_described(i):
    meta = meta_of(i)
    assert 150 <= len(text_of(i).split()) <= 350
    assert meta["id"] == gold_of(i)["id"] == i
    assert meta["chars"] == len(text_of(i))
    assert meta["title"]
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", meta["published"])
    assert meta["language"] == gold_of(i)["language"]


def test_what_the_gold_must_cover_is_covered():
    assert len(IDS) >= 12
    assert {"en", "de", "fr", "es"} <= {meta_of(i)["language"] for i in IDS}
    assert sum(not records(i) for i in IDS) >= 2
    assert sum(meta_of(i)["held_out"] for i in IDS) == 5
    required = [(kind, record) for _, kind, record in everything() if not record["optional"]]
    assert sum(bool(r.get("denied_by")) for _, r in required) >= 10
    for (kind, field), values in STATES.items():
        present = {r[field] for k, r in required if k == kind}
        assert present == values - {"reported"}, (kind, values - present)
    assert any("state news agency" in text_of(i) for i in IDS)


def test_some_accusations_are_mutual():
    def first_forms(record, role):
        return {form for actor in record[role] for form in actor}

    pairs = [(a, b) for i in IDS for a in gold_of(i)["allegations"] for b in gold_of(i)["allegations"] if a is not b]
    mutual = [
        a
        for a, b in pairs
        if first_forms(a, "accusers") & first_forms(b, "accused")
        and first_forms(a, "accused") & first_forms(b, "accusers")
    ]
    assert len(mutual) >= 4


def test_the_gold_agrees_with_itself():
    scores = evaluate(HERE, HERE)
    assert scores.micro.f1 == 1.0
    assert scores.without_text == ()
    assert scores.to_json()["gold_quotes_not_in_text"] == 0


def test_the_floors_belong_to_this_gold():
    assert Floors.load(HERE / "floors.json").gold_sha256 == digest(HERE), (
        "the gold has changed: measure again and write tests/gold/floors.json anew"
    )


def test_the_stored_predictions_keep_the_floors():
    stored = HERE / "predictions.jsonl"
    if not stored.is_file():
        pytest.skip("no stored predictions (tests/gold/predictions.jsonl)")
    floors = Floors.load(HERE / "floors.json")
    assert floors.least, "stored predictions without floors gate nothing"
    assert gate(evaluate(HERE, stored), floors, digest(HERE)) == []
