"""How good, how fast and how large is a local model? One row of the table in docs/guides/local-model.md.

    python benchmarks/local_models.py [ministral-3-3b | path/to/file.gguf | ORG/REPO/FILE.gguf] [--folder benchmarks/corpus]

The model must be here (`communique models pull NAME`); the embedded one if none is named. Its adapter was trained on these
articles, and where it is asked was learned on them, so that its row flatters it: take articles of your own to compare. Memory is
the largest resident size of the process that holds the model (Linux only). Other work on the machine makes the seconds longer.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import time
from pathlib import Path

from articles import articles
from figures import markdown

from communique import Extractor
from communique.backends.llama_cpp import LocalBackend
from communique.backends.model_files import EMBEDDED, known, locate
from communique.evaluation import evaluate
from communique.schemas import VerifiedSummary

HEAD = ("model", "licence", "file", "memory", "asked", "micro F1 (95 %)", "seconds per article", "cores")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="")
    parser.add_argument("--folder", type=Path, default=Path("benchmarks/corpus"))
    parser.add_argument("--only", default="", help="ids, with commas between")
    args = parser.parse_args()
    only = set(filter(None, args.only.split(",")))
    gold = args.folder / "gold"
    documents = [d for d, _ in articles(args.folder, gold) if not only or d.id in only]
    summaries: list[VerifiedSummary] = []
    with LocalBackend(args.model) as backend:
        extractor = Extractor(backend)
        for document in documents:
            start = time.perf_counter()
            summaries.append(extractor.extract(document))
            print(f"{document.id:40} {time.perf_counter() - start:6.1f} s", flush=True)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024  # of the child, which has ended
    seconds = sum(s.provenance.seconds for s in summaries) / len(summaries)
    scores = evaluate(gold, summaries, args.folder, 1000, only=[d.id for d in documents])
    low, high = (scores.intervals or {})["micro"] or (0.0, 1.0)
    pinned = known(args.model) if args.model else EMBEDDED
    row = (
        pinned.name if pinned else args.model,
        pinned.licence if pinned else "",
        f"{locate(args.model).stat().st_size / 1e9:.1f} GB",
        f"{memory / 1e9:.1f} GB",
        "sentence by sentence" if backend.narrows else "whole article",
        f"{scores.micro.f1:.2f} ({low:.2f} to {high:.2f}), {len(documents)} articles",
        f"{seconds:.0f}",
        f"{os.cpu_count()} ({platform.machine()})",
    )
    print(markdown(HEAD, [row]))


if __name__ == "__main__":
    main()
