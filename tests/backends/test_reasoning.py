"""Models that think before they answer, against servers of ours: room beside the answer's limit, effort, tokens told."""

import json
import logging
from dataclasses import replace
from functools import partial

import httpx2
import pytest

from communique import Extractor, Plan, errors
from communique.backends.chat_answer import MOST_ROOM, ROOM
from communique.backends.instructor_provider import InstructorBackend
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.retrying import RetryPolicy
from communique.backends.scripted import ScriptedBackend
from communique.testing import FakeServer, Fault

QUICK = RetryPolicy(base=0.01, cap=0.02)
BACKENDS = ("chat", "responses", "ollama")


def backend(server, kind="chat", **options):
    if kind == "ollama":
        return InstructorBackend("ollama/m1", base_url=server.url, policy=QUICK, **options)
    return OpenAIBackend("m1", base_url=server.url, policy=QUICK, wire=kind, **options)


def refusing(parameter, code="unsupported_parameter", message="no"):
    body = {"error": {"message": message, "param": parameter, "code": code}}
    return Fault(400, body=json.dumps(body).encode())


def limits(server):
    names = ("max_tokens", "max_completion_tokens", "max_output_tokens")
    return [next(a.body[name] for name in names if name in a.body) for a in server.arrivals]


@pytest.mark.parametrize("kind", BACKENDS)
def test_a_model_that_thinks_through_its_limit_is_asked_again_with_room_and_then_has_it(prompt, kind):
    with FakeServer(thinking=4000) as server, backend(server, kind) as asked:
        answer = asked.complete(prompt)
        assert answer.data == {"meetings": [], "allegations": [], "sanctions_concerns": []}
        assert (answer.attempts, answer.reasks) == (2, 0)
        assert answer.usage.reasoning_tokens == prompt.max_tokens + 4000
        assert asked.complete(prompt).attempts == 1
        assert limits(server) == [prompt.max_tokens, *[prompt.max_tokens + ROOM] * 2]


@pytest.mark.parametrize("kind", BACKENDS)
def test_a_model_that_thinks_for_ever_is_asked_so_often_and_no_more(prompt, kind):
    failing = pytest.raises(errors.TruncatedResponseError)
    with FakeServer(thinking=1_000_000) as server, backend(server, kind) as asked, failing as caught:
        asked.complete(prompt)
    assert limits(server) == [prompt.max_tokens + room for room in (0, ROOM, MOST_ROOM)]
    assert "before it answered" in str(caught.value)
    assert "effort" in caught.value.hint
    assert caught.value.tokens[1] == caught.value.tokens[3] == sum(limits(server))


def test_an_effort_is_refused_where_it_would_have_no_effect():
    with pytest.raises(errors.ConfigurationError, match="does not reason"):
        Extractor(ScriptedBackend([], narrows=True), plan=Plan(effort="low"))


def test_an_answer_that_is_itself_too_long_is_not_asked_for_again(server, prompt):
    server.fail("length")
    with pytest.raises(errors.TruncatedResponseError), backend(server) as asked:
        asked.complete(prompt)
    assert server.requests == 1


@pytest.mark.parametrize("said", ["<think>The minister", ""])
def test_thinking_aloud_is_no_answer(server, prompt, said):
    server.fail(Fault(finish_reason="length", content=said), times=1)
    with backend(server) as asked:
        assert asked.complete(prompt).attempts == 2
    assert limits(server)[1] == prompt.max_tokens + ROOM


@pytest.mark.parametrize(("effort", "room"), [("none", 0), ("low", 4096), ("high", 16_384), ("a new word", ROOM)])
def test_an_effort_is_sent_and_brings_its_room(server, prompt, effort, room):
    asked = replace(prompt, effort=effort)
    for kind, name in (("chat", "reasoning_effort"), ("responses", "reasoning"), ("ollama", "reasoning_effort")):
        with backend(server, kind) as one:
            one.complete(asked)
        sent = server.arrivals[-1].body[name]
        assert sent == ({"effort": effort} if kind == "responses" else effort)
        assert limits(server)[-1] == prompt.max_tokens + room


@pytest.mark.parametrize("kind", BACKENDS)
@pytest.mark.parametrize(
    "said",
    [
        ("reasoning_effort", "unsupported_parameter", "no"),
        ("reasoning.effort", "unsupported_value", "Unsupported value: 'low'"),
        (None, "", "Unrecognized request argument supplied: reasoning_effort"),
        (None, "", '"m1" does not support thinking'),
    ],
)
def test_a_server_without_effort_is_asked_without_it_and_it_is_said_once(server, prompt, caplog, kind, said):
    server.fail(refusing(*said), when=lambda body: "reasoning_effort" in body or "reasoning" in body)
    asked = replace(prompt, effort="low")
    with caplog.at_level(logging.WARNING, "communique"), backend(server, kind) as one:
        assert one.complete(asked).attempts == 2
        assert one.complete(asked).attempts == 1
    assert [r.getMessage() for r in caplog.records] == [f"{one.host} doesn't take the effort 'low': asked without it"]


@pytest.mark.parametrize("kind", ["chat", "ollama"])
@pytest.mark.parametrize("taken", ["max_tokens", "max_completion_tokens"])
def test_the_limit_has_the_name_that_the_server_takes(server, prompt, kind, taken):
    other = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}[taken]
    refused = refusing(other, message=f"Unsupported parameter: '{other}'. Use '{taken}' instead.")
    server.fail(refused, when=lambda body: other in body)
    with backend(server, kind) as asked:
        for _ in range(2):
            asked.complete(prompt)
    assert server.arrivals[-1].body[taken] == prompt.max_tokens
    assert server.requests == (3 if taken == "max_completion_tokens" else 2)


