"""An answer is found wherever a server puts it, and only a whole one is taken."""

import json
from types import SimpleNamespace

import pytest

from communique import Extractor, Plan
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.wrapped_json import answer_in, answer_of, merged
from communique.testing import FakeServer

KEYS = ("meetings", "allegations")
WHOLE = {"meetings": [{"place": "Lund {north}", "who": 'a "b"'}], "allegations": []}
DRAFT = {"meetings": [{"place": "a draft"}], "allegations": [1]}
TEXT = json.dumps(WHOLE)


@pytest.mark.parametrize(
    "said",
    [
        TEXT,
        json.dumps(WHOLE, indent=2),
        f"```json\n{TEXT}\n```",
        f"```\n{TEXT}```",
        f"Here it is:\n{TEXT}\n\nI hope {{this}} helps!",
        f"<think>\nMaybe {json.dumps(DRAFT)}? Or {{no.\n</think>\n\n{TEXT}",
        f"\ufeff{TEXT}",
        f"[{TEXT}]",
        json.dumps({"answer": WHOLE}),
        json.dumps({"name": "structured_summary", "arguments": WHOLE}),
        json.dumps({"name": "structured_summary", "arguments": TEXT}),
        json.dumps(TEXT),
        f"<tool_call>{TEXT}</tool_call>",
    ],
)
def test_an_answer_is_found_in_what_stands_around_it(said):
    assert answer_in(said, KEYS) == WHOLE


@pytest.mark.parametrize(
    "said", ["", "none", "{", TEXT[:-1], '{"meetings": []}', '{"answer": 42}', "{" * 5000, '{"a":' * 3000, "[1, 2]"]
)  # fmt: skip
def test_what_is_cut_or_lacks_a_key_is_no_answer(said):
    assert answer_in(said, KEYS) is None


def chat(**message):
    return {"choices": [{"message": message}]}


def call(arguments):
    return {"function": {"name": "x", "arguments": arguments}}


@pytest.mark.parametrize(
    "response",
    [
        chat(content=[{"type": "thinking", "thinking": [{"text": "hm"}]}, {"type": "text", "text": TEXT}]),
        chat(content="", reasoning_content=f"So: {TEXT}"),
        chat(content=None, reasoning=TEXT),
        chat(content="Here.", tool_calls=[call(TEXT)]),
        chat(function_call={"arguments": TEXT}),
        SimpleNamespace(content=[SimpleNamespace(type="text", text="Well."), SimpleNamespace(type="tool_use", input=WHOLE)]),
        {"candidates": [{"content": {"parts": [{"function_call": {"args": WHOLE}}]}}]},
        {"candidates": [{"content": {"parts": [{"text": TEXT}]}}]},
        {"output": {"message": {"content": [{"toolUse": {"input": WHOLE}}]}}},
    ],
)  # fmt: skip
def test_an_answer_is_found_in_every_part_that_may_hold_it(response):
    assert answer_of(response, KEYS) == WHOLE


def test_reasoning_is_no_answer_beside_one():
    assert answer_of(chat(content=TEXT, reasoning_content=json.dumps(DRAFT)), KEYS) == WHOLE


def test_several_calls_are_one_answer_and_none_of_them_is_dropped():
    calls = [call(TEXT), call(json.dumps({"meetings": [{"place": "Kyiv"}], "allegations": [{"x": 1}]}))]
    both = answer_of(chat(tool_calls=calls), KEYS)

    assert [m["place"] for m in both["meetings"]] == ["Lund {north}", "Kyiv"]
    assert both["allegations"] == [{"x": 1}]
    assert answer_of(chat(tool_calls=[*calls, call('{"meetings": [')]), KEYS) is None


def test_single_records_of_several_answers_become_a_list():
    assert merged([{"a": {"x": 1}, "b": None}, {"a": {"x": 2}, "b": {"y": 1}}]) == {
        "a": [{"x": 1}, {"x": 2}],
        "b": {"y": 1},
    }


@pytest.mark.parametrize("wrap", ["```json\n{}\n```", "<think>hm</think>{}", "\ufeff{}", "{}\n\nDone."])
def test_a_wrapped_answer_costs_one_request(wrap):
    answer = {
        "meetings": [{"evidence": [1], "status": "held", "participants": ["Eva Holt", "Jan Moos"]}],
        "allegations": [],
        "sanctions_concerns": [],
    }
    with FakeServer(lambda _body: wrap.replace("{}", json.dumps(answer))) as server:
        with Extractor(OpenAIBackend("m1", base_url=server.url), plan=Plan(judge="off")) as extractor:
            summary = extractor.extract("Eva Holt and Jan Moos met in Kyiv.")
        assert (len(summary.meetings), server.requests, summary.provenance.attempts) == (1, 1, 1)
