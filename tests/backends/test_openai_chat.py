"""The OpenAI backend against a loopback server: what is sent, what comes back, and every fault of one call."""

import asyncio
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from communique import errors
from communique.backends.backend import AsyncBackend, Backend
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.retrying import RetryPolicy
from communique.testing import FAULTS, FakeServer, Fault

QUICK = RetryPolicy(base=0.01, cap=0.02)
IMPATIENT = RetryPolicy(base=0.01, cap=0.02, attempt_deadline=1.0, call_deadline=10.0)
"""For servers that never answer; a slow machine must not make one of any other."""
SECRET = "sk-canary-1234567890abcdef"


def backend(server, policy=QUICK, **options):
    return OpenAIBackend("m1", base_url=server.url, policy=policy, **options)


def ask(server, prompt, **options):
    with backend(server, **options) as asked:
        return asked.complete(prompt)


def test_it_fulfils_both_protocols(server):
    assert isinstance(backend(server), Backend)
    assert isinstance(backend(server), AsyncBackend)


def test_the_request_holds_the_strict_schema_and_the_article_verbatim(server, prompt):
    answer = ask(server, prompt)
    body = server.arrivals[0].body
    article = prompt.messages[-1].content
    assert body["messages"][-1]["content"] == article
    assert body["response_format"]["json_schema"] == {
        "name": "structured_summary", "strict": True, "schema": prompt.schema
    }  # fmt: skip
    assert body["temperature"] == 0
    assert body["max_tokens"] == prompt.max_tokens
    assert answer.data == {"meetings": [], "allegations": [], "sanctions_concerns": []}
    assert answer.model == "m1"
    assert answer.attempts == 1
    assert answer.usage.output_tokens > 0


def test_async_and_sync_give_the_same(server, prompt):
    async def alone():
        async with backend(server) as asked:
            return await asked.acomplete(prompt)

    assert asyncio.run(alone()).data == ask(server, prompt).data


def test_complete_works_inside_a_running_event_loop(server, prompt):
    async def notebook():
        return ask(server, prompt)

    assert asyncio.run(notebook()).attempts == 1


def test_a_passing_fault_is_tried_again(server, prompt):
    for fault in (
        "500",
        "502",
        "503",
        "504",
        "529",
        "reset",
        "cut",
        "html200",
        "empty200",
        "429",
        "429_ms",
        "429_past",
        "429_garbage",
        "throttled200",
    ):
        server.fail(fault, times=1)
        assert ask(server, prompt).attempts == 2, fault


@pytest.mark.parametrize(
    ("fault", "error", "requests"),
    [
        ("500", errors.TransientBackendError, 3),
        ("reset", errors.TransientBackendError, 3),
        ("html200", errors.TransientBackendError, 3),
        ("empty200", errors.TransientBackendError, 3),
        ("cut", errors.TransientBackendError, 3),
        ("dont_retry", errors.BackendError, 1),
        ("hang", errors.DeadlineError, 2),
        ("slow_loris", errors.DeadlineError, 2),
        ("401", errors.AuthenticationError, 1),
        ("403", errors.AuthenticationError, 1),
        ("404_model", errors.UnknownModelError, 1),
        ("404", errors.PermanentBackendError, 1),
        ("404_page", errors.PermanentBackendError, 1),
        ("quota", errors.QuotaError, 1),
        ("no_credit200", errors.QuotaError, 1),
        ("moderation", errors.ContentFilterError, 1),
        ("azure_filter", errors.ContentFilterError, 1),
        ("firewall", errors.RequestRefusedError, 1),
        ("429_long", errors.PermanentBackendError, 1),
        ("400", errors.RequestRefusedError, 1),
        ("413", errors.RequestRefusedError, 1),
        ("context", errors.ContextExceededError, 1),
        ("refusal", errors.RefusalError, 1),
        ("content_filter", errors.ContentFilterError, 1),
        ("length", errors.TruncatedResponseError, 1),
        ("huge", errors.ResponseTooLargeError, 1),
        ("bad_json", errors.MalformedResponseError, 2),
        ("bad_schema", errors.MalformedResponseError, 2),
    ],
)
def test_a_lasting_fault_ends_in_its_error_after_so_many_requests(server, prompt, fault, error, requests):
    server.fail(fault)
    with pytest.raises(errors.CommuniqueError) as caught:
        ask(server, prompt, policy=IMPATIENT if error is errors.DeadlineError else QUICK)
    assert type(caught.value) is error
    assert server.requests == requests
    assert caught.value.document_id == "doc-1"