def anthropic_refusing(said):
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": said}}
    return Fault(400, body=json.dumps(error).encode())


def claude(server, **options):
    return InstructorBackend("anthropic/m1", base_url=server.url.removesuffix("/v1"), policy=QUICK, **options)


def test_anthropic_is_asked_for_structured_output_with_the_effort(server, prompt):
    with claude(server) as asked:
        assert asked.complete(replace(prompt, effort="low")).attempts == 1
    body = server.arrivals[0].body
    assert body["output_config"] == {"effort": "low", "format": {"type": "json_schema", "schema": prompt.schema}}
    assert not {"tools", "tool_choice", "reasoning_effort"} & set(body)
    assert body["max_tokens"] == prompt.max_tokens + 4096


@pytest.mark.parametrize(
    ("said", "dropped"),
    [
        ("output_config.format: Extra inputs are not permitted", "format"),
        ("The compiled grammar is too large", "format"),
        ("output_config.effort: not supported by this model", "effort"),
    ],
)
def test_what_an_older_claude_refuses_is_left_out_for_good(server, prompt, said, dropped):
    server.fail(anthropic_refusing(said), when=lambda body: dropped in body.get("output_config", {}))
    with claude(server) as asked:
        assert [asked.complete(replace(prompt, effort="low")).attempts for _ in range(2)] == [2, 1]
    body = server.arrivals[-1].body
    assert set(body["output_config"]) == {"effort", "format"} - {dropped}
    assert ("tools" in body) == (dropped == "format")


def test_a_server_that_takes_neither_name_is_asked_no_more_than_three_times(server, prompt):
    for name in ("max_tokens", "max_completion_tokens"):
        server.fail(refusing(name), when=lambda body, name=name: name in body)
    with pytest.raises(errors.RequestRefusedError), backend(server) as asked:
        asked.complete(prompt)
    assert server.requests == 3


def test_room_that_the_model_does_not_have_is_given_up(server, prompt):
    most = prompt.max_tokens + 3000
    told = f"max_tokens is too large. This model supports at most {most} completion tokens"
    server.fail(refusing("max_tokens", "invalid_value", told), when=lambda body: body["max_tokens"] > most)
    with backend(server) as asked:
        for _ in range(2):
            asked.complete(replace(prompt, effort="medium"))
    assert limits(server) == [prompt.max_tokens + room for room in (8192, 4096, 2048, 2048)]


def test_a_context_that_is_too_small_for_the_room_is_asked_with_less(server, prompt):
    server.fail("context", when=lambda body: body["max_tokens"] > prompt.max_tokens)
    with backend(server) as asked:
        asked.complete(replace(prompt, effort="low"))
    assert limits(server)[-1] == prompt.max_tokens


@pytest.fixture
def official(monkeypatch):
    return partial(_official, monkeypatch)


def _official(monkeypatch, seen, status=lambda _body: 200):
    def respond(request):
        body = json.loads(request.content)
        seen.append((request.url.path, body))
        if status(body) != 200:
            return httpx2.Response(400, json={"error": {"message": "no", "param": "prompt_cache_key"}})
        part = {"type": "output_text", "text": '{"meetings": [], "allegations": [], "sanctions_concerns": []}'}
        message = {"type": "message", "content": [part]}
        return httpx2.Response(200, json={"object": "response", "model": "m1-2026", "output": [message]})

    client = partial(httpx2.AsyncClient, transport=httpx2.MockTransport(respond))
    monkeypatch.setattr("openai.DefaultAioHttpClient", client)
    return OpenAIBackend("m1", base_url="https://api.openai.com/v1", api_key="sk-x")


def test_openai_itself_is_asked_by_responses_with_a_cache_key_and_room_and_stores_nothing(prompt, official):
    seen = []
    with official(seen) as asked:
        answer = asked.complete(prompt)
        asked.complete(replace(prompt, document_id="other"))
    (path, body), (_, second) = seen
    assert path == "/v1/responses"
    assert body["max_output_tokens"] == prompt.max_tokens + ROOM
    assert body["store"] is False
    assert body["prompt_cache_key"] == second["prompt_cache_key"]
    assert body["text"]["format"] == {
        "type": "json_schema", "name": "structured_summary", "strict": True, "schema": prompt.schema
    }  # fmt: skip
    assert answer.model == "m1-2026"


def test_a_cache_key_that_is_refused_is_left_out(prompt, official):
    seen = []
    with official(seen, lambda body: 400 if "prompt_cache_key" in body else 200) as asked:
        assert asked.complete(prompt).attempts == 2
    assert "prompt_cache_key" not in seen[-1][1]


def test_other_servers_get_no_cache_key(server, prompt):
    with backend(server) as asked:
        asked.complete(prompt)
    assert "prompt_cache_key" not in server.arrivals[0].body


@pytest.mark.parametrize("effort", [None, "low"])
def test_an_article_becomes_a_record_though_the_model_thinks_for_longer_than_an_answer_may_be(effort):
    met = {"evidence": [1], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"]}

    def answer(body):
        judging = "judgements" in json.dumps(body["response_format"])
        said = {"statement": 1, "sentences": [1], "probability": 0.99}
        return {"judgements": [said]} if judging else {"meetings": [met], "allegations": [], "sanctions_concerns": []}

    with FakeServer(answer, thinking=4000) as server, backend(server) as asked:
        found = Extractor(asked, plan=Plan(effort=effort)).extract("Odo Brask met Ilya Tarn in Lund.")
    (record,) = found.all_records()
    assert {a.name for a in record.participants} == {"Odo Brask", "Ilya Tarn"}
    used = found.provenance.usage
    assert used.reasoning_tokens == 4000 * found.provenance.attempts
    assert found.to_dict()["provenance"]["usage"]["reasoning_tokens"] == used.reasoning_tokens
