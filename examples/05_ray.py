"""Read articles on Ray: it starts a local Ray by itself; with RAY_ADDRESS set the same script runs on that cluster.

    pip install 'communique[ray]'
    python examples/05_ray.py [MODEL [RESULTS]]

Without a model, a script answers, so that it runs anywhere. Kill a worker, or all of it, and run it again: what was
answered is in the folder RESULTS and is not asked again. On a cluster that folder must be one that all machines see.
"""

import os
import sys
from pathlib import Path

import ray

from communique.backends.scripted import ScriptedBackend
from communique.batch import Bounds
from communique.batch.ray import extract_dataset, write_jsonl

ARTICLES = Path(__file__).parent / "articles"


def scripted():
    """Make what stands in for a model; a function, since each worker makes its own."""

    def answer(prompt):
        met = {"evidence": [2], "status": "held", "participants": ["Oleg Kozhemyako", "Yun Jong Ho"]}
        found = [met] if "Kozhemyako" in prompt.messages[-1].content else []
        return {"meetings": found, "allegations": [], "sanctions_concerns": []}

    return ScriptedBackend(answer)


def main(model=scripted, results="results", output="out.jsonl"):
    if not ray.is_initialized():
        address = os.environ.get("RAY_ADDRESS", "local")
        alone = {"num_cpus": 2, "include_dashboard": False} if address == "local" else {}
        ray.init(address=address, log_to_driver=False, **alone)
    rows = [{"id": path.stem, "text": path.read_text("utf-8")} for path in sorted(ARTICLES.glob("*.txt"))]
    dataset = ray.data.from_items(rows)  # or ray.data.read_parquet("s3://…"), read_json, read_text, …
    found = extract_dataset(dataset, results, model=model, actors=2, bounds=Bounds(concurrency=16))
    done, failed = write_jsonl(found, output)
    print(f"{done} done, {failed} failed: {output}")
    return done, failed


if __name__ == "__main__":
    main(*sys.argv[1:])
