"""The beginning and the end of an answer are not asked for; what comes out is the whole answer."""

import json

import pytest

from communique.backends import begun_answer
from communique.documents import Document
from communique.prompts import brief_prompt
from communique.schemas import STANDARD_RECORDS, Allegation, Meeting

RECORD = {"meeting": {"participants": ["Odo Brask"], "place": None, "when": None, "status": "held"}}


def question(*kinds, text="Odo Brask met Ilya Tarn in Geneva.", trained=True):
    sentences = Document.from_text(text, language="en").sentences
    return brief_prompt(sentences, sentences[0], kinds, STANDARD_RECORDS, trained=trained)


@pytest.mark.parametrize("answer", [{"meeting": None}, RECORD])
def test_beginning_rest_and_end_are_the_whole_answer(answer):
    whole = json.dumps(answer, separators=(",", ":"))
    begun = begun_answer.beginning(question(Meeting))
    assert begun == '{"meeting'
    (end,) = [end for end in begun_answer.ENDS if whole.endswith(end)]
    assert begun_answer.whole(begun, whole.removeprefix(begun).removesuffix(end)) == whole


@pytest.mark.parametrize(
    "prompt",
    [
        question(Meeting, Allegation),
        question(Meeting, trained=False),
        question(Meeting, text="Odo Brask met {{Ilya Tarn}} in Geneva."),
    ],
)
def test_where_several_answers_may_begin_otherwise_nothing_is_given(prompt):
    assert begun_answer.beginning(prompt) == ""


def test_the_rest_is_bound_by_the_schema_of_its_kind():
    options = begun_answer.rest(question(Meeting))
    head, start, value = options["grammar"].split("\n")
    assert (head, start) == ("%llguidance {}", 'start: "\\":" value "}"')
    schema = json.loads(value.removeprefix("value: %json "))
    assert {"type": "null"} in schema["anyOf"]
    assert "$defs" in schema
