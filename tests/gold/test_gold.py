"""The gold itself: copied words, closed lists, coverage, and the floors that hang on it."""

import hashlib
import json
import re
from functools import reduce
from pathlib import Path

import pytest

from communique.evaluation import evaluate
from communique.schemas import STANDARD_RECORDS

HERE = Path(__file__).resolve().parent
IDS = sorted(p.stem for p in HERE.glob("*.txt"))
KINDS = ("meetings", "allegations", "sanctions_concerns")
ROLES = {
    "meetings": ("participants",),
    "allegations": ("accusers", "accused"),
    "sanctions_concerns": ("raised_by", "subjects"),
}
FIELDS = {
    "meetings": {"status", "participants", "place", "when", "topics", "attributions"},
    "allegations": {"claim", "accusers", "accused", "commitment", "responses"},
    "sanctions_concerns": {"concern", "raised_by", "subjects", "regime", "stage"},
}
STATES = {
    ("meetings", "status"): {"held", "planned", "proposed", "cancelled"},
    ("allegations", "commitment"): {"asserted", "possible", "unspecified"},
    ("sanctions_concerns", "stage"): {"potential", "alleged", "found", "imposed", "proposed"},
}
TYPES = {record_type.plural: record_type for record_type in STANDARD_RECORDS}
EDTF = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?(/\d{4}(-\d{2}(-\d{2})?)?)?")


def text_of(i):
    return (HERE / f"{i}.txt").read_text(encoding="utf-8")


def gold_of(i):
    return json.loads((HERE / f"{i}.json").read_text(encoding="utf-8"))


def meta_of(i):
    return json.loads((HERE / f"{i}.meta.json").read_text(encoding="utf-8"))


def records(i):
    return [(kind, record) for kind in KINDS for record in gold_of(i)[kind]]


def actors(kind, record):
    """Return the actors of a record, those who deny and those who are credited too."""
    parts = [record[role] for role in ROLES[kind]]
    parts += [response["responders"] for response in record.get("responses", [])]
    parts += [attribution["source"] for attribution in record.get("attributions", [])]
    return [actor for part in parts for actor in part]


def everything():
    return [(i, kind, record) for i in IDS for kind, record in records(i)]


@pytest.mark.parametrize("i", IDS)
def test_every_copied_word_stands_in_the_article(i):
    text = text_of(i)
    for kind, record in records(i):
        place = record.get("place") or {}
        copied = [
            *record["evidence"],
            *record.get("regime", []),
            *filter(None, (place.get("name"), record.get("when"))),
        ]
        copied += [form for actor in actors(kind, record) for form in (actor["name"], *actor.get("aliases", []))]
        copied += [form for role in ROLES[kind] for form in record.get(f"{role}_group", [])]
        assert record["evidence"]
        assert [c for c in copied if not c or c not in text] == []


@pytest.mark.parametrize("i", IDS)
def test_every_record_has_its_fields_and_knows_its_lists(i):
    for kind, record in records(i):
        assert FIELDS[kind] | {"evidence"} <= set(record)
        only_gold = {"optional", "note", "derived"} | {key for key in record if key.endswith(("_ok", "_group"))}
        assert set(record) - only_gold <= set(TYPES[kind].model_fields)
        for (of, field), allowed in STATES.items():
            if of == kind:
                assert {record[field], *record.get(field + "_ok", [])} <= allowed
        if record.get("when"):
            assert EDTF.fullmatch(record["derived"]["date"])


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
    required = [(kind, record) for _, kind, record in everything() if not record.get("optional")]
    assert sum(any(not x.get("optional") for x in r.get("responses", [])) for _, r in required) >= 10
    for (kind, field), values in STATES.items():
        present = {r[field] for k, r in required if k == kind}
        assert present == values - {"unspecified"}, (kind, values - present)
    assert any("state news agency" in text_of(i) for i in IDS)


def test_some_accusations_are_mutual():
    def first_forms(record, role):
        required = [actor for actor in record[role] if not actor.get("optional")]
        return {form for actor in required for form in (actor["name"], *actor.get("aliases", []))}

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


def digest():
    """Return the SHA-256 over the names and bytes of the texts, records and meta files, whatever their line ends."""
    total = hashlib.sha256()
    for path in sorted(p for p in (*HERE.glob("*.txt"), *HERE.glob("*.json")) if p.name != "floors.json"):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def test_the_stored_predictions_keep_the_floors_that_belong_to_this_gold():
    floors = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))
    assert floors["gold_sha256"] == digest(), "where the gold has changed: measure again and write floors.json anew"
    measured = evaluate(HERE, HERE / "predictions.jsonl").to_json()
    figures = {
        name: reduce(dict.__getitem__, name.split("."), measured) for side in ("least", "most") for name in floors[side]
    }
    assert {n: figures[n] for n, least in floors["least"].items() if figures[n] < least} == {}
    assert {n: figures[n] for n, most in floors["most"].items() if figures[n] > most} == {}
