"""What all tests share: no slow machine fails a test, and what is costly to start is started once."""

import contextlib
import gc
import importlib
import io
import os
import subprocess
from multiprocessing import forkserver
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("all", deadline=None)
settings.register_profile("some", deadline=None, max_examples=25)
settings.load_profile("all" if os.environ.get("CI") else "some")

os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)
"""No test trusts a certificate. Each client that is made would read the 140 of the system, which takes 17 ms."""


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    gc.disable()  # nothing that is imported is let go
    found = yield
    gc.freeze()  # what is there by now stays to the end: no collection needs to look at it again
    gc.enable()
    return found


@pytest.fixture(scope="session")
def ray():
    """One Ray for all tests of a process: the workers of a second one may never start."""
    ray = pytest.importorskip("ray", reason="needs the extra `ray`")
    pytest.importorskip("ray.data", reason="needs the extra `ray`")
    ray.init(num_cpus=2, include_dashboard=False, address="local", log_to_driver=False, logging_level="ERROR")
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield ray
    ray.shutdown()


@pytest.fixture
def in_here():
    """Runs `communique ARGUMENTS` to its end in this process, as the answer of `subprocess.run`."""
    from communique.cli.app import run as run_command

    def run(arguments):
        said, shown = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(shown):
            code = run_command(list(arguments))
        return subprocess.CompletedProcess(arguments, code, said.getvalue(), shown.getvalue())

    return run


@pytest.fixture(scope="session")
def forks():
    apart = str(Path(__file__).with_name("apart"))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(apart)
        made = importlib.import_module("in_a_fork")
        with pytest.MonkeyPatch.context() as server:
            # Before Python 3.13 the server of forks imports only what the variable lets it find.
            server.setenv("PYTHONPATH", apart, prepend=os.pathsep)
            forkserver.ensure_running()
        yield made


@pytest.fixture
def die_at(forks):
    """Lets this process, a child, die when it passes a step (`apart/dying.py`)."""
    return importlib.import_module("dying").die_at


@pytest.fixture
def apart(forks, tmp_path_factory):
    """Starts `communique ARGUMENTS` in a process of its own, which can be killed."""
    started = []

    def start(arguments, environment=None, **more):
        started.append(forks.Apart(arguments, tmp_path_factory.mktemp("apart"), environment, **more))
        return started[-1]

    yield start
    for process in started:
        process.close()
