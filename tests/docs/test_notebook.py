"""The notebook guide is executed, and a notebook can be interrupted."""

import importlib.util
import json
from pathlib import Path

import pytest

from communique.testing import FakeServer

for needed in ("ipykernel", "nbconvert"):
    if importlib.util.find_spec(needed) is None:  # their import takes half a second: only where they are used
        pytest.skip(f"needs {needed}, from the group docs", allow_module_level=True)

DOCS = Path(__file__).parents[2] / "docs"


def test_the_guide_runs_and_shows_cards_a_table_and_the_evidence():
    spec = importlib.util.spec_from_file_location("communique_notebook_page", DOCS / "notebook_page.py")
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    page = hook.executed(DOCS / "guides/notebook.ipynb")
    assert "<b>A meeting of Tilda Brask was cancelled in Lund (on 14 May).</b>" in page
    assert "<mark>Olmark&#x27;s defence ministry rejected the charge" in page
    assert "| meetings | A meeting of Tilda Brask was cancelled in Lund (on 14 May). | flagged |" in page
    assert "done 3, failed 0" in page
    assert "Warning" not in page


def test_the_notebook_is_stored_without_outputs():
    cells = json.loads((DOCS / "guides/notebook.ipynb").read_text("utf-8"))["cells"]
    assert [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []


@pytest.fixture
def kernel():
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(extra_arguments=["--IPKernelApp.log_level=ERROR"])
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_an_interrupted_kernel_has_no_hanging_thread_and_a_usable_extractor(kernel):
    manager, client = kernel

    def run(code):
        said = []
        reply = client.execute_interactive(
            code, output_hook=lambda m: said.append(m["content"].get("text", "")), timeout=60
        )
        return reply["content"], "".join(said)

    def interrupt(_body):
        manager.interrupt_kernel()
        return True

    with FakeServer() as server:
        server.fail("hang", times=1, when=interrupt)
        begun, _ = run(
            "import threading\nbefore = threading.active_count()\nfrom communique import Extractor\n"
            f"extractor = Extractor('any-model', base_url={server.url!r})\nextractor.extract('It rained in Lund all day.')"
        )
        assert (begun["status"], begun["ename"]) == ("error", "KeyboardInterrupt")
        again, said = run("print(list(extractor.extract('It snowed in Lund all day.').all_records()))")
        assert (again["status"], said) == ("ok", "[]\n")
        _, said = run("extractor.close()\nprint(threading.active_count() - before)")
        assert said == "0\n"
