"""What a small model is asked about a record of one's own, and what a capable one is."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, Field

from communique import Document, Extractor, Mentioned, Plan, Quoted, Record, Worded
from communique.backends.scripted import ScriptedBackend
from communique.prompts import brief_schema, full_schema
from communique.schemas import STANDARD_RECORDS, Meeting
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
        text="El ministro se va\n\nIlse Tarn dejó el ministerio el lunes por la mañana. Llovió mucho en toda la provincia del norte.",
    )
    assert len(spanish) == 2, "a language without cue words is asked in full"


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


def test_a_class_without_a_docstring_is_named():
    class Sacking(BaseModel):
        who: str

    _, prompts, _ = asked([Sacking])
    assert "sacking: the article states sacking." in prompts[0].messages[0].content


def test_a_small_model_copies_and_chooses_and_the_sentence_stands_for_its_own_words():
    schema = brief_schema((Resignation,))["properties"]["resignation"]["anyOf"][1]
    assert list(schema["properties"]) == ["who", "statement"]
    assert schema["properties"]["who"] == {"type": "string", "maxLength": 80}
    assert schema["properties"]["statement"]["anyOf"][0] == {"type": "string", "maxLength": 240}

    answer = {"resignation": {"who": "Ilse Tarn", "statement": None}}
    _, _, summary = asked([Resignation], answer)
    found = summary.of(Resignation)[0]
    assert found.account == "Ilse Tarn gave up the ministry of mines."
    assert found.verdict == "verified"


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
