"""Checker: answers are checked in a second process, while this one asks on; the rows are the same.

Checking is Python that holds the interpreter: with many requests in flight it is what limits a run. The second process is
started once a run is long enough for it to pay. If it can't be started, or dies, the run goes on without it.
"""

from __future__ import annotations

import logging
import math
import os
import pickle
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from subprocess import PIPE
from typing import Any

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from communique.backends.backend import AsyncBackend, Completion
from communique.batch.check_process import LENGTH, Heard, Traits, framed, prints
from communique.batch.row import Row
from communique.documents import Document
from communique.engine.driver import Voices, begin, timed
from communique.engine.plan import Plan
from communique.engine.strangers import answering, completion
from communique.errors import CommuniqueError, MalformedResponseError, TruncatedResponseError
from communique.schemas import VerifiedSummary

_LOG = logging.getLogger("communique.batch")

AFTER = 64
"""Documents of a run before the second process is started."""
GROUP = 4
"""Most documents that are sent to it at once: their rows come back together."""
IN_FLIGHT = 8
"""Fewest requests in flight with which it pays."""

_START = "import sys; sys.path[:] = sys.argv[1:]; from communique.batch.check_process import main; sys.exit(main())"


@dataclass(eq=False, slots=True)
class _Job:
    fields: dict[str, Any]
    heard: Heard
    done: anyio.Event = field(default_factory=anyio.Event)
    result: Row | None = None


class Checker:
    """Reads documents as an `AsyncExtractor` does, with the checks of first answers in another process.

    Args:
        backend: Answers.
        plan: What to look for; without checks of one's own, which may count or print.
        extract: Reads a document in this process, until the other one is there, and after it is gone.
        after: Documents before it is started.
    """

    def __init__(
        self,
        backend: AsyncBackend,
        plan: Plan,
        extract: Callable[[Document], Awaitable[VerifiedSummary]],
        *,
        after: int = AFTER,
    ) -> None:
        self._backend = backend
        self._plan = plan
        self._traits = Traits.of(backend)
        self._extract = extract
        self._seen = 0
        self._after = after
        self._wanted = anyio.Event()
        self.settled = anyio.Event()
        """Set when the other process is there, or is known not to come."""
        self.pid: int | None = None
        """The other process, while it takes answers."""
        self._jobs, self._taken = anyio.create_memory_object_stream[_Job](math.inf)
        self._waiting: set[_Job] = set()
        self.checked = 0
        """Documents whose answers were checked in the other process."""

    async def extract(self, document: Document) -> VerifiedSummary | Row:
        """Read one document. Raises as `AsyncExtractor.extract`."""
        self._seen += 1
        if self._seen == self._after:
            self._wanted.set()
        # A class of one's own may number sentences differently.
        if self.pid is None or type(document) is not Document:
            return await self._extract(document)
        try:
            return await self._read(document)
        except CommuniqueError as error:
            error.document_id = error.document_id or document.id
            raise

    async def _read(self, document: Document) -> VerifiedSummary | Row:
        talk = begin(document, self._plan, Voices(self._traits))
        try:
            prompt = next(talk)
            first = True
            while True:
                try:
                    with answering(self._backend):
                        given = await self._backend.acomplete(prompt)
                    answer = completion(self._backend, given)
                except (TruncatedResponseError, MalformedResponseError) as error:
                    first = False
                    prompt = talk.throw(error)
                    continue
                if first and (row := await self._elsewhere(document, answer)) is not None:
                    talk.close()
                    return row
                first = False
                prompt = talk.send(answer)
        except StopIteration as stop:
            return timed(stop.value, 0.0)

    async def _elsewhere(self, document: Document, answer: Completion) -> Row | None:
        """Return the row, or None if this process has to go on."""
        if self.pid is None:
            return None
        fields = {name: getattr(document, name) for name in Document.model_fields}
        job = _Job(fields, Heard(answer.data, answer.text, answer.model, answer.usage, answer.attempts))
        self._waiting.add(job)
        self._jobs.send_nowait(job)
        with anyio.CancelScope(shield=True):  # the answer is paid for
            await job.done.wait()
        self._waiting.discard(job)
        self.checked += job.result is not None
        return job.result

    async def serve(self) -> None:
        """Start the process when it is wanted, and feed it until this is cancelled."""
        with self._jobs, self._taken:
            await self._wanted.wait()
            try:
                greeting = framed((self._plan, prints(self._plan), self._traits))
            except Exception as error:  # noqa: BLE001 - a record type, which may be anything, can't be sent
                _LOG.info("answers are checked in this process: %s", error)
            else:
                await self._run(greeting)
            self.settled.set()

    async def _run(self, greeting: bytes) -> None:
        # -P and the path of this process: the other one finds the same modules, and none in the folder it happens to be in.
        command = [sys.executable, "-P", "-c", _START, *sys.path]
        try:
            async with await anyio.open_process(
                command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=None,
                start_new_session=True,  # a terminal's Ctrl-C is for the batch
            ) as process:
                try:
                    await self._feed(process, greeting)
                finally:
                    self.pid = None
        except* Exception as group:  # noqa: BLE001 - whatever it is, the answers are here
            _LOG.warning("the process that checks answers has ended; the run goes on without it")
            _LOG.debug("because of", exc_info=group)
        finally:
            for job in self._waiting:  # they check for themselves
                job.done.set()

    async def _feed(self, process: Process, greeting: bytes) -> None:
        assert process.stdin is not None  # noqa: S101 - asked for
        assert process.stdout is not None  # noqa: S101 - asked for
        replies = BufferedByteReceiveStream(process.stdout)
        await process.stdin.send(greeting)
        refused = await _reply(replies)
        if refused is not None:
            _LOG.info("answers are checked in this process: %s", refused)
            return
        self.pid = process.pid
        self.settled.set()
        # One group is checked while the next is on its way.
        sent, groups = anyio.create_memory_object_stream[list[_Job]](1)
        async with anyio.create_task_group() as tasks, sent, groups:
            tasks.start_soon(self._hear, replies, groups)
            async for first in self._taken:
                group = [first]
                while len(group) < GROUP:
                    try:
                        group.append(self._taken.receive_nowait())
                    except anyio.WouldBlock:
                        break
                await process.stdin.send(framed([(job.fields, job.heard) for job in group]))
                await sent.send(group)

    async def _hear(self, replies: BufferedByteReceiveStream, groups: Any) -> None:
        async for group in groups:
            for job, result in zip(group, await _reply(replies), strict=True):
                job.result = result
                job.done.set()


async def _reply(stream: BufferedByteReceiveStream) -> Any:
    length = int.from_bytes(await stream.receive_exactly(LENGTH), "big")
    return pickle.loads(await stream.receive_exactly(length))  # noqa: S301 - from a process of our own


def pays(plan: Plan, backend: AsyncBackend, concurrency: int) -> bool:
    """Tell whether a second process is worth its memory.

    It is with many requests to a server at once and a core to spare, if no code of the user's might notice.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    remote = hasattr(backend, "endpoint") and not backend.narrows
    alone = not sys.executable or hasattr(sys, "frozen")  # there is no interpreter to start
    return (
        remote
        and not alone
        and concurrency >= IN_FLIGHT
        and cores > 1
        and not plan.checks
        and plan.shape != "brief"
    )
