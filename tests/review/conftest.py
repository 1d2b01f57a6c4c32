"""Results of invented articles, their text kept, and a page on a real port."""

import importlib.util
import socket
import threading
import time
from pathlib import Path

import pytest

from communique.review import DecisionsFile, Queue, decisions_path
from communique.sinks import FanOut, sink_named

TOKEN = "t" * 43


def of_sinks(name):
    """A module of the sinks' tests, by its path: the folders of tests are no packages."""
    path = Path(__file__).parents[1] / "sinks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"sinks_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(path, results, *, keep_text=True):
    with FanOut([(sink_named("jsonl"), path)]) as out:
        for document, summary in results:
            info = document.info(keep_text=keep_text) if document else summary.document
            out.write(summary.model_copy(update={"document": info}))
    return path


@pytest.fixture(scope="session")
def invented():
    return of_sinks("invented")


@pytest.fixture(scope="session")
def payloads():
    return of_sinks("payloads")


@pytest.fixture
def results(tmp_path, invented):
    """Three articles: five records or more, one of them flagged."""
    return write(tmp_path / "out.jsonl", invented.summaries(4))


@pytest.fixture
def queue(results):
    return Queue(results, DecisionsFile(decisions_path(results)))


@pytest.fixture
def write_results():
    return write


@pytest.fixture
def served():
    """Serve the page of a queue for a reviewer; gives its address with the token."""
    pytest.importorskip("starlette", reason="needs the extra review: pip install 'communique[review]'")
    import uvicorn

    from communique.review.server import app

    running = []

    def start(queue, reviewer="ana"):
        port = socket.create_server(("127.0.0.1", 0))
        page = app(queue, reviewer, TOKEN, port.getsockname()[1])
        server = uvicorn.Server(uvicorn.Config(page, log_level="warning", ws="none", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [port]}, daemon=True)
        thread.start()
        running.append((server, thread))
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        return f"http://127.0.0.1:{port.getsockname()[1]}/#token={TOKEN}"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(10)
