"""The runner with a made-up reader of documents: every document ends in exactly one row."""

import asyncio
import itertools
import threading
from pathlib import Path
from tempfile import mkdtemp

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from communique import errors
from communique.batch import BatchSettings, Bounds
from communique.batch.journal import Journal
from communique.batch.run import Run
from communique.batch.worker_pool import CHUNK, WorkerPool
from communique.documents import Document
from communique.documents.readers import Skipped
from communique.engine.plan import Plan
from communique.schemas import Provenance, VerifiedSummary


def article(number):
    text = f"Minister Anna Novak met envoy number {number} in Vienna. They spoke about trade."
    return Document.from_text(text, id=f"d{number}", source=f"in.jsonl:{number + 1}", language="en")


class Reader:
    """Stands for `AsyncExtractor.extract`: fails for the ids it is told to."""

    def __init__(self, failures=None, limits=None):
        self.failures = failures or {}
        self.calls = []
        self.now = self.most = 0
        self.limits = limits

    async def __call__(self, document):
        self.calls.append(document.id)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await anyio.lowlevel.checkpoint()
            error = self.failures.get(document.id) or self.failures.get("*")
            if error is not None:
                raise error
            return VerifiedSummary(document=document.info(), provenance=Provenance(attempts=1))
        finally:
            self.now -= 1


def run(journal, documents, reader, *, concurrency=4, limit=None, on_row=None):
    settings = BatchSettings(Bounds(concurrency), limit=limit, on_row=on_row)
    batch = Run(None, journal.path.with_name("out.jsonl"), Plan(), settings, journal)

    async def main():
        return await WorkerPool(batch, iter(documents), reader, concurrency).run()

    return batch.report(anyio.run(main)).ending, batch.tally


def test_every_document_is_read_once(journal, documents):
    reader = Reader()
    ending, tally = run(journal, documents, reader)
    assert sorted(reader.calls) == sorted(d.id for d in documents)
    assert journal.counts() == {"ok": 10}
    assert (ending.cause, tally.done, tally.left) == (None, 10, 0)


def test_a_second_run_reads_nothing(journal, documents):
    run(journal, documents, Reader())
    reader = Reader()
    _, tally = run(journal, documents, reader)
    assert reader.calls == []
    assert tally.already == 10


def test_identical_documents_cost_one_call(journal):
    reader = Reader()
    run(journal, [article(1) for _ in range(10)], reader)
    assert len(reader.calls) == 1
    assert journal.counts() == {"ok": 10}


def test_a_failure_is_a_row_and_its_neighbours_are_read(journal, documents):
    run(journal, documents, Reader({"d3": errors.RefusalError("declined")}))
    assert journal.counts() == {"ok": 9, "failed": 1}


def test_a_bug_in_one_document_is_that_documents_failure(journal, documents, caplog):
    run(journal, documents, Reader({"d3": ZeroDivisionError("the article's text")}))
    row = next(r for r in journal.rows() if r["state"] == "failed")
    assert (row["reason"], row["detail"]) == ("bug", "ZeroDivisionError (see the log)")
    assert journal.counts() == {"ok": 9, "failed": 1}


def test_an_unreadable_input_is_a_place_of_its_own(journal, documents):
    _, tally = run(journal, [documents[0], Skipped("x.png", "binary", "an image"), documents[1]], Reader())
    assert journal.counts() == {"ok": 2, "skipped": 1}
    assert tally.reasons == {"binary": 1}


@pytest.mark.parametrize(
    "cause",
    [
        errors.AuthenticationError("x"),
        errors.QuotaError("x"),
        errors.BudgetExceededError("x"),
        errors.ConfigurationError("x"),
    ],
)
def test_a_hopeless_cause_stops_the_run_and_leaves_documents_pending(journal, cause):
    reader = Reader({"*": cause})
    ending, _ = run(journal, (article(i) for i in range(1000)), reader, concurrency=4)
    assert ending.cause is cause
    assert len(reader.calls) <= 4
    assert set(journal.counts()) == {"left"}


def test_what_was_done_before_the_stop_stays_done(journal):
    ending, _ = run(journal, (article(i) for i in range(500)), Reader({"d200": errors.AuthenticationError("x")}))
    assert isinstance(ending.cause, errors.AuthenticationError)
    counts = journal.counts()
    assert counts["ok"] >= 190
    assert "failed" not in counts
    run(journal, (article(i) for i in range(500)), Reader())
    assert journal.counts() == {"ok": 500}


