"""The second process: the same rows, and nothing lost where it can't be had or dies."""

import asyncio
import json
import os
import signal
from dataclasses import replace
from typing import Annotated

import anyio
import pytest
from pydantic import BaseModel

from communique import Document
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.scripted import ScriptedBackend
from communique.batch import BatchSettings, Bounds, RunOptions, run_batch
from communique.batch.check_process import Heard, Traits, _checked, after_first
from communique.batch.checker import AFTER, Checker, pays
from communique.batch.row import Row
from communique.engine.aio import AsyncExtractor
from communique.engine.plan import Plan
from communique.schemas import Mentioned, Record
from communique.testing import FakeServer

TEXT = "Ilse Varga met Per Holm in Port Amsel. Story {}. Norlandia accused Varland of smuggling arms."
MEETING = {
    "evidence": [1],
    "participants": [{"name": "Ilse Varga"}, {"name": "Per Holm"}],
    "place": {"name": "Port Amsel"},
    "status": "held",
}
CLAIM = {
    "evidence": [3],
    "accusers": [{"name": "Norlandia"}],
    "accused": [{"name": "Varland"}],
    "claim": "Norlandia accused Varland of smuggling arms",
}
GOOD = {"meetings": [MEETING], "allegations": [CLAIM], "sanctions_concerns": []}
WRONG = {**GOOD, "allegations": [{**CLAIM, "accusers": [{"name": "Ana Lund"}]}]}


class Plain(BaseModel):
    """A record type that can't be sent to another process as it is."""

    who: str


def document(number):
    return Document.from_text(TEXT.format(number), id=f"d{number}", language="en")


def backend(answer=GOOD):
    return ScriptedBackend(lambda _: answer)


def read(answer, count, *, plan=None, between=lambda checker: None):
    """Read documents with the other process; return the rows, and the checker."""
    plan = plan or Plan()

    async def main():
        asked = backend(answer)
        alone = AsyncExtractor(asked, plan=plan, clock=lambda: 0.0)
        checker = Checker(asked, plan, alone.extract, after=1)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(checker.serve)
            found = [await checker.extract(document(0))]
            await checker.settled.wait()
            between(checker)
            found += await asyncio.gather(*(checker.extract(document(n)) for n in range(1, count)))
            tasks.cancel_scope.cancel()
        wanted = [Row.of(await alone.extract(document(n))) for n in range(count)]
        return [one if isinstance(one, Row) else Row.of(one) for one in found], wanted, checker

    return asyncio.run(main())


def test_the_other_process_gives_the_same_rows():
    rows, wanted, checker = read(GOOD, 30)

    assert rows == wanted
    assert '"meetings":[{' in rows[-1].line
    assert checker.checked == 29


def test_an_exchange_that_asks_again_is_gone_on_with_here():
    rows, wanted, checker = read(WRONG, 6)

    assert rows == wanted
    assert [row.attempts for row in rows] == [2] * 6
    assert checker.checked == 0


def test_a_process_that_is_killed_costs_no_answer(caplog):
    rows, wanted, checker = read(GOOD, 20, between=lambda c: os.kill(c.pid, signal.SIGKILL))

    assert rows == wanted
    assert checker.pid is None
    assert checker.checked < 19
    assert "goes on without it" in caplog.text


def test_records_of_a_plain_model_are_checked_in_the_other_process():
    plan = Plan(records=(Plain,))
    rows, wanted, checker = read({plan.records[0].plural: []}, 5, plan=plan)

    assert rows == wanted
    assert checker.checked == 4


def test_a_record_type_that_cannot_be_sent_is_checked_here():
    class Local(BaseModel):
        who: str

    plan = Plan(records=(Local,))
    rows, wanted, checker = read({plan.records[0].plural: []}, 5, plan=plan)

    assert rows == wanted
    assert (checker.pid, checker.checked) == (None, 0)


def test_what_an_exchange_raises_is_raised_here():
    heard = Heard(GOOD, "", "m", None, 1)  # a backend of one's own may give anything
    traits = Traits.of(backend())
    fields = {name: getattr(document(1), name) for name in Document.model_fields}

    with pytest.raises(AttributeError):
        after_first(document(1), Plan(), traits, heard)
    assert (
        _checked(fields, heard, plan=Plan(), traits=traits) is None
    )  # the batch plays it again, and hears of it


class Numbered(Document):
    """A document of one's own."""


def test_a_document_of_ones_own_is_read_here():
    async def main():
        asked = backend()
        alone = AsyncExtractor(asked, clock=lambda: 0.0)
        checker = Checker(asked, Plan(), alone.extract, after=1)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(checker.serve)
            await checker.extract(document(0))
            await checker.settled.wait()
            await checker.extract(Numbered(**{n: getattr(document(1), n) for n in Document.model_fields}))
            alone_so_far = checker.checked
            await checker.extract(document(2))
            tasks.cancel_scope.cancel()
        return alone_so_far, checker.checked

    assert asyncio.run(main()) == (0, 1)


class Changing(Record):
    """A record type that is changed while the program runs."""

    who: Annotated[str, Mentioned()]


def test_a_record_type_that_was_changed_is_checked_here(monkeypatch):
    monkeypatch.setattr(Changing, "__doc__", "Another thing altogether.")
    rows, wanted, checker = read({"changings": []}, 3, plan=Plan(records=(Changing,)))

    assert rows == wanted
    assert checker.checked == 0


def test_a_batch_writes_the_same_bytes_with_and_without_it(tmp_path):
    def run(name, server, **options):
        async def main():
            async with OpenAIBackend("m1", base_url=server.url) as asked:
                settings = BatchSettings(Bounds(16), RunOptions(16, **options))
                inputs = (document(n) for n in range(2 * AFTER))
                return await run_batch(inputs, tmp_path / name, asked, Plan(), settings)

        assert asyncio.run(main()).ending.cause is None
        return (tmp_path / name).read_bytes()

    with FakeServer(lambda _: json.dumps(GOOD)) as server:
        assert run("two.jsonl", server) == run("one.jsonl", server, one_process=True)


def test_it_is_had_where_it_pays():
    remote = OpenAIBackend("m1", base_url="http://127.0.0.1:1/v1")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()

    assert pays(Plan(), remote, 16) is (cores > 1)
    assert not pays(Plan(), remote, 4)
    assert not pays(Plan(), backend(), 16)
    assert not pays(replace(Plan(), checks=(lambda record, document: None,)), remote, 16)
    assert not pays(Plan(shape="brief"), remote, 16)
