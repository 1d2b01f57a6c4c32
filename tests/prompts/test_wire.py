"""The wire schema is strict, and an answer becomes a draft without being swallowed."""

from typing import Annotated, Any

import jsonschema
import pytest

from communique.errors import ConfigurationError
from communique.prompts import brief_schema, full_schema, parse_answer, parse_brief
from communique.schemas import STANDARD_RECORDS, Allegation, Meeting, Quoted, Record

MEETING = {"evidence": [2, 2], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"]}


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
    assert not asked & {"id", "verdict", "checks", "opinions", "derived", "country_code", "aliases", "date"}


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
    (record,) = parse_answer({"meetings": [{**MEETING, "when": nothing}]}, STANDARD_RECORDS).records[
        "meetings"
    ]
    assert record.when is None


def test_a_model_cannot_set_what_code_computes():
    said = {**MEETING, "verdict": "verified", "id": "mine", "checks": []}
    (record,) = parse_answer({"meetings": [said]}, STANDARD_RECORDS).records["meetings"]
    assert (record.verdict, record.id) == ("draft", "")


@pytest.mark.parametrize(
    ("item", "where"),
    [({**MEETING, "status": "maybe"}, "status"), ({**MEETING, "mood": "warm"}, "mood"), ("a meeting", "")],
)
def test_a_malformed_item_is_kept_aside_and_the_others_stay(item, where):
    draft = parse_answer({"meetings": [item, MEETING]}, STANDARD_RECORDS)
    assert len(draft.records["meetings"]) == 1
    ((key, _said, why),) = draft.unparsed
    assert key == "meetings"
    assert where in why


@pytest.mark.parametrize("data", [{}, {"meetings": None}, {"meetings": []}, {"other": [1]}])
def test_an_answer_without_records_is_an_empty_draft(data: dict[str, Any]):
    draft = parse_answer(data, STANDARD_RECORDS)
    assert list(draft) == []
    assert draft.unparsed == ()


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
