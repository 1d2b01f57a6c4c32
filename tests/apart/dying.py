"""Ends a process, as `kill -9` would, when it passes a step: `die_at("created:2")` at the second batch that is created."""

import inspect
import itertools
import os
import sqlite3
from pathlib import Path

from openai.resources.files import AsyncFiles

from communique.backends.provider_batch import BatchEndpoint
from communique.batch.journal import Journal
from communique.batch.provider_batch.ledger import Ledger

AFTER = {
    "planned": (Ledger, "plan"),
    "uploaded": (AsyncFiles, "create"),
    "noted": (Ledger, "note"),
    "created": (BatchEndpoint, "create"),
    "downloaded": (BatchEndpoint, "download"),
    "stored": (Ledger, "store"),
    "finished": (Ledger, "finish"),
    "committed": (Journal, "record"),
    "exported": (Path, "replace"),
}
BEFORE = {"export": (Path, "replace")}


def die_at(step):
    """Let this process die at the n-th passage of a step; `commit` is the moment before results are committed."""
    name, _, number = step.partition(":")
    passages = itertools.count(1)

    def passed():
        if next(passages) == int(number or 1):
            os._exit(137)

    if name == "commit":
        _before_commit(passed)
    elif name in BEFORE:
        _wrap(*BEFORE[name], passed, lambda: None)
    else:
        _wrap(*AFTER[name], lambda: None, passed)


def _wrap(owner, name, before, after):
    real = getattr(owner, name)
    if inspect.iscoroutinefunction(real):

        async def wrapped(*args, **options):
            before()
            found = await real(*args, **options)
            after()
            return found

    else:

        def wrapped(*args, **options):
            before()
            found = real(*args, **options)
            after()
            return found

    setattr(owner, name, wrapped)


def _before_commit(passed):
    class Dying(sqlite3.Connection):
        recording = False

        def executemany(self, sql, rows):
            self.recording = self.recording or "INTO result" in sql or "INTO occurrence" in sql
            return super().executemany(sql, rows)

        def execute(self, sql, *bound):
            if sql == "COMMIT" and self.recording:
                self.recording = False
                passed()
            return super().execute(sql, *bound)

    connect = sqlite3.connect
    sqlite3.connect = lambda *args, **options: connect(*args, **options, factory=Dying)
