"""Kill the batch at random moments and prove that nothing is lost, doubled or torn.

    python benchmarks/kill.py --documents 1000 --kills 200 --seeds 5

Each seed: a clean run gives the file to compare with; then the same batch is killed (kill -9) again and again and
started again, then run to its end. After every kill, before the next start, every result that the process had
acknowledged on its standard output (`--follow`) is looked up in the journal. Exit 0 only if all of it holds; the
figures stand in the last line.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shlex
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from communique.testing import FakeServer

COMMAND = [*shlex.split(os.environ.get("COMMUNIQUE_COMMAND", f"{sys.executable} -m communique")), "batch"]


@dataclass
class Finding:
    kills: int = 0
    lost: int = 0
    doubled: int = 0
    half: int = 0
    different: int = 0
    over: int = 0
    resent: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.half or self.different or self.over)


def corpus(path: Path, count: int, seed: int) -> None:
    rng = random.Random(seed)
    with path.open("w", encoding="utf-8") as stream:
        for number in range(count):
            towns = rng.sample(["Vienna", "Oslo", "Lima", "Cairo", "Riga", "Quito"], 2)
            text = (
                f"Minister Anna Novak met envoy number {number} in {towns[0]} on Monday.\nThey go on to {towns[1]}"
                " “soon”."
            )
            stream.write(json.dumps({"id": f"d{number}", "text": text}) + "\n")


def command(folder: Path, server: FakeServer, concurrency: int, *more: str) -> list[str]:
    inputs = ["-o", str(folder / "out.jsonl"), str(folder / "in.jsonl"), "--language", "en", "-q"]
    return [*COMMAND, *inputs, "-m", "openai/m1", "--base-url", server.url, "-c", str(concurrency), *more]


def acknowledged(stdout: bytes) -> set[str]:
    """Ids of the whole lines that the process wrote; a torn last line was not acknowledged."""
    return {json.loads(line)["document"]["id"] for line in stdout.split(b"\n")[:-1] if line}


def stored(journal: Path) -> set[str]:
    """Ids in a copy-free, read-only look at the journal as the kill left it."""
    if not journal.exists():
        return set()
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
        try:
            return {row[0] for row in db.execute("SELECT id FROM result WHERE state = 'ok'")}
        except sqlite3.OperationalError:  # killed before the tables were made
            return set()


def one_kill(
    folder: Path, server: FakeServer, concurrency: int, rng: random.Random, last: float
) -> tuple[set[str], bool]:
    """Start, kill at a random moment; returns what was acknowledged and whether the kill met a living process."""
    with (folder / "stdout").open("wb") as out:
        process = subprocess.Popen(
            command(folder, server, concurrency, "--follow"), stdout=out, stderr=subprocess.DEVNULL
        )
        begin = server.requests
        until = time.monotonic() + 30
        while server.requests == begin and process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)  # most kills while documents are in flight
        if rng.random() > 0.1:
            time.sleep(rng.uniform(0.0, last))
        alive = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    return acknowledged((folder / "stdout").read_bytes()), alive


def one_seed(seed: int, documents: int, kills: int, concurrency: int, latency: float) -> Finding:
    rng = random.Random(seed)
    finding = Finding()
    with tempfile.TemporaryDirectory() as name, FakeServer(latency=latency, keep_bodies=False) as server:
        clean, killed = Path(name) / "clean", Path(name) / "killed"
        for folder in (clean, killed):
            folder.mkdir()
            corpus(folder / "in.jsonl", documents, seed)
        subprocess.run(command(clean, server, concurrency), check=True, stderr=subprocess.DEVNULL, cwd=clean)
        before = server.requests
        window = 2.0 * documents * latency / concurrency / max(kills, 1)
        known: set[str] = set()
        for _ in range(kills):
            acked, alive = one_kill(killed, server, concurrency, rng, window)
            finding.kills += alive
            known |= acked
            finding.lost += len(known - stored(killed / "out.jsonl.journal.db"))
        subprocess.run(command(killed, server, concurrency), check=True, stderr=subprocess.DEVNULL)
        requests = server.requests - before
        finding.resent = requests - documents
        finding.over = max(0, requests - documents - finding.kills * concurrency)
        published(finding, (clean / "out.jsonl").read_bytes(), (killed / "out.jsonl").read_bytes(), documents)
    return finding


def published(finding: Finding, clean: bytes, killed: bytes, documents: int) -> None:
    lines = killed.split(b"\n")[:-1]
    ids = []
    for line in lines:
        try:
            ids.append(json.loads(line)["document"]["id"])
        except ValueError:
            finding.half += 1
    finding.half += not killed.endswith(b"\n")
    finding.doubled = len(ids) - len(set(ids))
    finding.lost += documents - len(set(ids))
    a, b = clean.replace(b"/clean/", b"/x/"), killed.replace(b"/killed/", b"/x/")
    finding.different = int(a != b)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=200, help="over all seeds")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--latency", type=float, default=0.2, help="seconds of the fake server")
    args = parser.parse_args()
    findings = []
    for seed in range(1, args.seeds + 1):
        started = time.monotonic()
        per_seed = -(-args.kills // args.seeds)
        found = one_seed(seed, args.documents, per_seed, args.concurrency, args.latency)
        findings.append(found)
        print(
            f"seed {seed}: {found.kills} kills, lost {found.lost}, doubled {found.doubled}, half lines {found.half},"
            f" different files {found.different}, calls sent again {found.resent} (bound"
            f" {found.kills * args.concurrency}), {time.monotonic() - started:.0f} s",
            flush=True,
        )
    total = {
        name: sum(getattr(f, name) for f in findings)
        for name in ("kills", "lost", "doubled", "half", "different", "over", "resent")
    }
    holds = all(f.holds for f in findings)
    print(
        f"{'holds' if holds else 'BROKEN'}: {total['kills']} kills over {args.documents} documents in {args.seeds}"
        f" seeds: lost {total['lost']}, doubled {total['doubled']}, half lines {total['half']}, different files"
        f" {total['different']}, requests over the bound {total['over']}, calls sent again {total['resent']}"
    )
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
