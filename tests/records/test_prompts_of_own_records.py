"""What a small model is asked about a record of one's own, and what a capable one is."""

import json
from enum import Enum
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import BaseModel, Field

from communique import Document, Extractor, Mentioned, Plan, Quoted, Record, StatedNumber, Worded
from communique.backends.scripted import ScriptedBackend
from communique.errors import UnknownNameError
from communique.prompts import brief_schema, full_schema
from communique.schemas import STANDARD_RECORDS, Actor, Meeting, Part
from communique.schemas.record_type import record_type

TEXT = (
    "Minister quits\n\nIlse Tarn gave up the ministry of mines. It rained in Lund.\n\n"
    "She had met the envoy Odo Brask on Monday."
)


class Resignation(Record):
    """Somebody gives up an office.

    A second paragraph is for people.
    """

    who: Annotated[str, Mentioned(), Field(description="Who goes, copied.")]
    statement: Annotated[str | None, Quoted(), Field(description="What was said, copied.")] = None
    account: Annotated[str, Worded(), Field(description="What happened, one sentence.")] = ""


def asked(kinds, answer=None, text=TEXT):
    backend = ScriptedBackend(lambda _: answer or {}, narrows=True)
    summary = Extractor(backend, records=kinds, plan=Plan(repair_rounds=0)).extract(Document.from_text(text))
    return [p.messages[-1].content for p in backend.prompts], backend.prompts, summary


def test_without_cue_words_every_sentence_of_the_body_is_asked_about():
    questions, _, _ = asked([Resignation])

    assert [q.partition("Sentence: ")[2] for q in questions] == [
        "Ilse Tarn gave up the ministry of mines.\nFill in: resignation",
        "It rained in Lund.\nFill in: resignation",
        "She had met the envoy Odo Brask on Monday.\nFill in: resignation",
    ]


def test_with_cue_words_only_the_sentences_that_have_them():
    class Exit(Resignation):
        """Somebody gives up an office."""

        cues: ClassVar = {"en": r"gave up|resign\w*"}

    questions, _, _ = asked([Exit])
    assert ["gave up" in q.partition("Sentence: ")[2] for q in questions] == [True]

    spanish, _, _ = asked(
        [Exit],
        text=(
            "El ministro se va\n\nIlse Tarn dejó el ministerio el lunes por la mañana. Llovió mucho en toda la"
            " provincia del norte."
        ),
    )
    assert len(spanish) == 2, "a language without cue words is asked in full"


def test_with_a_concept_the_sentences_that_our_phrase_lists_find():
    class Encounter(Resignation):
        """Somebody meets somebody."""

        concept: ClassVar = "meeting"

    questions, _, _ = asked([Encounter])
    assert ["had met" in q.partition("Sentence: ")[2] for q in questions] == [True]


def test_what_takes_up_talks_told_before_is_asked_about_only_where_it_says_something_new():
    class Encounter(Resignation):
        """Somebody meets somebody."""

        concept: ClassVar = "meeting"

    told = (
        "They met in Lund.\n\nThe talks covered grain. The talks between both were called off. The visit begins today."
    )
    questions, _, _ = asked([Encounter], text=told)
    sentences = [q.partition("Sentence: ")[2].partition("\n")[0] for q in questions]
    assert sentences == ["They met in Lund.", "The talks between both were called off."]


def test_a_concept_that_is_no_list_is_refused():
    class Encounter(Resignation):
        """Somebody meets somebody."""

        concept: ClassVar = "meetings"

    with pytest.raises(UnknownNameError, match="did you mean 'meeting'"):
        Plan(records=(Encounter,))


def test_beside_ours_each_sentence_is_asked_for_what_it_may_state():
    questions, _, _ = asked([*STANDARD_RECORDS, Resignation])

    assert [q.rpartition("Fill in: ")[2] for q in questions] == [
        "resignation",
        "resignation",
        "meeting, resignation",
    ]


def test_the_instruction_is_the_first_paragraph_and_the_descriptions():
    _, prompts, _ = asked([Resignation])
    system = prompts[0].messages[0].content

    assert "resignation: Somebody gives up an office. who: Who goes, copied." in system
    assert "for people" not in system


