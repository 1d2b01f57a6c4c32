"""Take the screenshots of the report and of the review anew: python docs/images/screenshots.py.

Needs Chromium, playwright and the extras `events`, `screening` and `review`. The two decisions of the walk-through over five
articles are made here, by the page's keys, and kept in examples/five_articles/decisions.jsonl.
"""

import shutil
import socket
import sys
import tempfile
import threading
from pathlib import Path

import uvicorn
from playwright.sync_api import sync_playwright

from communique.cli.app import run
from communique.review import DecisionsFile, Queue
from communique.review.server import app
from communique.sinks import FanOut, sink_named

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "sinks"))
from invented import summaries

from conftest import arabic, chinese, english

HERE = Path(__file__).parent
FIVE = HERE.parents[1] / "examples" / "five_articles"


def serve(folder, results):
    """Serve the review of some results; return its address."""
    path = Path(folder) / "out.jsonl"
    with FanOut([(sink_named("jsonl"), path)]) as out:
        for document, summary in results:
            out.write(summary.model_copy(update={"document": document.info(keep_text=True)}))
    return served(path, Path(folder) / "decisions.jsonl")


def served(results, decisions):
    """Serve the review of a results file; return its address."""
    port = socket.create_server(("127.0.0.1", 0))
    queue = Queue(results, DecisionsFile(decisions))
    page = app(queue, "ana", "token", port.getsockname()[1])
    server = uvicorn.Server(uvicorn.Config(page, log_level="warning", ws="none"))
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
        five(browser, Path(folder))
        browser.close()


def five(browser, folder):
    """Two decisions on the five articles, and the report that shows them beside events and known names."""
    results, decisions = FIVE / "results.jsonl", FIVE / "decisions.jsonl"
    decisions.unlink(missing_ok=True)
    page = browser.new_page(viewport={"width": 1440, "height": 860})
    page.goto(served(results, decisions))
    for key in ("a", "r"):
        page.wait_for_selector(".card")
        page.keyboard.press(key)
        page.wait_for_timeout(800)
        if key == "a":
            page.screenshot(path=HERE / "five-review.png")
    files = [str(folder / name) for name in ("events.jsonl", "screening.jsonl", "five.html")]
    run(["events", str(results), "-o", files[0]])
    run(["screen", str(results), "--list", str(FIVE / "list.csv"), "-o", files[1]])
    said = ["--events", files[0], "--screening", files[1], "--reviewed", str(decisions)]
    run(["convert", str(results), *said, "-o", files[2]])
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(Path(files[2]).as_uri())
    page.get_by_text("It is proposed that").first.click()
    page.wait_for_timeout(500)
    page.locator(".card").nth(1).screenshot(path=HERE / "five-event.png")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(Path(files[2]).as_uri())
    page.get_by_text("plan to meet in Vilnius").first.click()
    page.wait_for_timeout(500)
    page.locator(".card").nth(1).screenshot(path=HERE / "five-decision.png")


if __name__ == "__main__":
    sys.exit(main())
