"""A second opinion in a batch: part of the configuration, within the budget, and never able to stop the run."""

import json

import anyio
import pytest

from communique.backends.decisions import SystemOneReferee
from communique.backends.retrying import RetryPolicy
from communique.backends.scripted import ScriptedBackend
from communique.batch import BatchSettings, Bounds, run_batch
from communique.batch.budget import Price
from communique.batch.fingerprint import fingerprint
from communique.batch.session import config_of
from communique.documents import Document
from communique.engine import OpinionPolicy, Plan, SecondOpinion
from communique.errors import BudgetExceededError
from communique.schemas import Meeting
from communique.testing import FakeServer

ANSWER = {
    "meetings": [{"evidence": [1], "status": "held", "participants": ["Anna Novak", "Bela Kiss"]}],
}
PLAN = Plan(records=(Meeting,))


def documents(count=3):
    return iter(
        Document.from_text(
            f"Minister Anna Novak met envoy Bela Kiss in Vienna for talks {i}.", id=f"d{i}", language="en"
        )
        for i in range(count)
    )


async def at_once(_seconds):
    await anyio.lowlevel.checkpoint()


def run(tmp_path, server, policy=None, bounds=None):
    patience = RetryPolicy(attempts=1, sleep=at_once)
    check = SecondOpinion(SystemOneReferee("m1", base_url=server.url, policy=patience), policy)

    async def main():
        try:
            settings = BatchSettings(bounds=bounds or Bounds(concurrency=2), check_with=check)
            return await run_batch(
                documents(), tmp_path / "out.jsonl", ScriptedBackend(lambda _: ANSWER), PLAN, settings
            )
        finally:
            await check.aclose()

    report = anyio.run(main)
    lines = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    return report, [json.loads(line) for line in lines]


def test_rows_carry_opinions(tmp_path):
    with FakeServer(opinion=lambda _passage, _question: 0.1) as server:
        report, rows = run(tmp_path, server)
    assert report.done == 3
    assert {r["meetings"][0]["verdict"] for r in rows} == {"flagged"}
    assert {r["meetings"][0]["opinions"][0]["probability"] for r in rows} == {0.1}
    assert server.requests == 3


@pytest.mark.parametrize("fault", ["401", "500", "400", "html200"])
def test_a_second_model_that_fails_stops_nothing(tmp_path, fault):
    with FakeServer(opinion=lambda _passage, _question: 0.1) as server:
        server.fail(fault)
        report, rows = run(tmp_path, server)
    assert (report.done, report.failed, report.ending.cause) == (3, 0, None)
    assert {r["meetings"][0]["verdict"] for r in rows} == {"verified"}
    assert all(r["provenance"]["warnings"][0].startswith("no_second_opinion: ") for r in rows)


def test_its_tokens_are_paid_for(tmp_path):
    bounds = Bounds(concurrency=1, price=Price(1.0, 0.0))
    with FakeServer(opinion=lambda _passage, _question: 0.9) as server:
        report, rows = run(tmp_path, server, bounds=bounds)
    tokens = sum(r["provenance"]["usage"]["input_tokens"] for r in rows)
    assert report.cost * 1_000_000 == pytest.approx(tokens)
    assert tokens > 3 * 40


def test_a_budget_that_its_tokens_use_up_leaves_documents_to_be_done(tmp_path):
    with FakeServer(opinion=lambda _passage, _question: 0.9) as server:
        _, whole = run(tmp_path, server, bounds=Bounds(concurrency=1))
    used = sum(sum(r["provenance"]["usage"].values()) for r in whole)
    (tmp_path / "less").mkdir()
    with FakeServer(opinion=lambda _passage, _question: 0.9) as server:
        report, rows = run(
            tmp_path / "less", server, bounds=Bounds(concurrency=1, max_tokens=used + 4_000 - 60)
        )
    assert isinstance(report.ending.cause, BudgetExceededError)
    assert 0 < len(rows) < 3


def test_it_is_part_of_the_configuration():
    backend = ScriptedBackend([])
    referee = SystemOneReferee("m1", base_url="http://user:hidden@127.0.0.1:1/v1", api_key="hidden")
    configs = [
        config_of(backend, PLAN),
        config_of(backend, PLAN, SecondOpinion(referee)),
        config_of(backend, PLAN, SecondOpinion(referee, OpinionPolicy(accept=0.9))),
    ]
    assert len({fingerprint(c) for c in configs}) == 3
    assert "hidden" not in str(configs)
    assert "second_opinion" not in configs[0]