def test_requests_that_are_all_refused_at_the_start_stop_the_run(journal, documents):
    ending, _ = run(journal, documents, Reader({"*": errors.RequestRefusedError("HTTP 400")}), concurrency=2)
    assert isinstance(ending.cause, errors.PermanentBackendError)
    assert "failed" not in journal.counts()


def test_requests_refused_later_are_those_documents_failures(journal, documents):
    refused = {f"d{i}": errors.RequestRefusedError("HTTP 400") for i in range(3, 9)}
    ending, _ = run(journal, documents, Reader(refused), concurrency=1)
    assert ending.cause is None
    assert journal.counts() == {"ok": 4, "failed": 6}


def test_no_more_documents_at_once_than_asked(journal):
    reader = Reader()
    run(journal, (article(i) for i in range(100)), reader, concurrency=7)
    assert 1 < reader.most <= 7  # how near it comes is the machine's affair


def test_the_input_is_pulled_no_faster_than_it_is_used(journal):
    pulled = itertools.count()
    ahead = []

    def endless():
        for number in pulled:
            ahead.append(number)
            yield article(number)

    reader = Reader({"d100": errors.QuotaError("x")})
    run(journal, endless(), reader, concurrency=4)
    assert len(ahead) <= len(reader.calls) + 2 * CHUNK + 2 * 4 + 4


def test_the_limit_is_kept(journal):
    _, tally = run(journal, (article(i) for i in range(100)), Reader(), limit=7)
    assert tally.done == 7


def test_a_journal_that_takes_no_more_stops_the_run_and_counts_what_is_lost(journal, monkeypatch):
    real = journal.record

    def full(outcomes, *rest):
        if any(o.id == "d50" for o in outcomes):
            raise errors.JournalError("disk full")
        real(outcomes, *rest)

    monkeypatch.setattr(journal, "record", full)
    ending, tally = run(journal, (article(i) for i in range(1000)), Reader())
    assert isinstance(ending.cause, errors.JournalError)
    assert tally.lost >= 1
    assert journal.counts()["ok"] == tally.done
    assert tally.done < 200


def test_a_bug_in_the_writer_ends_the_run_and_nobody_waits_for_it(journal, monkeypatch):
    """The first commit breaks while results of two workers wait for the second."""
    waiting = threading.Event()

    def broken(*_):
        assert waiting.wait(10)
        raise ZeroDivisionError("a bug")

    class Two(Reader):
        async def __call__(self, document):
            if len(self.calls) == 1:
                asyncio.get_running_loop().call_later(0.05, waiting.set)
            return await super().__call__(document)

    monkeypatch.setattr(journal, "record", broken)
    with pytest.raises(ExceptionGroup) as caught:
        run(journal, (article(i) for i in range(2)), Two(), concurrency=2)
    assert caught.group_contains(ZeroDivisionError)


def test_an_input_that_breaks_off_ends_the_run_with_what_there_is(journal):
    def breaking():
        yield from (article(i) for i in range(40))
        raise OSError(5, "Input/output error")

    ending, tally = run(journal, breaking(), Reader())
    assert isinstance(ending.cause, errors.UnreadableDocumentError)
    assert tally.done >= 32


def test_rows_are_told_only_when_they_are_safe(journal, documents):
    told = []
    run(journal, documents, Reader(), on_row=lambda o: told.append(journal.has(o.key)))
    assert told == [True] * 10


def test_an_empty_input_is_a_run(journal):
    ending, tally = run(journal, [], Reader())
    assert (ending.cause, tally.seen, tally.all_seen) == (None, 0, True)


@settings(max_examples=25, deadline=None)
@given(
    numbers=st.lists(st.integers(0, 15), max_size=40),
    stops=st.lists(st.integers(0, 15), max_size=3),
    broken=st.sets(st.integers(0, 15), max_size=4),
)
def test_however_runs_end_each_place_has_one_row_in_the_end(fast_disk, numbers, stops, broken):
    journal = Journal(Path(mkdtemp(dir=fast_disk)) / "out.jsonl.journal.db", {"model": "m"})
    documents = [article(n) for n in numbers]
    failures = {f"d{n}": errors.RefusalError("x") for n in broken}
    calls = []
    for stop in stops:
        reader = Reader(failures | {f"d{stop}": errors.QuotaError("x")})
        run(journal, documents, reader)
        calls += [c for c in reader.calls if c != f"d{stop}"]
    reader = Reader(failures)
    run(journal, documents, reader)
    rows = list(journal.rows())
    journal.close()
    assert [r["ordinal"] for r in rows] == list(range(len(numbers)))
    assert [r["state"] for r in rows] == ["failed" if n in broken else "ok" for n in numbers]
    done_twice = [c for c in calls if c in reader.calls]
    assert not done_twice