@pytest.mark.parametrize("fault", ["hang", "slow_loris"])
def test_no_server_can_outlive_the_deadline(server, prompt, fault):
    server.fail(fault)
    started = time.monotonic()
    with pytest.raises(errors.DeadlineError):
        ask(server, prompt, policy=RetryPolicy(base=0.01, attempt_deadline=0.3))
    assert time.monotonic() - started < 2 * 0.3 + 1


def test_a_silent_server_has_until_the_deadline_and_an_unreachable_one_five_seconds(server, prompt, bounds):
    ask(server, prompt)
    assert [(b["connect"], b["read"]) for b in bounds] == [(5.0, None)]


def test_a_schema_error_is_shown_to_the_model_once(server, prompt):
    server.fail("bad_schema", times=1)
    answer = ask(server, prompt)
    assert answer.attempts == 2
    reask = server.arrivals[1].body["messages"]
    assert "missing: meetings" in reask[-1]["content"]
    article = prompt.messages[-1].content
    assert reask[1]["content"] == article


def test_a_prompt_that_may_not_be_asked_again_about_is_not(server, prompt):
    server.fail("bad_schema")
    with pytest.raises(errors.MalformedResponseError):
        ask(server, replace(prompt, reasks=0))
    assert server.requests == 1


def test_tokens_of_answers_that_cannot_be_used_are_on_the_error(server, prompt):
    for fault, requests in (("length", 1), ("bad_json", 2)):
        server.fail(fault)
        with pytest.raises(errors.ResponseError) as caught:
            ask(server, prompt)
        assert caught.value.attempts == requests
        assert min(caught.value.tokens[:2]) > 0
        server.heal()


def test_tokens_of_the_re_ask_are_counted(server, prompt):
    server.fail("bad_schema", times=1)
    twice = ask(server, prompt)
    once = ask(server, prompt)
    assert twice.usage.input_tokens > 2 * once.usage.input_tokens - 1


def test_an_answer_with_one_bad_record_is_passed_on_and_left_to_the_engine(server, prompt):
    bad = {"meetings": [{"evidence": ["x"]}], "allegations": [], "sanctions_concerns": []}
    server.answer = lambda _body: bad
    answer = ask(server, prompt)
    assert answer.data == bad
    assert answer.attempts == 1


def test_nothing_is_sent_before_retry_after(server, prompt):
    for fault, promised in (("429_seconds", 0.3), ("429_ms", 0.3), ("503_seconds", 0.3), ("429_date", 0.95)):
        server.fail(fault, times=1)
        before = server.requests
        ask(server, prompt)
        first, second = server.arrivals[before:]
        assert second.at - first.at >= promised - 0.05, fault


def test_throttling_does_not_use_up_attempts(server, prompt):
    server.fail("429", times=6)
    assert ask(server, prompt).attempts == 7


def test_a_model_that_refuses_temperature_is_asked_without_it_for_good(server, prompt):
    refused = Fault(400, body=b'{"error": {"message": "no", "param": "temperature", "code": "unsupported_value"}}')
    server.fail(refused, when=lambda body: "temperature" in body)
    with backend(server) as asked:
        assert asked.complete(prompt).attempts == 2
        assert asked.complete(prompt).attempts == 1


def test_a_model_that_wants_max_completion_tokens_gets_them(server, prompt):
    refused = Fault(400, body=b'{"error": {"message": "use max_completion_tokens", "param": "max_tokens"}}')
    server.fail(refused, when=lambda body: "max_tokens" in body)
    assert ask(server, prompt).attempts == 2
    assert server.arrivals[-1].body["max_completion_tokens"] == prompt.max_tokens


