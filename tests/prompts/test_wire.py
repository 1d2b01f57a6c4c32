"""The wire schema is strict, and an answer becomes a draft without being swallowed."""

from typing import Annotated, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique.errors import ConfigurationError
from communique.prompts import brief_schema, full_schema, items_of, parse_answer, parse_brief
from communique.prompts.answer import listed
from communique.schemas import STANDARD_RECORDS, Allegation, Meeting, Quoted, Record

MEETING = {"evidence": [2, 2], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"]}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(MEETING),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


def objects(schema):
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


@pytest.mark.parametrize("make", [full_schema, brief_schema])
def test_every_object_is_closed_and_asks_for_all_its_keys(make):
    schema = make(STANDARD_RECORDS)
    jsonschema.Draft202012Validator.check_schema(schema)
    found = list(objects(schema))
    assert len(found) > 3
    for each in found:
        assert each["additionalProperties"] is False
        assert each["required"] == list(each["properties"])


@pytest.mark.parametrize("make", [full_schema, brief_schema])
def test_what_code_derives_is_never_asked_for(make):
    asked = {key for each in objects(make(STANDARD_RECORDS)) for key in each["properties"]}
    assert not asked & {
        "id",
        "verdict",
        "support",
        "checks",
        "judgements",
        "derived",
        "country_code",
        "aliases",
        "date",
    }


def test_evidence_is_asked_for_first_and_by_number():
    for key in ("meetings", "allegations", "sanctions_concerns"):
        properties = full_schema(STANDARD_RECORDS)["properties"][key]["items"]["properties"]
        assert next(iter(properties)) == "evidence"
        assert properties["evidence"]["items"] == {"type": "integer"}
    assert "evidence" not in str(brief_schema(STANDARD_RECORDS))


def test_a_field_that_a_model_cannot_be_asked_for_is_named():
    class Oddity(Record):
        """Odd."""

        size: Annotated[bytes, Quoted()]

    with pytest.raises(ConfigurationError) as caught:
        full_schema((Oddity,))
    assert "Oddity.size" in caught.value.message


def test_a_record_of_ones_own_is_asked_for_by_its_own_fields():
    class Strike(Record):
        """Workers stop work."""

        workers: Annotated[str, Quoted()]

    schema = full_schema((Strike,))
    assert list(schema["properties"]["strikes"]["items"]["properties"]) == ["evidence", "workers"]


def test_strings_become_actors_and_numbers_evidence():
    (record,) = parse_answer({"meetings": [MEETING]}, STANDARD_RECORDS).records["meetings"]
    assert [p.name for p in record.participants] == ["Odo Brask", "Ilya Tarn"]
    assert {e.sentence for e in record.evidence} == {2}


@pytest.mark.parametrize("nothing", [None, "", "null", " N/A ", "unknown"])
def test_blank_words_mean_not_stated(nothing):
    (record,) = parse_answer({"meetings": [{**MEETING, "when": nothing}]}, STANDARD_RECORDS).records["meetings"]
    assert record.when is None


def test_a_model_cannot_set_what_code_computes():
    said = {**MEETING, "verdict": "verified", "id": "mine", "checks": []}
    (record,) = parse_answer({"meetings": [said]}, STANDARD_RECORDS).records["meetings"]
    assert (record.verdict, record.id) == ("draft", "")


@pytest.mark.parametrize(
    ("item", "where"),
    [
        ({"evidence": [2], "participants": ["Ilya Tarn"]}, "status"),
        ({"evidence": [2], "status": "held"}, "participants"),
        ("a meeting", ""),
    ],
)
def test_a_malformed_item_is_kept_aside_and_the_others_stay(item, where):
    draft = parse_answer({"meetings": [item, MEETING]}, STANDARD_RECORDS)
    assert len(draft.records["meetings"]) == 1
    ((key, _said, why),) = draft.unparsed
    assert key == "meetings"
    assert where in why


@pytest.mark.parametrize(
    "data",
    [{}, {"meetings": None}, {"meetings": []}, {"meetings": {}}, {"meetings": "none"}, {"other": []}, {"meetings": [None, ""]}],
)  # fmt: skip
def test_an_answer_without_records_is_an_empty_draft(data: dict[str, Any]):
    draft = parse_answer(data, STANDARD_RECORDS)
    assert list(draft) == []
    assert draft.unparsed == ()


@pytest.mark.parametrize(
    ("data", "key", "said", "why"),
    [
        ({"meetings": ["Brask met Tarn"]}, "meetings", {"value": "Brask met Tarn"}, "not a string"),
        ({"meetings": [3]}, "meetings", {"value": 3}, "not a number"),
        ({"meetings": [[MEETING]]}, "meetings", {"value": [MEETING]}, "not a list"),
        ({"meetings": 0}, "meetings", {"value": 0}, "not a number"),
        ({"meetings": "Brask met Tarn"}, "meetings", {"value": "Brask met Tarn"}, "not a string"),
        ({"meeting": MEETING}, "answer", {"meeting": [MEETING]}, "'meeting' was not asked for"),
        ({"k" * 500: 1}, "answer", {"k" * 500: [1]}, "k…' was not asked for"),
    ],
)  # fmt: skip
def test_what_is_no_record_is_kept_aside_as_it_was_said(data, key, said, why):
    ((where, draft, told),) = parse_answer(data, STANDARD_RECORDS).unparsed
    assert (where, draft) == (key, said)
    assert why in told
    assert len(told) < 200


def test_a_record_that_stands_alone_is_a_list_of_one():
    draft = parse_answer({"meetings": MEETING}, STANDARD_RECORDS)
    assert len(draft.records["meetings"]) == 1


@given(st.dictionaries(st.sampled_from(["meeting", "allegation", "meetings", "news"]), JSON, max_size=3))
def test_every_item_of_an_answer_is_a_record_or_kept_aside(data):
    for items in (items_of(data), parse_brief(data, (Meeting, Allegation), 1, "Brask met Tarn.")):
        draft = parse_answer(items, (Meeting, Allegation))
        counted = sum(len(listed(v)) for v in data.values())
        astray = sum(len(v) for key, said, _ in draft.unparsed if key == "answer" for v in said.values())
        aside = sum(key != "answer" for key, _, _ in draft.unparsed)
        assert len(list(draft)) + aside + astray == counted


def test_a_brief_answer_may_hold_several_records_of_a_kind():
    said = {"accusers": ["Freedonia"], "accused": ["Borduria"], "commitment": "asserted"}
    items = parse_brief({"allegation": [said, {**said, "accused": ["Klow"]}, 7]}, (Allegation,), 7, "Text.")
    draft = parse_answer(items, (Allegation,))
    assert [r.accused[0].name for r in draft.records["allegations"]] == ["Borduria", "Klow"]
    assert [said for _, said, _ in draft.unparsed] == [{"value": 7}]


def test_deniers_stand_beside_the_answers_that_a_model_gives():
    said = {
        "accused": ["Borduria"],
        "commitment": "asserted",
        "denied_by": ["Borduria"],
        "responses": [{"type": "no_comment", "responders": ["Klow"]}],
    }
    items = parse_brief({"allegation": said}, (Allegation,), 7, "Text.")
    (record,) = parse_answer(items, (Allegation,)).records["allegations"]
    assert [r.type for r in record.responses] == ["no_comment", "denial"]


def test_deniers_of_a_kind_that_has_no_answers_are_told_of():
    items = parse_brief({"meeting": {**MEETING, "denied_by": ["Borduria"]}}, (Meeting,), 7, "Text.")
    draft = parse_answer(items, (Meeting,))
    assert [n.field for n in draft.records["meetings"][0].checks] == ["denied_by"]


def test_a_brief_answer_cites_the_sentence_that_was_asked_about():
    text = "Freedonia accused Borduria of theft, which Borduria denied."
    said = {
        "accusers": ["Freedonia"],
        "accused": ["Borduria"],
        "commitment": "asserted",
        "denied_by": ["Borduria"],
    }
    items = parse_brief({"allegation": said, "meeting": None}, (Meeting, Allegation), 7, text)
    assert list(items) == ["allegations"]
    (record,) = parse_answer(items, STANDARD_RECORDS).records["allegations"]
    assert [e.sentence for e in record.evidence] == [7]
    assert record.claim == text
    assert [(r.type, r.responders[0].name) for r in record.responses] == [("denial", "Borduria")]


def test_a_name_that_a_small_model_repeats_counts_once():
    data = {"meeting": {"participants": ["Vienna", "Prague", "Vienna", "Vienna"]}}
    (item,) = parse_brief(data, (Meeting,), 1, "Vienna and Prague talked.")["meetings"]
    assert item["participants"] == ["Vienna", "Prague"]
