"""Documents, a journal in a temporary folder, and a clock that moves only when somebody sleeps."""

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


def article(number):
    text = f"Minister Anna Novak met envoy number {number} in Vienna. They spoke about trade."
    return Document.from_text(text, id=f"d{number}", source=f"in.jsonl:{number + 1}", language="en")
