"""The sync and the async driver give the same bytes and raise the same errors."""

import json

import anyio
import pytest

from communique import AsyncExtractor, Document, Extractor, Plan
from communique.backends.scripted import ScriptedBackend
from communique.engine import Hooks
from communique.errors import CommuniqueError, RefusalError, TruncatedResponseError

TEXT = Document.from_text(
    "Envoys meet\nOdo Brask met Ilya Tarn in Szohod on Friday. It rained. Freedonia accused Borduria of theft.",
    language="en",
)
GOOD = {"meetings": [{"evidence": [2], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"]}]}
BAD = {"meetings": [{**GOOD["meetings"][0], "place": "Paris"}, {"evidence": [9], "status": "held"}]}
CUT = TruncatedResponseError("cut off")
SENTENCE = {"meeting": {"participants": ["Odo Brask", "Ilya Tarn"], "status": "held"}}
SCRIPTS = {
    "good": ([GOOD], {}, Plan()),
    "repaired": ([BAD, GOOD], {}, Plan()),
    "still bad": ([BAD, BAD, BAD], {}, Plan(repair_rounds=2)),
    "strict": ([BAD], {}, Plan(repair_rounds=0, strict=True)),
    "halves": ([CUT, GOOD, {}], {}, Plan()),
    "repair cut off": ([BAD, CUT], {}, Plan()),
    "brief": ([SENTENCE, {}], {"narrows": True}, Plan()),
    "windows": ([GOOD] * 9, {}, Plan(window_chars=60)),
}


def sync(answers, options, plan, hooks=None):
    with Extractor(ScriptedBackend(answers, **options), plan=plan, hooks=hooks, clock=lambda: 0.0) as extractor:
        return extractor.extract(TEXT)


def asynchronous(answers, options, plan, hooks=None):
    async def run():
        backend = ScriptedBackend(answers, **options)
        async with AsyncExtractor(backend, plan=plan, hooks=hooks, clock=lambda: 0.0) as extractor:
            return await extractor.extract(TEXT)

    return anyio.run(run)


@pytest.mark.parametrize("name", SCRIPTS)
def test_both_drivers_give_the_same_bytes(name):
    answers, options, plan = SCRIPTS[name]
    one, two = (
        json.dumps(driver(answers, options, plan).model_dump(mode="json"), ensure_ascii=False).encode()
        for driver in (sync, asynchronous)
    )
    assert one == two


def test_both_drivers_tell_the_same_events():
    told = []
    for driver in (sync, asynchronous):
        events = []
        driver([BAD, GOOD], {}, Plan(), Hooks([events.append]))
        told.append(events)
    assert told[0] == told[1]
    assert [e.kind for e in told[0]][:4] == ["asked", "answered", "asked", "answered"]
    assert told[0][-1].kind == "verified"


@pytest.mark.parametrize("answers", [[RefusalError("no")], []])
def test_both_drivers_raise_the_same_error_for_the_document(answers):
    raised = []
    for driver in (sync, asynchronous):
        with pytest.raises(CommuniqueError) as caught:
            driver(answers, {}, Plan())
        raised.append((type(caught.value), str(caught.value), caught.value.document_id))
    assert raised[0] == raised[1]
    assert raised[0][2].startswith("cmq-")


def test_a_hook_that_raises_breaks_nothing_and_is_told_once(caplog):
    def broken(event):
        raise RuntimeError("a stranger's bug")

    summary = sync([BAD, GOOD], {}, Plan(), Hooks([broken]))
    assert summary.meetings
    assert [r.message for r in caplog.records] == ["a hook raised on asked and is reported once"]


def test_many_documents_at_once_over_one_backend():
    async def run():
        async with AsyncExtractor(ScriptedBackend(lambda _: GOOD), clock=lambda: 0.0) as extractor:
            found = []

            async def one():
                found.append(await extractor.extract(TEXT))

            async with anyio.create_task_group() as group:
                for _ in range(5):
                    group.start_soon(one)
        return found

    found = anyio.run(run)
    assert len(found) == 5
    assert all(f == found[0] for f in found)
