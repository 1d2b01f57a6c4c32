"""Take the screenshots of the report and of the review anew: python docs/images/screenshots.py.

Needs Chromium and playwright.
"""

import shutil
import socket
import sys
import tempfile
import threading
from pathlib import Path

import uvicorn
from playwright.sync_api import sync_playwright

from communique.review import DecisionsFile, Queue
from communique.review.server import Review
from communique.sinks import FanOut, sink_named

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "sinks"))
from invented import summaries

from conftest import arabic, chinese, english

HERE = Path(__file__).parent


def serve(folder, results):
    """Serve the review of some results; return its address."""
    path, port = Path(folder) / "out.jsonl", socket.create_server(("127.0.0.1", 0))
    with FanOut([(sink_named("jsonl"), path)]) as out:
        for document, summary in results:
            out.write(summary.model_copy(update={"document": document.info(keep_text=True)}))
    queue = Queue(path, DecisionsFile(Path(folder) / "decisions.jsonl"))
    app = Review(queue, "ana").app("token", port.getsockname()[1])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
    threading.Thread(target=server.run, kwargs={"sockets": [port]}, daemon=True).start()
    return f"http://127.0.0.1:{port.getsockname()[1]}/#token=token"


def main():
    few = [english(), arabic(), chinese()]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        sets = {"document": few[:1], "set": [*few, *summaries(60)]}
        for name, results in sets.items():
            with FanOut([(sink_named("html"), Path(folder) / f"{name}.html")]) as out:
                for document, summary in results:
                    out.write(summary, document.text)
        browser = started.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, file, view in (
            ("document", "document", ""),
            ("set", "set", ""),
            ("network", "set", "#network"),
        ):
            for scheme in ("light", "dark"):
                page = browser.new_page(color_scheme=scheme, viewport={"width": 1280, "height": 860})
                page.goto((Path(folder) / f"{file}.html").as_uri() + view)
                if name == "document":
                    page.hover("#card-1 h3")
                page.wait_for_timeout(400)
                page.screenshot(path=HERE / f"report-{name}-{scheme}.png")
        address = serve(folder, [*few, *summaries(20)])
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme=scheme, viewport={"width": 1440, "height": 860})
            page.goto(address)
            page.wait_for_selector(".card")
            page.screenshot(path=HERE / f"review-{scheme}.png")
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
