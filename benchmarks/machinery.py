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
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import anyio
import openai
from pydantic import create_model

from communique.backends.openai_chat import OpenAIBackend
from communique.backends.scripted import ScriptedBackend
from communique.batch import BatchSettings, Bounds, arun_batch
from communique.documents import Document
from communique.engine.plan import Plan
from communique.prompts.compose import full_prompt
from communique.schemas import STANDARD_RECORDS

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


SERVER = """
import sys
from communique.testing import FakeServer
with FakeServer(latency=float(sys.argv[1]), keep_bodies=False) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


def wire(count: int, latency: float, concurrency: int) -> None:
    """Same request body for both: our prompt and schema. The server is a process of its own."""
    print(f"{count} documents, {latency * 1000:.0f} ms latency, {concurrency} in flight")
    made = [sys.executable, "-c", SERVER, str(latency)]
    server = subprocess.Popen(made, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    url = server.stdout.readline().strip()
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "in.jsonl"
        write(source, count)

        async def whole() -> None:
            async with OpenAIBackend("m1", base_url=url) as backend:
                settings = BatchSettings(Bounds(concurrency))
                await arun_batch([str(source)], Path(name) / f"{time.monotonic_ns()}.jsonl", backend, Plan(), settings)

        async def bare() -> None:
            document = Document.from_text(TEXT, language="en")
            prompt = full_prompt(document.sentences, STANDARD_RECORDS)
            shape = {"name": "structured_summary", "strict": True, "schema": prompt.schema}
            texts = iter([json.loads(line)["text"] for line in source.read_text().splitlines()])
            client = openai.AsyncOpenAI(base_url=url, api_key="-")
            fields: dict[str, Any] = {t.plural: (list[t], []) for t in STANDARD_RECORDS}
            kind = create_model("StructuredSummary", **fields)

            async def work() -> None:
                for text in texts:
                    answer = await client.chat.completions.create(
                        model="m1",
                        messages=[
                            {"role": "system", "content": prompt.messages[0].content},
                            {"role": "user", "content": text},
                        ],
                        response_format={"type": "json_schema", "json_schema": shape},
                        temperature=0,
                    )
                    kind.model_validate_json(answer.choices[0].message.content)

            await asyncio.gather(*(work() for _ in range(concurrency)))
            await client.close()

        for title, run in (
            ("warm-up", bare),
            ("warm-up", whole),
            *(("bare SDK", bare), ("communique", whole)) * 3,
        ):
            began, used = time.monotonic(), cpu()
            asyncio.run(run())
            seconds = time.monotonic() - began
            share = f", {count / seconds / (concurrency / latency):.2f} of ideal" if latency else ""
            print(
                f"{title:>12}: {count / seconds:7.1f} documents/s{share}, {(cpu() - used) / count * 1000:.2f} ms CPU"
                " each",
                flush=True,
            )
    server.stdin.close()
    server.wait()


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
