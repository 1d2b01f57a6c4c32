"""Typed events, from both drivers and from a batch; a hook that raises breaks nothing."""

import logging
from pathlib import Path

import anyio
import pytest

from communique import AsyncExtractor, Document, Extractor
from communique.backends.scripted import ScriptedBackend
from communique.batch import BatchSettings, arun_batch
from communique.engine import (
    Answered,
    Asked,
    Event,
    Failed,
    Hooks,
    Plan,
    Rejected,
    Repaired,
    Stored,
    Verified,
)
from communique.errors import (
    CommuniqueError,
    MalformedResponseError,
    RefusalError,
    TruncatedResponseError,
)

TEXT = "Talks in Lund\n\nOdo Brask met Ilya Tarn in Lund. They spoke for an hour about the ferry."
GOOD = {"meetings": [{"evidence": [2], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"]}]}
BAD = {"meetings": [{"evidence": [2], "status": "held", "participants": ["Ewa Holt", "Jan Moos"]}]}


def told_of(answers, plan=None, text=TEXT):
    events = []
    extractor = Extractor(ScriptedBackend(answers), plan=plan, hooks=Hooks([events.append]))
    try:
        extractor.extract(text)
    except CommuniqueError as error:
        return events, error
    return events, None


def kinds(events):
    return [e.kind for e in events]


def test_a_document_is_asked_answered_and_verified():
    events, _ = told_of([GOOD])

    assert kinds(events) == ["asked", "answered", "verified"]
    asked, answered, verified = events
    assert isinstance(asked, Asked)
    assert asked.call == answered.call == 1
    assert answered.answer.data == GOOD
    assert verified.summary.meetings
    assert (verified.detail["records"], verified.detail["rejections"]) == (1, 0)


def test_a_second_question_about_failed_checks_is_a_repair():
    events, _ = told_of([BAD, GOOD])

    assert kinds(events) == ["asked", "answered", "asked", "answered", "repaired", "verified"]
    repaired = next(e for e in events if isinstance(e, Repaired))
    assert (repaired.call, repaired.complaints) == (2, 3)
    assert [e.prompt.complaints for e in events if isinstance(e, Asked)] == [0, 3]


def test_what_the_checks_keep_out_is_rejected():
    events, _ = told_of([BAD, BAD])

    (rejected,) = [e for e in events if isinstance(e, Rejected)]
    assert rejected.detail["kind"] == "meetings"
    assert kinds(events)[-1] == "verified"


@pytest.mark.parametrize("error", [TruncatedResponseError("cut"), MalformedResponseError("no JSON")])
def test_a_question_without_a_usable_answer_has_failed(error):
    events, _ = told_of([BAD, error])

    failed = [e for e in events if isinstance(e, Failed)]
    assert [(e.call, e.reason) for e in failed] == [(2, error.reason)]
    assert kinds(events)[-1] == "verified"


def test_a_document_that_fails_says_so_for_the_question_and_for_itself():
    events, raised = told_of([RefusalError("no")])

    assert isinstance(raised, RefusalError)
    assert [(e.kind, getattr(e, "call", None)) for e in events] == [
        ("asked", 1),
        ("failed", 1),
        ("failed", None),
    ]
    assert {e.reason for e in events if isinstance(e, Failed)} == {"refusal"}


def test_a_document_without_a_question_is_verified_all_the_same():
    events = []
    backend = ScriptedBackend([], narrows=True)
    Extractor(backend, hooks=Hooks([events.append])).extract("A heading only")

    assert kinds(events) == ["verified"]


def test_no_detail_and_no_text_of_an_event_holds_a_word_of_the_article():
    events, _ = told_of([BAD, BAD])
    failed, _ = told_of([BAD, TruncatedResponseError("Odo Brask met", raw="Brask")])

    said = " ".join(f"{e.detail} {e!r}" for e in [*events, *failed])
    for word in ("Brask", "Tarn", "Holt", "ferry", "Lund"):
        assert word not in said


def test_a_listener_of_one_kind_hears_that_kind_only():
    hooks, tokens = Hooks(), []
    hooks.on(Answered, lambda e: tokens.append(e.answer.usage.input_tokens))
    Extractor(ScriptedBackend([BAD, GOOD]), hooks=hooks).extract(TEXT)

    assert len(tokens) == 2
    assert all(tokens)


def test_a_hook_that_raises_is_told_once_and_the_others_are_called(caplog):
    heard = []

    def broken(event: Event) -> None:
        raise ZeroDivisionError

    hooks = Hooks([broken, heard.append])
    with caplog.at_level(logging.WARNING, "communique.hooks"):
        for _ in range(2):
            Extractor(ScriptedBackend([GOOD]), hooks=hooks).extract(TEXT)

    assert kinds(heard) == ["asked", "answered", "verified"] * 2
    assert [r.name for r in caplog.records] == ["communique.hooks"]


def test_many_at_once_keep_their_numbers_apart():
    events = []

    async def run():
        hooks = Hooks([events.append])
        async with (
            AsyncExtractor(ScriptedBackend(lambda _: GOOD), hooks=hooks) as extractor,
            anyio.create_task_group() as tasks,
        ):
            for number in range(5):
                document = Document.from_text(TEXT, id=f"d{number}")
                tasks.start_soon(extractor.extract, document)

    anyio.run(run)
    by_reading = {}
    for event in events:
        by_reading.setdefault(event.reading, []).append(event)
    assert len(by_reading) == 5
    for told in by_reading.values():
        assert len({e.document_id for e in told}) == 1
        assert kinds(told) == ["asked", "answered", "verified"]
    assert len({e.call for e in events if isinstance(e, Asked)}) == 5


def test_a_batch_tells_what_is_stored_and_a_hook_that_raises_costs_nothing(tmp_path: Path):
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text(TEXT + f" Number {number}.")
    events = []

    def broken(event):
        raise RuntimeError

    def answer(prompt):
        return RefusalError("no") if "Number 1" in prompt.messages[-1].content else GOOD

    settings = BatchSettings(hooks=Hooks([broken, events.append]))
    report = anyio.run(
        arun_batch, [str(tmp_path / "*.txt")], tmp_path / "o.jsonl", ScriptedBackend(answer), Plan(), settings
    )

    stored = sorted((e.state, e.reason) for e in events if isinstance(e, Stored))
    assert stored == [("failed", "refusal"), ("ok", ""), ("ok", "")]
    assert (report.done, report.failed) == (2, 1)
    assert {e.document_id for e in events if isinstance(e, Stored)} == {
        e.document_id for e in events if isinstance(e, Asked)
    }
    assert sum(isinstance(e, Verified) for e in events) == 2
