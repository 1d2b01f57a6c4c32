"""What all requests of a run share, in virtual time."""

import anyio
import anyio.lowlevel
import pytest

from communique import errors
from communique.backends.backend import Completion
from communique.backends.scripted import ScriptedBackend
from communique.batch import BatchSettings
from communique.batch.budget import Bounds, Price
from communique.batch.limits import GovernedBackend, Limits
from communique.batch.provider_batch import ProviderOptions
from communique.prompts.prompt import Message, Prompt
from communique.schemas import Usage


def limits(time, **bounds):
    return Limits(Bounds(**bounds), clock=time.clock, sleep=time.sleep)


async def request(shared, error=None, tokens=10, usage=None, sent=None):
    await shared.admit(tokens)
    if sent is not None:
        sent.append(tokens)
    shared.settle(tokens, usage or Usage(), error)


@pytest.mark.parametrize(
    ("settings", "given"),
    [
        (Bounds, {"concurrency": 0}),
        (Bounds, {"rpm": -1}),
        (Bounds, {"tpm": 0}),
        (Bounds, {"max_tokens": 0}),
        (Bounds, {"max_cost": -0.5, "price": Price(1.0, 1.0)}),
        (Bounds, {"outage": -1}),
        (Bounds, {"max_cost": 1.0}),
        (BatchSettings, {"limit": -1}),
        (BatchSettings, {"grace": -1}),
        (BatchSettings, {"retry_failed": "nonsense"}),
        (ProviderOptions, {"every": -1}),
        (ProviderOptions, {"max_requests": 0}),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_with_what_to_do(settings, given):
    with pytest.raises(errors.ConfigurationError) as caught:
        settings(**given)
    assert "max_cost needs a price" in str(caught.value) or str(next(iter(given.values()))) in str(caught.value)
    assert caught.value.hint


def test_a_bound_of_nothing_is_one():
    assert Bounds(max_cost=0.0, price=Price(1.0, 1.0), outage=0).max_cost == 0


def test_retry_after_closes_the_gate_for_everybody(time):
    shared = limits(time)

    async def main():
        await request(shared, errors.ThrottledError("x", retry_after=2.0))
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(request, shared)

    anyio.run(main)
    assert time.now >= 1002.0
    assert max(time.waits) == 2.0


def test_a_run_that_drains_lets_begun_documents_go_on_and_no_others(time):
    shared = limits(time, concurrency=1)
    ends = []

    async def document(name, requests):
        shared.next_document()
        try:
            for _ in range(requests):
                await request(shared)
                await anyio.lowlevel.checkpoint()
            ends.append(f"{name} read")
        except errors.RunStoppedError:
            ends.append(f"{name} stopped")

    async def main():
        async with anyio.create_task_group() as tasks:
            await shared.admit(1)  # the first three wait
            for name in "abc":
                tasks.start_soon(document, name, 3)
            await anyio.lowlevel.checkpoint()
            shared.settle(1, Usage(), None)  # now one of them is admitted
            await anyio.lowlevel.checkpoint()
            shared.drain()

    anyio.run(main)
    assert sorted(end.partition(" ")[2] for end in ends) == ["read", "stopped", "stopped"]


def test_no_more_than_the_limit_are_in_flight(time):
    shared = limits(time, concurrency=3)
    most, sent = 0, []

    async def slow():
        nonlocal most
        await shared.admit(1)
        sent.append(1)
        most = max(most, shared.concurrency.in_flight)
        await anyio.lowlevel.checkpoint()
        shared.settle(1, Usage(), None)

    async def main():
        async with anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(slow)

    anyio.run(main)
    assert most == 3
    assert shared.concurrency.in_flight == 0
    assert len(sent) == 50


def test_a_fatal_error_stops_everybody(time):
    shared = limits(time)

    async def main():
        await request(shared, errors.AuthenticationError("x"))
        with pytest.raises(errors.RunStoppedError):
            await shared.admit(1)

    anyio.run(main)


def test_stopping_wakes_those_who_wait(time):
    shared = limits(time, concurrency=1)
    stopped = []

    async def waiter():
        try:
            await shared.admit(1)
        except errors.RunStoppedError:
            stopped.append(1)

    async def main():
        await shared.admit(1)
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(waiter)
            await anyio.lowlevel.checkpoint()
            shared.stop(errors.BudgetExceededError("x"))

    anyio.run(main)
    assert len(stopped) == 3


def test_an_outage_ends_as_a_permanent_error(time):
    shared, sent = limits(time, outage=100.0), []

    async def main():
        for _ in range(100):
            await request(shared, errors.TransientBackendError("x"), sent=sent)

    with pytest.raises(errors.PermanentBackendError, match="failing"):
        anyio.run(main)
    assert len(sent) < 30
    assert time.now < 1000 + 100 + 120


def test_all_failing_server_sees_few_requests_while_the_breaker_is_open(time):
    shared = limits(time, outage=1e9)

    async def main():
        for _ in range(30):
            await request(shared, errors.TransientBackendError("x"))

    anyio.run(main)
    assert time.now - 1000 > 15 + 30 + 60 + 120 + 240


def test_retries_add_at_most_a_fifth_in_the_long_run(time):
    shared, retries = limits(time), []

    async def main():
        for _ in range(10_000):
            await request(shared)
            retries.append(shared.may_retry())

    anyio.run(main)
    assert sum(retries) <= 10_000 / 5 + 20


def test_a_dead_server_gets_twenty_retries_and_no_more(time):
    shared = limits(time)
    assert sum(shared.may_retry() for _ in range(1000)) == 20


def test_requests_a_minute_are_kept(time):
    shared = limits(time, rpm=60)

    async def main():
        for _ in range(120):
            await request(shared)

    anyio.run(main)
    assert time.now - 1000 >= 110


def test_tokens_a_minute_are_kept(time):
    shared = limits(time, tpm=6000)

    async def main():
        for _ in range(20):
            await request(shared, tokens=1000)

    anyio.run(main)
    assert time.now - 1000 >= 20_000 / 6000 * 60 - 20


def test_the_budget_is_asked_before_a_request_is_sent(time):
    shared = limits(time, max_tokens=100)

    async def main():
        await request(shared, tokens=60, usage=Usage(input_tokens=60))
        with pytest.raises(errors.BudgetExceededError):
            await shared.admit(60)

    anyio.run(main)


def test_a_backend_without_a_governor_is_put_behind_one(time):
    shared = limits(time, max_tokens=1)
    backend = GovernedBackend(ScriptedBackend([{}]), shared)
    assert backend.name == "scripted"
    with pytest.raises(errors.BudgetExceededError):
        anyio.run(backend.acomplete, Prompt((Message("user", "x"),), {}, "0" * 16))


class Uncounted:
    """A backend whose server reports no tokens."""

    name, model, narrows, context_tokens = "own", "m1", False, None

    async def acomplete(self, prompt):
        return Completion({}, "y" * 100, "m1")


def test_an_answer_without_tokens_is_counted_by_its_characters_and_told_once(time, caplog):
    shared = limits(time, max_tokens=10_000)
    backend = GovernedBackend(Uncounted(), shared)
    prompt = Prompt((Message("user", "x" * 1000),), {}, "0" * 16)
    anyio.run(backend.acomplete, prompt)
    anyio.run(backend.acomplete, prompt)
    assert shared.budget.used == Usage(input_tokens=800, output_tokens=80)
    assert caplog.messages == ["the server of 'm1' reports no tokens: the budget counts estimates"]


def test_nothing_is_told_of_tokens_where_no_budget_counts_them(time, caplog):
    backend = GovernedBackend(Uncounted(), limits(time))
    anyio.run(backend.acomplete, Prompt((Message("user", "x"),), {}, "0" * 16))
    assert caplog.messages == []


def test_a_backend_with_a_governor_gets_the_limits(time):
    from communique.backends.openai_chat import OpenAIBackend

    shared = limits(time)
    asked = OpenAIBackend("m1", base_url="http://127.0.0.1:1/v1")
    GovernedBackend(asked, shared)
    assert asked.governor is shared