def test_choices_and_the_fields_of_parts_are_told():
    class Fine(Part):
        """A sum."""

        amount: Annotated[str, StatedNumber(), Field(description="As written.")]
        currency: str | None = None

    class Mood(Enum):
        CALM = "calm"
        ANGRY = "angry"

    class Verdict(Record):
        """A court decides."""

        court: Annotated[Actor, Field(description="Who decides.")]
        outcome: Annotated[Literal["guilty", "not_guilty"], Field(description="How it went.")]
        mood: Mood | None = None
        fines: Annotated[tuple[Fine, ...], Field(description="To be paid.")] = ()

    _, prompts, _ = asked([Verdict])
    assert (
        "verdict: A court decides. court: Who decides. outcome: How it went. (guilty, not_guilty) mood: (calm, angry) "
        "fines: To be paid. (amount: As written.)\n"
    ) in prompts[0].messages[0].content


def test_beside_a_type_without_examples_there_are_examples_of_a_record_that_nobody_has():
    _, prompts, _ = asked([Resignation])
    answers = [json.loads(m.content) for m in prompts[0].messages if m.role == "assistant"]
    assert [set(a) for a in answers] == [{"prize"}] * 4
    assert sum(a["prize"] is None for a in answers) == 2
    for question, answer in zip(prompts[0].messages[1:-1:2], answers, strict=True):
        asked_about = question.content.partition("Sentence: ")[2].partition("\nFill in")[0]
        for value in (answer["prize"] or {}).values():
            said = value.values() if isinstance(value, dict) else [value]
            assert all(v is None or str(v) in asked_about for v in said)

    met = "The envoy Odo Brask met the minister Ilse Tarn in Lund on Monday."
    for kinds in (STANDARD_RECORDS, [Meeting]):
        _, ours, _ = asked(kinds, text=met)
        assert not any("prize" in m.content for m in ours[0].messages)
    _, both, _ = asked([*STANDARD_RECORDS, Resignation], text=met)
    assert sum("prize" in m.content for m in both[0].messages if m.role == "assistant") == 4
    assert sum("meeting" in m.content for m in both[0].messages if m.role == "assistant") == 4


def test_a_prize_of_ones_own_is_not_confused_with_the_examples():
    class Prize(Record):
        """Somebody wins."""

        winner: Annotated[str, Mentioned()]

    _, prompts, _ = asked([Prize])
    assert [m.role for m in prompts[0].messages] == ["system", "user"]


def test_a_class_without_a_docstring_is_named():
    class Sacking(BaseModel):
        who: str

    _, prompts, _ = asked([Sacking])
    assert "sacking: the article states sacking." in prompts[0].messages[0].content


def test_a_small_model_copies_and_chooses_and_the_sentence_stands_for_its_own_words():
    schema = brief_schema((Resignation,))["properties"]["resignation"]["anyOf"][1]
    assert list(schema["properties"]) == ["who", "statement"]
    assert schema["properties"]["who"] == {"$ref": "#/$defs/copied"}
    assert schema["properties"]["statement"]["anyOf"][0] == {"type": "string", "maxLength": 240}

    answer = {"resignation": {"who": "Ilse Tarn", "statement": None}}
    _, _, summary = asked([Resignation], answer)
    found = summary.of(Resignation)[0]
    assert found.account == "Ilse Tarn gave up the ministry of mines."
    assert found.verdict == "supported"


def test_a_record_that_is_all_own_words_is_still_asked_for():
    class Gist(Record):
        """What a sentence says."""

        gist: Annotated[str, Worded()] = ""

    assert list(brief_schema((Gist,))["properties"]["gist"]["anyOf"][1]["properties"]) == ["gist"]


def test_ours_are_asked_for_as_before():
    """The embedded model's recordings rest on it: a string of copied words may be long, a name of ours may not."""
    asked_for = brief_schema(STANDARD_RECORDS)

    assert "240" not in str(asked_for)
    assert list(asked_for["properties"]["meeting"]["anyOf"][1]["properties"]) == list(Meeting.essential)


def test_a_plain_model_is_asked_for_evidence_by_number_first():
    class Sacking(BaseModel):
        who: str
        kind: Literal["forced", "free"] = "free"

    asked_for = full_schema((record_type(Sacking),))["properties"]["sackings"]["items"]
    assert list(asked_for["properties"]) == ["evidence", "who", "kind"]
    assert asked_for["properties"]["evidence"]["items"] == {"type": "integer"}
    assert asked_for["required"] == ["evidence", "who", "kind"]
