"""What the outputs cost: records a second for every sink, and how quickly a report of many records answers in Chromium.

    python benchmarks/outputs.py --records 10000

The articles are invented (tests/sinks/invented.py): two and a half records each. Chromium is asked where it and
playwright are installed; what it tells is the time from an input to the paint that shows its effect.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from communique.plugins import names
from communique.sinks import FanOut, sink_named

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "sinks"))
from figures import markdown
from invented import summaries
from latency import latencies


def export(name, results, folder):
    """Seconds and bytes of one sink."""
    sink = sink_named(name)
    target = folder / f"out{sink.suffix}"
    start = time.perf_counter()
    with FanOut([(sink, target)]) as out:
        for document, summary in results:
            out.write(summary, document.text)
    seconds = time.perf_counter() - start
    return seconds, sum(p.stat().st_size for p in folder.glob("out*")), target


def in_chromium(path):
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        return None
    chromium = shutil.which("chromium")
    if chromium is None:
        return None
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        start = time.perf_counter()
        page.goto(path.as_uri())
        page.wait_for_selector(".count")
        found = {"open": 1000 * (time.perf_counter() - start)} | latencies(page)
        browser.close()
    return found


def main():
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--records", type=int, default=10_000)
    options.add_argument("--repeat", type=int, default=3, help="The best of so many is told.")
    chosen = options.parse_args()
    results = list(summaries(chosen.records * 2 // 5))
    count = sum(1 for _, summary in results for _ in summary.all_records())
    print(f"{count:,} records of {len(results):,} documents\n")
    with tempfile.TemporaryDirectory() as room:
        page, rows = None, []
        for name in names("sinks"):
            runs = []
            for number in range(chosen.repeat):
                folder = Path(room) / name / str(number)
                folder.mkdir(parents=True)
                runs.append(export(name, results, folder))
            seconds, size, target = min(runs, key=lambda run: run[0])
            page = target if name == "html" else page
            rows.append((name, f"{seconds:.2f}", f"{count / seconds:,.0f}", f"{size / 1e6:.1f}"))
        print(markdown(("sink", "seconds", "records/s", "MB"), rows))
        if found := in_chromium(page):
            print("\n" + markdown(("in Chromium", "ms"), ((what, f"{ms:.0f}") for what, ms in found.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
