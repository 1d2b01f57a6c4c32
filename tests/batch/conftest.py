"""Documents, a journal, a clock that moves only when somebody sleeps, and a folder in memory."""

import asyncio
import importlib
import os
import selectors
import shutil
import tempfile
from pathlib import Path

import anyio
import pytest

from communique.batch.journal import Journal
from communique.documents import Document

CONFIG = {"model": "m1", "prompt": "p1"}


class VirtualTime:
    """A clock that moves only when somebody sleeps or says so."""

    def __init__(self):
        self.now = 1000.0
        self.waits = []

    def clock(self):
        return self.now

    async def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds


class _Jumping(selectors.DefaultSelector):
    now = 0.0

    def select(self, timeout=None):
        found = super().select(0)
        if not found and timeout:
            self.now += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """A storm of an hour takes a second on it. No sockets and no threads."""

    def __init__(self):
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self):
        return self._jumping.now


def run_virtually(function, *arguments):
    """Run a coroutine function to its end in virtual time."""
    return anyio.run(function, *arguments, backend_options={"loop_factory": VirtualLoop})


@pytest.fixture
def virtually():
    """Runs a coroutine function on a loop whose clock jumps to the next timer."""
    return run_virtually


@pytest.fixture
def time():
    return VirtualTime()


@pytest.fixture
def journal(tmp_path):
    opened = Journal(tmp_path / "out.jsonl.journal.db", CONFIG)
    yield opened
    opened.close()


@pytest.fixture
def documents():
    return [article(i) for i in range(10)]


@pytest.fixture(scope="session")
def fast_disk(tmp_path_factory):
    """A folder in memory, where there is one: journals sync each commit, and a disk takes longer for it than all the rest.

    A killed process can't tell the difference, and a cut of power is no test's affair.
    """
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < 1 << 28:
        yield tmp_path_factory.mktemp("batch")
        return
    with tempfile.TemporaryDirectory(prefix="communique-tests-", dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def tmp_path(fast_disk):
    folder = Path(tempfile.mkdtemp(dir=fast_disk))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def provider_servers():
    """Gives the modules of the servers on loopback that keep batches as a provider does, by the provider's name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).with_name("servers"))
        yield {name: importlib.import_module(f"{name}_batches") for name in ("openai", "anthropic")}


def article(number):
    text = f"Minister Anna Novak met envoy number {number} in Vienna. They spoke about trade."
    return Document.from_text(text, id=f"d{number}", source=f"in.jsonl:{number + 1}", language="en")
