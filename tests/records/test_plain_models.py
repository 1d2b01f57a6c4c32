"""A plain Pydantic model is a record type: evidence is asked for and checked, its fields are marked unverified."""

import datetime as dt
from enum import Enum
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError, field_validator

from communique import CommuniqueError, Document, Extractor, Mentioned, Plan, Record, VerifiedSummary
from communique.backends.scripted import ScriptedBackend
from communique.grounding.article import article_of
from communique.grounding.rules import rules_for
from communique.prompts import full_schema
from communique.schemas import STANDARD_RECORDS, field_markers, leaves
from communique.schemas.record_type import record_type

TEXT = "Minister quits\n\nIlse Tarn resigned as minister of mines on Friday. Odo Brask will follow her, two aides said."


class Reason(Enum):
    scandal = "scandal"
    age = "age"


class Resignation(BaseModel):
    """Somebody gives up an office."""

    who: str = Field(description="Who goes, copied.")
    office: str | None = None
    reason: Reason | None = None
    mood: Literal["calm", "angry"] = "calm"
    successors: list[str] = []
    reported: dt.date | None = None


SAID = {
    "evidence": [2],
    "who": "Ilse Tarn",
    "office": "minister of mines",
    "successors": ["Odo Brask"],
    "reason": "scandal",
}


def read(answer, kinds, **options):
    return Extractor(ScriptedBackend(lambda _: answer), records=kinds, **options).extract(TEXT)


def test_its_evidence_is_copied_and_its_stated_fields_are_unverified():
    summary = read({"resignations": [SAID]}, [Resignation])

    (found,) = summary.of(Resignation)
    assert isinstance(found, Resignation)
    assert found.evidence[0].exact == "Ilse Tarn resigned as minister of mines on Friday."
    assert found.verdict == "flagged"
    assert {(c.field, c.reason) for c in found.checks} == {
        (name, "unverified") for name in ("who", "office", "reason", "successors[0]")
    }
    assert (found.reason, found.successors) == (Reason.scandal, ["Odo Brask"])


@pytest.mark.parametrize("evidence", [[], [99]])
def test_its_evidence_is_checked(evidence):
    summary = read({"resignations": [SAID | {"evidence": evidence}]}, [Resignation])

    assert summary.of(Resignation) == ()
    assert summary.rejections[0].reason == "no_evidence"


def test_a_heading_may_be_its_evidence_and_that_is_noted():
    (found,) = read({"resignations": [SAID | {"evidence": [1]}]}, [Resignation]).of(Resignation)

    assert found.evidence[0].exact == "Minister quits"
    assert [(c.field, c.severity) for c in found.checks if c.reason == "heading_only"] == [("evidence", "note")]


def test_a_marker_in_it_is_obeyed():
    class Departure(BaseModel):
        who: Annotated[str, Mentioned()]

    holds = read({"departures": [{"evidence": [2], "who": "Ilse Tarn"}]}, [Departure])
    fails = read({"departures": [{"evidence": [2], "who": "Ilse Darn"}]}, [Departure])

    assert holds.of(Departure)[0].verdict == "supported"
    assert fails.rejections[0].reason == "not_in_article"


def test_it_stands_beside_ours():
    summary = read({"resignations": [SAID], "meetings": []}, [*STANDARD_RECORDS, Resignation])

    assert list(summary.records) == ["meetings", "allegations", "sanctions_concerns", "resignations"]


def test_strict_keeps_nothing_of_it_since_nobody_said_how_to_check_it():
    summary = read({"resignations": [SAID]}, [Resignation], plan=Plan(strict=True))

    assert summary.of(Resignation) == ()
    assert summary.rejections[0].reason == "unverified"


def test_it_comes_back_from_json():
    summary = read({"resignations": [SAID]}, [Resignation])
    data = summary.model_dump(mode="json")

    assert VerifiedSummary.from_json(data, [Resignation]).of(Resignation) == summary.of(Resignation)
    unnamed = VerifiedSummary.from_json(data)
    assert unnamed.records["resignations"][0].model_extra["who"] == "Ilse Tarn"
    assert unnamed.of(Resignation) == summary.of(Resignation)


def test_records_of_another_type_are_not_taken_for_it():
    data = read({"resignations": [SAID]}, [Resignation]).to_dict()
    del data["resignations"][0]["who"]

    with pytest.raises(ValidationError, match="who"):
        VerifiedSummary.from_json(data).of(Resignation)


def test_the_model_that_was_given_stays_as_it_was():
    read({"resignations": [SAID]}, [Resignation])

    assert "evidence" not in Resignation.model_fields
    assert Resignation(who="x").who == "x"
    assert record_type(Resignation) is record_type(Resignation)


def test_types_that_json_writes_as_one_value_are_asked_for_as_such():
    asked = full_schema((record_type(Resignation),))["properties"]["resignations"]["items"]["properties"]

    assert asked["reason"] == {"anyOf": [{"type": "string", "enum": ["scandal", "age"]}, {"type": "null"}]}
    assert asked["reported"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert asked["successors"] == {"type": "array", "items": {"type": "string"}}


@pytest.mark.parametrize("fault", [ValueError("no"), KeyError("who"), ZeroDivisionError()])
def test_a_validator_that_raises_makes_a_rejection_and_breaks_nothing(fault):
    class Touchy(BaseModel):
        who: str

        @field_validator("who")
        @classmethod
        def _raise(cls, value):
            if value == "bad":
                raise fault
            return value

    drafts = [{"evidence": [2], "who": "bad"}, {"evidence": [2], "who": "Ilse Tarn"}]
    summary = read({"touchies": drafts}, [Touchy])

    assert [t.who for t in summary.of(Touchy)] == ["Ilse Tarn"]
    assert [r.reason for r in summary.rejections] == ["malformed"]


def test_an_unmarked_free_field_of_a_record_is_unverified_and_a_closed_choice_is_not():
    class Note(Record):
        """A note."""

        text: str
        tone: Literal["a", "b"] = "a"

    (note,) = read({"notes": [{"evidence": [2], "text": "made up", "tone": "b"}]}, [Note]).of(Note)

    assert [(c.field, c.reason) for c in note.flags] == [("text", "unverified")]


@pytest.mark.parametrize("kind", STANDARD_RECORDS)
def test_no_standard_record_has_a_free_field_that_nobody_checks(kind):
    drafted = {
        "Meeting": {"participants": [{"name": "A", "kind": "person", "role": "r", "country": "c"}], "status": "held",
                    "place": {"name": "P", "country": "c"}, "when": "w", "topics": ["t"], "outcome": "o",
                    "attributions": [{"source": ["S"], "cue": "c", "when": "w", "via": "v"}]},
        "Allegation": {"claim": "c", "accused": ["A"], "objects": ["o"], "cue": "c", "place": "P", "when": "w",
                       "responses": [{"type": "denial", "responders": ["R"], "cue": "c"}]},
        "SanctionsConcern": {"concern": "c", "subjects": ["S"], "stage": "found", "regime": ["r"], "purpose": "p",
                             "cue": "c", "when": "w"},
    }[kind.__name__]  # fmt: skip
    record = kind.model_validate({"evidence": [1], **drafted})

    assert len(list(leaves(record))) > 5
    article = article_of(Document.from_text(TEXT))
    assert [c for rule in rules_for(kind) for c in rule.look(record, article) if c.reason == "unverified"] == []
    assert any(field_markers(kind, n) for n in kind.model_fields)


def test_an_error_of_a_type_is_ours():
    with pytest.raises(CommuniqueError, match="'Resignation' is not a record type"):
        Extractor(ScriptedBackend([]), records=["Resignation"])
