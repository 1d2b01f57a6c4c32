"""Take the screenshots of the report anew: python docs/images/screenshots.py (needs Chromium and playwright)."""

import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from communique.sinks import FanOut, sink_named

HERE = Path(__file__).parent
FIXTURES = HERE.parents[1] / "tests" / "sinks"


def module(name):
    spec = importlib.util.spec_from_file_location(name, FIXTURES / f"{name}.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def main():
    articles, invented = module("conftest"), module("invented")
    few = [articles.english(), articles.arabic(), articles.chinese()]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        sets = {"document": few[:1], "set": [*few, *invented.summaries(60)]}
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
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
