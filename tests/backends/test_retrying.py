"""The retry layer in virtual time: nothing here sleeps."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from communique import errors
from communique.backends.refusals import LONGEST_WAIT, retry_after
from communique.backends.retrying import Governor, RetryPolicy, governed


class Time:
    """A clock that moves only when somebody sleeps, or when a call takes its time."""

    def __init__(self, luck=1.0):
        self.now = 1000.0
        self.waits = []
        self.luck = luck

    async def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds

    def policy(self, **options):
        return RetryPolicy(sleep=self.sleep, clock=lambda: self.now, random=lambda: self.luck, **options)


def run(outcomes, time, *, took=0.0, governor=None, **options):
    """Run a call with these outcomes; returns (result or error, tries)."""
    tries = 0

    async def attempt():
        nonlocal tries
        outcome = outcomes[min(tries, len(outcomes) - 1)]
        tries += 1
        time.now += took
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    try:
        return asyncio.run(
            governed(attempt, time.policy(**options), governor or Governor(), translated=lambda e: e)
        ), tries
    except errors.CommuniqueError as error:
        return error, tries


TRANSIENT = errors.TransientBackendError("x")
THROTTLED = errors.ThrottledError("x")


def test_three_tries_with_doubling_waits():
    time = Time()
    result, tries = run([TRANSIENT], time)
    assert (result, tries, time.waits) == (TRANSIENT, 3, [1.0, 2.0])


def test_waiting_for_the_limits_of_the_run_takes_no_tries_away():
    time = Time()

    class Slow(Governor):
        async def admit(self, tokens):
            time.now += 400.0

    assert run([TRANSIENT, TRANSIENT, "ok"], time, governor=Slow()) == ("ok", 3)


def test_full_jitter_reaches_down_to_zero():
    time = Time(luck=0.0)
    run([TRANSIENT], time)
    assert time.waits == [0.0, 0.0]


def test_a_success_ends_it():
    time = Time()
    assert run([TRANSIENT, "ok"], time) == ("ok", 2)
    assert time.waits == [1.0]


@pytest.mark.parametrize(
    "error",
    [
        errors.AuthenticationError("x"),
        errors.QuotaError("x"),
        errors.RequestRefusedError("x"),
        errors.RefusalError("x"),
        errors.MalformedResponseError("x"),
        errors.TruncatedResponseError("x"),
        errors.BudgetExceededError("x"),
    ],
)
def test_what_no_retry_mends_is_tried_once(error):
    assert run([error], Time()) == (error, 1)


def test_a_hung_server_is_tried_twice():
    error = errors.DeadlineError("x")
    assert run([error], Time()) == (error, 2)


def test_the_servers_wish_is_waited_out_exactly():
    time = Time()
    assert run([errors.ThrottledError("x", retry_after=7.5), "ok"], time) == ("ok", 2)
    assert time.waits == [7.5]


@pytest.mark.parametrize("kind", [errors.ThrottledError, errors.TransientBackendError])
def test_a_server_that_says_now_is_believed_once(kind):
    time = Time()
    assert run([kind("x", retry_after=0.0), kind("x", retry_after=0.0), "ok"], time) == ("ok", 3)
    assert time.waits == [0.0, 2.0]


def test_throttling_uses_up_no_attempts():
    time = Time()
    assert run([THROTTLED] * 20 + ["ok"], time) == ("ok", 21)
    assert max(time.waits) == 30.0


def test_throttling_ends_at_its_own_deadline():
    time = Time()
    result, _ = run([errors.ThrottledError("x", retry_after=600)], time)
    assert isinstance(result, errors.ThrottledError)
    assert sum(time.waits) == 1800


@pytest.mark.parametrize("moment", [None, 0.0, 0.1, 1.5])
@pytest.mark.parametrize("took", [0.0, 0.02])
def test_a_server_that_throttles_for_ever_is_asked_ever_less_often_and_not_for_ever(moment, took):
    time = Time(luck=0.5)
    result, tries = run([errors.ThrottledError("x", retry_after=moment)], time, took=took)

    assert isinstance(result, errors.ThrottledError)
    assert 100 < tries < 150
    assert 1750 < time.now - 1000.0 <= 1800 + 2.5


@pytest.mark.parametrize("failures", [0, 1, 1025, 10**9])
def test_the_wait_has_its_cap_however_often_it_failed(failures):
    assert 0 < RetryPolicy(random=lambda: 1.0).jitter(failures) <= 30.0


def test_a_wish_beyond_max_wait_stops_the_run():
    time = Time()
    result, tries = run([errors.ThrottledError("x", retry_after=901)], time)
    assert isinstance(result, errors.PermanentBackendError)
    assert (tries, time.waits) == (1, [])


@pytest.mark.parametrize(
    ("asked", "allowed", "told"),
    [
        (901, 900.0, "901 s; at most 900 s"),
        (0.3, 0.0, "0.3 s; at most 0 s"),
        (86400.26, 0.5, "86400.26 s; at most 0.5 s"),
    ],
)
def test_a_wish_and_what_is_allowed_are_told_apart(asked, allowed, told):
    result, _ = run([errors.ThrottledError("x", retry_after=asked)], Time(), max_wait=allowed)
    assert f"the server asks to wait {told} are allowed" in str(result)


def test_no_call_outlives_its_deadline():
    time = Time()
    result, tries = run([TRANSIENT], time, took=200.0)
    assert (result, tries) == (TRANSIENT, 2)


def test_waits_that_the_server_asked_for_do_not_count_against_the_deadline():
    time = Time()
    outcomes = [errors.ThrottledError("x", retry_after=400), TRANSIENT, "ok"]
    assert run(outcomes, time, took=10.0) == ("ok", 3)


def test_an_empty_budget_of_retries_ends_it():
    class Empty(Governor):
        def may_retry(self):
            return False

    assert run([TRANSIENT], Time(), governor=Empty()) == (TRANSIENT, 1)
    assert run([THROTTLED, "ok"], Time(), governor=Empty()) == ("ok", 2)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "inf"}, LONGEST_WAIT),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:03 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 3.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:27:00 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
    ],
)
def test_retry_after_is_read_in_its_three_forms(headers, seconds):
    assert retry_after(headers) == seconds


@given(st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "date"]), st.text(max_size=40)))
def test_no_header_makes_it_fail_or_wait_for_ever(headers):
    wait = retry_after(headers)
    assert wait is None or 0.0 <= wait <= LONGEST_WAIT
