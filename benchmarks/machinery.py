"""What the machinery costs without a model: wall, CPU and memory of many scripted documents, and of resuming.

python benchmarks/machinery.py --documents 100000
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import anyio

from communique.backends.scripted import ScriptedBackend
from communique.batch import BatchSettings, Bounds, arun_batch
from communique.engine.plan import Plan

TEXT = (
    "Foreign Minister Anna Novak of Ruritania met the envoy of Borduria, number {number}, in Vienna on Monday.\n"
    "They spoke about grain exports and a rail line.\n"
    "The envoy said that the talks were useful.\n"
)


def write(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as stream:
        for number in range(count):
            stream.write(json.dumps({"id": f"d{number}", "text": TEXT.format(number=number), "language": "en"}) + "\n")


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def resident() -> float:
    """Resident memory now, MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


def scripted(count: int) -> None:
    marks = sorted({1000, 10_000, count // 2, count})
    with tempfile.TemporaryDirectory() as name:
        source, output = Path(name) / "in.jsonl", Path(name) / "out.jsonl"
        write(source, count)
        began, used, done = time.monotonic(), cpu(), 0

        def row(_outcome: object) -> None:
            nonlocal done
            done += 1
            if done in marks:
                spent = (cpu() - used) / done * 1000
                print(
                    f"{done:>8,} documents: {time.monotonic() - began:7.1f} s, {spent:.2f} ms CPU each,"
                    f" {resident():.0f} MB",
                    flush=True,
                )

        empty = {"meetings": [], "allegations": [], "sanctions_concerns": []}

        async def main(on_row: object) -> object:
            backend = ScriptedBackend(lambda _prompt: empty)
            backend.prompts = Forgetful()
            settings = BatchSettings(Bounds(64), on_row=on_row)
            return await arun_batch([str(source)], output, backend, Plan(), settings)

        report = anyio.run(main, row)
        print(
            f"finished: {report.done:,} rows, {output.stat().st_size / 1e6:.0f} MB, {time.monotonic() - began:.1f} s"
            " with export"
        )
        began = time.monotonic()
        report = anyio.run(main, None)
        print(
            f"resume over the finished run: {time.monotonic() - began:.2f} s (nothing read: {report.already_complete})"
        )
        source.touch()
        began = time.monotonic()
        report = anyio.run(main, None)
        print(f"resume after the input's time changed, every document looked up: {time.monotonic() - began:.2f} s")


class Forgetful(list):
    """The scripted backend keeps its prompts, which a long run can't afford."""

    def append(self, _item: object) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--documents", type=int, default=10_000)
    scripted(parser.parse_args().documents)


if __name__ == "__main__":
    main()
