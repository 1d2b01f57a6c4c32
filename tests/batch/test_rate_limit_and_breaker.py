"""Adaptive concurrency, rates, breaker and budgets, in virtual time."""

import pytest

from communique.batch.budget import Bounds, Budget, Price
from communique.batch.rate_limit import AdaptiveLimit, Breaker, PerMinute
from communique.errors import BudgetExceededError
from communique.schemas import Usage


def calls(limit, count, *, throttled=False, time=None):
    for _ in range(count):
        limit.started()
        if time:
            time.now += 0.1
        limit.ended(throttled=throttled, ok=not throttled)


def test_a_throttle_halves_and_a_window_of_successes_adds_one(time):
    limit = AdaptiveLimit(16, time.clock)
    calls(limit, 1, throttled=True)
    assert limit.limit == 8
    calls(limit, 8, time=time)
    assert limit.limit == 9


def test_a_burst_of_throttles_is_one_cut(time):
    limit = AdaptiveLimit(16, time.clock)
    calls(limit, 10, throttled=True)
    assert limit.limit == 8


def test_it_never_falls_below_one_nor_rises_above_the_bound(time):
    limit = AdaptiveLimit(4, time.clock)
    for _ in range(20):
        time.now += 10
        calls(limit, 1, throttled=True)
    assert limit.limit == 1
    assert limit.free
    calls(limit, 500, time=time)
    assert limit.limit == 4


def test_no_more_than_the_rate_in_any_minute(time):
    rate = PerMinute(60, time.clock)
    taken = []
    while time.now < 1120:
        wait = rate.wait(1)
        if wait > 0:
            time.now += wait
            continue
        rate.take(1)
        taken.append(time.now)
    for start in taken:
        assert sum(start <= at < start + 60 for at in taken) <= 60 + 6


def test_an_amount_above_the_burst_is_paid_back_later(time):
    rate = PerMinute(600, time.clock)
    rate.take(300)
    assert rate.wait(1) == pytest.approx((300 - 60 + 1) / 10)


def test_no_rate_never_waits(time):
    assert PerMinute(None, time.clock).wait(1e9) == 0


def outage(breaker, count):
    for _ in range(count):
        breaker.started()
        breaker.ended(failed=True)


def test_it_opens_at_twenty_calls_of_which_half_failed(time):
    breaker = Breaker(600, time.clock)
    outage(breaker, 19)
    assert not breaker.open
    outage(breaker, 1)
    assert breaker.open
    assert breaker.wait() == 15


def test_it_opens_at_twenty_failures_in_a_row_behind_many_successes(time):
    breaker = Breaker(600, time.clock)
    for _ in range(800):
        breaker.started()
        breaker.ended(failed=False)
    outage(breaker, 19)
    assert not breaker.open
    outage(breaker, 1)
    assert breaker.open


def test_one_probe_goes_through_and_its_success_closes_it(time):
    breaker = Breaker(600, time.clock)
    outage(breaker, 20)
    time.now += 15
    assert breaker.wait() == 0
    breaker.started()
    assert breaker.wait() > 0, "a second probe beside the first"
    breaker.ended(failed=False)
    assert not breaker.open


def test_the_pause_doubles_up_to_five_minutes(time):
    breaker = Breaker(1e9, time.clock)
    outage(breaker, 20)
    pauses = []
    for _ in range(7):
        pauses.append(breaker.wait())
        time.now += breaker.wait()
        outage(breaker, 1)
    assert pauses == [15, 30, 60, 120, 240, 300, 300]


def test_an_outage_that_lasts_is_dead(time):
    breaker = Breaker(600, time.clock)
    outage(breaker, 20)
    time.now += 601
    assert breaker.dead


def test_old_failures_are_forgotten(time):
    breaker = Breaker(600, time.clock)
    outage(breaker, 19)
    time.now += 61
    outage(breaker, 1)
    assert not breaker.open


def test_the_reserve_counts_so_that_a_budget_is_never_passed():
    budget = Budget(Bounds(max_tokens=1000))
    budget.reserve(600)
    with pytest.raises(BudgetExceededError):
        budget.reserve(600)
    budget.settle(600, Usage(input_tokens=100, output_tokens=50))
    budget.reserve(600)


def test_money_is_reserved_at_the_dearer_price():
    budget = Budget(Bounds(max_cost=1.0, price=Price(input=1.0, output=10.0)))
    with pytest.raises(BudgetExceededError):
        budget.reserve(100_001)
    budget.reserve(100_000)
    budget.settle(100_000, Usage(input_tokens=90_000, output_tokens=10_000))
    assert budget.cost == pytest.approx(0.19)


def test_what_earlier_runs_spent_counts():
    budget = Budget(Bounds(max_tokens=1000), Usage(input_tokens=900))
    with pytest.raises(BudgetExceededError):
        budget.reserve(200)


@pytest.mark.parametrize(
    ("price", "told"), [(None, "(900 tokens used, and a request"), (Price(1000.0, 1.0), "(900 tokens, $0.90 used, and")]
)
def test_a_budget_tells_money_only_where_the_price_is_known(price, told):
    with pytest.raises(BudgetExceededError) as caught:
        Budget(Bounds(max_tokens=1000, price=price), Usage(input_tokens=900)).reserve(200)
    assert told in str(caught.value)
