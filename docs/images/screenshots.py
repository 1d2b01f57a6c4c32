"""Take the screenshots of the report anew: python docs/images/screenshots.py (needs Chromium and playwright)."""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from communique.sinks import FanOut, sink_named

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "sinks"))
from invented import summaries

from conftest import arabic, chinese, english

HERE = Path(__file__).parent


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
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
