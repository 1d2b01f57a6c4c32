"""Other providers by one adapter: the same contract as the OpenAI backend, over Anthropic's SDK and Ollama's protocol."""

import asyncio
import importlib.metadata
import time

import pytest

from communique import errors, plugins
from communique.backends import connect
from communique.backends.backend import AsyncBackend, Backend
from communique.backends.chat_answer import usage_of
from communique.backends.instructor_provider import InstructorBackend
from communique.backends.providers import PROVIDERS
from communique.backends.retrying import RetryPolicy
from communique.prompts.prompt import Message, Prompt
from communique.testing import FakeServer, Fault
from communique.testing.chat_wires import schema_of

QUICK = RetryPolicy(base=0.01, cap=0.02)
IMPATIENT = RetryPolicy(base=0.01, cap=0.02, attempt_deadline=1.0, call_deadline=10.0)
SECRET = "sk-canary-1234567890abcdef"
EMPTY = {"meetings": [], "allegations": [], "sanctions_concerns": []}
MODELS = ("anthropic/m1", "ollama/m1", "together/m1")


def url_for(server, model):
    return server.url.removesuffix("/v1") if model.startswith("anthropic") else server.url


def backend(server, model, **options):
    return InstructorBackend(model, base_url=url_for(server, model), policy=options.pop("policy", QUICK), **options)


def ask(server, model, prompt, **options):
    with backend(server, model, **options) as asked:
        return asked.complete(prompt)


def test_the_table_holds_what_instructor_knows():
    from instructor.v2.auto_client import supported_providers

    assert set(PROVIDERS) == set(supported_providers) - {"gemini", "vertexai"}


@pytest.mark.parametrize("model", MODELS)
def test_the_article_and_the_strict_schema_are_sent_verbatim(server, prompt, model):
    answer = ask(server, model, prompt)

    body = server.arrivals[0].body
    article = prompt.messages[-1].content
    assert body["messages"][-1]["content"] in (article, [{"type": "text", "text": article}])
    sent = schema_of(body)
    assert sent["properties"] == prompt.schema["properties"]
    assert set(sent["required"]) == set(prompt.schema["required"])
    assert body["max_tokens"] == prompt.max_tokens
    assert body.get("temperature", 0) == 0  # Anthropic's newest SDK knows no temperature
    assert body["model"] == "m1"
    assert answer.data == EMPTY
    assert answer.model == "m1"
    assert answer.attempts == 1
    assert answer.usage.input_tokens > 0
    assert answer.usage.output_tokens > 0


@pytest.mark.parametrize("model", MODELS)
def test_it_fulfils_both_protocols_with_one_answer(server, prompt, model):
    assert isinstance(backend(server, model), Backend)
    assert isinstance(backend(server, model), AsyncBackend)

    async def alone():
        async with backend(server, model) as asked:
            return await asked.acomplete(prompt)

    assert asyncio.run(alone()).data == ask(server, model, prompt).data


