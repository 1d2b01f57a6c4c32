"""Storms and outages in virtual time: what a server sees of many documents, with the bounds of the promises."""

import itertools
import random

import anyio
import pytest

from communique import errors
from communique.backends.retrying import RetryPolicy, governed
from communique.batch.budget import Bounds
from communique.batch.limits import Limits

DOCUMENTS = 1000
LATENCY = 0.2


class Server:
    """Answers after a latency; `judge` says what is wrong with a request, or None."""

    def __init__(self, judge):
        self.judge = judge
        self.arrivals = []
        self.in_flight = 0
        self.random = random.Random(5)

    async def request(self):
        self.arrivals.append(anyio.current_time())
        self.in_flight += 1
        try:
            wrong = self.judge(self)
            await anyio.sleep(LATENCY * self.random.uniform(0.8, 1.2) if wrong is None else 0.02)
        finally:
            self.in_flight -= 1
        if wrong is not None:
            raise wrong


class Storm:
    """All documents of a run, over the shared limits and the one retry layer."""

    def __init__(self, judge, *, workers=16, documents=DOCUMENTS, **bounds):
        self.server = Server(judge)
        self.bounds = Bounds(workers, **bounds)
        self.documents = documents
        self.workers = workers
        self.done, self.failed, self.cause = 0, 0, None
        self.calls = []

    async def main(self):
        limits = Limits(self.bounds, clock=anyio.current_time)
        luck = random.Random(3)
        policy = RetryPolicy(clock=anyio.current_time, random=luck.random)
        numbers = itertools.count()

        async def worker():
            while next(numbers) < self.documents and self.cause is None:
                began = anyio.current_time()
                try:
                    await governed(self.server.request, policy, limits, reserve=100, translated=lambda e: e)
                    self.done += 1
                except errors.RunStoppedError:
                    return
                except errors.PermanentBackendError as error:
                    self.cause = error
                    limits.stop(error)
                except errors.CommuniqueError:
                    self.failed += 1
                self.calls.append(anyio.current_time() - began)

        async with anyio.create_task_group() as tasks:
            for _ in range(self.workers):
                tasks.start_soon(worker)


@pytest.fixture
def storm_of(virtually):
    def of(judge, **options):
        storm = Storm(judge, **options)
        virtually(storm.main)
        return storm

    return of


def admits_a_second(rate):
    """A server that takes so many requests a second and refuses the others, without Retry-After."""
    level, at = float(rate), 0.0

    def judge(_server):
        nonlocal level, at
        now = anyio.current_time()
        level, at = min(rate, level + (now - at) * rate), now
        if level < 1:
            return errors.ThrottledError("too many")
        level -= 1
        return None

    return judge


@pytest.mark.parametrize("rate", [5, 20, 50])
def test_a_storm_of_429_loses_nothing_and_sends_a_fifth_more(storm_of, rate):
    storm = storm_of(admits_a_second(rate))
    assert (storm.done, storm.failed) == (DOCUMENTS, 0)
    first_window = [at for at in storm.server.arrivals if at < 10]
    rest = len(storm.server.arrivals) - len(first_window)
    assert rest <= 1.2 * DOCUMENTS
    assert storm.server.arrivals[-1] <= 1.5 * max(DOCUMENTS / rate, DOCUMENTS * LATENCY / 16) + 30


def test_a_server_that_takes_three_at_once_is_found_out(storm_of):
    storm = storm_of(lambda s: errors.ThrottledError("too many") if s.in_flight > 3 else None)
    assert (storm.done, storm.failed) == (DOCUMENTS, 0)
    assert len(storm.server.arrivals) <= 1.2 * DOCUMENTS + 40
    assert storm.server.arrivals[-1] <= 2 * DOCUMENTS * LATENCY / 3


def test_nobody_sends_before_retry_after(storm_of):
    told = []

    def judge(server):
        if len(server.arrivals) in {50, 300, 700}:
            told.append(anyio.current_time())
            return errors.ThrottledError("wait", retry_after=30.0)
        return None

    storm = storm_of(judge)
    assert storm.done == DOCUMENTS
    assert len(told) == 3
    for at in told:
        assert not [a for a in storm.server.arrivals if at + 0.02 < a < at + 30.0 - 0.05]


def test_an_outage_sees_at_most_a_fifth_more_and_ends_the_run(storm_of):
    """All 503: the breaker opens at 20 calls, lets single probes through, and the run stops when the outage has lasted."""
    storm = storm_of(lambda _: errors.TransientBackendError("503"), outage=600.0)
    assert isinstance(storm.cause, errors.PermanentBackendError)
    assert len(storm.server.arrivals) <= 1.2 * (storm.failed + storm.workers) + 20
    assert len(storm.server.arrivals) < 80
    assert 600 <= storm.server.arrivals[-1] + 300 <= 1200


def test_a_short_outage_is_sat_out(storm_of):
    def judge(_server):
        return errors.TransientBackendError("503") if 10 < anyio.current_time() < 100 else None

    storm = storm_of(judge)
    assert storm.cause is None
    assert storm.done >= DOCUMENTS - 40
    assert storm.done + storm.failed == DOCUMENTS
    assert len(storm.server.arrivals) <= 1.2 * DOCUMENTS


def test_one_failure_in_ten_costs_a_tenth_more(storm_of):
    luck = random.Random(1)
    storm = storm_of(lambda _: errors.TransientBackendError("502") if luck.random() < 0.1 else None)
    assert storm.done >= DOCUMENTS - 5
    assert len(storm.server.arrivals) <= 1.2 * DOCUMENTS


def test_a_refused_key_costs_no_more_than_what_is_in_flight(storm_of):
    storm = storm_of(lambda _: errors.AuthenticationError("401"))
    assert isinstance(storm.cause, errors.AuthenticationError)
    assert len(storm.server.arrivals) <= 16
    assert storm.failed == 0
