"""The command line in a process of its own, forked from one that has imported everything and read a document.

Signals, kills, locks and exit codes are those of any process; a new interpreter would cost two seconds of imports each
time.
"""

import contextlib
import multiprocessing
import os
import sys
import time
from pathlib import Path

from communique.languages import loader

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        *("communique.cli.app", "communique.cli.results"),
        *(
            "communique.batch.provider_batch",
            "communique.observability",
        ),
        *(
            "communique.backends.openai_chat",
            "communique.documents.readers.tables",
            "communique.sinks.plain_text",
        ),
        *("openai.resources.chat", "openai.resources.batches", "openai.resources.files", "openai.types.chat"),
        *("aiohttp", "httpcore2", "instructor.core.client", "instructor.core.patch", "jinja2.sandbox"),
        *("anyio._backends._asyncio", "h11", "truststore", "typer", "warm"),
    ]
)


def _run(arguments, said, shown, environment, dies_at, folder, path):
    for number, file in ((1, said), (2, shown)):
        os.dup2(os.open(file, os.O_WRONLY), number)
    os.environ.update(environment)
    os.chdir(folder or ".")
    sys.path[:0] = path
    if path:  # languages may be installed there
        for cached in (loader._folders, loader.known_languages, loader.languages_digest):
            cached.cache_clear()
    from communique.cli.app import run

    if dies_at:
        from dying import die_at

        die_at(dies_at)
    sys.exit(run(arguments))


class Apart:
    """A running `communique ARGUMENTS`, with those methods of `subprocess.Popen` that tests use.

    It works in `folder`, and finds what is installed in the folders of `path`, as with PYTHONPATH.
    """

    def __init__(self, arguments, kept, environment=None, dies_at="", folder="", path=()):
        self._said, self._shown = Path(kept, "said"), Path(kept, "shown")
        for file in (self._said, self._shown):
            file.touch()  # it may be killed before it opens them
        files = str(self._said), str(self._shown)
        self._process = _FORKS.Process(
            target=_run, args=(list(arguments), *files, environment or {}, dies_at, folder, path)
        )
        self._process.start()
        self.pid = self._process.pid

    @property
    def returncode(self):
        return self._process.exitcode

    def poll(self):
        return self._process.exitcode

    def send_signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        self._process.kill()

    def communicate(self, timeout=60):
        """Wait for its end; return what it wrote on standard output and standard error."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
            raise TimeoutError(f"still running after {timeout} s")
        return tuple(path.read_text("utf-8") for path in (self._said, self._shown))

    def until(self, true, seconds=60):
        """Wait until something is so, or the process has ended."""
        end = time.monotonic() + seconds
        while not true() and self.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        return self

    def close(self):
        with contextlib.suppress(ValueError):
            self._process.kill()
            self._process.join()
            self._process.close()