@pytest.mark.parametrize("model", MODELS)
def test_concurrent_calls_keep_their_answers_apart(server, prompt, model):
    def told(body):
        said = str(body["messages"][-1]["content"])
        name = said[said.index("#") + 1]
        return EMPTY | {"meetings": [{"evidence": [1], "status": "held", "participants": [name]}]}

    server.answer = told
    server.latency = 0.02

    async def together():
        async with backend(server, model) as asked:
            prompts = [
                Prompt(
                    messages=(Message("user", f"#{n}"),),
                    schema=prompt.schema,
                    fingerprint="0" * 16,
                )
                for n in "ABCDE"
            ]
            return await asyncio.gather(*map(asked.acomplete, prompts))

    found = [answer.data["meetings"][0]["participants"] for answer in asyncio.run(together())]
    assert found == [["A"], ["B"], ["C"], ["D"], ["E"]]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("fault", "error", "requests"),
    [
        ("500", errors.TransientBackendError, 3),
        ("reset", errors.TransientBackendError, 3),
        ("hang", errors.DeadlineError, 2),
        ("401", errors.AuthenticationError, 1),
        ("403", errors.AuthenticationError, 1),
        ("404_model", errors.UnknownModelError, 1),
        ("quota", errors.QuotaError, 1),
        ("429_long", errors.PermanentBackendError, 1),
        ("400", errors.RequestRefusedError, 1),
        ("context", errors.ContextExceededError, 1),
        ("refusal", errors.RefusalError, 1),
        ("length", errors.TruncatedResponseError, 1),
        ("bad_json", errors.MalformedResponseError, 2),
        ("bad_schema", errors.MalformedResponseError, 2),
    ],
)
def test_a_lasting_fault_ends_in_its_error_after_so_many_requests(server, prompt, model, fault, error, requests):
    server.fail(fault)
    with pytest.raises(errors.CommuniqueError) as caught:
        ask(
            server,
            model,
            prompt,
            policy=IMPATIENT if error is errors.DeadlineError else QUICK,
        )
    assert type(caught.value) is error
    assert server.requests == requests
    assert caught.value.document_id == "doc-1"


@pytest.mark.parametrize("model", MODELS)
def test_a_passing_fault_is_tried_again_by_our_layer_alone(server, prompt, model):
    for fault in ("500", "503", "529", "reset", "429", "429_ms"):
        server.fail(fault, times=1)
        before = server.requests
        assert ask(server, model, prompt).attempts == 2, fault
        assert server.requests - before == 2, fault


@pytest.mark.parametrize("model", MODELS)
def test_a_silent_server_has_until_the_deadline_and_an_unreachable_one_five_seconds(server, prompt, model, bounds):
    ask(server, model, prompt)
    assert [(b["connect"], b["read"]) for b in bounds] == [(5.0, None)]


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_sent_before_retry_after(server, prompt, model):
    server.fail("429_seconds", times=1)
    ask(server, model, prompt)
    first, second = server.arrivals
    assert second.at - first.at >= 0.25


@pytest.mark.parametrize("model", MODELS)
def test_a_schema_error_is_shown_to_the_model_once_and_both_requests_are_counted(server, prompt, model):
    server.fail("bad_schema", times=1)
    twice = ask(server, model, prompt)
    assert twice.attempts == 2
    assert "missing: meetings" in str(server.arrivals[1].body["messages"])
    assert twice.usage.input_tokens > 2 * ask(server, model, prompt).usage.input_tokens - 1


@pytest.mark.parametrize("model", MODELS)
def test_an_answer_with_one_bad_record_is_passed_on_and_left_to_the_engine(server, prompt, model):
    bad = EMPTY | {"meetings": [{"evidence": ["x"]}]}
    server.answer = lambda _body: bad
    answer = ask(server, model, prompt)
    assert answer.data == bad
    assert answer.attempts == 1


@pytest.mark.parametrize("model", MODELS[1:])
def test_a_model_that_refuses_temperature_is_asked_without_it_for_good(server, prompt, model):
    body = b'{"error": {"type": "invalid_request_error", "message": "temperature is not supported"}}'
    server.fail(Fault(400, body=body), when=lambda sent: "temperature" in sent)
    with backend(server, model) as asked:
        assert asked.complete(prompt).attempts == 2
        assert asked.complete(prompt).attempts == 1


@pytest.mark.parametrize("model", MODELS)
def test_every_request_passes_the_limits_of_the_run(server, prompt, model):
    class Gate:
        admitted = settled = 0

        async def admit(self, _tokens):
            self.admitted += 1

        def settle(self, _tokens, _usage, _error):
            self.settled += 1

        def may_retry(self):
            return True

    gate = Gate()
    server.fail("500", times=1).fail("bad_schema", times=1)
    with backend(server, model) as asked:
        asked.governor = gate
        asked.complete(prompt)
    assert (gate.admitted, gate.settled) == (3, 3)
    assert server.requests == 3


