"""What the machinery costs without a model: wall, CPU and memory of many scripted documents, and of resuming.

    python benchmarks/machinery.py --documents 100000
    python benchmarks/machinery.py --wire 600            # CPU per document over HTTP, against the bare SDK

`--profile` prints where the CPU goes.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import pstats
import resource
import sys
import tempfile
import time
from pathlib import Path

import anyio

from communique.backends.openai_chat import OpenAIBackend
from communique.backends.scripted import ScriptedBackend
from communique.batch import BatchSettings, Bounds, RunOptions, run_batch
from communique.engine.plan import Plan
from communique.testing import FakeServer

TEXT = (
    "Foreign Minister Anna Novak of Ruritania met the envoy of Borduria, number {number}, in Vienna on Monday.\n"
    "They spoke about grain exports and a rail line.\n"
    "The envoy said that the talks were useful.\n"
)


def write(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as stream:
        for number in range(count):
            stream.write(
                json.dumps({"id": f"d{number}", "text": TEXT.format(number=number), "language": "en"}) + "\n"
            )


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
                    f"{done:>8,} documents: {time.monotonic() - began:7.1f} s, {spent:.2f} ms CPU each, {resident():.0f} MB",
                    flush=True,
                )

        empty = {"meetings": [], "allegations": [], "sanctions_concerns": []}

        async def main(on_row: object) -> object:
            backend = ScriptedBackend(lambda _prompt: empty)
            backend.prompts = Forgetful()
            settings = BatchSettings(Bounds(64), RunOptions(64), on_row=on_row)
            return await run_batch([str(source)], output, backend, Plan(), settings)

        report = anyio.run(main, row)
        print(
            f"finished: {report.done:,} rows, {output.stat().st_size / 1e6:.0f} MB, {time.monotonic() - began:.1f} s with export"
        )
        began = time.monotonic()
        report = anyio.run(main, None)
        print(
            f"resume over the finished run: {time.monotonic() - began:.2f} s (nothing read: {report.already_complete})"
        )
        source.touch()
        began = time.monotonic()
        report = anyio.run(main, None)
        print(
            f"resume after the input's time changed, every document looked up: {time.monotonic() - began:.2f} s"
        )


class Forgetful(list):
    """The scripted backend keeps its prompts, which a long run can't afford."""

    def append(self, _item: object) -> None:
        pass


def wire(count: int, latency: float, concurrency: int) -> None:
    print(
        f"{count} documents, {latency * 1000:.0f} ms latency, {concurrency} in flight; ideal {concurrency / latency if latency else 0:.0f}/s"
    )
    with FakeServer(latency=latency, keep_bodies=False) as server, tempfile.TemporaryDirectory() as name:
        source = Path(name) / "in.jsonl"
        write(source, count)

        async def whole(output: Path) -> None:
            async with OpenAIBackend("m1", base_url=server.url) as backend:
                settings = BatchSettings(Bounds(concurrency), RunOptions(concurrency))
                await run_batch([str(source)], output, backend, Plan(), settings)

        async def bare() -> None:
            import openai

            texts = asyncio.Queue()
            for line in source.read_text().splitlines():
                texts.put_nowait(json.loads(line)["text"])
            client = openai.AsyncOpenAI(base_url=server.url, api_key="-")

            async def work() -> None:
                while not texts.empty():
                    text = texts.get_nowait()
                    await client.chat.completions.create(
                        model="m1", messages=[{"role": "user", "content": text}]
                    )

            await asyncio.gather(*(work() for _ in range(concurrency)))
            await client.close()

        for title, run in (
            ("warm-up", bare),
            ("bare SDK", bare),
            ("communique", None),
            ("bare SDK", bare),
            ("communique", None),
        ):
            began, used = time.monotonic(), time.thread_time()
            total = cpu()
            asyncio.run(run()) if run else asyncio.run(whole(Path(name) / f"{time.monotonic_ns()}.jsonl"))
            seconds = time.monotonic() - began
            print(
                f"{title:>12}: {count / seconds:7.1f} documents/s, {(time.thread_time() - used) / count * 1000:.2f} ms CPU each in the main"
                f" thread, {(cpu() - total) / count * 1000:.2f} in all threads, the server's included",
                flush=True,
            )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--wire", type=int, default=0, help="documents over HTTP instead")
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--profile", action="store_true")
    args = parser.parse_args()
    profile = cProfile.Profile()
    if args.profile:
        profile.enable()
    if args.wire:
        wire(args.wire, args.latency, args.concurrency)
    else:
        scripted(args.documents)
    if args.profile:
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)
    return 0


if __name__ == "__main__":
    sys.exit(main())