def test_the_log_has_the_servers_reason_at_debug(server, prompt, caplog):
    server.fail(Fault(400, body=b'{"error": {"message": "Stream must be set to true: [1] The minister"}}'))
    for level in ("INFO", "DEBUG"):
        with caplog.at_level(level, "communique.backends"), pytest.raises(errors.RequestRefusedError):
            ask(server, prompt)
    assert caplog.messages == [f"{backend(server).host} says: Stream must be set to true: […] … …"]


def test_a_proxy_that_is_in_between_is_named_without_its_login(monkeypatch, server, prompt):
    for name in ("NO_PROXY", "no_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://ann:secret@127.0.0.1:9/")

    async def looked():
        async with backend(server) as asked:
            await asked.acheck()

    with pytest.raises(errors.TransientBackendError) as asking:
        ask(server, prompt)
    with pytest.raises(errors.PermanentBackendError) as looking:
        asyncio.run(looked())
    for said in map(str, (asking.value, looking.value)):
        assert " through the proxy 127.0.0.1:9" in said
        assert "secret" not in said


def test_neither_key_nor_article_is_in_any_error(prompt):
    with FakeServer(key=SECRET) as server:
        for fault in FAULTS.keys() - {"huge", "429_date", "429_garbage"}:
            server.heal()
            server.fail(fault)
            with pytest.raises(errors.CommuniqueError) as caught:
                ask(
                    server,
                    prompt,
                    api_key=SECRET,
                    policy=RetryPolicy(base=0.02, random=lambda: 1.0, attempt_deadline=0.1, throttle_deadline=0.05),
                )
            said = f"{caught.value} {caught.value.hint} {caught.value!r}"
            assert SECRET not in said
            assert "minister" not in said


def test_no_key_is_needed_on_loopback_and_one_is_elsewhere(monkeypatch, server):
    for name in ("OPENAI_API_KEY", "COMMUNIQUE_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert backend(server).endpoint.key == "-"
    with pytest.raises(errors.MissingKeyError):
        OpenAIBackend("m1")
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    there = OpenAIBackend("m1")
    assert there.endpoint.host == "api.openai.com"
    assert SECRET not in f"{there!r} {there.endpoint!r}"


def test_a_url_that_is_none_is_refused():
    with pytest.raises(errors.ConfigurationError):
        OpenAIBackend("m1", base_url="localhost:8080")


def test_a_refused_connection_is_a_passing_fault(prompt):
    with pytest.raises(errors.TransientBackendError, match="no connection"):
        OpenAIBackend("m1", base_url="http://127.0.0.1:9/v1", policy=QUICK).complete(prompt)


def test_connections_are_kept_between_waves_of_requests(prompt):
    async def main(server):
        async with OpenAIBackend("m1", base_url=server.url) as backend:
            for _ in range(4):
                await asyncio.gather(*(backend.acomplete(prompt) for _ in range(24)))

    with FakeServer(latency=0.01) as server:
        asyncio.run(main(server))
        assert server.requests == 96
        assert server.connections <= 24


FORGETFUL = """
from communique.backends.openai_chat import OpenAIBackend
from communique.prompts.prompt import Message, Prompt
from communique.prompts.wire import full_schema
from communique.schemas import STANDARD_RECORDS
from communique.testing import FakeServer

prompt = Prompt(
    messages=(Message("user", "[1] The minister met the envoy."),),
    schema=full_schema(STANDARD_RECORDS),
    fingerprint="0" * 16,
)
server = FakeServer()
server.__enter__()


def asked():
    backend = OpenAIBackend("m1", base_url=server.url)
    backend.complete(prompt)
    return backend


left = asked()
gone = asked()
del gone
circle = [asked()]
circle.append(circle)
del circle
"""


def test_a_script_that_forgets_to_close_ends_quietly():
    """One client is left to the end of the script, one is let go of, and one is in a circle."""
    done = subprocess.run([sys.executable, "-c", FORGETFUL], check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