def test_no_server_can_outlive_the_deadline(server, prompt):
    server.fail("slow_loris")
    started = time.monotonic()
    with pytest.raises(errors.DeadlineError):
        ask(server, "anthropic/m1", prompt, policy=RetryPolicy(base=0.01, attempt_deadline=0.3))
    assert time.monotonic() - started < 2 * 0.3 + 1.5


def test_the_key_comes_from_the_environment_and_is_in_no_error(prompt, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    with FakeServer(key=SECRET) as server:
        assert ask(server, "anthropic/m1", prompt).data == EMPTY
        for fault in ("401", "400", "500", "bad_json"):
            server.heal()
            server.fail(fault)
            with pytest.raises(errors.CommuniqueError) as caught:
                ask(server, "anthropic/m1", prompt)
            said = f"{caught.value} {caught.value!r} {backend(server, 'anthropic/m1')!r}"
            assert SECRET not in said
            assert "minister" not in said
        server.heal()
        server.fail("401")
        with pytest.raises(errors.AuthenticationError, match="check ANTHROPIC_API_KEY"):
            ask(server, "anthropic/m1", prompt)


def test_a_missing_key_names_its_variable(monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with pytest.raises(errors.MissingKeyError, match="set ANTHROPIC_API_KEY"):
        connect("anthropic/some-model")


def test_a_missing_sdk_names_its_package():
    missing = next(name for name, p in PROVIDERS.items() if p.package == "writer-sdk")
    with pytest.raises(errors.ConfigurationError, match="pip install writer-sdk"):
        connect(f"{missing}/some-model")


def test_an_unknown_provider_gets_the_nearest_name():
    with pytest.raises(errors.UnknownNameError, match="did you mean 'anthropic'"):
        connect("antropic/some-model")
    with pytest.raises(errors.UnknownNameError, match="did you mean 'mistral'"):
        connect("instructor/mistrall/some-model")


def test_a_provider_needs_a_model():
    with pytest.raises(errors.ConfigurationError, match="doesn't name a model"):
        connect("ollama")


def test_a_provider_that_has_one_address_only_says_so():
    with pytest.raises(errors.ConfigurationError, match="doesn't accept a base URL"):
        connect("instructor/mistral/m", base_url="http://127.0.0.1:9/v1")


def test_with_a_base_url_a_name_with_a_slash_is_that_servers_model(server):
    assert connect("google/gemma-3", base_url=server.url).model == "google/gemma-3"
    there = connect("instructor/ollama/gemma3", base_url=server.url)
    assert isinstance(there, InstructorBackend)
    assert (there.name, there.model) == ("ollama", "gemma3")


def test_the_adapter_comes_through_the_door_of_plug_ins():
    assert plugins.offers("backends")["instructor"][0].dist.name == "communique"
    assert importlib.metadata.version("anthropic")


def test_tokens_are_found_under_each_sdks_names():
    anthropic = {"usage": {"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 7}}
    google = {"usage_metadata": {"prompt_token_count": 100, "candidates_token_count": 7}}
    cohere = {"usage": {"tokens": {"input_tokens": 100, "output_tokens": 7}}}
    bedrock = {"usage": {"inputTokens": 100, "outputTokens": 7}}
    for found in map(usage_of, (anthropic, google, cohere, bedrock)):
        assert (found.input_tokens, found.output_tokens) == (100, 7)
    assert usage_of(anthropic).cached_tokens == 90
    thought = {"usage_metadata": {"candidates_token_count": 7, "thoughts_token_count": 20}}
    assert usage_of(thought).counts == (0, 27, 0, 20)


def test_a_whole_number_may_be_written_with_a_point():
    assert usage_of({"usage": {"prompt_tokens": 3000.0, "completion_tokens": 50.0}}).counts == (3000, 50, 0, 0)
    assert usage_of({"usage": {"prompt_tokens": 1.5, "completion_tokens": float("inf")}}).counts == (0, 0, 0, 0)
